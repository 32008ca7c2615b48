#include "reprise/replay/trial.hpp"

#include "error_message.hpp"
#include "trace_figure.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/replay/target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace reprise::replay {
namespace {

constexpr std::uint64_t span_salt = 0x9d5c'f1a2'0b37'e846;
constexpr double quantile_default = 0.9;

bool can_be_sent(const model::exchange& exchange)
{
    const auto is_visible = [](char c) { return c > ' ' && c != '\x7f'; };
    return exchange.direction == model::direction::in && exchange.complete && !exchange.method.empty() &&
           !exchange.path.empty() && std::all_of(exchange.path.begin(), exchange.path.end(), is_visible);
}

// `places`, when given: where they stand among the items.
std::vector<model::exchange> list_sendable(
    std::span<const model::evidence_item> items, model::evidence_role role, std::size_t count_max,
    std::vector<std::uint32_t>* places = nullptr
)
{
    std::vector<model::exchange> found;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].role != role || !can_be_sent(items[i].exchange) || found.size() == count_max)
            continue;
        found.push_back(items[i].exchange);
        if (places != nullptr)
            places->push_back(static_cast<std::uint32_t>(i));
    }
    return found;
}

// Only what the setup answers is there before the others are sent.
telemetry::value_flows flows_of_setup(const trial_plan& plan)
{
    if (plan.setup.empty())
        return {};
    std::vector<model::exchange> all = plan.setup;
    all.insert(all.end(), plan.failing.begin(), plan.failing.end());
    all.insert(all.end(), plan.control.begin(), plan.control.end());
    telemetry::value_flows flows = telemetry::find_value_flows(all);
    std::erase_if(flows.flows, [&](const telemetry::value_flow& flow) {
        return flows.sources[flow.source].exchange >= plan.setup.size();
    });
    return flows;
}

std::string describe_metric(const model::signal& signal, double quantile)
{
    switch (signal.confirm_with) {
    case model::confirm_metric::failing_share: return "share of failing responses";
    case model::confirm_metric::latency_quantile:
        return "p" + std::to_string(std::lround(quantile * 100)) + " of the response time";
    case model::confirm_metric::calls_per_parent: return "calls under one request";
    case model::confirm_metric::burst: return "calls of one request within 50 ms";
    case model::confirm_metric::trace_figure: return signal.metric;
    }
    return {};
}

std::string unit_of(const model::signal& signal)
{
    switch (signal.confirm_with) {
    case model::confirm_metric::failing_share: return "ratio";
    case model::confirm_metric::latency_quantile: return "ns";
    case model::confirm_metric::calls_per_parent:
    case model::confirm_metric::burst: return "count";
    case model::confirm_metric::trace_figure: return signal.unit;
    }
    return {};
}

// 0 when the signal has no such number.
double number_of(const model::signal& signal, std::string_view wanted)
{
    for (const auto& [name, value] : signal.numbers) {
        if (name == wanted)
            return value;
    }
    return 0;
}

double quantile_of(const model::signal& signal)
{
    const double quantile = number_of(signal, "quantile");
    return quantile > 0 && quantile < 1 ? quantile : quantile_default;
}

// The signal's gate is one of arrivals: as many in flight for each of them as when it was seen. Where calls hardly
// overlapped then, there is nothing to ask for.
double peak_gate_of(const model::signal& signal)
{
    const double peak = number_of(signal, "peak_in_flight");
    const double arrivals = number_of(signal, "max_arrivals_50ms");
    if (signal.confirm_with != model::confirm_metric::burst || arrivals <= 0)
        return 0;
    const double gate = std::ceil(signal.gate * std::min(peak / arrivals, 1.0) - 1e-9);
    return gate >= 2 ? gate : 0;
}

std::vector<std::string> messages_of(std::span<const model::exchange> failing)
{
    std::vector<std::string> messages;
    for (const model::exchange& one : failing)
        messages.push_back(
            one.status >= 400 ? find_error_message(one.response_headers, one.response_body) : std::string()
        );
    return messages;
}

std::string why_nothing(std::span<const model::evidence_item> items)
{
    std::size_t inbound = 0;
    for (const model::evidence_item& item : items)
        inbound += item.exchange.direction == model::direction::in ? 1 : 0;
    return "None of the " + std::to_string(items.size()) + " exchanges in the evidence (" + std::to_string(inbound) +
           " inbound) is a failing request with method and path; capture the service's inbound traffic as RRPair "
           "records to make it replayable.";
}

std::string why_not_alone(model::signal_kind kind)
{
    const std::string_view needs =
        kind == model::signal_kind::payload_latency ? "compares requests of many payload sizes"
        : kind == model::signal_kind::stream_stall  ? "needs the times of the tokens, which are not kept"
                                                    : "needs to know the agent's tool calls, which are not kept";
    return "A signal of kind " + std::string(to_text(kind)) + " " + std::string(needs) +
           ", so that single replayed requests cannot show it; judge it by its traces.";
}

boost::json::array hashes_of(const std::vector<std::string>& texts)
{
    boost::json::array hashes;
    for (const std::string& text : texts)
        hashes.emplace_back(sha256_hex(text));
    return hashes;
}

boost::json::array request_hashes(std::span<const model::exchange> exchanges)
{
    boost::json::array hashes;
    for (const model::exchange& exchange : exchanges) {
        const request sent = make_request(exchange, "", {}, 0);
        boost::json::array headers;
        for (const auto& [name, value] : sent.headers) {
            if (name != "traceparent" && name != "X-Replay")
                headers.push_back(boost::json::array{name, value});
        }
        const boost::json::object whole = {
            {"method", sent.method}, {"path", sent.path}, {"headers", std::move(headers)},
            {"body", sha256_hex(sent.body)}
        };
        hashes.emplace_back(sha256_hex(canonical_json(whole)));
    }
    return hashes;
}

}  // namespace

