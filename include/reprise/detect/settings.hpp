#pragma once

#include "reprise/detect/limits.hpp"
#include "reprise/model/detection.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

// What people may set for the detection of one service, and what it means to the detectors. Pure.
namespace reprise::detect {

// One number that may be set.
struct setting_field {
    using whole_member = std::optional<std::int64_t> model::detection_settings::*;
    using real_member = std::optional<double> model::detection_settings::*;

    std::string_view name;
    std::variant<real_member, whole_member> member;
    double min = 0;
    double max = 0;
    double (*inherited)(const detection_limits&) = nullptr;  // What holds where it is not set.

    bool is_whole() const noexcept { return std::holds_alternative<whole_member>(member); }
    // NaN and infinities are in no range.
    bool takes(double value) const noexcept { return value >= min && value <= max; }
    std::optional<double> find(const model::detection_settings& in) const;
    // Precondition: takes(value), and it is whole where the field is.
    void set(model::detection_settings& in, double value) const;
};

// All of them, in the order they are shown.
std::span<const setting_field> setting_fields();
const setting_field* find_setting_field(std::string_view name) noexcept;

// A signal counts towards occurrences_min for so long.
constexpr std::int64_t occurrences_remembered_ns = 24LL * 3600 * ns_per_s;

// The server's own limits with what is set for one service. A rise of errors that is set counts alone: the rule for
// rare errors (three times the usual) no longer passes beside it.
detection_limits with_settings(detection_limits limits, const model::detection_settings& settings);

// Whether signals of this kind are told.
constexpr bool is_raised(model::signal_kind kind, const detection_limits& limits) noexcept
{
    return (limits.kinds_off >> static_cast<unsigned>(kind) & 1U) == 0;
}

// In the order of the enum.
std::span<const model::signal_kind> all_signal_kinds();

}  // namespace reprise::detect
