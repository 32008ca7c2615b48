#include "json_text.hpp"
#include "render.hpp"


namespace json = boost::json;

namespace reprise::http {
namespace {

void add_numbers(json::object& out, const model::signal& signal)
{
    out["observed"] = finite(signal.observed);
    out["observed_k"] = signal.observed_k;
    out["observed_n"] = signal.observed_n;
    out["baseline"] = finite(signal.baseline);
    out["baseline_k"] = signal.baseline_k;
    out["baseline_n"] = signal.baseline_n;
    out["baseline_windows"] = signal.baseline_windows;
    out["effect"] = finite(signal.effect);
    if (signal.p_value)
        out["p_value"] = finite(*signal.p_value);
    json::array numbers;
    for (const auto& [name, value] : signal.numbers)
        numbers.push_back(json::object{{"name", name}, {"value", finite(value)}});
    out["numbers"] = std::move(numbers);
}

}  // namespace

std::string operation_hex(std::uint64_t id)
{
    return model::span_to_hex(id).empty() ? std::string(16, '0') : model::span_to_hex(id);
}

json::object render_operation(const model::operation_key& key, std::uint64_t id)
{
    json::object out;
    out["id"] = operation_hex(id);
    out["source"] = model::to_text(key.source);
    out["kind"] = model::to_text(key.kind);
    out["service"] = key.service;
    out["protocol"] = key.protocol;
    out["method"] = key.method;
    out["route"] = key.route;
    out["name"] = model::operation_name(key.view());
    return out;
}

json::object render_signal(const model::signal& signal)
{
    json::object out;
    out["id"] = signal.id;
    out["kind"] = model::to_text(signal.kind);
    out["severity"] = model::to_text(signal.severity);
    out["operation"] = render_operation(signal.operation, signal.operation_id);
    out["window_start_at"] = time_value(signal.window_start_ns);
    out["window_end_at"] = time_value(signal.window_end_ns);
    out["metric"] = signal.metric;
    out["unit"] = signal.unit;
    add_numbers(out, signal);
    out["rule"] = signal.rule;
    out["explanation"] = signal.explanation;
    out["sensitivity"] = signal.sensitivity;
    out["fingerprint"] = signal.fingerprint;
    out["confirm_with"] = model::to_text(signal.confirm_with);
    out["gate"] = finite(signal.gate);
    out["trace_ids"] = json::array(signal.trace_ids.begin(), signal.trace_ids.end());
    if (!signal.evidence_id.empty())
        out["evidence_id"] = signal.evidence_id;
    if (!signal.incident_id.empty())
        out["incident_id"] = signal.incident_id;
    if (!signal.suppressed_by.empty())
        out["suppressed_by"] = signal.suppressed_by;
    return out;
}

json::object render_suppression(const model::suppression& what, std::int64_t now_ns)
{
    json::object out;
    out["id"] = what.id;
    out["service"] = what.service;
    if (what.operation_id)
        out["operation_id"] = operation_hex(*what.operation_id);
    if (what.kind)
        out["kind"] = model::to_text(*what.kind);
    if (!what.fingerprint.empty())
        out["fingerprint"] = what.fingerprint;
    out["reason"] = what.reason;
    if (what.until_ns)
        out["until"] = time_value(*what.until_ns);
    out["created_at"] = time_value(what.created_ns);
    out["created_by"] = what.created_by;
    out["hits"] = what.hits;
    if (what.last_hit_ns)
        out["last_hit_at"] = time_value(*what.last_hit_ns);
    out["state"] = model::to_text(what.state_at(now_ns));
    if (what.lifted_ns) {
        out["lifted_at"] = time_value(*what.lifted_ns);
        out["lifted_by"] = what.lifted_by;
    }
    return out;
}

}  // namespace reprise::http
