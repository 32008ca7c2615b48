#include "reprise/detect/window.hpp"

#include <algorithm>
#include <cmath>

namespace reprise::detect {
namespace {

std::uint64_t count_of(const outcome_counts& outcomes, model::outcome outcome) noexcept
{
    return outcomes[static_cast<std::size_t>(outcome)];
}

void add_saturated(std::uint64_t& sum, std::uint64_t more) noexcept
{
    if (__builtin_add_overflow(sum, more, &sum))
        sum = UINT64_MAX;
}

}  // namespace

bool is_failing(model::operation_kind kind, model::outcome outcome) noexcept
{
    const bool is_client = kind == model::operation_kind::client;
    return outcome == model::outcome::server_error ||
           (is_client && (outcome == model::outcome::client_error || outcome == model::outcome::throttled));
}

std::uint64_t failing_count(model::operation_kind kind, const outcome_counts& outcomes) noexcept
{
    std::uint64_t failing = 0;
    for (std::size_t index = 0; index < outcomes.size(); ++index)
        failing += is_failing(kind, static_cast<model::outcome>(index)) ? outcomes[index] : 0;
    return failing;
}

void operation_window::add(const model::observation& call)
{
    first_start_ns_ = calls_ == 0 ? call.start_ns : std::min(first_start_ns_, call.start_ns);
    last_start_ns_ = calls_ == 0 ? call.start_ns : std::max(last_start_ns_, call.start_ns);
    ++calls_;
    ++outcomes_[static_cast<std::size_t>(call.outcome)];
    const bool is_http_status = call.status >= 100 && call.status < 600;
    ++status_classes_[is_http_status ? call.status / 100U : 0U];
    if (call.outcome == model::outcome::ok || call.outcome == model::outcome::client_error)
        durations_.add(call.duration_ns);
    if (is_failing(kind_, call.outcome))
        note_failing(call);
    if (kind_ == model::operation_kind::client)
        arrivals_.add(call);
}

void operation_window::add(
    const model::measured_calls& point, std::uint64_t calls, std::span<const model::duration_bucket> durations
)
{
    if (calls == 0)
        return;
    first_start_ns_ = calls_ == 0 ? point.time_ns : std::min(first_start_ns_, point.time_ns);
    last_start_ns_ = calls_ == 0 ? point.time_ns : std::max(last_start_ns_, point.time_ns);
    add_saturated(calls_, calls);
    add_saturated(outcomes_[static_cast<std::size_t>(point.outcome)], calls);
    const bool is_http_status = point.status >= 100 && point.status < 600;
    add_saturated(status_classes_[is_http_status ? point.status / 100U : 0U], calls);
    if (point.outcome == model::outcome::ok || point.outcome == model::outcome::client_error) {
        for (const model::duration_bucket& bucket : durations)
            add_durations(bucket);
    }
    if (!is_failing(kind_, point.outcome))
        return;
    first_failing_ns_ = first_failing_ns_ == 0 ? point.time_ns : std::min(first_failing_ns_, point.time_ns);
    failing_traces_ = calls == 1 && failing_traces_ == 0 ? 1 : 2;
}

// A wide bucket as one value would make quantiles jump from bound to bound.
void operation_window::add_durations(const model::duration_bucket& bucket)
{
    constexpr std::uint64_t values_max = 16;
    const std::int64_t width_ns = bucket.high_ns - bucket.low_ns;
    const bool narrow = width_ns <= bucket.high_ns / 64;  // The sketch would not tell its ends apart.
    const std::uint64_t values = narrow ? 1 : std::min(values_max, bucket.calls);
    const double step_ns = static_cast<double>(width_ns) / static_cast<double>(values);
    for (std::uint64_t i = 0; i < values; ++i) {
        const double value_ns = static_cast<double>(bucket.low_ns) + step_ns * (static_cast<double>(i) + 0.5);
        const std::uint64_t calls = bucket.calls / values + (i < bucket.calls % values ? 1 : 0);
        const auto times = static_cast<std::uint32_t>(std::min<std::uint64_t>(calls, UINT32_MAX));
        durations_.add(std::llround(value_ns), times);
    }
}

void operation_window::note_failing(const model::observation& call) noexcept
{
    first_failing_ns_ = first_failing_ns_ == 0 ? call.start_ns : std::min(first_failing_ns_, call.start_ns);
    if (failing_traces_ == 0) {
        failing_trace_ = call.trace;
        failing_traces_ = 1;
    } else if (!call.trace || !(call.trace == failing_trace_)) {
        failing_traces_ = 2;  // Records without a trace are taken as requests of their own.
    }
}

void operation_window::reset()
{
    failing_traces_ = 0;
    calls_ = 0;
    outcomes_.fill(0);
    status_classes_.fill(0);
    first_start_ns_ = last_start_ns_ = first_failing_ns_ = 0;
    failing_trace_ = {};
    durations_.clear();
    arrivals_.clear();
}

operation_summary operation_window::summarise(const model::operation_key& operation, std::uint64_t operation_id) const
{
    operation_summary summary;
    summary.operation = operation;
    summary.operation_id = operation_id;
    summary.requests = calls_ - count_of(outcomes_, model::outcome::cancelled);
    summary.outcomes = outcomes_;
    summary.status_classes = status_classes_;
    summary.durations = durations_;
    summary.first_start_ns = first_start_ns_;
    summary.last_start_ns = last_start_ns_;
    summary.first_failing_ns = first_failing_ns_;
    summary.failing_traces = failing_traces_;
    if (kind_ == model::operation_kind::client && arrivals_.calls() > 0)
        summary.burst = arrivals_.summarise();
    return summary;
}

std::size_t operation_window::memory_bytes() const noexcept
{
    return sizeof(*this) - sizeof(durations_) + durations_.memory_bytes() + arrivals_.memory_bytes();
}

}  // namespace reprise::detect
