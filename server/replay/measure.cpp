#include "measure.hpp"

#include "error_message.hpp"
#include "trace_figure.hpp"

#include "reprise/detect/window.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace reprise::replay {
namespace {

// The signal's operation as each source would call it.
std::array<std::uint64_t, 2> operation_ids(const trial_plan& plan)
{
    model::operation_view named = plan.operation.view();
    const auto other = named.source == model::source::span ? model::source::rrpair : model::source::span;
    const std::uint64_t own = operation_id(named);
    named.source = other;
    return {own, operation_id(named)};
}

bool is_of(const model::observation& observation, std::uint64_t id)
{
    return observation.operation == id;
}

// A target that reports one call by both sources must not count twice: the signal's own source, or the other
// one when the own says nothing in the whole trial.
std::uint64_t choose_operation(const trial_plan& plan, const std::vector<const model::observation*>& reported)
{
    const auto [own, other] = operation_ids(plan);
    const auto has = [&reported](std::uint64_t id) {
        return std::any_of(reported.begin(), reported.end(), [id](const auto* seen) { return is_of(*seen, id); });
    };
    return has(own) || !has(other) ? own : other;
}

// What the target said about one replayed request.
struct request_trace {
    bool seen = false;
    std::vector<const model::observation*> calls;  // Of the signal's operation.
    std::vector<const model::observation*> all;
};

std::uint32_t calls_under_one_parent(const request_trace& trace)
{
    std::map<std::uint64_t, std::uint32_t> calls;
    std::uint32_t most = 0;
    for (const model::observation* call : trace.calls)
        most = std::max(most, ++calls[call->parent_span]);
    return most;
}

std::vector<detect::call_interval> intervals_of(const request_trace& trace)
{
    std::vector<detect::call_interval> intervals;
    for (const model::observation* call : trace.calls)
        intervals.push_back(interval_of(*call));
    return intervals;
}

// The requests of an arm and of those that go to the same target.
std::set<std::uint64_t> traces_of_target(arm which, std::span<const request_record> requests)
{
    std::set<std::uint64_t> traces;
    for (const request_record& request : requests) {
        if ((request.planned.arm == arm::last_good) == (which == arm::last_good))
            traces.insert(request.planned.trace.low);
    }
    return traces;
}

// Fails like the captured one: no answer, 5xx, or the same class of status as the capture's failure.
bool fails_again(const trial_plan& plan, const request_record& request)
{
    if (!request.answered || request.status >= 500)
        return true;
    const model::exchange& captured = plan.failing[request.planned.arm == arm::control ? 0 : request.planned.exchange];
    return captured.status >= 400 && captured.status / 100 == request.status / 100;
}

// Fails again with a message that the capture holds. One whose captured answer said nothing is told by class.
bool is_captured_error(const trial_plan& plan, const request_record& request)
{
    if (!fails_again(plan, request))
        return false;
    if (plan.failing_messages[request.planned.exchange].empty())
        return true;
    return request.answered &&
           std::any_of(plan.failing_messages.begin(), plan.failing_messages.end(), [&](const std::string& captured) {
               return !captured.empty() && is_same_error(captured, request.message);
           });
}

// A proxy's word that nobody is there behind it, unless that is how the captured request failed.
bool is_from_gateway(const trial_plan& plan, const request_record& request)
{
    return request.status >= 502 && request.status <= 504 &&
           plan.failing[request.planned.exchange].status != request.status;
}

// Good requests that are answered, or its own telemetry, say that the target is up; a proxy's answer alone does not.
bool is_answered(const trial_plan& plan, const request_record& request)
{
    const bool is_checked = needs_traces(plan) || (!plan.control.empty() && request.planned.arm != arm::last_good);
    return request.answered && (is_checked || !is_from_gateway(plan, request));
}

// Where the failing request was captured it got further than this. A baseline made of such answers would make any
// target look worse: quicker, with fewer calls, with fewer failures.
bool is_refused(const trial_plan& plan, const request_record& request)
{
    constexpr std::array<int, 7> not_let_in = {401, 403, 404, 405, 407, 421, 429};
    if (request.status < 400)
        return false;
    if (matches_by_fingerprint(plan) && fails_again(plan, request))
        return !is_captured_error(plan, request);
    if (plan.failing[request.planned.exchange].status / 100 == request.status / 100)
        return false;
    // Another 4xx may be how a bad request should be answered; a 5xx counts as failing already.
    return plan.metric != model::confirm_metric::failing_share || needs_traces(plan) ||
           std::find(not_let_in.begin(), not_let_in.end(), request.status) != not_let_in.end();
}

std::optional<double> value_of_response(const trial_plan& plan, const request_record& request)
{
    if (!request.sent)
        return std::nullopt;
    if (plan.metric == model::confirm_metric::failing_share) {
        const bool by_message = request.planned.arm != arm::control && matches_by_fingerprint(plan);
        const bool failed = by_message ? is_captured_error(plan, request) : fails_again(plan, request);
        return failed ? 1.0 : 0.0;
    }
    if (!is_answered(plan, request))
        return std::nullopt;
    return static_cast<double>(request.latency_ns);
}

std::optional<double> value_of_trace(const trial_plan& plan, const request_trace& trace)
{
    if (!trace.seen)
        return std::nullopt;
    switch (plan.metric) {
    case model::confirm_metric::failing_share: {
        const auto kind = plan.operation.kind;
        const auto failed = [kind](const auto* call) { return detect::is_failing(kind, call->outcome); };
        return std::any_of(trace.calls.begin(), trace.calls.end(), failed) ? 1.0 : 0.0;
    }
    case model::confirm_metric::latency_quantile: {
        if (trace.calls.empty())
            return std::nullopt;
        std::int64_t slowest_ns = 0;
        for (const model::observation* call : trace.calls)
            slowest_ns = std::max(slowest_ns, call->duration_ns);
        return static_cast<double>(slowest_ns);
    }
    case model::confirm_metric::calls_per_parent: return calls_under_one_parent(trace);
    case model::confirm_metric::burst: return detect::max_arrivals(intervals_of(trace));
    case model::confirm_metric::trace_figure: return figure_of_trace(plan.kind, trace.all);
    }
    return std::nullopt;
}

}  // namespace

