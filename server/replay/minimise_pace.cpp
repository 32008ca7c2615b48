#include "minimise_pace.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace reprise::replay {
namespace {

constexpr std::int64_t gap_ns_max = 10 * ns_per_ms;  // Of a shortened recording.

scenario with_groups(scenario what, const std::vector<std::uint32_t>& groups)
{
    what.pacing = pacing::groups;
    for (std::size_t i = 0; i < groups.size(); ++i)
        what.requests[i].group = groups[i];
    return what;
}

// What others need goes first, one after the other; all others at once.
std::vector<std::uint32_t> group_by_need(const scenario& base, const need_list& needs)
{
    std::vector<bool> needed(base.requests.size());
    for (const auto& of_one : needs) {
        for (const std::uint32_t place : of_one)
            needed[place] = true;
    }
    std::vector<std::uint32_t> groups;
    std::uint32_t group = 0;
    bool in_burst = false;
    for (std::size_t i = 0; i < base.requests.size(); ++i) {
        const bool begins = i > 0 && (needed[i] || !in_burst);
        group += begins ? 1U : 0U;
        in_burst = !needed[i];
        groups.push_back(group);
    }
    return groups;
}

// Requests that were under way together stay together.
std::vector<std::uint32_t> group_by_overlap(const scenario& base)
{
    std::vector<std::uint32_t> groups;
    std::uint32_t group = 0;
    std::int64_t busy_until = base.requests.empty() ? 0 : base.requests.front().at_ns;
    for (const scenario_request& one : base.requests) {
        group += !groups.empty() && one.at_ns >= busy_until ? 1U : 0U;
        busy_until = std::max(busy_until, one.at_ns + one.took_ns);
        groups.push_back(group);
    }
    return groups;
}

bool is_carried(const scenario& base, std::uint32_t exchange)
{
    return std::any_of(base.values.begin(), base.values.end(), [exchange](const carried_value& value) {
        return value.from == exchange;
    });
}

}  // namespace

std::vector<alternative> simpler_paces(const scenario& base, const need_list& needs)
{
    if (base.pacing == pacing::groups)
        return {};
    std::vector<alternative> list;
    list.push_back({"one after the other", one_after_the_other(base)});
    list.push_back({"at once, behind what they need", with_groups(base, group_by_need(base, needs))});
    list.push_back({"together what was under way together", with_groups(base, group_by_overlap(base))});
    list.push_back({"all at once", with_groups(base, std::vector<std::uint32_t>(base.requests.size(), 0))});
    if (auto shorter = with_short_gaps(base))
        list.push_back({"with short gaps", std::move(*shorter)});
    return list;
}

std::optional<scenario> with_short_gaps(const scenario& base)
{
    scenario made = base;
    std::int64_t cut = 0;
    std::int64_t before = 0;
    for (scenario_request& one : made.requests) {
        const std::int64_t gap = one.at_ns - before;
        before = one.at_ns;
        cut += std::max<std::int64_t>(gap - gap_ns_max, 0);
        one.at_ns -= cut;
    }
    if (cut == 0)
        return std::nullopt;
    return made;
}

std::vector<alternative> copied_groups(const scenario& base)
{
    std::vector<alternative> list;
    if (base.pacing != pacing::groups)
        return list;
    for (std::size_t begin = 0; begin < base.requests.size();) {
        std::size_t end = begin;
        std::uint32_t copies = 0;
        std::size_t chosen = begin;
        bool is_needed = false;
        for (; end < base.requests.size() && base.requests[end].group == base.requests[begin].group; ++end) {
            const scenario_request& one = base.requests[end];
            copies += one.copies;
            chosen = one.watched && !base.requests[chosen].watched ? end : chosen;
            is_needed = is_needed || is_carried(base, one.exchange);
        }
        if (end - begin > 1 && !is_needed) {
            std::vector<bool> kept(base.requests.size(), true);
            for (std::size_t i = begin; i < end; ++i)
                kept[i] = false;
            kept[chosen] = true;
            scenario made = keep_requests(base, kept);
            made.requests[begin].copies = copies;
            list.push_back(
                {std::to_string(copies) + " copies of " + request_name(base.requests[chosen]), std::move(made)}
            );
        }
        begin = end;
    }
    return list;
}

std::vector<std::size_t> copied_requests(const scenario& base)
{
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < base.requests.size(); ++i) {
        if (base.requests[i].copies > 1)
            places.push_back(i);
    }
    return places;
}

}  // namespace reprise::replay
