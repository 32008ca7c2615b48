#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/base/id.hpp"
#include "reprise/forge/delivery_ladder.hpp"
#include "reprise/forge/sealed_secrets.hpp"
#include "reprise/net/url.hpp"
#include "reprise/net/webhook_signature.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/notices.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t url_bytes_max = 2'048;
constexpr std::size_t description_bytes_max = 500;
constexpr std::int64_t overlap_hours_default = 24;
constexpr std::int64_t overlap_hours_max = 168;
constexpr std::int64_t hour_ns = 3600 * ns_per_s;
// Somebody looks at how it ends: a test is one attempt and never climbs the ladder.
constexpr auto test_rung = static_cast<std::uint32_t>(forge::delivery_delays.size() - 1);

// What a body says about a webhook; absent members stay as they are.
struct webhook_input {
    std::optional<std::string> url;
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> types;
    std::optional<model::severity> severity_from;
    std::optional<bool> enabled;
};

checked<std::optional<std::string>> read_url(const context& api, const json::object& body)
{
    if (!body.contains("url"))
        return std::optional<std::string>();
    const auto text = read_text(body, "url", url_bytes_max);
    if (!text)
        return text.error();
    const auto target = net::parse_url(*text);
    if (!target)
        return refuse("url must be an absolute URL like https://hooks.example.com/in, without user and fragment.");
    if (const auto fault = api.parts.outside.rules.find_fault(*target))
        return refusal(422, "url: " + *fault + ".");
    return std::optional<std::string>(*text);
}

checked<std::optional<std::vector<std::string>>> read_types(const json::object& body)
{
    const json::value* const value = body.if_contains("types");
    if (value == nullptr)
        return std::optional<std::vector<std::string>>();
    if (!value->is_array())
        return refuse("types must be a list of event types; an empty one means all.");
    std::vector<std::string> types;
    for (const json::value& each : value->get_array()) {
        const bool is_known = each.is_string() && store::find_notice_kind(each.get_string());
        if (!is_known || types.size() == store::notice_kinds.size())
            return refuse("types: \"" + clean_utf8(json::serialize(each)) + "\" is no event type, or one too many.");
        types.emplace_back(each.get_string());
    }
    return std::optional(std::move(types));
}

checked<std::optional<model::severity>> read_severity(const json::object& body)
{
    if (!body.contains("severity_from"))
        return std::optional<model::severity>();
    const auto text = read_text(body, "severity_from", url_bytes_max);
    if (!text)
        return text.error();
    const auto severity = model::find_severity(*text);
    if (!severity)
        return refuse("severity_from must be low, medium, high or critical.");
    return severity;
}

checked<webhook_input> read_webhook(const context& api, const net::request& req, std::string_view known)
{
    const auto body = read_members(req, "A webhook", known);
    if (!body)
        return body.error();
    webhook_input input;
    auto url = read_url(api, *body);
    if (!url)
        return url.error();
    input.url = std::move(*url);
    if (body->contains("description")) {
        auto description = read_text(*body, "description", description_bytes_max);
        if (!description)
            return description.error();
        input.description = std::move(*description);
    }
    auto types = read_types(*body);
    if (!types)
        return types.error();
    input.types = std::move(*types);
    const auto severity = read_severity(*body);
    if (!severity)
        return severity.error();
    input.severity_from = *severity;
    const auto enabled = read_flag(*body, "enabled");
    if (!enabled)
        return enabled.error();
    input.enabled = *enabled;
    return input;
}

void apply(store::notice_endpoint& to, const webhook_input& input)
{
    if (input.url)
        to.url = *input.url;
    if (input.description)
        to.description = *input.description;
    if (input.types)
        to.types = *input.types;
    if (input.severity_from)
        to.severity_from = *input.severity_from;
}

// The URL may carry a token of the receiver's: the audit keeps where it goes, not all of it.
person_deed deed_of(std::string_view action, const store::notice_endpoint& webhook)
{
    person_deed deed;
    deed.action = action;
    deed.object = webhook.kind == store::endpoint_kind::slack ? webhook.id : "webhook/" + webhook.id;
    const auto target = net::parse_url(webhook.url);
    deed.detail = {{"origin", target ? target->origin() : std::string()}, {"enabled", webhook.enabled}};
    return deed;
}

