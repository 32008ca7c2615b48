#include "reprise/forge/trackers.hpp"

#include "api_client.hpp"
#include "dialect.hpp"
#include "marker.hpp"

#include "reprise/forge/ticket.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr std::string_view target_prefix = "linear:";
constexpr std::size_t team_bytes_max = 20;
constexpr int bad_request = 400;

constexpr const char* look_issue =
    "query($id: ID!, $team: String!) {"
    " issues(filter: {id: {eq: $id}}, includeArchived: true) { nodes { id url description } }"
    " teams(filter: {key: {eq: $team}}) { nodes { id key } } }";
constexpr const char* create_issue =
    "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url } } }";
constexpr const char* look_comment =
    "query($id: ID!, $issue: String!) {"
    " comments(filter: {id: {eq: $id}}, includeArchived: true) { nodes { id url body } }"
    " issue(id: $issue) { id url } }";
constexpr const char* create_comment =
    "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id url } } }";
constexpr const char* who_query = "query { viewer { id name } }";

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= team_bytes_max && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
    });
}

std::string authorization_of(const std::string& token)
{
    return token.starts_with("lin_api_") ? token : "Bearer " + token;
}

// "ENG-12" of "https://linear.app/team/issue/ENG-12/some-title".
std::optional<std::string> find_identifier(std::string_view url)
{
    constexpr std::string_view part = "/issue/";
    const auto at = url.find(part);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = url.substr(at + part.size());
    const std::string_view name = rest.substr(0, rest.find_first_of("/?#"));
    const auto dash = name.find('-');
    if (dash == std::string_view::npos || !is_name(name.substr(0, dash)) || !is_name(name.substr(dash + 1)))
        return std::nullopt;
    return std::string(name);
}

const json::value* first_node(const json::value& data, std::string_view name)
{
    const json::value* list = find_at(data, name);
    const json::value* nodes = list != nullptr ? find_at(*list, "nodes") : nullptr;
    if (nodes == nullptr || list_of(*nodes).empty())
        return nullptr;
    return &list_of(*nodes).front();
}

// The id is ours alone, so that it is ours even when people rewrote the text.
published_effect adopt_node(const effect& wanted, const json::value& node, std::string_view text_name)
{
    const auto hash = find_marker(text_at(node, text_name), wanted.key);
    return adopt(wanted, link_at(node, "url"), hash.value_or(wanted.content_hash));
}

class linear_tracker final : public remote_tracker {
public:
    linear_tracker(linear_config config, const clock& time, metrics& numbers)
        : config_(std::move(config)), client_(config_.api, "linear", time, numbers)
    {
    }

    bool takes(std::string_view target) const noexcept override
    {
        return target.starts_with(target_prefix) && is_name(target.substr(target_prefix.size()));
    }
    asio::awaitable<effect_result> publish(effect wanted) override;
    asio::awaitable<check_result> check() override;

private:
    using data_result = boost::system::result<json::value, effect_failure>;

    asio::awaitable<data_result> ask(const char* query, json::object variables, bool changes, std::string needs);
    asio::awaitable<effect_result> publish_issue(const std::string& team, const effect& wanted);
    asio::awaitable<effect_result> publish_comment(const effect& wanted);
    effect_failure failure_of(const api_answer& answer) const;

    linear_config config_;
    api_client client_;
};

