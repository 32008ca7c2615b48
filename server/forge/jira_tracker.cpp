#include "reprise/forge/trackers.hpp"

#include "api_client.hpp"
#include "dialect.hpp"
#include "jira_text.hpp"
#include "marker.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/forge/ticket.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr std::string_view target_prefix = "jira:";
constexpr std::size_t project_bytes_max = 20;
constexpr int bad_request = 400;
constexpr std::int64_t recent_before = 20;  // Of the newest issue that the index knows: read whatever it says.
constexpr std::int64_t recent_after = 79;

bool is_project(std::string_view text)
{
    return !text.empty() && text.size() <= project_bytes_max &&
           std::isupper(static_cast<unsigned char>(text[0])) != 0 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
           });
}

// "OPS-12" of "https://team.atlassian.net/browse/OPS-12".
std::optional<std::string> find_issue_key(std::string_view url, std::string_view project)
{
    constexpr std::string_view part = "/browse/";
    const auto at = url.find(part);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = url.substr(at + part.size());
    const std::string_view key = rest.substr(0, rest.find_first_of("/?#"));
    const std::string start = std::string(project) + "-";
    if (!key.starts_with(start) || key.size() == start.size() ||
        key.find_first_not_of("0123456789", start.size()) != std::string_view::npos)
        return std::nullopt;
    return std::string(key);
}

// Every issue of ours carries it; JQL finds it as a whole.
std::string label_of(const effect& wanted)
{
    return "reprise-effect-" + wanted.key;
}

// Descriptions are text (v2) or a document (v3).
std::string description_text(const json::value& from, std::string_view name)
{
    const json::value* found = find_at(from, name);
    if (found == nullptr)
        return {};
    return found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
}

class jira_tracker final : public remote_tracker {
public:
    jira_tracker(jira_config config, const clock& time, metrics& numbers)
        : config_(std::move(config)), client_(config_.api, "jira", time, numbers)
    {
        client_.add_header("X-Atlassian-Token", "no-check");
    }

    bool takes(std::string_view target) const noexcept override
    {
        return target.starts_with(target_prefix) && is_project(target.substr(target_prefix.size()));
    }
    asio::awaitable<effect_result> publish(effect wanted) override;
    asio::awaitable<check_result> check() override;

private:
    bool is_cloud() const noexcept { return config_.flavour == jira_flavour::cloud; }
    std::string path(std::string_view below) const;
    std::string web(std::string_view below) const;
    json::value text_of(const effect& wanted) const;
    asio::awaitable<api_result> call(api_request wanted);
    asio::awaitable<api_result> search(std::string project, std::string jql);
    asio::awaitable<found_effect> find_indexed(const std::string& project, const effect& wanted);
    asio::awaitable<found_effect> find_recent(const std::string& project, const effect& wanted);
    asio::awaitable<effect_result> publish_issue(const std::string& project, const effect& wanted);
    asio::awaitable<found_effect> find_comment(const std::string& issue, const effect& wanted);
    asio::awaitable<effect_result> publish_comment(const std::string& project, const effect& wanted);
    std::optional<published_effect> find_ours(const json::value& issues, const effect& wanted) const;

    jira_config config_;
    api_client client_;
};

std::string jira_tracker::path(std::string_view below) const
{
    return (is_cloud() ? "/rest/api/3" : "/rest/api/2") + std::string(below);
}

// The address that people open, beside the API.
std::string jira_tracker::web(std::string_view below) const
{
    std::string root = config_.api.base.origin() + config_.api.base.target;
    while (root.ends_with('/'))
        root.pop_back();
    return root + std::string(below);
}

json::value jira_tracker::text_of(const effect& wanted) const
{
    if (is_cloud())
        return to_adf(without_markers(wanted.body), marker_of(wanted));
    return json::value(to_wiki(without_markers(wanted.body), marker_of(wanted)));
}

asio::awaitable<api_result> jira_tracker::call(api_request wanted)
{
    const std::string& token = config_.token.reveal();
    wanted.authorization =
        config_.user.empty() ? "Bearer " + token : "Basic " + to_base64(config_.user + ":" + token);
    co_return co_await client_.send(std::move(wanted));
}

