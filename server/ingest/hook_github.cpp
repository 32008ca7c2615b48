#include "hook_json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

// Conclusions of a workflow that are failures. A run that somebody cancelled is none.
constexpr std::array<std::string_view, 3> failures = {"failure", "timed_out", "startup_failure"};

hook_content nothing(std::string note)
{
    hook_content made;
    made.note = std::move(note);
    return made;
}

std::string name_of(const json::object& repository)
{
    return std::string(first_of_texts(text_of(repository, "name"), "unknown"));
}

read_hook read_workflow(const hook_body& hook, const json::object& body)
{
    const json::object& run = object_of(body, "workflow_run");
    const std::string_view conclusion = text_of(run, "conclusion");
    const bool has_failed = std::find(failures.begin(), failures.end(), conclusion) != failures.end();
    if (text_of(body, "action") != "completed" || !has_failed)
        return nothing("ignored: the workflow did not fail");
    const std::string id = id_of(run, "id");
    if (id.empty())
        return hook_fault{"the member workflow_run has no id"};
    const json::object& repository = object_of(body, "repository");
    const std::string_view name = first_of_texts(text_of(run, "name"), "workflow");
    const std::string_view branch = text_of(run, "head_branch");
    model::alarm made = alarm_from(hook);
    made.event_key = "workflow_run/" + id + "/" + id_of(run, "run_attempt");
    made.group_key =
        "workflow/" + id_of(run, "workflow_id") + "/" + std::string(text_of(repository, "full_name")) + "/" +
        std::string(branch);
    made.service = name_of(repository);
    made.error_type = "WORKFLOW_FAILED";
    made.title = "Workflow " + std::string(name) + " failed on " + std::string(branch);
    made.description = "Workflow " + std::string(name) + " ended with " + std::string(conclusion);
    made.resource = text_of(run, "html_url");
    made.link = link_of(made.resource);
    made.occurred_ns = time_of(text_of(run, "updated_at"));
    add_label(made, "repository", text_of(repository, "full_name"));
    add_label(made, "branch", branch);
    add_label(made, "commit", text_of(run, "head_sha"));
    add_label(made, "trigger", text_of(run, "event"));
    hook_content content;
    content.alarms.push_back(std::move(made));
    return content;
}

read_hook read_deployment(const hook_body& hook, const json::object& body)
{
    const json::object& status = object_of(body, "deployment_status");
    const json::object& deployment = object_of(body, "deployment");
    const json::object& repository = object_of(body, "repository");
    const std::string_view state = text_of(status, "state");
    const std::string_view environment =
        first_of_texts(text_of(status, "environment"), text_of(deployment, "environment"));
    const std::int64_t at_ns = time_of(text_of(status, "created_at"));
    hook_content made;
    if (state == "success") {
        const json::object detail = {{"environment", environment},
                                     {"commit", text_of(deployment, "sha")},
                                     {"ref", text_of(deployment, "ref")},
                                     {"repository", text_of(repository, "full_name")}};
        made.events.push_back(
            {{}, {}, std::string(hook.source), store::hook_event_kind::deployed,
             std::string(text_of(repository, "html_url")), json::serialize(detail), at_ns}
        );
        return made;
    }
    if (state != "failure" && state != "error")
        return nothing("ignored: the deployment is " + std::string(state));
    model::alarm alarm = alarm_from(hook);
    alarm.event_key = "deployment_status/" + id_of(status, "id");
    alarm.group_key =
        "deployment/" + std::string(text_of(repository, "full_name")) + "/" + std::string(environment);
    alarm.service = name_of(repository);
    alarm.error_type = "DEPLOYMENT_FAILED";
    alarm.title = "Deployment to " + std::string(environment) + " failed";
    alarm.description = first_of_texts(text_of(status, "description"), alarm.title);
    alarm.resource = first_of_texts(text_of(status, "log_url"), text_of(status, "target_url"));
    alarm.link = link_of(alarm.resource);
    alarm.occurred_ns = at_ns;
    add_label(alarm, "repository", text_of(repository, "full_name"));
    add_label(alarm, "commit", text_of(deployment, "sha"));
    add_label(alarm, "environment", environment);
    made.alarms.push_back(std::move(alarm));
    return made;
}

read_hook read_pull_request(const hook_body& hook, const json::object& body)
{
    const json::object& pull = object_of(body, "pull_request");
    const std::string_view url = text_of(pull, "html_url");
    if (text_of(body, "action") != "closed")
        return nothing("ignored: the pull request is not closed");
    if (url.empty())
        return hook_fault{"the member pull_request has no html_url"};
    const bool is_merged = flag_of(pull, "merged");
    // Who did it is kept by number: names can be made to look like those of programs.
    const json::object detail = {{"number", number_of(pull, "number")},
                                 {"commit", text_of(pull, "merge_commit_sha")},
                                 {"base", text_of(object_of(pull, "base"), "ref")},
                                 {"merged_by_id", id_of(object_of(pull, "merged_by"), "id")},
                                 {"repository", text_of(object_of(body, "repository"), "full_name")}};
    hook_content made;
    made.events.push_back(
        {{}, {}, std::string(hook.source),
         is_merged ? store::hook_event_kind::pull_request_merged : store::hook_event_kind::pull_request_closed,
         std::string(url), json::serialize(detail),
         time_of(text_of(pull, is_merged ? "merged_at" : "closed_at"))}
    );
    return made;
}

}  // namespace

read_hook read_github(const hook_body& hook)
{
    const auto body = parse_hook_object(hook.body);
    if (!body)
        return body.error();
    if (hook.event == "workflow_run")
        return read_workflow(hook, *body);
    if (hook.event == "deployment_status")
        return read_deployment(hook, *body);
    if (hook.event == "pull_request")
        return read_pull_request(hook, *body);
    return nothing("ignored: " + std::string(hook.event));
}

}  // namespace reprise::ingest
