#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "render.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/services.hpp"
#include "reprise/telemetry/curl.hpp"
#include "reprise/telemetry/har.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

// What one page of exchanges may weigh; the rest is on the next page.
constexpr std::size_t exchanges_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t exchanges_default = 20;

struct evidence_place {
    model::evidence evidence;
    std::string replay_target;  // Of its service.

    evidence_place() = default;
};

boost::asio::awaitable<result<evidence_place>> find_place(context& api, std::string id)
{
    auto look = [&id](const store::reader& from) -> result<evidence_place> {
        const auto evidence = store::find_evidence(from, id);
        if (!evidence)
            return evidence.error();
        if (!*evidence)
            return errc::not_found;
        const auto service = store::find_service(from, (*evidence)->service);
        if (!service)
            return service.error();
        evidence_place place;
        place.evidence = **evidence;
        if (*service)
            place.replay_target = (*service)->replay_target;
        return place;
    };
    auto place = co_await api.parts.store.read(std::move(look));
    co_return place;
}

std::size_t weight_of(const model::exchange& exchange)
{
    return exchange.request_body.size() + exchange.response_body.size() + exchange.statement.size() + 2048;
}

struct exchange_page {
    json::array items;
    std::string next;
};

// `first` is the index of the first exchange wanted. At least one is taken, however heavy.
exchange_page cut_exchanges(
    const std::vector<model::evidence_item>& all, std::size_t first, std::size_t limit, const std::string& base_url
)
{
    exchange_page page;
    std::size_t bytes = 0;
    for (std::size_t i = first; i < all.size(); ++i) {
        bytes += weight_of(all[i].exchange);
        if (page.items.size() == limit || (bytes > exchanges_bytes_max && !page.items.empty())) {
            page.next = std::to_string(i - 1);
            break;
        }
        page.items.emplace_back(render_exchange(all[i], i, base_url));
    }
    return page;
}

// Retention was here: the row still says what the bundle held.
net::response expired(const net::request& req, const model::evidence& evidence)
{
    return net::problem(
        req, 410, "evidence_expired",
        "The bundle of evidence " + evidence.id + " was deleted at " + format_rfc3339(*evidence.expired_ns) +
            ", as archive.keep_days and archive.bytes_max ask; its signal and its counts are still there."
    );
}

enum class download_form { bundle, har, curl };

std::optional<download_form> find_download_form(std::string_view word)
{
    if (word == "bundle")
        return download_form::bundle;
    if (word == "har")
        return download_form::har;
    if (word == "curl")
        return download_form::curl;
    return std::nullopt;
}

std::string_view suffix_of(download_form form)
{
    switch (form) {
    case download_form::bundle: return ".tar.gz";
    case download_form::har: return ".har";
    case download_form::curl: return ".sh";
    }
    return {};
}

std::string download_name(const model::evidence& evidence, download_form form)
{
    return archive::escape_name(evidence.service) + "-" + evidence.fingerprint.substr(0, 12) + "-" + evidence.id +
           std::string(suffix_of(form));
}

std::string to_har(const std::vector<model::evidence_item>& items, std::string_view version)
{
    std::vector<const model::exchange*> in_time;
    for (const model::evidence_item& each : items)
        in_time.push_back(&each.exchange);
    const auto is_earlier = [](const auto* a, const auto* b) { return a->start_ns < b->start_ns; };
    std::stable_sort(in_time.begin(), in_time.end(), is_earlier);
    std::string out = telemetry::write_har_head(version);
    bool is_first = true;
    for (const model::exchange* each : in_time) {
        const std::string entry = telemetry::write_har_entry(*each);
        if (entry.empty())
            continue;
        if (!is_first)
            out += ',';
        out += entry;
        is_first = false;
    }
    return out + telemetry::write_har_tail();
}

// What can be sent again, in the bundle's order, as a script. Redacted values stay redacted.
std::string to_script(const evidence_place& place, const std::vector<model::evidence_item>& items)
{
    std::string out = "#!/bin/sh\n# Evidence " + place.evidence.id + ": what can be sent again to the replay target.\n";
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].exchange.complete)
            continue;
        const std::string command = telemetry::to_curl(items[i].exchange, place.replay_target);
        if (command.empty())
            continue;
        const std::string role(model::to_text(items[i].role));
        out += "\n# " + std::to_string(i + 1) + ", " + role + "\n" + command + "\n";
    }
    return out;
}

// Captured traffic is hostile: never shown by the browser under our origin.
net::response attachment(const evidence_place& place, download_form form, std::string bytes)
{
    net::response reply(200, "application/octet-stream", std::move(bytes));
    reply.set_header("Content-Disposition", "attachment; filename=\"" + download_name(place.evidence, form) + "\"");
    reply.set_header("Content-Security-Policy", "sandbox; default-src 'none'");
    return reply;
}