// {"item": Webhook, "secret": "whsec_...", "as_of_seq": ...}
result<loaded> load_secret(
    const store::reader& from, const store::notice_endpoint& webhook, const std::string& secret
)
{
    const auto seq = store::last_seq(from);
    if (!seq)
        return seq.error();
    json::object body;
    body["item"] = render_webhook(webhook);
    body["secret"] = secret;
    body["as_of_seq"] = *seq;
    return loaded{json_text(body), "\"" + std::to_string(webhook.version) + "\""};
}

result<store::notice_endpoint> find_webhook(const store::reader& from, const std::string& id)
{
    auto found = store::find_endpoint(from, id);
    if (!found)
        return found.error();
    if (!*found || (*found)->kind != store::endpoint_kind::webhook)
        return errc::not_found;
    return std::move(**found);
}

checked<std::int64_t> read_overlap(const net::request& req)
{
    const auto body = read_members(req, "A rotation", "overlap_hours");
    if (!body)
        return body.error();
    const json::value* const hours = body->if_contains("overlap_hours");
    if (hours == nullptr)
        return overlap_hours_default * hour_ns;
    const bool is_right = hours->is_int64() && hours->get_int64() >= 0 && hours->get_int64() <= overlap_hours_max;
    if (!is_right)
        return refuse("overlap_hours must be a whole number from 0 to " + std::to_string(overlap_hours_max) + ".");
    return hours->get_int64() * hour_ns;
}

// A notice that tells of nothing, for the person who asked, and the row that says so.
result<loaded> begin_test(
    store::transaction& tx, const caller& who, const store::notice_endpoint& webhook, const net::request& req,
    std::int64_t now_ns
)
{
    const auto id = store::enqueue_test(tx, {webhook.id, "user:" + who.person.name, test_rung, now_ns});
    if (!id)
        return id.error();
    const bool is_slack = webhook.kind == store::endpoint_kind::slack;
    const person_deed deed = deed_of(is_slack ? "slack.test" : "webhook.test", webhook);
    if (auto told = audit_person(tx, who.person, req, now_ns, deed); !told)
        return told.error();
    const auto delivery = store::find_delivery(tx, *id);
    if (!delivery)
        return delivery.error();
    return load_item(tx, render_delivery(delivery->value()));
}

net::response no_secrets(const net::request& req)
{
    return net::problem(req, 503, "unavailable", "This process has no key to keep secrets with.");
}

}  // namespace

handler_answer list_webhooks(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto webhooks = store::list_webhooks(from);
        if (!webhooks)
            return webhooks.error();
        json::array items;
        for (const store::notice_endpoint& each : *webhooks)
            items.emplace_back(render_webhook(each));
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of webhooks");
}

handler_answer post_webhook(context& api, const caller& who, net::request& req)
{
    const auto input = read_webhook(api, req, "url description types severity_from");
    if (!input)
        co_return problem_of(req, input.error());
    if (!input->url)
        co_return bad_request(req, "url is required.");
    if (api.parts.outside.secrets == nullptr)
        co_return no_secrets(req);
    const std::int64_t now_ns = api.parts.time.now_ns();
    const std::string secret = net::webhook_key::make_secret();
    store::notice_endpoint made;
    made.id = make_ulid(now_ns);
    apply(made, *input);
    made.secret = api.parts.outside.secrets->seal(made.id, secret);
    made.created_ns = now_ns;
    made.updated_ns = now_ns;
    auto add = [&](store::transaction& tx) -> result<loaded> {
        if (auto added = store::insert_endpoint(tx, made); !added)
            return added.error();
        if (auto told = audit_person(tx, who.person, req, now_ns, deed_of("webhook.create", made)); !told)
            return told.error();
        return load_secret(tx, made, secret);
    };
    const auto added = co_await api.parts.store.write(std::move(add));
    if (!added && added.error() == errc::too_large)
        co_return net::problem(
            req, 409, "too_many", "There are " + std::to_string(store::webhooks_max) + " webhooks already; remove one."
        );
    co_return answer(req, added, "the webhook");
}

