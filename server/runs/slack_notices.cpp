#include "slack_notices.hpp"

#include "reprise/base/log.hpp"
#include "reprise/forge/slack_message.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/notices.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/signals.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::runs {
namespace {

constexpr const char* where = "slack";
constexpr int pages_looked_at_max = 3;
constexpr int messages_per_page = 200;
constexpr std::int64_t look_back_ns = 300 * ns_per_s;  // Their clock is not ours.
constexpr std::chrono::seconds pause_default{30};

std::string text_of(const json::object& from, std::string_view member)
{
    const json::value* const found = from.if_contains(member);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

delivery_report report_of(const forge::slack_failure& failure)
{
    using kind = enum forge::effect_failure::kind;
    delivery_report came;
    came.refused = failure.kind == kind::refused;
    came.known = failure.kind != kind::unknown;
    came.status = failure.status;
    came.error = failure.text;
    if (failure.code == "ratelimited" || failure.code == "rate_limited") {
        came.put_off = true;
        came.busy = true;
        came.asked_for = failure.retry_after.value_or(pause_default);
    }
    return came;
}

delivery_report done(std::string snippet)
{
    delivery_report came;
    came.delivered = true;
    came.snippet = std::move(snippet);
    return came;
}

// What the message about an approval is made of.
struct approval_parts {
    forge::slack_subject subject;
    forge::slack_approval about;
    std::vector<model::decision> decisions;
};

result<void> load_incident_of(const store::reader& from, const std::string& id, forge::slack_subject& subject)
{
    auto incident = store::find_incident(from, id);
    if (!incident)
        return incident.error();
    if (!*incident)
        return errc::not_found;
    subject.incident = std::move(**incident);
    return {};
}

result<std::optional<model::signal>> load_leading_signal(const store::reader& from, const std::string& incident_id)
{
    auto signals = store::list_incident_signals(from, incident_id, 1);
    if (!signals)
        return signals.error();
    if (signals->empty())
        return std::optional<model::signal>();
    return std::optional<model::signal>(std::move(signals->front()));
}

result<void> load_approval_parts(const store::reader& from, const std::string& id, approval_parts& parts)
{
    auto approval = store::find_approval(from, id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    parts.about.approval = std::move(**approval);
    if (auto loaded = load_incident_of(from, parts.about.approval.incident_id, parts.subject); !loaded)
        return loaded;
    auto decisions = store::list_decisions(from, id);
    if (!decisions)
        return decisions.error();
    parts.decisions = std::move(*decisions);
    parts.about.decisions = parts.decisions;
    const auto run = store::find_run(from, parts.about.approval.run_id);
    if (!run)
        return run.error();
    if (*run)
        parts.about.result_json = (*run)->result;
    if (*run && !(*run)->signal_id.empty()) {
        auto signal = store::find_signal(from, (*run)->signal_id);
        if (!signal)
            return signal.error();
        parts.about.signal = std::move(*signal);
        return {};
    }
    auto signal = load_leading_signal(from, parts.about.approval.incident_id);
    if (!signal)
        return signal.error();
    parts.about.signal = std::move(*signal);
    return {};
}

result<json::object> load_publication_message(
    const store::reader& from, const std::string& id, forge::slack_subject subject
)
{
    const auto found = store::find_publication(from, id);
    if (!found)
        return found.error();
    if (!*found)
        return errc::not_found;
    if (auto loaded = load_incident_of(from, (*found)->incident_id, subject); !loaded)
        return loaded.error();
    return forge::publication_message(
        subject, {(*found)->kind, (*found)->target, (*found)->title, (*found)->url}
    );
}

// The message of a page of history that carries our key; nothing when none does.
std::optional<std::string> find_ts(const json::object& page, const std::string& key)
{
    const json::value* const messages = page.if_contains("messages");
    if (messages == nullptr || !messages->is_array())
        return std::nullopt;
    for (const json::value& message : messages->get_array()) {
        error_code ec;
        const json::value* const found = message.find_pointer("/metadata/event_payload/key", ec);
        if (found != nullptr && found->is_string() && found->get_string() == key && message.is_object())
            return text_of(message.get_object(), "ts");
    }
    return std::nullopt;
}

}  // namespace

slack_notices::slack_notices(
    store::database& database, forge::slack_api& api, const clock& time, std::string public_url
)
    : database_(database), api_(api), time_(time), public_url_(std::move(public_url))
{
}

result<slack_notices::plan> slack_notices::load(const store::reader& from, const store::delivery& one) const
{
    plan wanted;
    wanted.key = one.subject;
    const std::string id = one.subject.substr(one.subject.find('/') + 1);
    const auto kind = store::find_notice_kind(one.type);
    error_code ec;
    const json::value data = json::parse(one.data, ec);
    approval_parts parts;
    parts.subject.public_url = public_url_;
    parts.subject.key = one.subject;
    if (one.type == store::webhook_test_type) {
        wanted.key = "test/" + one.id;  // Each is a message of its own.
        parts.subject.key = wanted.key;
        wanted.message = forge::test_message(
            parts.subject, data.is_object() ? text_of(data.get_object(), "asked_by") : std::string()
        );
    } else if (kind == store::notice_kind::incident_opened) {
        if (auto loaded = load_incident_of(from, id, parts.subject); !loaded)
            return loaded.error();
        const auto signal = load_leading_signal(from, id);
        if (!signal)
            return signal.error();
        wanted.message = forge::incident_message(parts.subject, *signal);
    } else if (kind == store::notice_kind::publication_done) {
        auto message = load_publication_message(from, id, parts.subject);
        if (!message)
            return message.error();
        wanted.message = std::move(*message);
    } else if (one.subject.starts_with("approval/")) {
        if (auto loaded = load_approval_parts(from, id, parts); !loaded)
            return loaded.error();
        const bool waits = parts.about.approval.state == model::approval_state::pending;
        wanted.changes = kind != store::notice_kind::approval_reminder;
        wanted.only_change = kind == store::notice_kind::approval_decided;
        if (kind == store::notice_kind::approval_reminder) {
            const json::value* const percent = data.is_object() ? data.get_object().if_contains("percent") : nullptr;
            auto parent = store::find_slack_message(from, one.subject);
            if (!parent)
                return parent.error();
            wanted.parent = std::move(*parent);
            wanted.key += "/reminder/" + (percent != nullptr ? json::serialize(*percent) : std::string());
            parts.subject.key = wanted.key;
            if (waits)
                wanted.message = forge::reminder_message(parts.subject, parts.about, time_.now_ns());
            else
                wanted.skipped = "it was decided meanwhile";
        } else {
            wanted.message = forge::approval_message(parts.subject, parts.about);
        }
    } else {
        wanted.skipped = "Slack is not told of this";
    }
    auto known = store::find_slack_message(from, wanted.key);
    if (!known)
        return known.error();
    wanted.known = std::move(*known);
    return wanted;
}

asio::awaitable<delivery_report> slack_notices::tell(const store::delivery& one)
{
    auto look = [this, &one](const store::reader& from) { return load(from, one); };
    auto wanted = co_await database_.read(std::move(look));
    if (!wanted) {
        delivery_report came;
        came.refused = wanted.error() == errc::not_found;
        came.error = "what it is about cannot be read: " + wanted.error().message();
        co_return came;
    }
    if (wanted->message.empty())
        co_return done(wanted->skipped);
    if (wanted->known && wanted->changes)
        co_return co_await change(*wanted->known, std::move(wanted->message));
    if (wanted->known)
        co_return done("it is there already");
    if (wanted->only_change)
        co_return done("there is no message to change");
    co_return co_await write(one, std::move(*wanted));
}

asio::awaitable<delivery_report> slack_notices::change(const store::slack_message& known, json::object message)
{
    for (const char* const only_for_new : {"mrkdwn", "unfurl_links", "unfurl_media"})
        message.erase(only_for_new);
    message["channel"] = known.channel;
    message["ts"] = known.ts;
    const auto answer = co_await api_.call("chat.update", std::move(message));
    if (!answer)
        co_return report_of(answer.error());
    co_return done("changed " + known.ts);
}

asio::awaitable<delivery_report> slack_notices::write(const store::delivery& one, plan wanted)
{
    store::slack_message made;
    made.subject = wanted.key;
    made.created_ns = time_.now_ns();
    // An earlier attempt may have written it and could not say so.
    if (one.attempts - 1 > one.attempts_known) {
        const auto found = co_await look_for(wanted.key, one.created_ns - look_back_ns);
        if (!found)
            co_return report_of(found.error());
        made.channel = api_.channel();
        made.ts = text_of(*found, "ts");
        if (!made.ts.empty())
            co_return co_await remember(std::move(made));
    }
    json::object message = std::move(wanted.message);
    message["channel"] = api_.channel();
    if (wanted.parent) {
        message["thread_ts"] = wanted.parent->ts;
        message["reply_broadcast"] = true;
    }
    const auto answer = co_await api_.call("chat.postMessage", std::move(message));
    if (!answer)
        co_return report_of(answer.error());
    made.channel = text_of(*answer, "channel");
    made.ts = text_of(*answer, "ts");
    if (made.channel.empty() || made.ts.empty()) {
        delivery_report came;
        came.known = false;
        came.error = "chat.postMessage: the answer names no message; check forge.slack.api_url";
        co_return came;
    }
    co_return co_await remember(std::move(made));
}

asio::awaitable<delivery_report> slack_notices::remember(store::slack_message message)
{
    auto keep = [&message](store::transaction& tx) { return store::insert_slack_message(tx, message); };
    const auto kept = co_await database_.write(std::move(keep));
    if (kept)
        co_return done("message " + message.ts);
    delivery_report came;
    came.known = false;
    came.error = "the message was written, which cannot be noted: " + kept.error().message();
    co_return came;
}

// {"ts": ...}, or {} when no message of ours has the key.
asio::awaitable<forge::slack_result> slack_notices::look_for(std::string key, std::int64_t since_ns)
{
    std::string cursor;
    for (int page = 0; page < pages_looked_at_max; ++page) {
        json::object arguments;
        arguments["channel"] = api_.channel();
        arguments["include_all_metadata"] = true;
        arguments["oldest"] = std::to_string(since_ns / ns_per_s);
        arguments["limit"] = messages_per_page;
        if (!cursor.empty())
            arguments["cursor"] = cursor;
        auto answer = co_await api_.ask("conversations.history", std::move(arguments));
        // Without the right to look, twice is better than never.
        if (!answer && answer.error().code == "missing_scope") {
            log_warn(where, "cannot look whether a message is there already: " + answer.error().text);
            co_return json::object();
        }
        if (!answer)
            co_return answer;
        if (auto ts = find_ts(*answer, key))
            co_return json::object{{"ts", *ts}};
        const json::value* const more = answer->if_contains("response_metadata");
        cursor = more != nullptr && more->is_object() ? text_of(more->get_object(), "next_cursor") : std::string();
        if (cursor.empty())
            break;
    }
    co_return json::object();
}

}  // namespace reprise::runs
