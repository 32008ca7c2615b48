#include "reprise/replay/schedule.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>

namespace reprise::replay {
namespace {

constexpr std::int64_t span_ns_max = std::int64_t{1} << 61;  // 73 years; a round is at most twice that.

std::optional<double> parse_number(std::string_view text)
{
    double value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

refusal bad_timing(std::string_view text, std::string_view why)
{
    return {
        errc::bad_timing, "timing '" + std::string(text) + "' " + std::string(why) +
                              "; use recorded, 2x (recorded, twice as fast), rate:200 (per second) or max"
    };
}

std::string short_number(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

std::vector<std::uint32_t> order_by_start(std::span<const model::exchange> exchanges)
{
    std::vector<std::uint32_t> order(exchanges.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return exchanges[a].start_ns < exchanges[b].start_ns;
    });
    return order;
}

std::int64_t scaled(std::int64_t ns, double by)
{
    return static_cast<std::int64_t>(std::llround(static_cast<double>(ns) * by));
}

// Of the whole plan, in floating point: it may be absurd.
double last_due_s(const timing& when, double sends, double recorded_ns)
{
    switch (when.pace) {
    case pace::recorded: return recorded_ns / when.factor / 1e9;
    case pace::rate: return sends / when.per_second;
    case pace::closed: break;
    }
    return 0;
}

}  // namespace

checked<timing> parse_timing(std::string_view text)
{
    timing made;
    if (text == "recorded")
        return made;
    if (text == "max") {
        made.pace = pace::closed;
        return made;
    }
    if (text.starts_with("rate:")) {
        const auto value = parse_number(text.substr(5));
        if (!value || *value < per_second_min || *value > per_second_max)
            return bad_timing(text, "needs a rate from 0.001 to 100000 per second");
        made.pace = pace::rate;
        made.per_second = *value;
        return made;
    }
    if (text.ends_with('x')) {
        const auto value = parse_number(text.substr(0, text.size() - 1));
        if (!value || *value < factor_min || *value > factor_max)
            return bad_timing(text, "needs a factor from 0.001 to 1000");
        made.factor = *value;
        return made;
    }
    return bad_timing(text, "is not known");
}

std::string to_text(const timing& value)
{
    switch (value.pace) {
    case pace::rate: return "rate:" + short_number(value.per_second);
    case pace::closed: return "max";
    case pace::recorded: break;
    }
    return value.factor == 1 ? "recorded" : short_number(value.factor) + "x";
}

checked<std::vector<planned_send>> plan_sends(
    std::span<const model::exchange> exchanges, const timing& when, std::uint32_t rounds
)
{
    if (exchanges.empty() || rounds == 0)
        return refusal{errc::nothing_to_replay, "There is no request to send."};
    if (exchanges.size() > sends_max / rounds)
        return refusal{
            errc::too_many, std::to_string(exchanges.size()) + " requests " + std::to_string(rounds) +
                                " times are more than " + std::to_string(sends_max) + "; repeat them less often."
        };
    const auto order = order_by_start(exchanges);
    const std::int64_t first_ns = exchanges[order.front()].start_ns;
    // Times of a damaged capture may lie centuries apart.
    std::int64_t span_ns = 0;
    if (__builtin_sub_overflow(exchanges[order.back()].start_ns, first_ns, &span_ns) || span_ns > span_ns_max)
        span_ns = span_ns_max;
    const auto gaps = static_cast<std::int64_t>(std::max<std::size_t>(order.size() - 1, 1));
    const std::int64_t round_ns = span_ns + std::max<std::int64_t>(span_ns / gaps, ns_per_ms);
    const double recorded_ns = static_cast<double>(span_ns) + static_cast<double>(round_ns) * (rounds - 1);
    const double wait_s = last_due_s(when, static_cast<double>(order.size()) * rounds, recorded_ns);
    if (!(wait_s <= due_seconds_max))
        return refusal{
            errc::bad_timing, "The last request would be due after " + short_number(wait_s / 86'400) +
                                  " days; a replay lasts at most 30. Is one of the captured times wrong? --timing max "
                                  "and rate:N do not look at them."
        };
    std::vector<planned_send> plan;
    plan.reserve(order.size() * rounds);
    for (std::uint32_t round = 0; round < rounds; ++round) {
        for (const std::uint32_t exchange : order) {
            planned_send next{exchange, round, 0};
            if (when.pace == pace::recorded)
                next.due_ns = scaled(exchanges[exchange].start_ns - first_ns + round * round_ns, 1 / when.factor);
            if (when.pace == pace::rate)
                next.due_ns = scaled(static_cast<std::int64_t>(plan.size()) * ns_per_s, 1 / when.per_second);
            plan.push_back(next);
        }
    }
    return plan;
}

}  // namespace reprise::replay