// GraphQL says what is wrong in the body, with status 200 or 400.
effect_failure linear_tracker::failure_of(const api_answer& answer) const
{
    const json::value* errors = find_at(answer.body, "errors");
    std::string code;
    if (errors != nullptr && !list_of(*errors).empty()) {
        const json::value& first = list_of(*errors).front();
        code = text_in(first, "extensions", "code") + " " + text_in(first, "extensions", "type");
        std::transform(code.begin(), code.end(), code.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
    }
    const auto says = [&code](std::string_view word) { return code.find(word) != std::string::npos; };
    if (says("ratelimited")) {
        const auto wait = find_retry_after(answer.headers, client_.now_ns()).value_or(limited_without_time);
        return put_off(answer.what + ": asked too often", wait, answer.status);
    }
    if (says("authentication"))
        return refused_answer(answer, "the credentials are wrong or expired: renew them");
    if (says("forbidden") || says("not accessible"))
        return refused_answer(answer, "the credentials may not do this: it needs " + answer.needs);
    if (says("internal") || says("lock timeout") || says("network")) {
        effect_failure failure = refused_answer(answer, "Linear failed");
        failure.kind = answer.changes ? effect_failure::kind::unknown : effect_failure::kind::later;
        return failure;
    }
    return refused_answer(answer, "it does not accept this request");
}

asio::awaitable<linear_tracker::data_result> linear_tracker::ask(
    const char* query, json::object variables, bool changes, std::string needs
)
{
    api_request wanted("POST", "", std::move(needs));
    wanted.changes = changes;
    wanted.expected = {bad_request};
    wanted.authorization = authorization_of(config_.token.reveal());
    json::object body;
    body["query"] = query;
    body["variables"] = std::move(variables);
    wanted.body = std::move(body);
    const auto answer = co_await client_.send(std::move(wanted));
    if (!answer)
        co_return answer.error();
    const json::value* errors = find_at(answer->body, "errors");
    if (answer->status == bad_request || (errors != nullptr && !list_of(*errors).empty()))
        co_return failure_of(*answer);
    const json::value* data = find_at(answer->body, "data");
    if (data == nullptr || !data->is_object())
        co_return odd_answer(*answer, "data");
    co_return *data;
}

asio::awaitable<effect_result> linear_tracker::publish_issue(const std::string& team, const effect& wanted)
{
    const std::string id = uuid_of("ticket " + wanted.key);
    const std::string needs = "write access to the team " + team;
    json::object look_for;
    look_for["id"] = id;
    look_for["team"] = team;
    const auto before = co_await ask(look_issue, look_for, false, needs);
    if (!before)
        co_return before.error();
    if (const json::value* there = first_node(*before, "issues"))
        co_return adopt_node(wanted, *there, "description");
    const json::value* found_team = first_node(*before, "teams");
    if (found_team == nullptr)
        co_return refused("there is no team " + team + " in Linear, or the credentials may not see it");

    json::object input;
    input["id"] = id;
    input["teamId"] = text_at(*found_team, "id");
    input["title"] = quiet_line(wanted.title, title_bytes_max);
    input["description"] = linear_body(wanted);
    json::object variables;
    variables["input"] = std::move(input);
    const auto created = co_await ask(create_issue, std::move(variables), true, needs);
    if (!created && created.error().kind != effect_failure::kind::refused)
        co_return created.error();
    const json::value* payload = created ? find_at(*created, "issueCreate") : nullptr;
    const json::value* issue = payload != nullptr ? find_at(*payload, "issue") : nullptr;
    if (issue != nullptr && !link_at(*issue, "url").empty()) {
        published_effect made;
        made.url = link_at(*issue, "url");
        co_return made;
    }
    // The id may have been taken between looking and creating: by another try of ours, nobody else knows it.
    const auto after = co_await ask(look_issue, std::move(look_for), false, needs);
    if (!after)
        co_return nobody_knows("Linear did not say whether the issue was made: " + after.error().text);
    if (const json::value* there = first_node(*after, "issues"))
        co_return adopt_node(wanted, *there, "description");
    if (!created)
        co_return created.error();
    co_return nobody_knows("Linear did not say whether the issue was made");
}

asio::awaitable<effect_result> linear_tracker::publish_comment(const effect& wanted)
{
    const auto identifier = find_identifier(wanted.parent);
    if (!identifier)
        co_return refused("'" + quiet_line(wanted.parent, 200) + "' is no issue of Linear");
    const std::string id = uuid_of("comment " + wanted.key);
    const std::string needs = "write access to " + *identifier;
    json::object look_for;
    look_for["id"] = id;
    look_for["issue"] = *identifier;
    const auto before = co_await ask(look_comment, look_for, false, needs);
    if (!before)
        co_return before.error();
    if (const json::value* there = first_node(*before, "comments"))
        co_return adopt_node(wanted, *there, "body");

    json::object input;
    input["id"] = id;
    input["issueId"] = text_in(*before, "issue", "id");
    input["body"] = linear_body(wanted);
    json::object variables;
    variables["input"] = std::move(input);
    const auto created = co_await ask(create_comment, std::move(variables), true, needs);
    if (!created && created.error().kind != effect_failure::kind::refused)
        co_return created.error();
    const json::value* payload = created ? find_at(*created, "commentCreate") : nullptr;
    const json::value* comment = payload != nullptr ? find_at(*payload, "comment") : nullptr;
    if (comment != nullptr && !link_at(*comment, "url").empty()) {
        published_effect made;
        made.url = link_at(*comment, "url");
        co_return made;
    }
    const auto after = co_await ask(look_comment, std::move(look_for), false, needs);
    if (!after)
        co_return nobody_knows("Linear did not say whether the comment was made: " + after.error().text);
    if (const json::value* there = first_node(*after, "comments"))
        co_return adopt_node(wanted, *there, "body");
    if (!created)
        co_return created.error();
    co_return nobody_knows("Linear did not say whether the comment was made");
}

asio::awaitable<effect_result> linear_tracker::publish(effect wanted)
{
    const std::string team = wanted.target.substr(std::min(target_prefix.size(), wanted.target.size()));
    if (!takes(wanted.target))
        co_return refused("'" + quiet_line(wanted.target, 200) + "' is no team; write linear:TEAM");
    if (wanted.kind == effect_kind::ticket)
        co_return co_await publish_issue(team, wanted);
    if (wanted.kind == effect_kind::comment)
        co_return co_await publish_comment(wanted);
    co_return refused("Linear has no pull requests; send them to a github: or gitlab: target");
}

asio::awaitable<check_result> linear_tracker::check()
{
    json::object none;
    const auto data = co_await ask(who_query, std::move(none), false, "a valid key");
    if (!data)
        co_return data.error();
    co_return "Linear takes the key of " + quiet_line(text_in(*data, "viewer", "name"), 100);
}

}  // namespace

std::unique_ptr<remote_tracker> make_linear_tracker(linear_config config, const clock& time, metrics& numbers)
{
    return std::make_unique<linear_tracker>(std::move(config), time, numbers);
}

}  // namespace reprise::forge
