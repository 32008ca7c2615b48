#include "handle_slack.hpp"

#include "problems.hpp"

#include "reprise/base/log.hpp"
#include "reprise/forge/notice_link.hpp"
#include "reprise/forge/slack_api.hpp"
#include "reprise/forge/slack_interaction.hpp"
#include "reprise/forge/slack_message.hpp"
#include "reprise/lifecycle/error.hpp"
#include "reprise/net/webhook_signature.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/slack.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr const char* where = "http.slack";
// Slack waits three seconds for us. What we ask of Slack meanwhile, twice at most, leaves us some of them.
constexpr std::chrono::milliseconds side_call_limit{1'200};
constexpr std::size_t name_bytes_max = 120;

// How a decision ended, and what the person is told when it did not happen.
struct outcome {
    bool done = false;
    std::string code;  // "already_decided"; for the audit.
    std::string text;

    outcome() = default;
    outcome(std::string code_, std::string text_) : code(std::move(code_)), text(std::move(text_)) {}
};

net::response taken()
{
    return net::response(200, "", std::string_view());
}

std::string actor_of(const std::optional<model::person>& person, const std::string& slack_user)
{
    return person ? "user:" + person->name : "slack:" + slack_user;
}

std::string not_linked(const std::string& slack_user)
{
    return "Nothing was changed: your Slack user is not linked to a person here. An administrator can link it; your "
           "member id is " +
           forge::slack_text(slack_user, name_bytes_max) + ".";
}

// Who decided before, for whoever comes second.
std::string who_decided(const store::reader& from, const std::string& approval_id)
{
    const auto approval = store::find_approval(from, approval_id);
    const auto decisions = store::list_decisions(from, approval_id);
    if (!approval || !*approval || !decisions)
        return "It is decided already.";
    std::string text = "It is " + std::string(model::to_text((*approval)->state)) + " already";
    if (!decisions->empty())
        text += ", by " + forge::slack_text(decisions->back().user, name_bytes_max);
    return text + ".";
}

std::string sentence_of(
    context& api, const store::reader& from, const forge::slack_interaction& wanted, const error_code& error
)
{
    if (error == lifecycle::errc::already_decided)
        return "Nothing was changed. " + who_decided(from, wanted.approval_id);
    std::string text = "Nothing was changed: " + error.message() + ".";
    if (error == lifecycle::errc::not_a_person)
        text = "Nothing was changed: CRITICAL is decided at the dashboard, signed in.";
    const std::string link = forge::page_link(api.origins.public_url(), "approvals", wanted.approval_id);
    return link.empty() ? text : text + " " + link;
}

result<void> audit_refusal(
    store::transaction& tx, const net::request& req, const std::string& actor, const std::string& object,
    const std::string& code, std::int64_t now_ns
)
{
    store::audit_entry entry;
    entry.actor = actor;
    entry.actor_type = actor.starts_with("user:") ? "person" : "system";
    entry.auth = "slack";
    entry.action = "slack.refused";
    entry.object = object;
    entry.detail = json::serialize(json::object{{"reason", code}});
    entry.request_id = req.id;
    entry.at_ns = now_ns;
    const auto written = store::append_audit(tx, entry);
    return written ? result<void>() : result<void>(written.error());
}

// A row of its own, as far as this minute's budget goes.
asio::awaitable<void> note_refusal(
    context& api, const net::request& req, std::string actor, std::string object, std::string code
)
{
    log_warn(where, req.id + " " + actor + " on " + object + ": " + code);
    if (api.slack_refusals.take("all", api.parts.time.steady_ns()))
        co_return;
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto note = [&](store::transaction& tx) { return audit_refusal(tx, req, actor, object, code, now_ns); };
    const auto noted = co_await api.parts.store.write(std::move(note));
    if (!noted)
        log_warn(where, "a refusal is not in the audit: " + noted.error().message());
}

result<void> decide(
    store::transaction& tx, context& api, const net::request& req, const forge::slack_interaction& wanted,
    const model::person& person, std::int64_t now_ns
)
{
    runs::decision_request decision;
    decision.approval_id = wanted.approval_id;
    decision.person = person;
    decision.auth = "slack";
    const bool approves = wanted.what == forge::slack_interaction::deed::approve;
    decision.kind = approves ? model::decision_kind::approve : model::decision_kind::reject;
    decision.comment = wanted.comment;
    decision.content_hash = wanted.content_hash;
    decision.request_id = req.id;
    const auto done = runs::decide_approval(tx, decision, api.config.approvals, now_ns, api.parts.notices);
    return done ? result<void>() : result<void>(done.error());
}

asio::awaitable<outcome> decide_for(context& api, const net::request& req, const forge::slack_interaction& wanted)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    std::optional<model::person> person;
    auto work = [&](store::transaction& tx) -> result<void> {
        auto found = store::find_person_by_slack_user(tx, wanted.user_id);
        if (!found)
            return found.error();
        person = std::move(*found);
        if (!person || person->disabled)
            return errc::denied;
        return decide(tx, api, req, wanted, *person, now_ns);
    };
    const auto decided = co_await api.parts.store.write(std::move(work));
    if (decided) {
        outcome done;
        done.done = true;
        co_return done;
    }
    api.slack_refused.add();
    const error_code error = decided.error();
    const bool is_rule = error.category() == lifecycle::lifecycle_category();
    std::string code = is_rule ? std::string(lifecycle::to_text(static_cast<lifecycle::errc>(error.value())))
                               : error.message();
    if (error == errc::denied)
        code = "not_linked";
    co_await note_refusal(api, req, actor_of(person, wanted.user_id), "approval/" + wanted.approval_id, code);
    if (error == errc::denied)
        co_return outcome(code, not_linked(wanted.user_id));
    auto word = [&](const store::reader& from) -> result<std::string> {
        return sentence_of(api, from, wanted, error);
    };
    const auto text = co_await api.parts.store.read(std::move(word));
    co_return outcome(code, text ? *text : "Nothing was changed; try again in a moment.");
}