asio::awaitable<api_result> jira_tracker::search(std::string project, std::string jql)
{
    api_request wanted("POST", path(is_cloud() ? "/search/jql" : "/search"), "Browse Projects in " + project);
    json::object body;
    body["jql"] = jql;
    body["maxResults"] = 10;
    body["fields"] = json::array{"labels", "description"};
    wanted.body = std::move(body);
    co_return co_await call(std::move(wanted));
}

std::optional<published_effect> jira_tracker::find_ours(const json::value& issues, const effect& wanted) const
{
    const std::string label = label_of(wanted);
    for (const json::value& issue : list_of(issues)) {
        const json::value* fields = find_at(issue, "fields");
        if (fields == nullptr)
            continue;
        const auto hash = find_marker(description_text(*fields, "description"), wanted.key);
        const json::value* labels = find_at(*fields, "labels");
        const bool is_labelled = labels != nullptr && std::any_of(
            list_of(*labels).begin(), list_of(*labels).end(), [&label](const json::value& one) {
                const json::string* text = one.if_string();
                return text != nullptr && *text == label;
            }
        );
        if (hash || is_labelled)
            return adopt(wanted, web("/browse/" + text_at(issue, "key")), hash.value_or(wanted.content_hash));
    }
    return std::nullopt;
}

// By the index, which lags behind on Cloud.
asio::awaitable<found_effect> jira_tracker::find_indexed(const std::string& project, const effect& wanted)
{
    const auto answer =
        co_await search(project, "project = \"" + project + "\" AND labels = \"" + label_of(wanted) + "\"");
    if (!answer)
        co_return answer.error();
    const json::value* issues = find_at(answer->body, "issues");
    if (issues == nullptr || !issues->is_array())
        co_return odd_answer(*answer, "a list of issues");
    co_return find_ours(*issues, wanted);
}

// By number around the newest that the index knows: these are read from the database.
asio::awaitable<found_effect> jira_tracker::find_recent(const std::string& project, const effect& wanted)
{
    const auto newest = co_await search(project, "project = \"" + project + "\" ORDER BY key DESC");
    if (!newest)
        co_return newest.error();
    const json::value* issues = find_at(newest->body, "issues");
    std::int64_t number = 0;
    if (issues != nullptr && !list_of(*issues).empty()) {
        const std::string key = text_at(list_of(*issues).front(), "key");
        const auto dash = key.rfind('-');
        if (dash != std::string::npos)
            std::from_chars(key.data() + dash + 1, key.data() + key.size(), number);
    }
    json::array keys;
    for (std::int64_t i = std::max<std::int64_t>(1, number - recent_before); i <= number + recent_after; ++i)
        keys.emplace_back(project + "-" + std::to_string(i));
    api_request wanted_request("POST", path("/issue/bulkfetch"), "Browse Projects in " + project);
    json::object body;
    body["issueIdsOrKeys"] = std::move(keys);
    body["fields"] = json::array{"labels", "description"};
    wanted_request.body = std::move(body);
    const auto answer = co_await call(std::move(wanted_request));
    if (!answer)
        co_return answer.error();
    const json::value* read = find_at(answer->body, "issues");
    if (read == nullptr || !read->is_array())
        co_return odd_answer(*answer, "a list of issues");
    co_return find_ours(*read, wanted);
}

asio::awaitable<effect_result> jira_tracker::publish_issue(const std::string& project, const effect& wanted)
{
    auto there = co_await find_indexed(project, wanted);
    if (there && !*there && is_cloud())
        there = co_await find_recent(project, wanted);
    if (!there)
        co_return there.error();
    if (*there)
        co_return std::move(**there);

    api_request create("POST", path("/issue"), "Browse Projects and Create Issues in " + project);
    create.changes = true;
    create.expected = {bad_request};
    json::object fields;
    fields["project"] = json::object{{"key", project}};
    fields["issuetype"] = json::object{{"name", config_.issue_type}};
    fields["summary"] = quiet_line(wanted.title, title_bytes_max);
    fields["description"] = text_of(wanted);
    fields["labels"] = json::array{json::string("reprise"), json::string(label_of(wanted))};
    json::object body;
    body["fields"] = std::move(fields);
    create.body = std::move(body);
    const auto answer = co_await call(std::move(create));
    if (!answer)
        co_return answer.error();
    if (answer->status == bad_request)
        co_return refused_answer(
            *answer, "the create screen of " + project + " must have Summary, Description and Labels, demand nothing "
            "else, and know the issue type " + config_.issue_type + " (forge.jira.issue_type)"
        );
    const std::string key = text_at(answer->body, "key");
    if (key.empty())
        co_return odd_answer(*answer, "the issue's key");
    published_effect made;
    made.url = web("/browse/" + encoded(key));
    co_return made;
}

