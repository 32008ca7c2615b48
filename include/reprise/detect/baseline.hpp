#pragma once

#include "reprise/base/error.hpp"
#include "reprise/detect/limits.hpp"
#include "reprise/detect/sketch.hpp"
#include "reprise/detect/window.hpp"
#include "reprise/model/signal.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::detect {

// Counts and durations that fade: after half_life_ns of observed time they weigh half. Time without traffic fades
// nothing.
struct level {
    double requests = 0;
    double failing = 0;
    double throttled = 0;
    decayed_sketch durations;

    void add(const level& other);
    void fade(double factor);
};

// One of the newest windows: not yet part of what is normal.
struct recent_window {
    std::int64_t start_ns = 0;
    std::uint64_t requests = 0;
    std::uint64_t failing = 0;
    std::uint64_t throttled = 0;
    std::uint32_t failing_traces = 0;
    std::uint32_t max_arrivals = 0;  // In 50 ms, of one trace; 0 for other than client operations.
    float p50_ns = 0;
    float p95_ns = 0;
    std::string durations;           // sketch::encode(): small.
    bool alarmed = false;
};

// A clean window as the literal rule and the burst gate need it.
struct past_window {
    std::uint32_t max_arrivals = 0;
    float p95_ns = 0;
};

// What a window said about one operation: carried from detect() to update().
struct operation_finding {
    std::uint64_t operation_id = 0;
    std::uint8_t suspicious = 0;     // Bit per model::signal_kind: significant and large enough in this window.
    bool alarmed = false;            // This window must not become normal.
    std::uint32_t windows = 1;       // How many of the newest windows the alarm stands on.
};

// What is normal for one operation: a decayed layer, the newest windows apart from it, and a little memory per
// signal kind. A plain value of about 1 to 3 KiB; whoever holds it makes sure of one thread at a time.
// Rule: a window waits among the newest while it is tested together with its neighbours and becomes part of the
// decayed layer only if no alarm stood on it. A state that stays alarmed for adopt_windows is the new normal.
struct baseline {
    static constexpr std::size_t past_max = 60;
    static constexpr std::size_t recent_max = 15;

    level normal;
    level alarmed;                         // What adopt_windows alarmed windows would make normal.
    std::vector<recent_window> recent;     // Oldest first, at most pool_windows - 1.
    std::vector<past_window> past;         // Oldest first, at most past_max.
    std::uint32_t windows = 0;             // Clean windows that became normal.
    std::uint64_t requests_seen = 0;       // Their requests, not faded.
    std::uint32_t alarmed_windows = 0;     // Of the alarm that lasts.
    std::uint32_t clean_in_row = 0;
    std::int64_t first_ns = 0;             // Start of the first window.
    std::int64_t updated_ns = 0;           // End of the newest window.
    double dispersion = 0;                 // Sum of squared error deviations over their expectation, faded ...
    double dispersion_weight = 0;          // ... and their number.
    std::array<std::uint8_t, 5> history{}; // Per signal kind: suspicious in the last windows, newest in bit 0.

    bool ready(const detection_limits& limits) const noexcept
    {
        return windows >= limits.windows_min && requests_seen >= limits.requests_min;
    }
    // >= 1: how much more the number of errors varies than chance alone.
    double overdispersion() const noexcept;
    // Largest burst of one trace in the clean windows known; 0 when none is.
    std::uint32_t max_arrivals() const noexcept;
    // The p95 of the clean windows known (past and recent), in no particular order.
    std::vector<float> list_p95_ns() const;

    // Versioned and platform-independent. decode reads earlier versions, too, and refuses what encode could not have
    // written: errc::corrupt.
    std::string encode() const;
    static result<baseline> decode(std::string_view bytes);
    std::size_t memory_bytes() const noexcept;
};

// Takes one closed window in. Call once per operation and window, in the order of time, after detect().
void update(
    baseline& state, const operation_summary& window, std::int64_t window_start_ns, std::int64_t window_end_ns,
    const operation_finding& finding, const detection_limits& limits
);

}  // namespace reprise::detect
