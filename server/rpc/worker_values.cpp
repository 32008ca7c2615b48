#include "worker_values.hpp"

namespace reprise::rpc {
namespace {

std::string text(std::string_view word)
{
    return std::string(word);
}

void put(const model::operation_key& from, wire::Operation& to)
{
    to.set_source(text(model::to_text(from.source)));
    to.set_kind(text(model::to_text(from.kind)));
    to.set_service(from.service);
    to.set_protocol(from.protocol);
    to.set_method(from.method);
    to.set_route(from.route);
}

result<model::operation_key> take(const wire::Operation& from)
{
    const auto source = model::find_source(from.source());
    const auto kind = model::find_operation_kind(from.kind());
    if (!source || !kind)
        return reprise::errc::invalid_argument;
    model::operation_key to;
    to.source = *source;
    to.kind = *kind;
    to.service = from.service();
    to.protocol = from.protocol();
    to.method = from.method();
    to.route = from.route();
    return to;
}

void put(const model::signal& from, wire::Signal& to)
{
    to.set_id(from.id);
    to.set_kind(text(model::to_text(from.kind)));
    to.set_severity(text(model::to_text(from.severity)));
    put(from.operation, *to.mutable_operation());
    to.set_operation_id(from.operation_id);
    to.set_window_start_ns(from.window_start_ns);
    to.set_window_end_ns(from.window_end_ns);
    to.set_metric(from.metric);
    to.set_unit(from.unit);
    to.set_observed(from.observed);
    to.set_observed_k(from.observed_k);
    to.set_observed_n(from.observed_n);
    to.set_baseline(from.baseline);
    to.set_baseline_k(from.baseline_k);
    to.set_baseline_n(from.baseline_n);
    for (const auto& [name, value] : from.numbers) {
        wire::Number& number = *to.add_numbers();
        number.set_name(name);
        number.set_value(value);
    }
    to.set_message(from.message);
    to.set_fingerprint(from.fingerprint);
    to.set_confirm_with(text(model::to_text(from.confirm_with)));
    to.set_gate(from.gate);
}

result<model::signal> take(const wire::Signal& from)
{
    const auto kind = model::find_signal_kind(from.kind());
    const auto severity = model::find_severity(from.severity());
    const auto confirm_with = model::find_confirm_metric(from.confirm_with());
    auto operation = take(from.operation());
    if (!kind || !severity || !confirm_with || !operation)
        return reprise::errc::invalid_argument;
    model::signal to;
    to.id = from.id();
    to.kind = *kind;
    to.severity = *severity;
    to.operation = std::move(*operation);
    to.operation_id = from.operation_id();
    to.window_start_ns = from.window_start_ns();
    to.window_end_ns = from.window_end_ns();
    to.metric = from.metric();
    to.unit = from.unit();
    to.observed = from.observed();
    to.observed_k = from.observed_k();
    to.observed_n = from.observed_n();
    to.baseline = from.baseline();
    to.baseline_k = from.baseline_k();
    to.baseline_n = from.baseline_n();
    for (const wire::Number& number : from.numbers())
        to.numbers.emplace_back(number.name(), number.value());
    to.message = from.message();
    to.fingerprint = from.fingerprint();
    to.confirm_with = *confirm_with;
    to.gate = from.gate();
    return to;
}

void put(const replay::trial_limits& from, wire::TrialLimits& to)
{
    to.set_trials(from.trials);
    to.set_trials_to_reproduce(from.trials_to_reproduce);
    to.set_requests_per_arm(from.requests_per_arm);
    to.set_p_max(from.p_max);
    to.set_answered_share_min(from.answered_share_min);
    to.set_exchanges_per_arm_max(from.exchanges_per_arm_max);
    to.set_request_limit_ms(from.request_limit.count());
    to.set_trace_limit_ms(from.trace_limit.count());
}

replay::trial_limits take(const wire::TrialLimits& from)
{
    replay::trial_limits to;
    to.trials = from.trials();
    to.trials_to_reproduce = from.trials_to_reproduce();
    to.requests_per_arm = from.requests_per_arm();
    to.p_max = from.p_max();
    to.answered_share_min = from.answered_share_min();
    to.exchanges_per_arm_max = from.exchanges_per_arm_max();
    to.request_limit = std::chrono::milliseconds(from.request_limit_ms());
    to.trace_limit = std::chrono::milliseconds(from.trace_limit_ms());
    return to;
}

void put(const model::kept_answer& from, wire::Answer& to)
{
    to.set_answered(from.answered);
    to.set_status(from.status);
    to.set_latency_ns(from.latency_ns);
    to.set_failure(from.failure);
    for (const auto& [name, value] : from.headers) {
        wire::Header& header = *to.add_headers();
        header.set_name(name);
        header.set_value(value);
    }
    to.set_headers_left_out(from.headers_left_out);
    to.set_body(from.body);
    to.set_body_bytes(from.body_bytes);
    to.set_body_left_out(from.body_left_out);
}

model::kept_answer take(const wire::Answer& from, const replay::trial& measured)
{
    model::kept_answer to;
    to.trial = measured.number;
    to.shows = measured.shows;
    to.answered = from.answered();
    to.status = from.status();
    to.latency_ns = from.latency_ns();
    to.failure = from.failure();
    for (const wire::Header& header : from.headers())
        to.headers.emplace_back(header.name(), header.value());
    to.headers_left_out = from.headers_left_out();
    to.body = from.body();
    to.body_bytes = from.body_bytes();
    to.body_left_out = from.body_left_out();
    return to;
}

}  // namespace

void put(const runs::replay_lease& from, wire::Lease& to)
{
    to.set_run_id(from.run_id);
    to.set_epoch(from.epoch);
}

runs::replay_lease take(const wire::Lease& from)
{
    return {from.run_id(), from.epoch()};
}

void put(const runs::worker_identity& from, wire::ClaimRequest& to)
{
    to.set_worker(from.name);
    to.set_version(from.version);
    for (const std::string& target : from.targets)
        to.add_targets(target);
}

runs::worker_identity take(const wire::ClaimRequest& from)
{
    return {from.worker(), from.version(), {from.targets().begin(), from.targets().end()}};
}

void put(const runs::replay_job& from, wire::Job& to)
{
    put(from.lease, *to.mutable_lease());
    to.set_lease_ns(from.lease_ns);
    to.set_heartbeat_ns(from.heartbeat_ns);
    to.set_attempt(from.attempt);
    to.set_service(from.service);
    to.set_target(from.target);
    to.set_last_good_target(from.last_good_target);
    to.set_sends_unsafe_setup(from.sends_unsafe_setup);
    put(from.signal, *to.mutable_signal());
    to.set_bundle(from.bundle);
    to.set_bundle_sha256(from.bundle_sha256);
    for (const std::string& trial : from.trials)
        to.add_trials(trial);
    put(from.limits, *to.mutable_limits());
}

result<runs::replay_job> take(const wire::Job& from)
{
    auto signal = take(from.signal());
    if (!signal || from.lease().run_id().empty() || from.lease_ns() <= 0 || from.heartbeat_ns() <= 0)
        return reprise::errc::invalid_argument;
    runs::replay_job to;
    to.lease = take(from.lease());
    to.lease_ns = from.lease_ns();
    to.heartbeat_ns = from.heartbeat_ns();
    to.attempt = from.attempt();
    to.service = from.service();
    to.target = from.target();
    to.last_good_target = from.last_good_target();
    to.sends_unsafe_setup = from.sends_unsafe_setup();
    to.signal = std::move(*signal);
    to.bundle = from.bundle();
    to.bundle_sha256 = from.bundle_sha256();
    to.trials = {from.trials().begin(), from.trials().end()};
    to.limits = take(from.limits());
    return to;
}

void put(const model::observation& from, wire::Observation& to)
{
    to.set_operation(from.operation);
    to.set_outcome(text(model::to_text(from.outcome)));
    to.set_status(from.status);
    to.set_start_ns(from.start_ns);
    to.set_duration_ns(from.duration_ns);
    put(from.trace, *to.mutable_trace());
    to.set_span(from.span);
    to.set_parent_span(from.parent_span);
    to.set_detail_hash(from.detail_hash);
}

result<model::observation> take(const wire::Observation& from)
{
    const auto outcome = model::find_outcome(from.outcome());
    if (!outcome)
        return reprise::errc::invalid_argument;
    model::observation to;
    to.operation = from.operation();
    to.outcome = *outcome;
    to.status = static_cast<std::uint16_t>(from.status());
    to.start_ns = from.start_ns();
    to.duration_ns = from.duration_ns();
    to.trace = take(from.trace());
    to.span = from.span();
    to.parent_span = from.parent_span();
    to.detail_hash = from.detail_hash();
    return to;
}

void put(const model::trace_id& from, wire::TraceId& to)
{
    to.set_high(from.high);
    to.set_low(from.low);
}

model::trace_id take(const wire::TraceId& from)
{
    return {from.high(), from.low()};
}

void put(const replay::replayed_answers& from, wire::Answers& to)
{
    to.set_arm(text(model::to_text(from.answers.arm)));
    to.set_exchange(from.answers.exchange);
    put(from.operation, *to.mutable_operation());
    for (const auto& [status, requests] : model::sum_statuses(from.answers)) {
        wire::StatusCount& count = *to.add_statuses();
        count.set_status(status);
        count.set_requests(requests);
    }
    put(from.answers.shown, *to.mutable_shown());
    if (from.answers.twin)
        put(*from.answers.twin, *to.mutable_twin());
}

result<replay::replayed_answers> take(const wire::Answers& from, const replay::trial& measured)
{
    const auto arm = model::find_answer_arm(from.arm());
    auto operation = take(from.operation());
    if (!arm || !operation || !from.has_shown())
        return reprise::errc::invalid_argument;
    replay::replayed_answers to;
    to.operation = std::move(*operation);
    to.answers.arm = *arm;
    to.answers.exchange = from.exchange();
    for (const wire::StatusCount& count : from.statuses())
        to.answers.statuses[measured.number][count.status()] += count.requests();
    to.answers.shown = take(from.shown(), measured);
    if (from.has_twin())
        to.answers.twin = take(from.twin(), measured);
    return to;
}

void put(const runs::finished_replay& from, wire::FinishRequest& to)
{
    to.set_verdict(text(model::to_text(from.verdict)));
    to.set_reason(from.reason);
    to.set_result(from.json);
}

result<runs::finished_replay> take(const wire::FinishRequest& from)
{
    const auto verdict = model::find_verdict(from.verdict());
    if (!verdict)
        return reprise::errc::invalid_argument;
    return runs::finished_replay{*verdict, from.reason(), from.result()};
}

}  // namespace reprise::rpc