detect::call_interval interval_of(const model::observation& call)
{
    std::int64_t end_ns = 0;
    if (__builtin_add_overflow(call.start_ns, call.duration_ns, &end_ns))
        end_ns = call.start_ns;
    return {call.start_ns, end_ns, call.outcome == model::outcome::throttled, 1};
}

bool is_structural(const trial_plan& plan) noexcept
{
    return plan.metric == model::confirm_metric::calls_per_parent || plan.metric == model::confirm_metric::burst ||
           plan.metric == model::confirm_metric::trace_figure;
}

bool has_answers(const trial_plan& plan, const trial& done) noexcept
{
    const double needed = plan.limits.answered_share_min;
    if (done.control_planned > 0 && share(done.control_answered, done.control_planned) < needed)
        return false;
    const bool silence_counts =
        plan.metric == model::confirm_metric::failing_share && !needs_traces(plan) && done.control_planned > 0;
    const auto heard = silence_counts ? done.n : std::uint64_t{done.failing_answered};
    return share(static_cast<double>(heard), done.failing_planned) >= needed;
}

bool is_target_normal(const trial_plan& plan, const trial& measured) noexcept
{
    if (measured.control_normal || measured.compared_with_baseline)
        return true;
    // Compared with the last-good target, good requests that show it too are no sign of a broken target.
    return measured.last_good.has_value() && (measured.control_planned == 0 || is_structural(plan));
}

double share(double k, double n) noexcept
{
    return n > 0 ? k / n : 0;
}

double nearest_rank(std::vector<double> values, double q)
{
    if (values.empty())
        return 0;
    const double rank = std::ceil(q * static_cast<double>(values.size()) - 1e-9);
    const auto index = static_cast<std::size_t>(std::clamp(rank - 1, 0.0, static_cast<double>(values.size() - 1)));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

arm_sample measure_arm(
    const trial_plan& plan, arm which, std::span<const request_record> requests,
    std::span<const model::observation> observed
)
{
    const auto asked = traces_of_target(which, requests);
    std::vector<const model::observation*> reported;
    for (const model::observation& seen : observed) {
        // The upper half is the run's mark.
        if (seen.trace.high == plan.mark && asked.contains(seen.trace.low))
            reported.push_back(&seen);
    }
    const std::uint64_t operation = choose_operation(plan, reported);
    std::map<std::uint64_t, request_trace> traces;
    for (const model::observation* const seen : reported) {
        request_trace& trace = traces[seen->trace.low];
        trace.seen = true;
        trace.all.push_back(seen);
        if (is_of(*seen, operation))
            trace.calls.push_back(seen);
    }

    arm_sample sample;
    for (const request_record& request : requests) {
        if (request.planned.arm != which)
            continue;
        const request_trace& trace = traces[request.planned.trace.low];
        ++sample.planned;
        sample.sent += request.sent ? 1U : 0U;
        const bool answered = is_answered(plan, request);
        sample.answered += answered ? 1U : 0U;
        sample.traced += answered && trace.seen ? 1U : 0U;
        sample.refused += which == arm::last_good && answered && is_refused(plan, request) ? 1U : 0U;
        const auto value = needs_traces(plan) ? value_of_trace(plan, trace) : value_of_response(plan, request);
        const auto intervals = intervals_of(trace);
        const std::uint32_t peak = detect::peak_in_flight(intervals);
        if (value) {
            sample.values.push_back(*value);
            sample.by_class.push_back(fails_again(plan, request) ? 1 : 0);
            sample.peaks.push_back(peak);
        }
        sample.peak_in_flight = std::max(sample.peak_in_flight, peak);
        sample.max_arrivals_50ms = std::max(sample.max_arrivals_50ms, detect::max_arrivals(intervals));
        sample.calls_per_parent = std::max(sample.calls_per_parent, calls_under_one_parent(trace));
    }
    return sample;
}

}  // namespace reprise::replay
