#include "hook_verify.hpp"

#include "hook_json.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace reprise::ingest {
namespace {

using net::signature_check;

constexpr std::size_t key_bytes_max = 128;
constexpr std::size_t event_bytes_max = 64;

std::span<const std::string> secrets_of(const hook_settings& settings, hook_source source)
{
    const auto found = settings.secrets.find(to_text(source));
    return found == settings.secrets.end() ? std::span<const std::string>() : found->second;
}

signature_check check_grafana(
    const hook_settings& settings, std::span<const std::string> secrets, const net::request& req, std::int64_t now_ns
)
{
    const std::string_view signature = req.header(settings.grafana_signature_header);
    // Older versions cannot sign; the same secret comes as a password or a token then.
    if (signature.empty())
        return net::check_authorization(secrets, req.header("authorization"));
    if (settings.grafana_time_header.empty())
        return net::check_hex(secrets, req.body, signature);
    return net::check_grafana(secrets, req.body, signature, req.header(settings.grafana_time_header), now_ns);
}

signature_check check_generic(
    const hook_settings& settings, std::string_view name, const net::request& req, std::int64_t now_ns
)
{
    const auto found = settings.generic.find(name);
    if (found == settings.generic.end())
        return signature_check::mismatch;
    const net::standard_headers headers = {
        req.header("webhook-id"), req.header("webhook-timestamp"), req.header("webhook-signature")};
    return net::check_standard(found->second, req.body, headers, now_ns);
}

signature_check check(
    const hook_settings& settings, hook_source source, std::string_view name, const net::request& req,
    std::int64_t now_ns
)
{
    const auto secrets = secrets_of(settings, source);
    switch (source) {
    case hook_source::sns: return signature_check::mismatch;  // Not by a shared secret.
    case hook_source::alertmanager: return net::check_authorization(secrets, req.header("authorization"));
    case hook_source::grafana: return check_grafana(settings, secrets, req, now_ns);
    case hook_source::sentry: return net::check_hex(secrets, req.body, req.header("sentry-hook-signature"));
    case hook_source::pagerduty:
        return net::check_pagerduty(secrets, req.body, req.header("x-pagerduty-signature"));
    case hook_source::github: return net::check_github(secrets, req.body, req.header("x-hub-signature-256"));
    case hook_source::gitlab: return net::check_token(secrets, req.header("x-gitlab-token"));
    case hook_source::generic: return check_generic(settings, name, req, now_ns);
    }
    return signature_check::mismatch;
}

std::string_view advice(signature_check found) noexcept
{
    switch (found) {
    case signature_check::good: return "";
    case signature_check::missing: return "The request is not signed; docs/hooks.md says which header it needs.";
    case signature_check::malformed: return "The signature has not the form of this source; see docs/hooks.md.";
    case signature_check::mismatch: return "The signature was not made with a secret of this source.";
    case signature_check::stale: return "The signed time is more than 300 s from the server's; check both clocks.";
    }
    return "";
}

std::string event_of(std::string_view text)
{
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (text.size() > event_bytes_max || !std::all_of(text.begin(), text.end(), is_plain))
        return "unknown";
    return std::string(text);
}

std::string body_hash(const net::request& req)
{
    return "sha256:" + sha256_hex(req.body);
}

// The first header that is there, else the hash of the body.
std::string key_of(const net::request& req, std::initializer_list<std::string_view> headers)
{
    for (const std::string_view name : headers) {
        const std::string_view value = req.header(name);
        if (!value.empty())
            return dedup_key_of(value);
    }
    return body_hash(req);
}

// The event's own id is signed; the header is what tells deliveries apart when there is none.
std::string pagerduty_key(const net::request& req)
{
    const auto body = parse_hook_object(req.body);
    if (body) {
        const std::string_view id = text_of(object_of(*body, "event"), "id");
        if (!id.empty())
            return dedup_key_of(id);
    }
    return key_of(req, {"x-webhook-id"});
}

}  // namespace

void throw_exception_from_error(const hook_refusal& what, const boost::source_location&)
{
    throw std::logic_error("identity of a delivery that was refused: " + what.detail);
}

std::string dedup_key_of(std::string_view text)
{
    const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
    if (text.size() <= key_bytes_max && std::all_of(text.begin(), text.end(), is_plain))
        return std::string(text);
    return "sha256:" + sha256_hex(text);
}

std::optional<hook_refusal> verify_hook(
    const hook_settings& settings, hook_source source, std::string_view name, const net::request& req,
    std::int64_t now_ns
)
{
    const signature_check found = check(settings, source, name, req, now_ns);
    if (found == signature_check::good)
        return std::nullopt;
    return hook_refusal{401, net::to_text(found), std::string(advice(found))};
}

boost::system::result<hook_identity, hook_refusal> identify_hook(hook_source source, const net::request& req)
{
    hook_identity made;
    switch (source) {
    case hook_source::sns: break;  // In its envelope.
    case hook_source::alertmanager:
    case hook_source::grafana: made.key = body_hash(req); break;
    case hook_source::sentry:
        made = {key_of(req, {"request-id"}), event_of(req.header("sentry-hook-resource")), true};
        break;
    case hook_source::pagerduty: made = {pagerduty_key(req), {}, true}; break;
    case hook_source::github:
        if (req.header("x-github-delivery").empty())
            return hook_refusal{400, "unnamed", "The header X-GitHub-Delivery is missing."};
        made = {key_of(req, {"x-github-delivery"}), event_of(req.header("x-github-event")), true};
        break;
    case hook_source::gitlab:
        made = {key_of(req, {"idempotency-key", "x-gitlab-event-uuid"}), event_of(req.header("x-gitlab-event")),
                true};
        break;
    case hook_source::generic: made.key = std::string(req.header("webhook-id")); break;
    }
    return made;
}

}  // namespace reprise::ingest
