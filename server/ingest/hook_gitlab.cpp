#include "hook_json.hpp"

#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace reprise::ingest {
namespace {

hook_content nothing(std::string note)
{
    hook_content made;
    made.note = std::move(note);
    return made;
}

// RFC 3339, or GitLab's older "2026-11-21 03:59:35 UTC".
std::int64_t gitlab_time_of(std::string_view text)
{
    constexpr std::string_view zone = " UTC";
    if (!text.ends_with(zone))
        return time_of(text);
    std::string written(text.substr(0, text.size() - zone.size()));
    if (const auto blank = written.find(' '); blank != std::string::npos)
        written[blank] = 'T';
    return time_of(written + "Z");
}

// The first jobs that failed, as stage/name.
std::string failed_jobs(const json::object& body)
{
    constexpr std::size_t jobs_named_max = 5;
    std::string names;
    std::size_t count = 0;
    for (const json::value& each : array_of(body, "builds")) {
        const json::object* const job = each.if_object();
        if (job == nullptr || text_of(*job, "status") != "failed" || flag_of(*job, "allow_failure"))
            continue;
        if (++count > jobs_named_max)
            break;
        names.append(names.empty() ? "" : ", ").append(text_of(*job, "stage")).append("/");
        names.append(text_of(*job, "name"));
    }
    return names;
}

read_hook read_pipeline(const hook_body& hook, const json::object& body)
{
    const json::object& pipeline = object_of(body, "object_attributes");
    const json::object& project = object_of(body, "project");
    if (text_of(pipeline, "status") != "failed")
        return nothing("ignored: the pipeline did not fail");
    const std::string id = id_of(pipeline, "id");
    if (id.empty())
        return hook_fault{"the member object_attributes has no id"};
    const std::string_view branch = text_of(pipeline, "ref");
    const std::string jobs = failed_jobs(body);
    model::alarm made = alarm_from(hook);
    // A pipeline that is retried fails again under its own id, at another time.
    made.event_key = "pipeline/" + id + "/" + std::string(text_of(pipeline, "finished_at"));
    made.group_key = "pipeline/" + std::string(text_of(project, "path_with_namespace")) + "/" + std::string(branch);
    made.service = first_of_texts(text_of(project, "name"), "unknown");
    made.error_type = "PIPELINE_FAILED";
    made.title = "Pipeline failed on " + std::string(branch);
    made.description = jobs.empty() ? made.title : "Failed jobs: " + jobs;
    made.resource = first_of_texts(text_of(pipeline, "url"), text_of(project, "web_url"));
    made.link = link_of(made.resource);
    made.occurred_ns = gitlab_time_of(text_of(pipeline, "finished_at"));
    add_label(made, "project", text_of(project, "path_with_namespace"));
    add_label(made, "branch", branch);
    add_label(made, "commit", text_of(pipeline, "sha"));
    add_label(made, "trigger", text_of(pipeline, "source"));
    hook_content content;
    content.alarms.push_back(std::move(made));
    return content;
}

read_hook read_merge_request(const hook_body& hook, const json::object& body)
{
    const json::object& request = object_of(body, "object_attributes");
    const std::string_view action = text_of(request, "action");
    const std::string_view url = text_of(request, "url");
    if (action != "merge" && action != "close")
        return nothing("ignored: the merge request is not closed");
    if (url.empty())
        return hook_fault{"the member object_attributes has no url"};
    const json::object detail = {{"number", number_of(request, "iid")},
                                 {"commit", text_of(request, "merge_commit_sha")},
                                 {"base", text_of(request, "target_branch")},
                                 {"merged_by_id", id_of(object_of(body, "user"), "id")},
                                 {"repository", text_of(object_of(body, "project"), "path_with_namespace")}};
    hook_content made;
    made.events.push_back(
        {{}, {}, std::string(hook.source),
         action == "merge" ? store::hook_event_kind::pull_request_merged : store::hook_event_kind::pull_request_closed,
         std::string(url), json::serialize(detail), gitlab_time_of(text_of(request, "updated_at"))}
    );
    return made;
}

}  // namespace

read_hook read_gitlab(const hook_body& hook)
{
    const auto body = parse_hook_object(hook.body);
    if (!body)
        return body.error();
    const std::string_view kind = text_of(*body, "object_kind");
    if (kind == "pipeline")
        return read_pipeline(hook, *body);
    if (kind == "merge_request")
        return read_merge_request(hook, *body);
    return nothing("ignored: " + std::string(kind));
}

}  // namespace reprise::ingest
