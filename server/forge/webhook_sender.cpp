#include "reprise/forge/webhook_sender.hpp"

#include "markdown.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/base/within.hpp"
#include "reprise/forge/delivery_ladder.hpp"
#include "reprise/forge/notice_link.hpp"
#include "reprise/net/webhook_signature.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::forge {
namespace {

constexpr std::size_t cut_note_bytes = 64;  // clean_text() says what is missing behind its limit.

std::string sentence_of(int status)
{
    const std::string answered = "answered " + std::to_string(status) + " " + std::string(net::status_text(status));
    if (status >= 300 && status < 400)
        return answered + ": redirects are not followed; set the endpoint to the new URL";
    if (status == 410)
        return answered + ": it wants no more";
    return answered;
}

std::string sentence_of(const error_code& error, const webhook_limits& limits)
{
    // The client's own limits for the answer are as long, so that each may be first.
    if (error == errc::timed_out || error == net::errc::answer_timed_out || error == net::errc::read_timed_out)
        return "no whole answer within " + std::to_string(limits.whole.count() / 1000) + " s";
    if (error == net::errc::address_refused)
        return "its name leads to an address that is not public; list the network in forge.webhooks.allow if it is "
               "yours";
    return error.message();
}

net::client_limits client_limits_of(const webhook_limits& limits)
{
    net::client_limits made;
    made.resolve = limits.connect;
    made.connect = limits.connect;
    made.write = limits.whole;
    made.answer = limits.whole;
    made.body = limits.whole;
    made.body_bytes_max = limits.answer_bytes_max;
    return made;
}

}  // namespace

result<std::string> webhook_body(const webhook_message& message, std::string_view public_url)
{
    error_code ec;
    const json::value data = json::parse(message.data, ec);
    if (ec || !data.is_object())
        return errc::corrupt;
    json::object body;
    body["type"] = message.type;
    body["timestamp"] = format_rfc3339(message.at_ns);
    json::object& shown = body["data"].emplace_object();
    shown = data.get_object();
    const std::string link = notice_link(shown, public_url);
    if (!link.empty())
        shown["url"] = link;
    std::string text = canonical_json(body);
    if (text.size() > webhook_body_bytes_max)
        return errc::too_large;
    return text;
}

webhook_outcome judge_webhook(
    const result<net::client_response>& answer, const webhook_limits& limits, std::int64_t now_ns
)
{
    webhook_outcome outcome;
    if (!answer) {
        outcome.error = sentence_of(answer.error(), limits);
        return outcome;
    }
    outcome.status = answer->status;
    outcome.snippet = clean_text(answer->body, webhook_snippet_bytes_max - cut_note_bytes);
    outcome.delivered = answer->status >= 200 && answer->status < 300;
    if (outcome.delivered)
        return outcome;
    outcome.gone = answer->status == 410;
    outcome.error = sentence_of(answer->status);
    outcome.asked_for = parse_retry_after(net::find_header(answer->headers, "retry-after"), now_ns);
    return outcome;
}

webhook_sender::webhook_sender(
    webhook_rules rules, webhook_limits limits, std::shared_ptr<net::client_tls> tls, const clock& time,
    std::string user_agent
)
    : rules_(std::move(rules)), limits_(limits), tls_(std::move(tls)), time_(time), user_agent_(std::move(user_agent))
{
}

result<net::client_request> webhook_sender::make_request(
    const net::url& target, const std::vector<std::string>& secrets, const std::string& message_id, std::string body
) const
{
    const std::int64_t now_s = time_.now_ns() / ns_per_s;
    std::string signatures;
    for (const std::string& secret : secrets) {
        const auto key = net::webhook_key::parse(secret);
        if (!key)
            return key.error();
        const auto made = key->sign(message_id, now_s, body);
        if (!made)
            return made.error();
        signatures += (signatures.empty() ? "" : " ") + *made;
    }
    if (signatures.empty())
        return errc::invalid_argument;
    net::client_request request("POST", target);
    request.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", user_agent_},
        {"webhook-id", message_id},
        {"webhook-timestamp", std::to_string(now_s)},
        {"webhook-signature", signatures},
    };
    request.body = std::move(body);
    request.fresh_connection = true;
    return request;
}

asio::awaitable<webhook_outcome> webhook_sender::send(
    std::string url, std::vector<std::string> secrets, std::string message_id, std::string body
)
{
    webhook_outcome outcome;
    const auto target = net::parse_url(url);
    if (!target) {
        outcome.error = "the endpoint's URL is none";
        co_return outcome;
    }
    // The rules may have changed since the endpoint was set up.
    if (const auto fault = rules_.find_fault(*target)) {
        outcome.error = *fault;
        co_return outcome;
    }
    auto request = make_request(*target, secrets, message_id, std::move(body));
    if (!request) {
        outcome.error = "it cannot be signed: its secret is damaged; rotate it";
        log_error("webhooks", message_id + " cannot be signed: " + request.error().message());
        co_return outcome;
    }
    net::client_transport transport;
    transport.tls = tls_;
    net::http_client client(rules_.guard_for(*target), client_limits_of(limits_), std::move(transport));
    auto work = client.send(std::move(*request));
    const auto answer = co_await within(limits_.whole, std::move(work));
    co_return judge_webhook(answer, limits_, time_.now_ns());
}

}  // namespace reprise::forge
