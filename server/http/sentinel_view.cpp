#include "sentinel_view.hpp"

#include "json_text.hpp"

#include "reprise/store/alarms.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/signals.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

using enum model::incident_status;

constexpr std::size_t artifacts_max = 100;

constexpr std::array<std::pair<model::incident_status, std::string_view>, 13> words = {{
    {detected, "detected"},
    {reproducing, "test_generating"},
    {reproduced, "test_generated"},
    {diagnosing, "triaging"},
    {diagnosed, "triaged"},
    {fixing, "fixing"},
    {submitted, "fix_submitted"},
    {resolved, "resolved"},
    {needs_human, "needs_human"},
    {wontfix, "wontfix"},
    {noise, "wontfix"},
    {duplicate, "wontfix"},
    {rejected, "wontfix"},
}};

// What an incident is about, from its first signal, or else from its first alarm.
struct subject {
    std::string route;
    std::string error_class = "server_5xx";
    std::string message;
};

subject subject_of(const model::signal& signal)
{
    subject about;
    about.route = model::operation_name(signal.operation.view());
    about.message = signal.message.empty() ? signal.explanation : signal.message;
    if (!signal.message.empty())
        about.error_class = "unhandled_exception";
    return about;
}

subject subject_of(const model::alarm& alarm)
{
    subject about;
    about.route = alarm.route;
    about.message = alarm.description.empty() ? alarm.title : alarm.description;
    const bool is_client_error = alarm.status_code && *alarm.status_code >= 400 && *alarm.status_code < 500;
    if (!alarm.frames.empty() || !alarm.status_code)
        about.error_class = "unhandled_exception";
    else if (is_client_error)
        about.error_class = "client_4xx";
    return about;
}

result<subject> load_subject(const store::reader& from, const std::string& incident_id)
{
    const auto signals = store::list_incident_signals(from, incident_id, artifacts_max);
    if (!signals)
        return signals.error();
    if (!signals->empty())
        return subject_of(signals->back());
    store::alarm_filter filter;
    filter.incident_id = incident_id;
    filter.limit = 1;
    const auto alarms = store::list_alarms(from, filter);
    if (!alarms)
        return alarms.error();
    return alarms->empty() ? subject() : subject_of(alarms->front().alarm);
}

json::object artifact(
    const std::string& id, const std::string& incident_id, std::string_view type, std::string_view content_type,
    const std::string& key, std::int64_t at_ns
)
{
    json::object out;
    out["id"] = id;
    out["incident_id"] = incident_id;
    out["artifact_type"] = type;
    out["content_type"] = content_type;
    out["r2_key"] = key;
    out["created_at"] = time_value(at_ns);
    return out;
}

}  // namespace

std::string_view sentinel_status(model::incident_status status) noexcept
{
    for (const auto& [known, word] : words) {
        if (known == status)
            return word;
    }
    return "detected";
}

std::vector<model::incident_status> statuses_of_sentinel(std::string_view wanted)
{
    std::vector<model::incident_status> statuses;
    for (const auto& [status, word] : words) {
        if (word == wanted)
            statuses.push_back(status);
    }
    return statuses;
}

result<json::object> load_sentinel_incident(const store::reader& from, const model::incident& incident)
{
    const auto about = load_subject(from, incident.id);
    if (!about)
        return about.error();
    const auto fingerprints = store::list_fingerprints(from, incident.id, 1);
    if (!fingerprints)
        return fingerprints.error();
    const auto settings = store::find_service_polling(from, incident.service);
    if (!settings)
        return settings.error();
    json::object out;
    out["id"] = incident.id;
    out["fingerprint"] = fingerprints->empty() ? std::string() : fingerprints->front();
    out["service_name"] = incident.service;
    out["trigger_route"] = about->route;
    out["error_class"] = about->error_class;
    out["error_message"] = about->message.empty() ? incident.explanation : about->message;
    out["status"] = sentinel_status(incident.status);
    out["occurrence_count"] = incident.occurrences;
    out["first_seen"] = time_value(incident.first_seen_ns);
    out["last_seen"] = time_value(incident.last_seen_ns);
    out["repo_url"] = *settings ? (*settings)->repository : std::string();
    return out;
}

result<json::array> load_sentinel_artifacts(const store::reader& from, const std::string& incident_id)
{
    const auto evidence = store::list_incident_evidence(from, incident_id, artifacts_max);
    if (!evidence)
        return evidence.error();
    store::run_filter of_incident;
    of_incident.incident_id = incident_id;
    of_incident.limit = artifacts_max;
    const auto runs = store::list_runs(from, of_incident);
    if (!runs)
        return runs.error();
    const auto publications = store::list_incident_publications(from, incident_id, artifacts_max);
    if (!publications)
        return publications.error();
    json::array out;
    for (const model::evidence& each : *evidence)
        out.push_back(
            artifact(each.id, incident_id, "sample_event", "application/gzip", each.path, each.created_ns)
        );
    for (const model::run& each : *runs) {
        if (!each.result.empty())
            out.push_back(artifact(
                each.id, incident_id, "test_result", "application/json", "runs/" + each.id, each.updated_ns
            ));
    }
    for (const store::publication& each : *publications)
        out.push_back(artifact(each.id, incident_id, "pr_body", "text/markdown", each.url, each.created_ns));
    return out;
}

json::object render_sentinel_service(const store::service_polling& settings)
{
    json::array classes;
    for (const std::string& one : settings.error_classes)
        classes.emplace_back(one);
    json::object out;
    out["serviceName"] = settings.service;
    out["repoUrl"] = settings.repository;
    out["repoBranch"] = settings.branch;
    out["pollIntervalMs"] = settings.interval_ms;
    out["enabled"] = settings.enabled;
    out["errorClassFilter"] = std::move(classes);
    out["minOccurrences"] = settings.min_occurrences;
    return out;
}

}  // namespace reprise::http
