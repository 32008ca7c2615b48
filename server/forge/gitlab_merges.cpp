#include "gitlab_merges.hpp"

#include "dialect.hpp"
#include "marker.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/forge/ticket.hpp"

#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr int bad_request = 400;
constexpr int not_found = 404;
constexpr int conflict = 409;

constexpr std::string_view developer = "the scope api and the role Developer";

}  // namespace

api_request gitlab_merge::request(std::string method, std::string_view below, std::string_view role) const
{
    return api_request(
        std::move(method), gitlab_path(project_, below), std::string(role) + " in " + project_
    );
}

asio::awaitable<found_effect> gitlab_merge::find_merge()
{
    const std::string branch = encoded(wanted_.head_branch);
    api_request wanted =
        request("GET", "/merge_requests?state=all&scope=all&per_page=50&source_branch=" + branch, developer);
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    std::string other;
    for (const json::value& one : list_of(answer->body)) {
        if (text_at(one, "source_branch") != wanted_.head_branch)
            continue;
        if (const auto hash = find_marker(text_at(one, "description"), wanted_.key))
            co_return adopt(wanted_, link_at(one, "web_url"), *hash);
        if (text_at(one, "state") == "opened")
            other = link_at(one, "web_url");
    }
    if (!other.empty())
        co_return refused(
            "somebody else's merge request is open from the branch " + wanted_.head_branch + " of " + project_ + " (" +
            other + "); close it or rename its branch"
        );
    co_return std::optional<published_effect>();
}

// Whether the branch is there, made by an earlier try. Refused when it is there and somebody else's.
asio::awaitable<boost::system::result<bool, effect_failure>> gitlab_merge::find_branch()
{
    api_request wanted = request("GET", "/repository/branches/" + encoded(wanted_.head_branch), developer);
    wanted.expected = {not_found};
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status == not_found)
        co_return false;
    const auto hash = find_marker(text_in(answer->body, "commit", "message"), wanted_.key);
    if (hash && *hash == wanted_.content_hash)
        co_return true;
    const std::string why = hash ? "holds what an earlier release said" : "is somebody else's";
    co_return refused(
        "the branch " + wanted_.head_branch + " of " + project_ + " is there and " + why +
        "; delete it, and the merge request is made at the next try"
    );
}

asio::awaitable<gitlab_merge::text_result> gitlab_merge::find_base()
{
    api_request wanted = request("GET", "", developer);
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    const std::string standard = text_at(answer->body, "default_branch");
    if (standard.empty())
        co_return refused_answer(
            *answer, "the project has no default branch: it is empty, or the token may not see it"
        );
    if (wanted_.head_branch == standard || wanted_.head_branch == wanted_.base_branch)
        co_return refused("a change is never written to " + wanted_.head_branch + ", into which it is to be merged");
    if (wanted_.base_branch.empty())
        co_return standard;
    co_return wanted_.base_branch;
}

asio::awaitable<gitlab_merge::text_result> gitlab_merge::find_commit_of(std::string branch)
{
    api_request wanted = request("GET", "/repository/branches/" + encoded(branch), developer);
    wanted.expected = {not_found};
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status == not_found)
        co_return refused_answer(*answer, "there is no branch " + branch + " to start from in " + project_);
    std::string id = text_in(answer->body, "commit", "id");
    if (id.empty())
        co_return odd_answer(*answer, "the commit of the branch");
    co_return id;
}

// GitLab wants to be told whether a file is new.
asio::awaitable<gitlab_merge::text_result> gitlab_merge::find_action(std::string start, const changed_file& file)
{
    const std::string below = "/repository/files/" + encoded(file.path) + "?ref=" + encoded(start);
    api_request wanted = request("HEAD", below, developer);
    wanted.expected = {not_found};
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    const bool is_there = answer->status != not_found;
    if (!file.content && !is_there)
        co_return refused("the file " + file.path + ", which the change removes, is not in " + base_);
    if (!file.content)
        co_return std::string("delete");
    co_return std::string(is_there ? "update" : "create");
}

// One commit makes the branch and all changes at once.
asio::awaitable<gitlab_merge::void_result> gitlab_merge::make_branch()
{
    const auto start = co_await find_commit_of(base_);
    if (!start)
        co_return start.error();
    json::array actions;
    for (const changed_file& file : wanted_.files) {
        const auto action = co_await find_action(*start, file);
        if (!action)
            co_return action.error();
        json::object one;
        one["action"] = *action;
        one["file_path"] = file.path;
        if (file.content) {
            one["encoding"] = "base64";
            one["content"] = to_base64(*file.content);
        }
        actions.push_back(std::move(one));
    }
    api_request wanted = request("POST", "/repository/commits", developer);
    wanted.changes = true;
    wanted.expected = {bad_request, conflict};
    json::object body;
    body["branch"] = wanted_.head_branch;
    body["start_sha"] = *start;
    body["commit_message"] = commit_message(wanted_);
    body["actions"] = std::move(actions);
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status == 201)
        co_return void_result();
    // "A branch called '...' already exists": somebody was faster, most likely ourselves.
    const auto there = co_await find_branch();
    if (!there)
        co_return there.error();
    if (*there)
        co_return void_result();
    co_return refused_answer(*answer, "the change cannot be written; is there a push rule against it?");
}

asio::awaitable<effect_result> gitlab_merge::make_merge()
{
    api_request wanted = request("POST", "/merge_requests", developer);
    wanted.changes = true;
    wanted.expected = {bad_request, conflict};
    json::object body;
    body["source_branch"] = wanted_.head_branch;
    body["target_branch"] = base_;
    body["title"] = "Draft: " + quiet_line(wanted_.title, title_bytes_max);
    body["description"] = markdown_body(wanted_);
    body["remove_source_branch"] = true;
    const std::string labels = api_.labels();
    if (!labels.empty())
        body["labels"] = labels;
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status != 201) {
        // "Another open merge request already exists for this source branch: !5"
        auto there = co_await find_merge();
        if (!there)
            co_return there.error();
        if (*there)
            co_return std::move(**there);
        co_return refused_answer(*answer, "the merge request is not accepted");
    }
    published_effect made;
    made.url = link_at(answer->body, "web_url");
    if (made.url.empty())
        co_return odd_answer(*answer, "the merge request's address");
    co_return made;
}

asio::awaitable<effect_result> gitlab_merge::publish()
{
    auto there = co_await find_merge();
    if (!there)
        co_return there.error();
    if (*there)
        co_return std::move(**there);
    auto base = co_await find_base();
    if (!base)
        co_return base.error();
    base_ = std::move(*base);
    const auto has_branch = co_await find_branch();
    if (!has_branch)
        co_return has_branch.error();
    if (!*has_branch) {
        const auto made = co_await make_branch();
        if (!made)
            co_return made.error();
    }
    co_return co_await make_merge();
}

}  // namespace reprise::forge