handler_answer put_webhook(context& api, const caller& who, net::request& req)
{
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    if (!*expected)
        co_return net::problem(req, 428, "if_match_required", "Send the version you changed as If-Match.");
    const auto input = read_webhook(api, req, "url description types severity_from enabled");
    if (!input)
        co_return problem_of(req, input.error());
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto save = [&](store::transaction& tx) -> result<loaded> {
        auto webhook = find_webhook(tx, id);
        if (!webhook)
            return webhook.error();
        apply(*webhook, *input);
        if (input->enabled && *input->enabled != webhook->enabled) {
            webhook->enabled = *input->enabled;
            webhook->disabled_reason = webhook->enabled ? std::string() : "switched off by " + who.person.name;
        }
        webhook->updated_ns = now_ns;
        if (auto saved = store::save_endpoint(tx, *webhook, **expected); !saved)
            return saved.error();
        // What failed before says nothing about what is new: the days count from here.
        if (webhook->enabled) {
            if (auto fresh = store::note_endpoint_success(tx, id); !fresh)
                return fresh.error();
        }
        if (auto told = audit_person(tx, who.person, req, now_ns, deed_of("webhook.change", *webhook)); !told)
            return told.error();
        const auto now = find_webhook(tx, id);
        if (!now)
            return now.error();
        return load_item(tx, render_webhook(*now), now->version);
    };
    const auto saved = co_await api.parts.store.write(std::move(save));
    co_return answer(req, saved, "webhook " + id);
}

handler_answer delete_webhook(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto forget = [&](store::transaction& tx) -> result<loaded> {
        const auto webhook = find_webhook(tx, id);
        if (!webhook)
            return webhook.error();
        if (auto gone = store::delete_endpoint(tx, id); !gone)
            return gone.error();
        if (auto told = audit_person(tx, who.person, req, now_ns, deed_of("webhook.delete", *webhook)); !told)
            return told.error();
        return load_item(tx, render_webhook(*webhook));
    };
    const auto gone = co_await api.parts.store.write(std::move(forget));
    co_return answer(req, gone, "webhook " + id);
}

handler_answer post_webhook_rotation(context& api, const caller& who, net::request& req)
{
    const auto overlap_ns = read_overlap(req);
    if (!overlap_ns)
        co_return problem_of(req, overlap_ns.error());
    if (api.parts.outside.secrets == nullptr)
        co_return no_secrets(req);
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    const std::string secret = net::webhook_key::make_secret();
    auto rotate = [&](store::transaction& tx) -> result<loaded> {
        auto webhook = find_webhook(tx, id);
        if (!webhook)
            return webhook.error();
        webhook->previous_secret = *overlap_ns > 0 ? webhook->secret : std::string();
        webhook->previous_until_ns = *overlap_ns > 0 ? now_ns + *overlap_ns : 0;
        webhook->secret = api.parts.outside.secrets->seal(id, secret);
        webhook->updated_ns = now_ns;
        if (auto saved = store::save_endpoint(tx, *webhook, webhook->version); !saved)
            return saved.error();
        if (auto told = audit_person(tx, who.person, req, now_ns, deed_of("webhook.rotate", *webhook)); !told)
            return told.error();
        return load_secret(tx, *webhook, secret);
    };
    const auto rotated = co_await api.parts.store.write(std::move(rotate));
    co_return answer(req, rotated, "webhook " + id);
}

handler_answer post_webhook_test(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    bool is_on = true;
    auto begin = [&](store::transaction& tx) -> result<loaded> {
        const auto webhook = find_webhook(tx, id);
        if (!webhook)
            return webhook.error();
        is_on = webhook->enabled;
        if (!is_on)
            return errc::conflict;
        return begin_test(tx, who, *webhook, req, now_ns);
    };
    const auto begun = co_await api.parts.store.write(std::move(begin));
    if (!is_on)
        co_return net::problem(req, 409, "endpoint_off", "This webhook is switched off; switch it on first.");
    co_return answer(req, begun, "webhook " + id);
}

handler_answer post_slack_test(context& api, const caller& who, net::request& req)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    bool is_on = false;
    auto begin = [&](store::transaction& tx) -> result<loaded> {
        const auto slack = store::find_endpoint(tx, store::slack_endpoint_id);
        if (!slack)
            return slack.error();
        is_on = *slack && (*slack)->enabled;
        if (!is_on)
            return errc::conflict;
        return begin_test(tx, who, **slack, req, now_ns);
    };
    const auto begun = co_await api.parts.store.write(std::move(begin));
    if (!begun && begun.error() == errc::conflict && !is_on)
        co_return net::problem(
            req, 409, "endpoint_off", "Slack is not configured; forge.slack.token_file and forge.slack.channel name it."
        );
    co_return answer(req, begun, "Slack");
}

}  // namespace reprise::http
