#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/lifecycle/breaker.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/pipeline/closed_window.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::store {
class reader;
class transaction;
}

namespace reprise::pipeline {

struct commit_policy {
    std::uint32_t reproduce_attempts_max = 4;
    lifecycle::breaker_limits breakers;
    // False: the evidence holds no request that could be sent. A new incident waits for captured traffic so long, as
    // one that an alarm opened does, and then for a person.
    bool is_replayable = true;
    std::int64_t evidence_wait_ns = 180'000'000'000;
};

// What one window changed.
struct commit_report {
    std::uint32_t signals = 0;
    std::uint32_t incidents_opened = 0;
    std::uint32_t incidents_joined = 0;
    std::uint32_t suppressed = 0;  // Of the signals: kept, and nothing else.
    std::uint32_t waiting = 0;     // The same, until they are seen in more windows.
    std::uint32_t runs_queued = 0;
    std::array<std::uint32_t, lifecycle::hold_reasons.size()> runs_held = {};  // By reason.
    std::uint32_t deployments = 0;
};

// Signals that opened and joined no incident, of windows and traces alike.
class quiet_counters {
public:
    explicit quiet_counters(metrics& numbers);
    void add(const commit_report& report) noexcept;

private:
    counter& suppressed_;
    counter& waiting_;
};

enum class evidence_need : std::uint8_t {
    none,    // The problem is known and being worked on, or nobody wants to hear of it.
    bundle,  // The problem is new, or it came back.
};

result<evidence_need> find_evidence_need(const store::reader& from, const model::signal& signal, std::int64_t now_ns);

// Keeps signals and what becomes of them: incidents, evidence, work to do; in this order. bundles[i] is the archived
// evidence of found[i], empty where none was made. A signal without an id gets one. One that is suppressed, or was seen
// in too few windows by the service's settings, is kept and nothing follows from it.
result<void> commit_signals(
    store::transaction& tx, std::vector<found_signal>& found,
    const std::vector<std::optional<model::evidence>>& bundles, const commit_policy& policy, std::int64_t now_ns,
    commit_report& report
);

// Keeps everything a closed window says in the caller's transaction: services, operations, window
// rows, baselines, traffic, deployments, signals, incidents and the work to do for them. bundles[i] is the archived
// evidence of closed.found[i], empty where none was made. Signals without an id get one; a window committed
// twice (a restart) counts no occurrence twice.
result<commit_report> commit_window(
    store::transaction& tx, closed_window& closed, const std::vector<std::optional<model::evidence>>& bundles,
    const commit_policy& policy, std::int64_t now_ns
);

}  // namespace reprise::pipeline
