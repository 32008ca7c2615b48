#include "reprise/forge/slack_api.hpp"

#include "markdown.hpp"

#include "reprise/base/within.hpp"
#include "reprise/forge/delivery_ladder.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::forge {
namespace {

using kind = enum effect_failure::kind;

constexpr std::size_t answer_bytes_max = 1024 * 1024;
constexpr std::size_t code_bytes_max = 64;

struct known_error {
    std::string_view code;
    enum effect_failure::kind kind;
    std::string_view way_out;
};

constexpr std::string_view new_token =
    "the bot's token is not valid any more: install the app again and put its new token into forge.slack.token_file";
constexpr std::string_view invite =
    "invite the app into the channel (/invite) and check that forge.slack.channel is the channel's id";
constexpr std::string_view try_later = "Slack has trouble; it is tried again";

constexpr std::array known_errors = {
    known_error{"invalid_auth", kind::refused, new_token},
    known_error{"not_authed", kind::refused, new_token},
    known_error{"account_inactive", kind::refused, new_token},
    known_error{"token_revoked", kind::refused, new_token},
    known_error{"token_expired", kind::refused, new_token},
    known_error{"missing_scope", kind::refused,
                "give the app the scopes of docs/notifications.md and install it again"},
    known_error{"channel_not_found", kind::refused, invite},
    known_error{"not_in_channel", kind::refused, invite},
    known_error{"is_archived", kind::refused, "the channel is archived: set forge.slack.channel to another one"},
    known_error{"restricted_action", kind::refused, "the workspace does not let apps write there: ask its owners"},
    known_error{"message_not_found", kind::refused, "somebody deleted the message; nothing is left to change"},
    known_error{"cant_update_message", kind::refused, "the message is another app's; nothing was changed"},
    known_error{"edit_window_closed", kind::refused, "the workspace forbids changing messages that old"},
    known_error{"expired_trigger_id", kind::refused, "it took longer than Slack waits: press the button again"},
    known_error{"ratelimited", kind::later, "Slack asks for a pause"},
    known_error{"rate_limited", kind::later, "Slack asks for a pause"},
    known_error{"service_unavailable", kind::later, try_later},
    known_error{"team_added_to_org", kind::later, try_later},
    known_error{"request_timeout", kind::later, try_later},
    // What was asked for may have been done all the same.
    known_error{"internal_error", kind::unknown, try_later},
    known_error{"fatal_error", kind::unknown, try_later},
};

slack_failure failure_of(std::string_view method, std::string_view code, const json::object& answer)
{
    slack_failure failure;
    failure.kind = kind::refused;
    failure.code = clean_line(code, code_bytes_max);
    failure.text = std::string(method) + ": " + failure.code;
    const auto* const known = std::find_if(known_errors.begin(), known_errors.end(), [code](const known_error& one) {
        return one.code == code;
    });
    if (known != known_errors.end()) {
        failure.kind = known->kind;
        failure.text += "; " + std::string(known->way_out);
    }
    if (const auto* needed = answer.if_contains("needed"); needed != nullptr && needed->is_string())
        failure.text += " (needed: " + clean_line(needed->get_string(), code_bytes_max) + ")";
    return failure;
}

// Whether a byte of the request can have reached Slack.
bool is_unsent(const error_code& error)
{
    if (error.category() != net::net_category())
        return false;
    switch (static_cast<net::errc>(error.value())) {
    case net::errc::bad_url:
    case net::errc::scheme_refused:
    case net::errc::target_refused:
    case net::errc::address_refused:
    case net::errc::resolve_failed:
    case net::errc::resolve_timed_out:
    case net::errc::connect_failed:
    case net::errc::connect_timed_out:
    case net::errc::tls_failed:
    case net::errc::tls_untrusted:
    case net::errc::tls_expired:
    case net::errc::tls_wrong_host:
    case net::errc::stream_refused: return true;
    default: return false;
    }
}

net::client_limits client_limits_of(const slack_config& config)
{
    net::client_limits limits;
    limits.write = config.call_limit;
    limits.answer = config.call_limit;
    limits.body = config.call_limit;
    limits.body_bytes_max = answer_bytes_max;
    return limits;
}

net::target_guard guard_of(const slack_config& config)
{
    auto guard = net::target_guard::parse({config.api_url.origin() + config.api_url.target}, {});
    return guard ? std::move(*guard) : net::target_guard::parse({}, {}).value();
}

net::client_transport transport_of(const slack_config& config)
{
    net::client_transport transport;
    transport.tls = config.tls;
    return transport;
}

std::string form_escaped(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0xFU];
    }
    return out;
}

}  // namespace

