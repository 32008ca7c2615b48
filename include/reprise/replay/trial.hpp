#pragma once

#include "reprise/detect/burst.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/replay/error.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a reproduce run does and what its numbers mean. Pure, safe from any thread, nothing blocks.
//
// A trial sends failing and control requests in turn, one after the other, and compares the two groups:
//   it shows the signal when the failing group's metric passes the gate recorded with the signal and differs from
//   the control group (one-sided p < 0.01; Fisher's test for shares, Mann-Whitney for values).
// Two metrics are twofold. Where the captured answers of failing requests say what went wrong, a response fails again
// only with one of these messages, as fingerprints tell errors apart; its class alone counts where they say nothing.
// A burst must show in the arrivals and in the calls in flight at once. A trial in which only the first half shows
// (another error of the same class, as many arrivals but fewer in flight) shows the signal in part: the run is then
// inconclusive, unless others show all of it.
// The control must itself be normal, else the run is inconclusive. calls_per_parent, burst and trace_figure are
// properties of the code, not of the request: when there is no control or it shows the same, each failing request is
// compared with the gate instead (sign test, same p), and the result says so (numbers: compared_with_baseline).
//
// With a last-good target the same failing requests go there, too, in turn with the others, and the failing group
// must differ from those instead of from the control; the control still says whether the target itself is normal,
// where there is one. A last-good target that shows the signal as well, is down or refuses the requests leaves the
// run inconclusive.
namespace reprise::replay {

struct trial_limits {
    std::uint32_t trials = 5;              // 1..50
    std::uint32_t trials_to_reproduce = 5; // At least so many of them must show it; all, unless said otherwise.
    std::uint32_t requests_per_arm = 10;   // Per trial; exchanges repeat to reach it. 5..200
    double p_max = 0.01;
    double answered_share_min = 0.8;       // Below: too few answers to say anything.
    std::uint32_t exchanges_per_arm_max = 200;
    std::chrono::milliseconds request_limit{10'000};
    std::chrono::milliseconds trace_limit{15'000};  // For the target's own telemetry of one trial.
};

struct trial_plan {
    std::string run_id;
    std::uint64_t mark = 0;                // replay_mark(run_id)
    std::uint64_t nonce = 0;               // Makes the trace ids of each attempt fresh.
    std::string target;                    // For the result's text only.
    std::string last_good_target;          // The same; not empty: each trial has the third arm.
    model::signal_kind kind = model::signal_kind::error_rate;  // Which analysis, with trace_figure.
    model::confirm_metric metric = model::confirm_metric::failing_share;
    std::string metric_text;               // "share of failing responses"
    std::string unit;                      // "ratio", "ns", "count"
    double gate = 0;
    double baseline = 0;
    double quantile = 0.9;                 // latency_quantile only.
    double peak_gate = 0;                  // burst only: so many in flight at once as well. 0: no such condition.
    model::operation_key operation;        // The signal's.
    std::uint64_t operation_id = 0;
    std::vector<model::exchange> failing;  // What is sent: the failing (or trigger) requests ...
    std::vector<model::exchange> control;  // ... and the good ones.
    std::vector<std::uint32_t> failing_items;   // Where these stand in the bundle ...
    std::vector<std::uint32_t> control_items;   // ... and those.
    std::vector<std::string> failing_messages;  // What the captured answers of `failing` say went wrong; "": nothing.
    std::vector<model::exchange> setup;    // Sent before them in each trial, in the order of the capture.
    // From the setup's answers into later requests; exchanges are numbered setup, failing, control.
    telemetry::value_flows flows;
    std::string evidence_sha256;
    trial_limits limits;
};

// The plan of a signal and its bundle. Refuses with errc::nothing_to_replay when no failing inbound exchange is
// complete, and with an explanation of what to do. Traces of the trial's requests are (mark, mix of nonce).
checked<trial_plan> make_plan(
    const model::signal& signal, std::span<const model::evidence_item> items, std::string_view evidence_sha256,
    std::string_view run_id, std::string_view target, std::uint64_t nonce, const trial_limits& limits = {}
);

// True when the metric is read from what the target itself reports (its spans), not from its responses.
bool needs_traces(const trial_plan& plan) noexcept;

// last_good: the failing requests against the last-good target.
enum class arm : std::uint8_t { failing, control, last_good };

// True when failing again means failing with a captured message, not with the class alone.
bool matches_by_fingerprint(const trial_plan& plan) noexcept;

// One request of a trial, in the order of sending.
struct planned_request {
    replay::arm arm = arm::failing;
    std::uint32_t exchange = 0;  // Index into the arm's list.
    model::trace_id trace;
    std::uint64_t span = 0;
};

// `number` counts from 1. The order changes which arm goes first, so that none profits from it.
std::vector<planned_request> list_requests(const trial_plan& plan, std::uint32_t number);

// What became of one planned request.
struct request_record {
    planned_request planned;
    bool sent = false;
    bool answered = false;         // False: refused, reset, timed out.
    int status = 0;
    std::int64_t latency_ns = 0;   // From the planned send time to the last byte.
    std::string message;           // What a failing answer says went wrong; not asked for by class.
};

// What the same failing requests came to against the last-good target.
struct last_good_sample {
    double metric = 0;              // In the plan's unit.
    std::uint64_t n = 0;            // Requests the metric stands on.
    std::optional<std::uint64_t> k; // Failing ones, for failing_share.
    std::uint32_t planned = 0;
    std::uint32_t answered = 0;
    std::uint32_t refused = 0;      // Answers that say nothing about what was asked: no login there, no such data.
    bool measured = false;          // False: its telemetry never came.
    bool usable = false;            // Answered, measured and not refused: something to compare with.
    bool shows = false;             // Passes the gate as the target does, and does not differ from it.
    std::string setup_failure;      // As the trial's.
};

// One trial, measured. The first group is the REST shape; the rest rides along for the verdict and the log.
struct trial {
    std::uint32_t number = 0;
    bool shows = false;
    double metric = 0;              // In the plan's unit.
    double control = 0;
    std::uint64_t n = 0;            // Requests the metric stands on.
    std::uint64_t control_n = 0;
    std::optional<std::uint64_t> k; // Failing ones, for failing_share.
    std::optional<std::uint64_t> control_k;
    std::optional<std::uint64_t> k_class;        // Of the failing requests: failed in any way ...
    std::optional<std::uint64_t> k_fingerprint;  // ... and with a captured message, where that decides.
    double p_value = 1;
    bool gate_passed = false;

    bool shows_in_part = false;
    bool control_normal = false;
    bool compared_with_baseline = false;
    bool measured = false;          // False: the target's telemetry for it never came.
    std::uint32_t planned = 0;
    std::uint32_t sent = 0;
    std::uint32_t answered = 0;
    std::uint32_t failing_planned = 0;
    std::uint32_t failing_answered = 0;
    std::uint32_t control_answered = 0;
    std::uint32_t control_planned = 0;
    std::uint32_t peak_in_flight = 0;     // Worst of its failing requests, where calls were observed.
    std::uint32_t control_peak_in_flight = 0;
    std::uint32_t max_arrivals_50ms = 0;
    std::uint32_t calls_per_parent = 0;

    std::optional<last_good_sample> last_good;  // With a last-good target.
    // Why requests could not be sent: which setup request did not give which value. Never the value itself.
    std::string setup_failure;
};

// `observed`: everything the target reported under the trial's traces; other observations are ignored.
trial decide_trial(
    const trial_plan& plan, std::uint32_t number, std::span<const request_record> requests,
    std::span<const model::observation> observed
);

struct run_result {
    model::verdict verdict = model::verdict::inconclusive;
    std::string reason_code;  // "shown", "not_shown", "some_trials", "control_abnormal", "too_few_answered",
                              // "no_control", "no_telemetry", "redacted_input", "setup_failed",
                              // "other_error", "fewer_in_flight",
                              // "last_good_shows_it", "last_good_unanswered", "last_good_abnormal"
    std::string reason;       // One sentence with the counts.
    std::vector<trial> trials;
    std::uint64_t requests_planned = 0;
    std::uint64_t requests_sent = 0;
    std::uint64_t requests_answered = 0;
    std::string methodology_hash;
    std::vector<std::pair<std::string, double>> numbers;
};

// Why this plan can only be inconclusive, before anything is sent. Empty when it can say something.
std::optional<run_result> find_obstacle(const trial_plan& plan);

run_result decide_verdict(const trial_plan& plan, std::vector<trial> trials);

// SHA-256 (hex) of the canonical JSON of everything that makes the method, but the targets, the run and its nonce:
// two measurements may be compared when their hashes are equal.
std::string methodology_hash(const trial_plan& plan);

// The REST shapes Trial and RunResult; a trial carries the further members, so that parse_trial gives it back.
std::string to_json(const trial& value);
std::string to_json(const trial_plan& plan, const run_result& value);
checked<trial> parse_trial(std::string_view json);

}  // namespace reprise::replay
