#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/replay/trial.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Small makers of inputs shared by the tests of this room.
namespace reprise::replay::test {

inline model::operation_key make_operation(model::operation_kind kind, std::string method, std::string route)
{
    model::operation_key key;
    key.source = model::source::span;
    key.kind = kind;
    key.service = "shop";
    key.protocol = kind == model::operation_kind::db ? "sql" : "http";
    key.method = std::move(method);
    key.route = std::move(route);
    return key;
}

inline model::exchange make_exchange(std::string method, std::string path, int status)
{
    model::exchange exchange;
    exchange.operation = make_operation(model::operation_kind::server, method, path);
    exchange.direction = model::direction::in;
    exchange.method = std::move(method);
    exchange.path = std::move(path);
    exchange.status = status;
    exchange.complete = true;
    return exchange;
}

inline model::evidence_item make_item(model::evidence_role role, model::exchange exchange)
{
    model::evidence_item item;
    item.role = role;
    item.exchange = std::move(exchange);
    return item;
}

inline std::vector<model::evidence_item> make_bundle()
{
    return {
        make_item(model::evidence_role::failing, make_exchange("POST", "/orders?bad=1", 500)),
        make_item(model::evidence_role::failing, make_exchange("POST", "/orders?bad=2", 503)),
        make_item(model::evidence_role::control, make_exchange("POST", "/orders?good=1", 201)),
    };
}

inline model::signal make_signal(model::confirm_metric metric, double gate, double baseline)
{
    model::signal signal;
    const bool is_structural =
        metric == model::confirm_metric::burst || metric == model::confirm_metric::calls_per_parent;
    signal.operation = is_structural ? make_operation(model::operation_kind::client, "GET", "/messages/{id}")
                                     : make_operation(model::operation_kind::server, "POST", "/orders");
    signal.operation_id = operation_id(signal.operation.view());
    signal.confirm_with = metric;
    signal.gate = gate;
    signal.baseline = baseline;
    signal.unit = is_structural ? "count" : metric == model::confirm_metric::latency_quantile ? "ns" : "ratio";
    return signal;
}

inline trial_plan plan_of(
    const model::signal& signal, const std::vector<model::evidence_item>& bundle = make_bundle(),
    const trial_limits& limits = {}
)
{
    return *make_plan(signal, bundle, "e0", "01RUN", "http://127.0.0.1:3000", 5, limits);
}

inline trial_plan share_plan()
{
    return plan_of(make_signal(model::confirm_metric::failing_share, 0.012, 0.002));
}

inline trial_plan latency_plan()
{
    return plan_of(make_signal(model::confirm_metric::latency_quantile, 130e6, 100e6));
}

inline trial_plan burst_plan(const std::vector<model::evidence_item>& bundle = make_bundle())
{
    return plan_of(make_signal(model::confirm_metric::burst, 100, 30), bundle);
}

// Every request of the trial answered with the arm's status and latency; the last-good target as the control.
inline std::vector<request_record> answer_all(
    const trial_plan& plan, int failing_status, int control_status, std::int64_t failing_ns = 20 * ns_per_ms,
    std::int64_t control_ns = 20 * ns_per_ms
)
{
    std::vector<request_record> records;
    for (const planned_request& planned : list_requests(plan, 1)) {
        request_record record;
        record.planned = planned;
        record.sent = record.answered = true;
        record.status = planned.arm == arm::failing ? failing_status : control_status;
        record.latency_ns = planned.arm == arm::failing ? failing_ns : control_ns;
        records.push_back(record);
    }
    return records;
}

inline trial_plan with_last_good(trial_plan plan)
{
    plan.last_good_target = "http://127.0.0.1:3001";
    return plan;
}

// The target's report: the inbound span of each request and `calls` client calls, `apart_ns` after each other. The
// last-good target makes as many as for the control.
inline std::vector<model::observation> report(
    const trial_plan& plan, std::uint32_t number, std::uint32_t failing_calls, std::uint32_t control_calls,
    std::int64_t apart_ns = 0, std::optional<std::uint32_t> last_good_calls = std::nullopt
)
{
    std::vector<model::observation> seen;
    for (const planned_request& planned : list_requests(plan, number)) {
        model::observation inbound;
        inbound.operation = 1;
        inbound.trace = planned.trace;
        seen.push_back(inbound);
        const std::uint32_t calls = planned.arm == arm::failing     ? failing_calls
                                    : planned.arm == arm::last_good ? last_good_calls.value_or(control_calls)
                                                                    : control_calls;
        for (std::uint32_t call = 0; call < calls; ++call) {
            model::observation outbound;
            outbound.operation = plan.operation_id;
            outbound.trace = planned.trace;
            outbound.parent_span = 9;
            outbound.start_ns = 1'000'000 + call * apart_ns;
            outbound.duration_ns = 20 * ns_per_ms;
            seen.push_back(outbound);
        }
    }
    return seen;
}

}  // namespace reprise::replay::test
