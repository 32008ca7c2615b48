#include "session_evidence.hpp"

#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace reprise::pipeline {
namespace {

bool is_driven(const model::evidence_item& item)
{
    return item.role != model::evidence_role::context && item.exchange.direction == model::direction::in &&
           item.exchange.complete;
}

bool is_same(const model::exchange& a, const model::exchange& b)
{
    const auto key = [](const model::exchange& of) {
        return std::tie(of.start_ns, of.span, of.method, of.path, of.request_body, of.response_body);
    };
    return key(a) == key(b);
}

// Copies of what is driven, and behind them what else is at hand.
std::vector<model::exchange> list_exchanges(
    const std::vector<model::evidence_item>& items, std::span<const raw_record> session, std::string_view service
)
{
    std::vector<model::exchange> all;
    for (const model::evidence_item& item : items) {
        if (is_driven(item))
            all.push_back(item.exchange);
    }
    const std::size_t driven = all.size();
    for (const raw_record& record : session.subspan(0, std::min(session.size(), session_exchanges_max))) {
        auto exchange = telemetry::parse_exchange(record.source, record.bytes, service);
        const auto end = all.begin() + static_cast<std::ptrdiff_t>(driven);
        const bool usable = exchange && exchange->direction == model::direction::in && exchange->complete &&
                            std::none_of(all.begin(), end, [&](const auto& one) { return is_same(one, *exchange); });
        if (usable)
            all.push_back(std::move(*exchange));
    }
    return all;
}

// Without ids: by route.
std::string reason_of(
    const telemetry::needed_request& needed, const telemetry::value_flows& flows,
    const std::vector<model::exchange>& exchanges
)
{
    const telemetry::value_flow& flow = flows.flows[needed.flow];
    const model::operation_key& sender = exchanges[flow.exchange].operation;
    return "its answer gives " + to_text(flows.sources[flow.source].place) + ", which " + sender.method + " " +
           sender.route + " sends as " + to_text(flow.place);
}

}  // namespace

std::size_t add_session(
    std::vector<model::evidence_item>& items, std::span<const raw_record> session, std::string_view service
)
{
    const auto driven = static_cast<std::size_t>(std::count_if(items.begin(), items.end(), is_driven));
    if (driven == 0)
        return 0;
    std::vector<model::exchange> all = list_exchanges(items, session, service);
    std::vector<std::uint32_t> wanted(driven);
    std::iota(wanted.begin(), wanted.end(), 0U);
    const auto flows = telemetry::find_value_flows(all);
    std::size_t cut = 0;
    auto needed = telemetry::close_session(flows, wanted, &cut);
    std::stable_sort(needed.begin(), needed.end(), [&all](const auto& a, const auto& b) {
        return all[a.exchange].start_ns < all[b.exchange].start_ns;
    });
    std::vector<std::string> reasons;
    for (const telemetry::needed_request& one : needed)
        reasons.push_back(reason_of(one, flows, all));
    for (std::size_t i = 0; i < needed.size(); ++i)
        items.push_back(
            {model::evidence_role::setup, std::move(all[needed[i].exchange]), std::move(reasons[i])}
        );
    return cut + session.size() - std::min(session.size(), session_exchanges_max);
}

}  // namespace reprise::pipeline
