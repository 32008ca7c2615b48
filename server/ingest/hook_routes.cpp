#include "hook_json.hpp"
#include "hook_state.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/net/router.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::ingest {
namespace {

constexpr std::string_view base_path = "/api/v1/hooks/";
constexpr std::size_t inline_body_bytes_max = 32 * 1024;  // Hashed and looked through on the session's own thread.

net::response answer(int status, std::string_view word, std::string_view id)
{
    const json::object body = {{"status", word}, {"id", id}};
    return {status, "application/json", json::serialize(body)};
}

net::response refuse(const net::request& req, const hook_refusal& why)
{
    if (why.status == 400)
        return net::problem(req, 400, "malformed_hook", why.detail);
    if (why.status == 401)
        return net::problem(req, 401, "hook_refused", why.detail);
    net::response reply = net::problem(req, 503, "unavailable", why.detail);
    reply.set_header("Retry-After", "30");
    return reply;
}

net::response not_taken(hooks::state& all, const net::request& req, std::string_view source)
{
    if (all.may_log_stranger())
        log_info("hooks", "a delivery of " + std::string(source) + " came, which is not set up: see intake.hooks.*");
    return net::problem(req, 404, "not_found", "There is nothing at " + req.path + ".");
}

// What to do with a request: either it is refused, or it is this delivery.
struct finding {
    std::optional<hook_refusal> refused;
    hook_identity identity;
};

// Signature before content: who has no secret learns nothing about how we read.
finding look(const hooks::state& all, hook_source source, std::string_view name, const net::request& req)
{
    finding found;
    found.refused = verify_hook(all.settings, source, name, req, all.parts.time.now_ns());
    if (found.refused)
        return found;
    if (auto fault = find_json_fault(req.body)) {
        found.refused = hook_refusal{400, "malformed", std::move(*fault)};
        return found;
    }
    auto identity = identify_hook(source, req);
    if (identity)
        found.identity = std::move(*identity);
    else
        found.refused = identity.error();
    return found;
}

asio::awaitable<net::response> refused(
    hooks::state& all, hook_source source, std::string_view name, const net::request& req, const hook_refusal& why
)
{
    all.box.count(source, why.status == 503 ? hook_result::deferred : hook_result::refused);
    if (why.status != 503) {
        std::string stored = stored_source(source, name);
        co_await all.refusals.note(std::move(stored), why.reason, req);
    }
    co_return refuse(req, why);
}

// Keeps a verified delivery. Whatever goes wrong here is no fault of the sender.
asio::awaitable<net::response> keep(
    hooks::state& all, hook_source source, std::string_view name, const net::request& req,
    const hook_identity& identity
)
{
    const std::string stored = stored_source(source, name);
    const auto kept = co_await all.box.keep(stored, identity, req.body);
    if (!kept) {
        all.box.count(source, hook_result::deferred);
        log_warn("hooks", "a delivery of " + stored + " cannot be kept: " + kept.error().message());
        const hook_refusal why{503, "store", "The delivery cannot be kept now; send it again."};
        co_return refuse(req, why);
    }
    if (!kept->is_new) {
        all.box.count(source, hook_result::duplicate);
        co_return answer(200, "duplicate", kept->id);
    }
    all.box.count(source, hook_result::accepted);
    all.ring();
    co_return answer(202, "accepted", kept->id);
}

asio::awaitable<net::response> receive(hooks::state& all, hook_source source, net::request& req)
{
    const std::string name(req.param("source"));
    if (!all.takes(source, name))
        co_return not_taken(all, req, stored_source(source, name));
    finding found;
    if (req.body.size() <= inline_body_bytes_max) {
        found = look(all, source, name, req);
    } else {
        auto work = [&all, &name, &req, source] { return look(all, source, name, req); };
        found = co_await offload(all.parts.cpu_pool, std::move(work));
    }
    net::response reply;
    if (found.refused)
        reply = co_await refused(all, source, name, req, *found.refused);
    else
        reply = co_await keep(all, source, name, req, found.identity);
    co_return reply;
}

// Deliveries without a signature: the sender knows a token of ours. Taken from the path, where a raw delivery can
// carry it, a header or the query.
std::string_view find_token(const net::request& req)
{
    return first_of_texts(
        req.param("token"), req.header("x-webhook-token"), req.find_query("token").value_or(std::string_view())
    );
}

struct sns_finding {
    std::optional<hook_refusal> refused;
    std::optional<sns_message> message;
    hook_identity identity;
};

sns_finding look_at_envelope(const net::request& req)
{
    sns_finding found;
    if (auto fault = find_json_fault(req.body)) {
        found.refused = hook_refusal{400, "malformed", std::move(*fault)};
        return found;
    }
    auto message = parse_sns(req.body);
    if (!message) {
        found.refused = hook_refusal{400, "malformed", message.error().reason};
        return found;
    }
    const std::string& id = message->message_id;
    found.identity = {id.empty() ? "sha256:" + sha256_hex(req.body) : dedup_key_of(id), message->type, false};
    found.message = std::move(*message);
    return found;
}

sns_finding look_at_signed_envelope(const net::request& req)
{
    sns_finding found = look_at_envelope(req);
    if (found.refused)
        return found;
    if (auto fault = find_missing_part(*found.message))
        found.refused = hook_refusal{400, "malformed", std::move(fault->reason)};
    return found;
}

// With the right token: an envelope whose signature nobody asks for, or the message alone.
sns_finding look_with_token(const hooks::state& all, const net::request& req, std::string_view token)
{
    sns_finding found;
    const auto check = net::check_token(all.settings.sns.tokens, token);
    if (check != net::signature_check::good) {
        found.refused = hook_refusal{401, net::to_text(check), "The token is not one of intake.hooks.sns.token_file."};
        return found;
    }
    if (req.header("x-amz-sns-rawdelivery") != "true") {
        found = look_at_envelope(req);
        // A confirmation makes us ask somebody for something: not on the word of a token.
        if (found.message && found.message->is_confirmation())
            return look_at_signed_envelope(req);
        found.message.reset();
        return found;
    }
    const std::string_view id = req.header("x-amz-sns-message-id");
    found.identity.key = id.empty() ? "sha256:" + sha256_hex(req.body) : dedup_key_of(id);
    found.identity.event = sns_raw;
    return found;
}

// A message in `found` is one whose signature is still to be checked.
sns_finding look_at_sns(const hooks::state& all, const net::request& req)
{
    const std::string_view token = find_token(req);
    if (!token.empty())
        return look_with_token(all, req, token);
    if (all.settings.sns.topics.empty()) {
        sns_finding found;
        found.refused = hook_refusal{401, "missing", "There is no token; intake.hooks.sns.topics names no topic."};
        return found;
    }
    return look_at_signed_envelope(req);
}

asio::awaitable<net::response> receive_sns(hooks::state& all, net::request& req)
{
    constexpr auto source = hook_source::sns;
    if (!all.takes(source, {}))
        co_return not_taken(all, req, to_text(source));
    sns_finding found;
    if (req.body.size() <= inline_body_bytes_max) {
        found = look_at_sns(all, req);
    } else {
        auto work = [&all, &req] { return look_at_sns(all, req); };
        found = co_await offload(all.parts.cpu_pool, std::move(work));
    }
    if (!found.refused && found.message)
        found.refused = co_await all.sns.verify(*found.message, all.parts.time.now_ns());
    net::response reply;
    if (found.refused)
        reply = co_await refused(all, source, std::string_view(), req, *found.refused);
    else
        reply = co_await keep(all, source, std::string_view(), req, found.identity);
    co_return reply;
}

}  // namespace

