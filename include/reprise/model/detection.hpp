#pragma once

#include "reprise/model/operation.hpp"
#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::model {

// What people set for the detection of one service. What is not set is the server's own. Ranges and what each means
// to the detectors: detect/settings.hpp.
struct detection_settings {
    std::optional<double> latency_ratio_min;
    std::optional<std::int64_t> latency_rise_min_ms;
    std::optional<double> error_rise_min;
    std::optional<std::int64_t> errors_min;
    std::optional<std::int64_t> slow_query_low_ms;
    std::optional<std::int64_t> n_plus_one_calls_min;
    std::optional<double> burst_ratio_min;
    std::optional<std::int64_t> requests_min;
    std::optional<std::int64_t> windows_min;
    std::optional<std::int64_t> occurrences_min;
    std::vector<signal_kind> kinds_off;  // In the order of the enum, each once.

    bool operator==(const detection_settings&) const = default;
};

enum class suppression_state : std::uint8_t {
    active,
    expired,  // Its time is over.
    lifted,   // A person ended it.
};

// Signals of a service that people do not want to hear of: all that fit every member that is set. They are kept and
// listed, and nothing follows from them.
struct suppression {
    std::string id;  // ULID.
    std::string service;
    std::optional<std::uint64_t> operation_id;
    std::optional<signal_kind> kind;
    std::string fingerprint;             // Empty: any.
    std::string reason;                  // A person's words.
    std::optional<std::int64_t> until_ns;  // Empty: until it is lifted.
    std::int64_t created_ns = 0;
    std::string created_by;              // "user:ada"
    std::optional<std::int64_t> lifted_ns;
    std::string lifted_by;
    std::uint64_t hits = 0;              // Signals that it kept quiet.
    std::optional<std::int64_t> last_hit_ns;

    suppression_state state_at(std::int64_t now_ns) const noexcept
    {
        if (lifted_ns)
            return suppression_state::lifted;
        return until_ns && *until_ns <= now_ns ? suppression_state::expired : suppression_state::active;
    }
};

std::string_view to_text(suppression_state value) noexcept;
std::optional<suppression_state> find_suppression_state(std::string_view text) noexcept;

}  // namespace reprise::model