// What each exchange was answered with: a list without that tells the failing from the good by its word alone.
void add_outcomes(json::object& manifest, const std::vector<model::evidence_item>& items)
{
    json::value* listed = manifest.if_contains("exchanges");
    if (listed == nullptr || !listed->is_array())
        return;
    json::array& exchanges = listed->get_array();
    for (std::size_t i = 0; i < std::min(exchanges.size(), items.size()); ++i) {
        if (!exchanges[i].is_object())
            continue;
        exchanges[i].get_object()["status"] = items[i].exchange.status;
        exchanges[i].get_object()["outcome"] = model::to_text(items[i].exchange.outcome);
    }
}

}  // namespace

handler_answer get_evidence(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    auto load = [&id](const store::reader& from) -> result<loaded> {
        const auto evidence = store::find_evidence(from, id);
        if (!evidence)
            return evidence.error();
        if (!*evidence)
            return errc::not_found;
        return load_item(from, render_evidence(**evidence));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "evidence " + id);
}

handler_answer list_evidence_exchanges(context& api, const caller&, net::request& req)
{
    const auto after = read_number(req, "after", -1);
    if (!after || *after < -1)
        co_return bad_request(req, "after must be the index of an exchange.");
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const std::size_t limit = req.find_query("limit") ? page->limit : exchanges_default;
    const std::string id(req.param("id"));
    const auto place = co_await find_place(api, id);
    if (!place)
        co_return problem_of(req, place.error(), "evidence " + id);
    if (place->evidence.expired_ns)
        co_return expired(req, place->evidence);
    const auto first = static_cast<std::size_t>(*after + 1);
    const auto bundle = co_await api.parts.evidence.read(place->evidence);
    if (!bundle)
        co_return problem_of(req, bundle.error(), "the bundle of evidence " + id);
    auto render = [&bundle, &place, first, limit] {
        return cut_exchanges(bundle->items, first, limit, place->replay_target);
    };
    auto cut = co_await offload(api.parts.cpu_pool, std::move(render));
    auto load = [&cut](const store::reader& from) {
        return load_page(from, std::move(cut.items), std::move(cut.next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "evidence " + id);
}

handler_answer get_evidence_manifest(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    const auto place = co_await find_place(api, id);
    if (!place)
        co_return problem_of(req, place.error(), "evidence " + id);
    if (place->evidence.expired_ns)
        co_return expired(req, place->evidence);
    const auto bundle = co_await api.parts.evidence.read(place->evidence);
    if (!bundle)
        co_return problem_of(req, bundle.error(), "the bundle of evidence " + id);
    auto load = [&bundle](const store::reader& from) -> result<loaded> {
        error_code ec;
        json::value manifest = json::parse(bundle->manifest, ec);
        if (ec || !manifest.is_object())
            return errc::corrupt;
        add_outcomes(manifest.get_object(), bundle->items);
        return load_item(from, std::move(manifest.get_object()));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "evidence " + id);
}

handler_answer download_evidence(context& api, const caller& who, net::request& req)
{
    const auto form = read_word(req, "form", find_download_form);
    if (!form)
        co_return problem_of(req, form.error());
    const download_form wanted = form->value_or(download_form::bundle);
    const std::string id(req.param("id"));
    const auto place = co_await find_place(api, id);
    if (!place)
        co_return problem_of(req, place.error(), "evidence " + id);
    if (place->evidence.expired_ns)
        co_return expired(req, place->evidence);
    if (wanted == download_form::curl && place->replay_target.empty())
        co_return net::problem(
            req, 422, "no_replay_target",
            "Service " + place->evidence.service + " has no replay target that curl could send to; set one first."
        );
    auto bytes = co_await api.parts.evidence.read_packed(place->evidence);
    if (!bytes)
        co_return problem_of(req, bytes.error(), "the bundle of evidence " + id);
    log_info("http.evidence", who.person.name + " downloads " + id + ", request " + req.id);
    if (wanted == download_form::bundle) {
        net::response reply = attachment(*place, wanted, std::move(*bytes));
        reply.set_header("ETag", "\"" + place->evidence.sha256 + "\"");
        co_return reply;
    }
    auto convert = [&bytes, &place, &id, &api, wanted]() -> result<std::string> {
        const auto bundle = archive::read_packed_bundle(*bytes, id);
        if (!bundle)
            return bundle.error();
        return wanted == download_form::har ? to_har(bundle->items, api.config.server_version)
                                            : to_script(*place, bundle->items);
    };
    auto text = co_await offload(api.parts.cpu_pool, std::move(convert));
    if (!text)
        co_return problem_of(req, text.error(), "the bundle of evidence " + id);
    co_return attachment(*place, wanted, std::move(*text));
}

}  // namespace reprise::http