// Shown to that person alone.
asio::awaitable<void> whisper(context& api, const forge::slack_interaction& to, std::string text)
{
    json::object message;
    message["channel"] = to.channel;
    message["user"] = to.user_id;
    message["text"] = text;
    message["mrkdwn"] = false;
    message["parse"] = "none";
    message["link_names"] = false;
    const auto said =
        co_await api.parts.outside.slack->call("chat.postEphemeral", std::move(message), side_call_limit);
    if (!said)
        log_warn(where, "a person could not be told: " + said.error().text);
}

asio::awaitable<net::response> ask_why(context& api, const net::request& req, const forge::slack_interaction& wanted)
{
    auto look = [&wanted](const store::reader& from) {
        return store::find_person_by_slack_user(from, wanted.user_id);
    };
    const auto person = co_await api.parts.store.read(std::move(look));
    if (!person)
        co_return problem_of(req, person.error(), "the person");
    if (!*person || (*person)->disabled) {
        api.slack_refused.add();
        co_await note_refusal(
            api, req, actor_of(*person, wanted.user_id), "approval/" + wanted.approval_id, "not_linked"
        );
        co_await whisper(api, wanted, not_linked(wanted.user_id));
        co_return taken();
    }
    json::object arguments;
    arguments["trigger_id"] = wanted.trigger_id;
    arguments["view"] = forge::reject_dialog(forge::carry(wanted));
    const auto opened = co_await api.parts.outside.slack->call("views.open", std::move(arguments), side_call_limit);
    if (!opened)
        co_await whisper(api, wanted, "The dialog could not be opened: " + opened.error().text);
    co_return taken();
}

// The dialog stays open and shows what is wrong with the comment or the decision.
net::response show_in_dialog(const std::string& text)
{
    json::object errors;
    errors[forge::slack_comment] = text;
    json::object body;
    body["response_action"] = "errors";
    body["errors"] = std::move(errors);
    return net::response(200, "application/json", json::serialize(body));
}

asio::awaitable<net::response> refuse_signature(context& api, const net::request& req, net::signature_check check)
{
    api.slack_forged.add();
    co_await note_refusal(
        api, req, "slack:unknown", "hook/slack", "signature " + std::string(net::to_text(check))
    );
    co_return net::problem(
        req, 401, "bad_signature",
        "X-Slack-Signature is not that of this body and our signing secret, or its time is more than 300 s from ours."
    );
}

}  // namespace

asio::awaitable<net::response> take_slack_interaction(context& api, net::request& req)
{
    const outside_parts& slack = api.parts.outside;
    if (slack.slack == nullptr || slack.slack_signing_secrets.empty())
        co_return net::problem(
            req, 404, "not_configured", "Slack is not configured: forge.slack.token_file and signing_secret_file."
        );
    const auto check = net::check_slack(
        slack.slack_signing_secrets, req.body, req.header("x-slack-signature"),
        req.header("x-slack-request-timestamp"), api.parts.time.now_ns()
    );
    if (check != net::signature_check::good)
        co_return co_await refuse_signature(api, req, check);
    const auto wanted = forge::parse_slack_interaction(req.body);
    if (!wanted) {
        api.slack_refused.add();
        co_await note_refusal(api, req, "slack:unknown", "hook/slack", "malformed");
        co_return bad_request(req, "The body is no interaction of Slack with a message of ours.");
    }
    api.slack_taken.add();
    using deed = forge::slack_interaction::deed;
    if (wanted->what == deed::other)
        co_return taken();
    if (wanted->what == deed::ask_reject)
        co_return co_await ask_why(api, req, *wanted);
    const outcome ended = co_await decide_for(api, req, *wanted);
    if (ended.done)
        co_return taken();
    if (wanted->what == deed::reject)
        co_return show_in_dialog(ended.text);
    co_await whisper(api, *wanted, ended.text);
    co_return taken();
}

}  // namespace reprise::http