checked<trial_plan> make_plan(
    const model::signal& signal, std::span<const model::evidence_item> items, std::string_view evidence_sha256,
    std::string_view run_id, std::string_view target, std::uint64_t nonce, const trial_limits& limits
)
{
    if (signal.confirm_with == model::confirm_metric::trace_figure && !can_be_shown_again(signal.kind))
        return refusal{errc::nothing_to_replay, why_not_alone(signal.kind)};
    trial_plan plan;
    plan.run_id = run_id;
    plan.mark = replay_mark(run_id);
    plan.nonce = nonce;
    plan.target = target;
    plan.metric = signal.confirm_with;
    plan.quantile = quantile_of(signal);
    plan.kind = signal.kind;
    plan.metric_text = describe_metric(signal, plan.quantile);
    plan.unit = unit_of(signal);
    plan.gate = signal.gate;
    plan.peak_gate = peak_gate_of(signal);
    plan.baseline = signal.unit == plan.unit ? signal.baseline : 0;
    plan.operation = signal.operation;
    plan.operation_id = signal.operation_id;
    plan.evidence_sha256 = evidence_sha256;
    plan.limits = limits;

    // An inbound request that made the failing calls is the thing to send when the signal is about those calls.
    const bool is_inbound = signal.operation.kind == model::operation_kind::server;
    const auto first = is_inbound ? model::evidence_role::failing : model::evidence_role::trigger;
    const auto second = is_inbound ? model::evidence_role::trigger : model::evidence_role::failing;
    plan.failing = list_sendable(items, first, limits.exchanges_per_arm_max, &plan.failing_items);
    if (plan.failing.empty())
        plan.failing = list_sendable(items, second, limits.exchanges_per_arm_max, &plan.failing_items);
    plan.failing_messages = messages_of(plan.failing);
    const auto good = model::evidence_role::control;
    plan.control = list_sendable(items, good, limits.exchanges_per_arm_max, &plan.control_items);
    if (plan.failing.empty())
        return refusal{errc::nothing_to_replay, why_nothing(items)};
    plan.setup = list_sendable(items, model::evidence_role::setup, limits.exchanges_per_arm_max);
    std::stable_sort(plan.setup.begin(), plan.setup.end(), [](const model::exchange& a, const model::exchange& b) {
        return a.start_ns < b.start_ns;
    });
    plan.flows = flows_of_setup(plan);
    return plan;
}

bool needs_traces(const trial_plan& plan) noexcept
{
    return plan.metric == model::confirm_metric::calls_per_parent || plan.metric == model::confirm_metric::burst ||
           plan.metric == model::confirm_metric::trace_figure || plan.operation.kind != model::operation_kind::server;
}

std::vector<planned_request> list_requests(const trial_plan& plan, std::uint32_t number)
{
    assert(number >= 1);
    assert(!plan.failing.empty());
    const std::uint32_t per_arm = plan.limits.requests_per_arm;
    std::vector<arm> arms = {arm::failing};
    if (!plan.control.empty())
        arms.push_back(arm::control);
    if (!plan.last_good_target.empty())
        arms.push_back(arm::last_good);
    std::vector<planned_request> list;
    const auto plan_one = [&](arm which, std::uint32_t index) {
        const auto& exchanges = which == arm::control ? plan.control : plan.failing;
        planned_request request;
        request.arm = which;
        // Each trial goes on where the one before stopped, so that many exchanges all get their turn.
        const std::uint64_t turn = std::uint64_t{number - 1} * per_arm + index;
        request.exchange = static_cast<std::uint32_t>(turn % exchanges.size());
        const std::uint64_t serial = std::uint64_t{number} << 32 | list.size();
        request.trace = {plan.mark, mix64(plan.nonce ^ mix64(serial)) | 1U};
        request.span = mix64(request.trace.low ^ span_salt) | 1U;
        list.push_back(request);
    };
    for (std::uint32_t index = 0; index < per_arm; ++index) {
        for (const arm which : arms)
            plan_one(which, index);
        std::rotate(arms.begin(), arms.begin() + 1, arms.end());
    }
    return list;
}

std::string methodology_hash(const trial_plan& plan)
{
    const boost::json::object operation = {
        {"kind", to_text(plan.operation.kind)}, {"protocol", plan.operation.protocol},
        {"method", plan.operation.method}, {"route", plan.operation.route}, {"service", plan.operation.service}
    };
    boost::json::object method = {
        {"version", 4},
        {"metric", to_text(plan.metric)},
        {"unit", plan.unit},
        {"gate", plan.gate},
        {"peak_gate", plan.peak_gate},
        {"matched_by", matches_by_fingerprint(plan) ? "fingerprint" : "class"},
        {"messages", hashes_of(plan.failing_messages)},
        {"baseline", plan.baseline},
        {"quantile", plan.quantile},
        {"burst_width_ns", detect::burst_width_ns},
        {"operation", operation},
        {"analysis", plan.metric == model::confirm_metric::trace_figure ? to_text(plan.kind) : std::string_view()},
        {"trials", plan.limits.trials},
        {"trials_to_reproduce", plan.limits.trials_to_reproduce},
        {"requests_per_arm", plan.limits.requests_per_arm},
        {"p_max", plan.limits.p_max},
        {"answered_share_min", plan.limits.answered_share_min},
        {"request_limit_ms", plan.limits.request_limit.count()},
        {"evidence", plan.evidence_sha256},
        {"failing", request_hashes(plan.failing)},
        {"control", request_hashes(plan.control)}
    };
    if (!plan.last_good_target.empty())
        method["last_good"] = true;
    return sha256_hex(canonical_json(method));
}

}  // namespace reprise::replay