asio::awaitable<found_effect> jira_tracker::find_comment(const std::string& issue, const effect& wanted)
{
    for (std::size_t page = 0; page < look_pages_max; ++page) {
        const std::string query = "?orderBy=-created&maxResults=" + std::to_string(look_page_size) +
                                  "&startAt=" + std::to_string(page * look_page_size);
        api_request one("GET", path("/issue/" + encoded(issue) + "/comment" + query), "Browse Projects for " + issue);
        const auto answer = co_await call(std::move(one));
        if (!answer)
            co_return answer.error();
        const json::value* comments = find_at(answer->body, "comments");
        if (comments == nullptr || !comments->is_array())
            co_return odd_answer(*answer, "a list of comments");
        for (const json::value& comment : list_of(*comments)) {
            if (const auto hash = find_marker(description_text(comment, "body"), wanted.key))
                co_return adopt(
                    wanted, web("/browse/" + issue + "?focusedCommentId=" + encoded(text_at(comment, "id"))), *hash
                );
        }
        if (list_of(*comments).size() < look_page_size)
            co_return std::optional<published_effect>();
    }
    co_return refused(issue + " has too many comments to tell that this one is not among them; comment by hand");
}

asio::awaitable<effect_result> jira_tracker::publish_comment(const std::string& project, const effect& wanted)
{
    const auto issue = find_issue_key(wanted.parent, project);
    if (!issue)
        co_return refused("'" + quiet_line(wanted.parent, 200) + "' is no issue of " + project);
    auto there = co_await find_comment(*issue, wanted);
    if (!there)
        co_return there.error();
    if (*there)
        co_return std::move(**there);
    api_request create("POST", path("/issue/" + *issue + "/comment"), "Browse Projects and Add Comments in " + project);
    create.changes = true;
    json::object body;
    body["body"] = text_of(wanted);
    create.body = std::move(body);
    const auto answer = co_await call(std::move(create));
    if (!answer)
        co_return answer.error();
    const std::string id = text_at(answer->body, "id");
    if (id.empty())
        co_return odd_answer(*answer, "the comment's number");
    published_effect made;
    made.url = web("/browse/" + *issue + "?focusedCommentId=" + encoded(id));
    co_return made;
}

asio::awaitable<effect_result> jira_tracker::publish(effect wanted)
{
    const std::string project = wanted.target.substr(std::min(target_prefix.size(), wanted.target.size()));
    if (!takes(wanted.target))
        co_return refused("'" + quiet_line(wanted.target, 200) + "' is no project; write jira:KEY");
    if (wanted.kind == effect_kind::ticket)
        co_return co_await publish_issue(project, wanted);
    if (wanted.kind == effect_kind::comment)
        co_return co_await publish_comment(project, wanted);
    co_return refused("Jira has no pull requests; send them to a github: or gitlab: target");
}

asio::awaitable<check_result> jira_tracker::check()
{
    api_request wanted("GET", path("/myself"), "a valid token");
    const auto answer = co_await call(std::move(wanted));
    if (!answer)
        co_return answer.error();
    co_return "Jira takes the token of " + quiet_line(text_at(answer->body, "displayName"), 100);
}

}  // namespace

std::unique_ptr<remote_tracker> make_jira_tracker(jira_config config, const clock& time, metrics& numbers)
{
    return std::make_unique<jira_tracker>(std::move(config), time, numbers);
}

}  // namespace reprise::forge
