#pragma once

#include "reprise/model/signal.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::model {

// Kinds whose worker exists. A kind is added with its worker.
enum class run_kind : std::uint8_t { reproduce, publish, fix };
inline constexpr std::array run_kinds = {run_kind::reproduce, run_kind::publish, run_kind::fix};

enum class run_state : std::uint8_t {
    queued, leased, failed, waiting_approval, paused, paused_budget,
    dead_letter, succeeded, cancelled, timed_out, discarded,
};

enum class verdict : std::uint8_t { reproduced, not_reproduced, flaky, inconclusive };

constexpr std::int64_t run_priority_max = 100;

struct run {
    std::string id;
    run_kind kind = run_kind::reproduce;
    std::string incident_id;
    std::int64_t generation = 1;    // Of the incident when it was asked for.
    std::string evidence_id;
    std::string signal_id;
    run_state state = run_state::queued;
    std::string requested_by;       // "pipeline" or "user:<name>"; matters for four eyes.
    bool counted = false;           // By the breakers: queued by the pipeline, not held.
    std::string step;               // Current or last step.
    std::uint32_t attempt = 0;      // Counted before the handler runs.
    std::uint32_t attempts_max = 4;
    std::int64_t not_before_ns = 0; // Backoff.
    std::int64_t lease_epoch = 0;   // Fencing token.
    std::string lease_owner;
    std::int64_t lease_until_ns = 0;
    std::int64_t priority = 0;      // Higher is claimed first; 0 to run_priority_max.
    double progress = 0;            // Of the current step, 0 to 1; told with the heartbeat.
    std::string hold;               // Why it is paused: "person", or the breaker's reason; empty when it is not.
    std::string hold_why;           // The same as a sentence.
    std::string input;              // JSON: what the run was given to work with (fix: the patch); empty for most.
    std::optional<model::verdict> verdict;
    std::string result;             // JSON: what the run found, empty until known.
    std::string error;              // The last failure.
    model::risk risk = risk::low;
    std::int64_t created_ns = 0;
    std::int64_t updated_ns = 0;
    std::int64_t version = 1;
};

// A stored step output: a restart continues after the last one.
struct run_step {
    std::string run_id;
    std::string name;       // "prepare", "replay", "verdict", "gate", "publish".
    std::uint32_t attempt = 0;
    std::string output;     // JSON.
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;
};

// What the live view and the stored log show.
struct run_event {
    std::string run_id;
    std::int64_t sequence = 0;
    std::int64_t at_ns = 0;
    std::string type;       // "step_started", "step_ended", "log", "progress", "measurement", "verdict".
    std::string data;       // JSON.
};

std::string_view to_text(run_kind value) noexcept;
std::string_view to_text(run_state value) noexcept;
std::string_view to_text(verdict value) noexcept;
std::optional<run_kind> find_run_kind(std::string_view text) noexcept;
std::optional<run_state> find_run_state(std::string_view text) noexcept;
std::optional<verdict> find_verdict(std::string_view text) noexcept;

}  // namespace reprise::model
