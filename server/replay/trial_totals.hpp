#pragma once

#include "reprise/replay/trial.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace reprise::replay {

// Why a trial says nothing. The first that is true of it counts.
enum class trial_defect : std::uint8_t {
    none,
    setup_failed,
    unanswered,
    unmeasured,
    control_abnormal,
    last_good_setup_failed,
    last_good_unanswered,
    last_good_unmeasured,
    last_good_abnormal,
    last_good_shows_it,
};
constexpr std::size_t trial_defects = static_cast<std::size_t>(trial_defect::last_good_shows_it) + 1;

trial_defect find_defect(const trial_plan& plan, const trial& done);

// All trials of a run together.
struct trial_totals {
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint64_t k_class = 0;  // Of the failing requests, in any way.
    std::uint64_t control_k = 0;
    std::uint64_t control_n = 0;
    std::uint64_t last_good_k = 0;
    std::uint64_t last_good_n = 0;
    std::uint64_t last_good_planned = 0;
    std::uint64_t last_good_answered = 0;
    std::uint64_t last_good_refused = 0;
    std::uint32_t shown = 0;  // Of the usable ones ...
    std::uint32_t shown_in_part = 0;
    std::uint32_t peak_in_flight = 0;  // The most of any trial.
    std::uint32_t control_peak_in_flight = 0;
    std::array<std::uint32_t, trial_defects> by_defect{};
    bool with_baseline = false;
    std::vector<double> values;  // One per trial, sorted.
    std::vector<double> control_values;
    std::vector<double> last_good_values;
    std::string setup_failure;   // The first, of the target and of the last-good target.
    std::string last_good_setup_failure;

    std::uint32_t usable() const noexcept { return with(trial_defect::none); }
    std::uint32_t with(trial_defect defect) const noexcept { return by_defect[static_cast<std::size_t>(defect)]; }
    // Of most trials; `unanswered` when none has any.
    trial_defect most_frequent() const noexcept;
};

trial_totals sum_up(const trial_plan& plan, const std::vector<trial>& trials);

// The lower median; 0 of none.
double middle(const std::vector<double>& sorted) noexcept;

}  // namespace reprise::replay