void throw_exception_from_error(const slack_failure& failure, const boost::source_location&)
{
    throw std::logic_error("the value of a failed call of Slack was taken: " + failure.text);
}

std::optional<std::string> find_fault(const slack_config& config)
{
    const auto is_id_char = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    const bool is_id = config.channel.size() >= 2 && config.channel.size() <= 32 &&
                       std::string_view("CGD").find(config.channel.front()) != std::string_view::npos &&
                       std::all_of(config.channel.begin(), config.channel.end(), is_id_char);
    if (!is_id)
        return "channel must be the channel's id, like C0123456789 (at the bottom of the channel's details in Slack)";
    const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
    if (config.token.empty() || !std::all_of(config.token.begin(), config.token.end(), is_visible))
        return "token_file must hold the bot's token, like xoxb-...";
    return std::nullopt;
}

slack_result judge_slack(std::string_view method, const result<net::client_response>& answer)
{
    slack_failure failure;
    if (!answer) {
        failure.kind = is_unsent(answer.error()) ? kind::later : kind::unknown;
        failure.text = std::string(method) + ": " + answer.error().message();
        return failure;
    }
    failure.status = answer->status;
    if (answer->status == 429) {
        failure.code = "ratelimited";
        failure.text = std::string(method) + ": Slack asks for a pause";
        failure.retry_after = parse_retry_after(net::find_header(answer->headers, "retry-after"), 0);
        return failure;
    }
    error_code ec;
    const json::value body = json::parse(answer->body, ec);
    const json::object* const object = !ec ? body.if_object() : nullptr;
    const json::value* const ok = object != nullptr ? object->if_contains("ok") : nullptr;
    if (answer->status >= 500 || ok == nullptr || !ok->is_bool()) {
        failure.kind = kind::unknown;
        failure.text = std::string(method) + ": answered " + std::to_string(answer->status) +
                       ", which is no answer of Slack; check forge.slack.api_url";
        return failure;
    }
    if (ok->get_bool())
        return *object;
    const json::value* const code = object->if_contains("error");
    const bool has_code = code != nullptr && code->is_string();
    auto refused = failure_of(method, has_code ? std::string_view(code->get_string()) : "no reason given", *object);
    refused.status = answer->status;
    return refused;
}

slack_api::slack_api(slack_config config, metrics& numbers)
    : config_(std::move(config)), client_(guard_of(config_), client_limits_of(config_), transport_of(config_)),
      calls_(numbers.add_counter("reprise_slack_calls_total", "Calls of Slack's Web API.")),
      failures_(numbers.add_counter("reprise_slack_call_failures_total", "Calls of Slack's Web API that failed."))
{
}

asio::awaitable<slack_result> slack_api::send(
    std::string method, std::string content_type, std::string body, std::chrono::milliseconds limit
)
{
    net::client_request request("POST", config_.api_url);
    if (!request.url.target.ends_with('/'))
        request.url.target += '/';
    request.url.target += method;
    request.headers = {{"Authorization", "Bearer " + config_.token}, {"Content-Type", std::move(content_type)}};
    request.body = std::move(body);
    calls_.add();
    auto work = client_.send(std::move(request));
    const auto answer = co_await within(std::min(limit, config_.call_limit), std::move(work));
    auto judged = judge_slack(method, answer);
    if (!judged)
        failures_.add();
    co_return judged;
}

asio::awaitable<slack_result> slack_api::call(
    std::string method, json::object arguments, std::chrono::milliseconds limit
)
{
    std::string body = json::serialize(arguments);
    return send(std::move(method), "application/json; charset=utf-8", std::move(body), limit);
}

asio::awaitable<slack_result> slack_api::ask(std::string method, json::object arguments)
{
    std::string body;
    for (const auto& argument : arguments) {
        const bool is_text = argument.value().is_string();
        const std::string value =
            is_text ? std::string(argument.value().get_string()) : json::serialize(argument.value());
        body += (body.empty() ? "" : "&") + std::string(argument.key()) + "=" + form_escaped(value);
    }
    return send(std::move(method), "application/x-www-form-urlencoded", std::move(body), config_.call_limit);
}

}  // namespace reprise::forge
