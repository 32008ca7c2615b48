#include "reprise/replay/export.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>

namespace reprise::replay {
namespace {

constexpr std::int64_t group_gap_ns = ns_per_ms;  // Between the end of a group and the begin of the next.

model::exchange one_of(const scenario_request& one, const model::exchange& captured, std::int64_t start_ns)
{
    model::exchange made = captured;
    made.method = one.method;
    made.path = one.path;
    made.request_headers = one.headers;
    made.request_body = one.body;
    made.start_ns = start_ns;
    return made;
}

}  // namespace

std::vector<model::exchange> to_exchanges(const scenario& what, std::span<const model::exchange> captured)
{
    std::vector<model::exchange> made;
    if (what.requests.empty())
        return made;
    scenario sent = what;
    for (const carried_value& value : what.values) {
        for (scenario_request& one : sent.requests)
            put_value(one, value.marker, value.captured);
    }
    const std::int64_t begin_ns = captured[sent.requests.front().exchange].start_ns;
    std::int64_t group_ns = begin_ns;
    std::int64_t busy_until = begin_ns;
    std::uint32_t group = sent.requests.front().group;
    for (const scenario_request& one : sent.requests) {
        if (one.group != group)
            group_ns = busy_until + group_gap_ns;
        group = one.group;
        const std::int64_t start = what.pacing == pacing::recorded ? begin_ns + one.at_ns : group_ns;
        busy_until = std::max(busy_until, start + one.took_ns);
        for (std::uint32_t copy = 0; copy < one.copies; ++copy)
            made.push_back(one_of(one, captured[one.exchange], start));
    }
    return made;
}

}  // namespace reprise::replay
