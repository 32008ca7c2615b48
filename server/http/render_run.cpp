#include "json_text.hpp"
#include "render.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace json = boost::json;

namespace reprise::http {
namespace {

// What a worker stored is JSON of ours; text that is none is left out rather than passed on.
json::value parse_stored(const std::string& text)
{
    error_code ec;
    json::value value = json::parse(text, ec);
    return ec ? json::value() : value;
}

}  // namespace

json::object render_run(const model::run& run)
{
    json::object out;
    out["id"] = run.id;
    out["kind"] = model::to_text(run.kind);
    out["incident_id"] = run.incident_id;
    out["generation"] = run.generation;
    if (!run.evidence_id.empty())
        out["evidence_id"] = run.evidence_id;
    if (!run.signal_id.empty())
        out["signal_id"] = run.signal_id;
    out["state"] = model::to_text(run.state);
    out["requested_by"] = run.requested_by;
    out["priority"] = run.priority;
    if (!run.hold.empty()) {
        out["hold"] = run.hold;
        out["hold_why"] = run.hold_why;
    }
    out["step"] = run.step;
    out["progress"] = finite(run.progress);
    out["attempt"] = run.attempt;
    out["attempts_max"] = run.attempts_max;
    if (run.verdict)
        out["verdict"] = model::to_text(*run.verdict);
    if (json::value found = parse_stored(run.result); found.is_object())
        out["result"] = std::move(found);
    out["error"] = run.error;
    out["risk"] = model::to_text(run.risk);
    out["created_at"] = time_value(run.created_ns);
    out["updated_at"] = time_value(run.updated_ns);
    if (run.state == model::run_state::leased)
        out["lease_until_at"] = time_value(run.lease_until_ns);
    out["version"] = run.version;
    return out;
}

std::optional<json::object> render_proof(const model::run& run)
{
    if (!run.verdict)
        return std::nullopt;
    std::uint64_t shown = 0;
    std::uint64_t planned = 0;
    const json::value found = parse_stored(run.result);
    if (const auto* fields = found.if_object()) {
        if (const auto* trials = fields->if_contains("trials"); trials && trials->is_array()) {
            for (const json::value& trial : trials->get_array()) {
                const auto* shows = trial.is_object() ? trial.get_object().if_contains("shows") : nullptr;
                shown += shows && shows->is_bool() && shows->get_bool() ? 1U : 0U;
            }
            planned = trials->get_array().size();
        }
        if (const auto* plan = fields->if_contains("trials_planned"); plan && plan->is_number()) {
            error_code ignored;
            planned = std::max(planned, plan->to_number<std::uint64_t>(ignored));
        }
    }
    return json::object{
        {"verdict", model::to_text(*run.verdict)}, {"trials_shown", shown}, {"trials_planned", planned}};
}

json::object render_run_pause(const std::optional<store::run_pause>& pause)
{
    json::object out;
    out["paused"] = pause.has_value();
    if (!pause)
        return out;
    out["reason"] = pause->reason;
    out["paused_by"] = pause->paused_by;
    out["since"] = time_value(pause->since_ns);
    return out;
}

json::object render_run_step(const model::run_step& step)
{
    json::object out;
    out["name"] = step.name;
    out["attempt"] = step.attempt;
    out["started_at"] = time_value(step.started_ns);
    if (step.ended_ns != 0)
        out["ended_at"] = time_value(step.ended_ns);
    return out;
}

json::object render_run_event(const model::run_event& event)
{
    json::object out;
    out["sequence"] = event.sequence;
    out["at"] = time_value(event.at_ns);
    out["type"] = event.type;
    json::value data = parse_stored(event.data);
    out["data"] = data.is_object() ? std::move(data) : json::value(json::object());
    return out;
}

}  // namespace reprise::http
