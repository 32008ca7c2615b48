#include "reprise/forge/trackers.hpp"

#include "dialect.hpp"
#include "effect_check.hpp"
#include "gitlab_api.hpp"
#include "gitlab_merges.hpp"
#include "look.hpp"

#include "reprise/forge/ticket.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {

gitlab_api::gitlab_api(gitlab_config config, const clock& time, metrics& numbers)
    : config_(std::move(config)), client_(config_.api, "gitlab", time, numbers)
{
}

asio::awaitable<api_result> gitlab_api::call(api_request wanted)
{
    wanted.authorization = "Bearer " + config_.token.reveal();
    co_return co_await client_.send(std::move(wanted));
}

std::string gitlab_api::labels() const
{
    std::string text;
    for (const std::string& label : config_.labels) {
        if (!text.empty())
            text += ',';
        text += label;
    }
    return text;
}

std::string gitlab_path(std::string_view project, std::string_view below)
{
    return "/projects/" + encoded(project) + std::string(below);
}

namespace {

constexpr std::string_view target_prefix = "gitlab:";

// "group/sub/project" of "gitlab:group/sub/project".
std::optional<std::string> find_project(std::string_view target)
{
    if (!target.starts_with(target_prefix))
        return std::nullopt;
    const std::string_view name = target.substr(target_prefix.size());
    const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char one) {
        return std::isalnum(one) != 0 || one == '-' || one == '_' || one == '.' || one == '/';
    });
    if (!is_plain || name.find('/') == std::string_view::npos || name.starts_with('/') || name.ends_with('/') ||
        name.find("//") != std::string_view::npos || name.find("..") != std::string_view::npos)
        return std::nullopt;
    return std::string(name);
}

class gitlab_tracker final : public remote_tracker {
public:
    gitlab_tracker(gitlab_config config, const clock& time, metrics& numbers)
        : api_(std::move(config), time, numbers)
    {
    }

    bool takes(std::string_view target) const noexcept override { return find_project(target).has_value(); }
    asio::awaitable<effect_result> publish(effect wanted) override;
    asio::awaitable<check_result> check() override;

private:
    asio::awaitable<effect_result> publish_issue(const std::string& project, const effect& wanted);
    asio::awaitable<effect_result> publish_note(const std::string& project, const effect& wanted);
    asio::awaitable<boost::system::result<page_end, effect_failure>> look(const effect& wanted, listing list);

    gitlab_api api_;
};

asio::awaitable<boost::system::result<page_end, effect_failure>> gitlab_tracker::look(
    const effect& wanted, listing list
)
{
    for (std::size_t page = 1; page <= look_pages_max; ++page) {
        api_request one("GET", list.path + page_query(page), list.needs);
        const auto answer = co_await api_.call(std::move(one));
        if (!answer)
            co_return answer.error();
        if (!answer->body.is_array())
            co_return odd_answer(*answer, "a list");
        page_end end = search_page(list_of(answer->body), list, wanted);
        if (end.found || end.is_last)
            co_return end;
    }
    co_return too_many(list, wanted);
}

asio::awaitable<effect_result> gitlab_tracker::publish_issue(const std::string& project, const effect& wanted)
{
    listing list;
    list.what = "issues of " + project;
    list.needs = "the scope api and the role Reporter in " + project;
    list.path = gitlab_path(project, "/issues?scope=all&state=all&order_by=created_at&sort=desc") +
                since_query("created_after", wanted.key);
    list.text = "description";
    list.link = "web_url";
    list.created = "created_at";
    auto there = co_await look(wanted, list);
    if (!there)
        co_return there.error();
    if (there->found)
        co_return std::move(*there->found);

    api_request create("POST", gitlab_path(project, "/issues"), list.needs);
    create.changes = true;
    json::object body;
    body["title"] = quiet_line(wanted.title, title_bytes_max);
    body["description"] = markdown_body(wanted);
    const std::string labels = api_.labels();
    if (!labels.empty())
        body["labels"] = labels;
    create.body = std::move(body);
    const auto answer = co_await api_.call(std::move(create));
    if (!answer)
        co_return answer.error();
    published_effect made;
    made.url = link_at(answer->body, "web_url");
    if (made.url.empty())
        co_return odd_answer(*answer, "the issue's address");
    co_return made;
}

// "/issues/12" or "/merge_requests/12" of the parent's address; empty when it is neither.
std::string notes_parent(std::string_view parent, const std::string& project)
{
    for (const std::string_view kind : {"issues", "work_items", "merge_requests"}) {
        const auto number = find_parent_number(parent, "/" + project + "/-/" + std::string(kind) + "/");
        if (number)
            return "/" + std::string(kind == "work_items" ? "issues" : kind) + "/" + *number;
    }
    return {};
}

asio::awaitable<effect_result> gitlab_tracker::publish_note(const std::string& project, const effect& wanted)
{
    const std::string parent = notes_parent(wanted.parent, project);
    if (parent.empty())
        co_return refused("'" + quiet_line(wanted.parent, 200) + "' is no issue or merge request of " + project);
    listing list;
    list.what = "notes";
    list.needs = "the scope api and the role Reporter in " + project;
    list.path = gitlab_path(project, parent + "/notes?order_by=created_at&sort=desc");
    list.text = "body";
    list.created = "created_at";
    const std::string page = wanted.parent.substr(0, wanted.parent.find('#'));
    auto there = co_await look(wanted, list);
    if (!there)
        co_return there.error();
    if (there->found) {
        there->found->url = page + "#note_" + there->id;
        co_return std::move(*there->found);
    }

    api_request create("POST", gitlab_path(project, parent + "/notes"), list.needs);
    create.changes = true;
    json::object body;
    body["body"] = markdown_body(wanted);
    create.body = std::move(body);
    const auto answer = co_await api_.call(std::move(create));
    if (!answer)
        co_return answer.error();
    const auto id = number_at(answer->body, "id");
    if (!id)
        co_return odd_answer(*answer, "the note's number");
    published_effect made;
    made.url = page + "#note_" + std::to_string(*id);
    co_return made;
}

asio::awaitable<effect_result> gitlab_tracker::publish(effect wanted)
{
    const auto project = find_project(wanted.target);
    if (!project)
        co_return refused("'" + quiet_line(wanted.target, 200) + "' is no project; write gitlab:group/project");
    if (wanted.kind == effect_kind::ticket)
        co_return co_await publish_issue(*project, wanted);
    if (wanted.kind == effect_kind::comment)
        co_return co_await publish_note(*project, wanted);
    if (const auto fault = find_branch_fault(wanted.head_branch, api_.config().branch_prefix))
        co_return refused(*fault + " (forge.gitlab.branch_prefix)");
    gitlab_merge merge(api_, *project, wanted);
    co_return co_await merge.publish();
}

asio::awaitable<check_result> gitlab_tracker::check()
{
    api_request wanted("GET", "/user", "a valid token with the scope api");
    const auto answer = co_await api_.call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    co_return "GitLab takes the token of " + quiet_line(text_at(answer->body, "username"), 100);
}

}  // namespace

std::unique_ptr<remote_tracker> make_gitlab_tracker(gitlab_config config, const clock& time, metrics& numbers)
{
    return std::make_unique<gitlab_tracker>(std::move(config), time, numbers);
}

}  // namespace reprise::forge
