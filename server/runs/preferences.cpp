#include "reprise/runs/preferences.hpp"

#include "approval_ends.hpp"
#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/store/signals.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace reprise::runs {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> failure_layers = {
    "task_specification",    "context_provision", "execution_environment",
    "verification_feedback", "state_management",  "model_capability"};
constexpr std::size_t id_digits = 8;

json::object parse_object(const std::string& text)
{
    json::error_code failed;
    json::value parsed = json::parse(text, failed);
    return !failed && parsed.is_object() ? std::move(parsed.get_object()) : json::object();
}

// Null when the object does not have it.
json::value member_of(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    return found != nullptr ? *found : json::value();
}

// What the answer was made from, as far as this run knew it.
json::object prompt_of(const model::run& run, const model::signal& signal)
{
    const json::object judged = parse_object(run.result);
    json::object prompt;
    prompt["diagnosis"] = signal.explanation.empty() ? json::value() : json::value(signal.explanation);
    prompt["confidence"] = nullptr;
    prompt["triage_reasoning"] = member_of(judged, "reason");
    prompt["triage_decision"] = run.verdict ? json::value(model::to_text(*run.verdict)) : json::value();
    prompt["blast_radius"] = nullptr;
    return prompt;
}

// Nothing was published: a rejected answer has no URL.
json::object response_of(const model::approval& approval)
{
    const json::object content = parse_object(approval.content);
    json::object response;
    response["pr_url"] = nullptr;
    response["pr_number"] = nullptr;
    response["fix_description"] = member_of(content, "body");
    response["action"] = approval.action;
    response["title"] = member_of(content, "title");
    response["files"] = member_of(content, "files");
    response["content_hash"] = approval.content_hash;
    response["run_id"] = approval.run_id;
    return response;
}

std::string rejected_record(
    const store::preference& record, const model::approval& approval, const model::decision& decision,
    std::string_view failure_layer, const model::incident& incident, const model::run& run,
    const model::signal& signal
)
{
    json::object out;
    out["id"] = "pref_" + sha256_hex(record.id).substr(0, id_digits);
    out["type"] = "rejection";
    out["timestamp"] = format_rfc3339(decision.at_ns);
    out["incident_id"] = incident.id;
    out["error_type"] = signal.id.empty() ? json::value() : json::value(model::to_text(signal.kind));
    out["service"] = incident.service;
    out["severity"] = model::to_text(incident.severity);
    out["prompt"] = prompt_of(run, signal);
    out["rejected_response"] = response_of(approval);
    json::object rejection;
    rejection["reason"] = decision.comment;
    rejection["approver"] = decision.user;
    rejection["decision"] = model::to_text(decision.kind);
    rejection["harness_failure_layer"] = failure_layer.empty() ? json::value() : json::value(failure_layer);
    out["rejection"] = std::move(rejection);
    return canonical_json(out);
}

}  // namespace

bool is_failure_layer(std::string_view text) noexcept
{
    return std::find(failure_layers.begin(), failure_layers.end(), text) != failure_layers.end();
}

result<void> record_rejection(
    store::transaction& tx, const model::approval& approval, const model::decision& decision,
    std::string_view failure_layer, std::int64_t now_ns
)
{
    const auto incident = load_incident(tx, approval.incident_id);
    if (!incident)
        return incident.error();
    const auto run = load_run(tx, approval.run_id);
    if (!run)
        return run.error();
    const auto signal = store::find_signal(tx, run->signal_id);
    if (!signal)
        return signal.error();
    store::preference record;
    record.id = make_ulid(now_ns);
    record.incident_id = approval.incident_id;
    record.run_id = approval.run_id;
    record.approval_id = approval.id;
    record.rejected = rejected_record(
        record, approval, decision, failure_layer, *incident, *run, signal->value_or(model::signal())
    );
    record.created_ns = now_ns;
    return store::insert_preference(tx, record);
}

result<void> record_choice(
    store::transaction& tx, const model::approval& approval, const model::decision& decision, std::int64_t now_ns
)
{
    json::object chosen = response_of(approval);
    chosen["approver"] = decision.user;
    chosen["approved_at"] = format_rfc3339(decision.at_ns);
    chosen["comment"] = decision.comment;
    chosen["edited_by"] = approval.edited_by.empty() ? json::value() : json::value(approval.edited_by);
    const auto completed = store::complete_preferences(tx, approval.incident_id, canonical_json(chosen), now_ns);
    return completed ? result<void>() : result<void>(completed.error());
}

std::string preference_line(const store::preference& record)
{
    json::object out = parse_object(record.rejected);
    out["chosen"] = nullptr;
    out["completed_at"] = nullptr;
    if (record.completed_ns) {
        out["chosen"] = parse_object(record.chosen);
        out["completed_at"] = format_rfc3339(*record.completed_ns);
    }
    return canonical_json(out) + "\n";
}

}  // namespace reprise::runs
