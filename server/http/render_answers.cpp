#include "render_answers.hpp"

#include "json_text.hpp"

#include "reprise/replay/kept_compare.hpp"
#include "reprise/telemetry/curl.hpp"

#include <algorithm>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

using replay::replayed_exchange;
using replay::side_comparison;

json::array render_headers(const model::header_list& headers)
{
    json::array out;
    for (const auto& [name, value] : headers)
        out.push_back(json::array{json::string(name), json::string(value)});
    return out;
}

json::array render_fields(const std::vector<std::string>& fields, std::string_view begin)
{
    json::array out;
    for (const std::string& field : fields) {
        if (field.starts_with(begin))
            out.emplace_back(field);
    }
    return out;
}

json::array render_statuses(const model::exchange_answers& answers)
{
    json::array out;
    for (const auto& [status, count] : model::sum_statuses(answers))
        out.push_back(json::object{{"status", status}, {"count", count}});
    return out;
}

json::object render_summary(const model::exchange_answers& answers)
{
    const model::kept_answer& shown = answers.shown;
    json::object out;
    out["answered"] = shown.answered;
    out["status"] = shown.status;
    out["latency_ms"] = to_ms(shown.latency_ns);
    if (!shown.failure.empty())
        out["failure"] = shown.failure;
    out["trial"] = shown.trial;
    out["shows"] = shown.shows;
    out["trials"] = answers.statuses.size();
    out["answers"] = render_statuses(answers);
    return out;
}

json::object render_full(const model::exchange_answers& answers)
{
    const model::kept_answer& shown = answers.shown;
    json::object out = render_summary(answers);
    out["headers"] = render_headers(shown.headers);
    out["headers_left_out"] = shown.headers_left_out;
    out["body"] = shown.body;
    out["body_bytes"] = shown.body_bytes;
    out["body_left_out"] = shown.body_left_out;
    out["redacted_fields"] = render_fields(shown.redacted_fields, "");
    return out;
}

json::object render_captured(const model::exchange& captured)
{
    json::object out;
    out["status"] = captured.status;
    out["latency_ms"] = to_ms(captured.duration_ns);
    out["at"] = time_value(captured.start_ns);
    out["headers"] = render_headers(captured.response_headers);
    out["body"] = captured.response_body;
    out["redacted_fields"] = render_fields(captured.redacted_fields, "response.");
    return out;
}

json::object render_comparison(const side_comparison& one)
{
    json::object out = replay::to_json(one.comparison);
    out["left"] = replay::to_text(one.left);
    out["right"] = replay::to_text(one.right);
    out["has_status"] = one.has_status;
    out["has_headers"] = one.has_headers;
    out["has_body"] = one.has_body;
    return out;
}

// What both routes begin with.
json::object render_exchange_name(const model::evidence_item& item, std::size_t exchange)
{
    json::object out;
    out["exchange"] = exchange;
    out["role"] = model::to_text(item.role);
    out["method"] = item.exchange.method;
    out["path"] = item.exchange.path;
    out["route"] = item.exchange.operation.route;
    return out;
}

json::object render_row(
    const model::evidence_item& item, const replayed_exchange& one, std::span<const side_comparison> compared
)
{
    json::object out = render_exchange_name(item, one.exchange);
    out["captured"] = json::object{
        {"status", item.exchange.status}, {"latency_ms", to_ms(item.exchange.duration_ns)}};
    out["replayed"] = render_summary(*one.replayed);
    if (one.last_good != nullptr)
        out["last_good"] = render_summary(*one.last_good);
    out["match"] = replay::to_text(replay::match_of(one, compared));
    std::size_t counting = 0;
    std::size_t ignored = 0;
    if (!compared.empty() && compared.front().right == replay::answer_side::replayed) {
        const auto& all = compared.front().comparison;
        ignored = static_cast<std::size_t>(std::count_if(
            all.differences.begin(), all.differences.end(), [](const auto& each) { return each.ignored; }
        ));
        counting = all.differences.size() - ignored + all.left_out;
    }
    out["differences"] = counting;
    out["ignored"] = ignored;
    return out;
}

// Those whose exchange the bundle holds: a run's rows and its bundle belong together, but bytes on a disk may not.
std::vector<replayed_exchange> list_known(
    const archive::bundle& bundle, std::span<const model::exchange_answers> answers
)
{
    auto list = replay::list_replayed(answers);
    std::erase_if(list, [&](const replayed_exchange& one) { return one.exchange >= bundle.items.size(); });
    return list;
}

}  // namespace

answer_page render_answers(
    const archive::bundle& bundle, std::span<const model::exchange_answers> answers, std::int64_t after,
    std::size_t limit
)
{
    const replay::answer_noise noise(bundle.items, answers);
    replay::compare_options options;
    options.captured = replay::interval_of(bundle.items);
    answer_page page;
    std::int64_t last = after;
    for (const replayed_exchange& one : list_known(bundle, answers)) {
        if (static_cast<std::int64_t>(one.exchange) <= after)
            continue;
        if (page.items.size() == limit) {
            page.next = std::to_string(last);
            break;
        }
        const model::evidence_item& item = bundle.items[one.exchange];
        const auto compared = replay::compare_kept(item.exchange, one, noise, options);
        page.items.emplace_back(render_row(item, one, compared));
        last = static_cast<std::int64_t>(one.exchange);
    }
    return page;
}

std::optional<json::object> render_answer(
    const archive::bundle& bundle, std::span<const model::exchange_answers> answers, std::size_t exchange,
    std::string_view base_url, replay::compare_options options
)
{
    const auto known = list_known(bundle, answers);
    const auto is_it = [exchange](const replayed_exchange& one) { return one.exchange == exchange; };
    const auto found = std::find_if(known.begin(), known.end(), is_it);
    if (found == known.end())
        return std::nullopt;
    const model::evidence_item& item = bundle.items[exchange];
    const replay::answer_noise noise(bundle.items, answers);
    options.captured = replay::interval_of(bundle.items);
    const auto compared = replay::compare_kept(item.exchange, *found, noise, options);
    json::object out = render_exchange_name(item, exchange);
    const bool can_be_sent = item.exchange.complete && !base_url.empty();
    out["curl"] = can_be_sent ? telemetry::to_curl(item.exchange, base_url) : std::string();
    out["captured"] = render_captured(item.exchange);
    out["replayed"] = render_full(*found->replayed);
    if (found->last_good != nullptr)
        out["last_good"] = render_full(*found->last_good);
    out["match"] = replay::to_text(replay::match_of(*found, compared));
    json::array comparisons;
    for (const side_comparison& one : compared)
        comparisons.emplace_back(render_comparison(one));
    out["comparisons"] = std::move(comparisons);
    return out;
}

}  // namespace reprise::http
