#include "reprise/detect/settings.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

namespace reprise::detect {
namespace {

using settings = model::detection_settings;

double in_ms(std::int64_t duration_ns)
{
    return static_cast<double>(duration_ns) / static_cast<double>(ns_per_ms);
}

bool is_literal(const detection_limits& limits)
{
    return limits.profile == detection_profile::agent_factory;
}

constexpr std::array fields = {
    setting_field{"latency_ratio_min", &settings::latency_ratio_min, 1.01, 100,
                  [](const detection_limits& own) {
                      return is_literal(own) ? own.literal_ratio : own.latency_ratio_min;
                  }},
    setting_field{"latency_rise_min_ms", &settings::latency_rise_min_ms, 0, 60'000,
                  [](const detection_limits& own) { return in_ms(own.latency_rise_min_ns); }},
    setting_field{"error_rise_min", &settings::error_rise_min, 0, 1,
                  [](const detection_limits& own) { return own.error_rise_min; }},
    setting_field{"errors_min", &settings::errors_min, 1, 1'000'000,
                  [](const detection_limits& own) { return static_cast<double>(own.errors_min); }},
    setting_field{"slow_query_low_ms", &settings::slow_query_low_ms, 1, 3'600'000,
                  [](const detection_limits& own) { return in_ms(own.slow_query_low_ns); }},
    setting_field{"n_plus_one_calls_min", &settings::n_plus_one_calls_min, 2, 1'000,
                  [](const detection_limits& own) { return static_cast<double>(own.n_plus_one_calls_min); }},
    setting_field{"burst_ratio_min", &settings::burst_ratio_min, 1, 100,
                  [](const detection_limits& own) { return own.burst_ratio_min; }},
    setting_field{"requests_min", &settings::requests_min, 10, 1'000'000,
                  [](const detection_limits& own) { return static_cast<double>(own.requests_min); }},
    setting_field{"windows_min", &settings::windows_min, 3, 10'000,
                  [](const detection_limits& own) { return static_cast<double>(own.windows_min); }},
    setting_field{"occurrences_min", &settings::occurrences_min, 1, 100,
                  [](const detection_limits& own) { return static_cast<double>(own.occurrences_min); }},
};

template <std::size_t... Index>
constexpr std::array<model::signal_kind, sizeof...(Index)> count_kinds(std::index_sequence<Index...>)
{
    return {static_cast<model::signal_kind>(Index)...};
}

constexpr auto kinds = count_kinds(std::make_index_sequence<model::signal_kind_count>());

template <class To, class From>
void take(To& to, const std::optional<From>& from)
{
    if (from)
        to = static_cast<To>(*from);
}

void take_ms(std::int64_t& to_ns, const std::optional<std::int64_t>& from_ms)
{
    if (from_ms)
        to_ns = *from_ms * ns_per_ms;
}

}  // namespace

std::optional<double> setting_field::find(const model::detection_settings& in) const
{
    const auto look = [&in](auto pointer) -> std::optional<double> {
        const auto& value = in.*pointer;
        return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
    };
    return std::visit(look, member);
}

void setting_field::set(model::detection_settings& in, double value) const
{
    assert(takes(value));
    if (const auto* whole = std::get_if<whole_member>(&member))
        in.**whole = std::llround(value);
    else
        in.*std::get<real_member>(member) = value;
}

std::span<const setting_field> setting_fields()
{
    return fields;
}

const setting_field* find_setting_field(std::string_view name) noexcept
{
    const auto found = std::find_if(fields.begin(), fields.end(), [name](const setting_field& one) {
        return one.name == name;
    });
    return found == fields.end() ? nullptr : &*found;
}

detection_limits with_settings(detection_limits limits, const model::detection_settings& set)
{
    take(limits.latency_ratio_min, set.latency_ratio_min);
    take(limits.literal_ratio, set.latency_ratio_min);
    take_ms(limits.latency_rise_min_ns, set.latency_rise_min_ms);
    take(limits.error_rise_min, set.error_rise_min);
    if (set.error_rise_min)
        limits.error_rare = 0;
    take(limits.errors_min, set.errors_min);
    take_ms(limits.slow_query_low_ns, set.slow_query_low_ms);
    take(limits.n_plus_one_calls_min, set.n_plus_one_calls_min);
    limits.n_plus_one_calls_sure = std::max(limits.n_plus_one_calls_sure, limits.n_plus_one_calls_min);
    take(limits.burst_ratio_min, set.burst_ratio_min);
    take(limits.requests_min, set.requests_min);
    take(limits.windows_min, set.windows_min);
    take(limits.occurrences_min, set.occurrences_min);
    for (const model::signal_kind kind : set.kinds_off)
        limits.kinds_off |= 1U << static_cast<unsigned>(kind);
    return limits;
}

std::span<const model::signal_kind> all_signal_kinds()
{
    return kinds;
}

}  // namespace reprise::detect