void hooks::add_routes(net::router& routes)
{
    state* const all = state_.get();
    const std::string base(base_path);
    const auto add_sns = [&](const std::string& pattern) {
        auto handle = [all](net::request& req) { return receive_sns(*all, req); };
        routes.add(net::method::post, base + pattern, std::move(handle), sns_body_bytes_max);
    };
    add_sns("sns");
    add_sns("sns/{token}");
    for (const std::string_view text : hook_source_texts) {
        const hook_source source = *find_hook_source(text);
        if (source == hook_source::sns)
            continue;
        auto handle = [all, source](net::request& req) { return receive(*all, source, req); };
        const std::string pattern = source == hook_source::generic ? "generic/{source}" : std::string(text);
        routes.add(net::method::post, base + pattern, std::move(handle), hook_body_bytes_max);
    }
}

bool hooks::is_hook_path(std::string_view path) noexcept
{
    if (!path.starts_with(base_path))
        return false;
    path.remove_prefix(base_path.size());
    const std::string_view first = path.substr(0, path.find('/'));
    const bool has_more = first.size() < path.size();
    const auto source = find_hook_source(first);
    if (!source || to_text(*source) != first)
        return false;
    return !has_more || *source == hook_source::sns || *source == hook_source::generic;
}

}  // namespace reprise::ingest
