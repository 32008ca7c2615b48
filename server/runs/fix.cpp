#include "reprise/runs/fix.hpp"

#include "fix_input.hpp"
#include "incident_moves.hpp"
#include "queue_run.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/forge/released.hpp"
#include "reprise/lifecycle/protected_paths.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/services.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cctype>
#include <set>

namespace reprise::runs {
namespace {

using model::incident_status;

bool is_branch(std::string_view name)
{
    constexpr std::string_view others = "/._-+";
    const bool fits = std::all_of(name.begin(), name.end(), [others](unsigned char one) {
        return std::isalnum(one) != 0 || others.find(static_cast<char>(one)) != std::string_view::npos;
    });
    const bool ends_well = !name.ends_with('/') && !name.ends_with('.') && !name.ends_with(".lock");
    const bool begins_well = !name.starts_with('/') && !name.starts_with('-') && !name.starts_with('.') &&
                             !name.starts_with("refs/") && name != "HEAD";
    return fits && begins_well && ends_well && name.size() <= fix_branch_bytes_max &&
           name.find("..") == std::string_view::npos && name.find("//") == std::string_view::npos &&
           name.find("/.") == std::string_view::npos;
}

std::optional<std::string> find_file_fault(const std::vector<forge::changed_file>& files)
{
    if (files.empty())
        return "files: a fix changes at least one file.";
    if (files.size() > lifecycle::change_files_max)
        return "files: a fix changes at most " + std::to_string(lifecycle::change_files_max) + " files, this one " +
               std::to_string(files.size()) + ".";
    std::set<std::string> seen;
    std::size_t bytes = 0;
    for (const forge::changed_file& file : files) {
        if (const auto fault = lifecycle::find_path_fault(file.path))
            return "files: the path \"" + file.path + "\" " + std::string(*fault) + ".";
        if (!seen.insert(file.path).second)
            return "files: \"" + file.path + "\" is there twice.";
        bytes += file.content ? file.content->size() : 0;
    }
    if (bytes > lifecycle::change_bytes_max)
        return "files: the new contents have " + std::to_string(bytes) + " bytes, at most " +
               std::to_string(lifecycle::change_bytes_max) + " are allowed.";
    return std::nullopt;
}

// The names and hashes: contents are in the approval, which the audit names.
std::string audit_detail(const fix_request& request, const model::run& run)
{
    boost::json::array files;
    for (const forge::changed_file& file : request.files) {
        boost::json::value hash = nullptr;
        if (file.content)
            hash = sha256_hex(*file.content);
        files.push_back(boost::json::object{{"path", file.path}, {"sha256", std::move(hash)}});
    }
    boost::json::object detail;
    detail["run"] = run.id;
    detail["title"] = request.title;
    detail["files"] = std::move(files);
    detail["comment"] = request.comment;
    return canonical_json(detail);
}

result<void> check_may_publish(const store::reader& from, const model::incident& incident)
{
    const auto service = store::find_service(from, incident.service);
    if (!service)
        return service.error();
    if (!*service || (*service)->repository.empty())
        return lifecycle::errc::no_repository;
    const auto known =
        store::find_publication_by_key(from, forge::change_key(incident.id, incident.generation));
    if (!known)
        return known.error();
    if (*known && (*known)->state == store::publication_state::published)
        return lifecycle::errc::already_published;
    return {};
}

result<model::incident> move_to_fixing(store::transaction& tx, const fix_request& request, std::int64_t now_ns)
{
    lifecycle::incident_change change;
    change.to = incident_status::fixing;
    change.phase = "preparing";
    change.cause = lifecycle::change_cause::person;
    change.actor = person_actor(request.person.name);
    change.why = request.comment.empty() ? "a fix by " + request.person.name + ": " + request.title : request.comment;
    change.now_ns = now_ns;
    return move_incident(tx, request.incident_id, change);
}

}  // namespace

std::optional<std::string> find_fault(const fix_request& request)
{
    const bool one_line = std::none_of(request.title.begin(), request.title.end(), [](unsigned char one) {
        return one < 0x20 || one == 0x7F;
    });
    if (request.title.empty() || !one_line || request.title.size() > forge::title_bytes_max)
        return "title: one line of 1 to " + std::to_string(forge::title_bytes_max) + " bytes.";
    if (request.body.size() > fix_body_bytes_max)
        return "body: at most " + std::to_string(fix_body_bytes_max) + " bytes.";
    if (!is_branch(request.base_branch))
        return "base_branch: \"" + request.base_branch + "\" is no name of a branch.";
    return find_file_fault(request.files);
}

result<started_fix> start_fix(store::transaction& tx, const fix_request& request, std::int64_t now_ns)
{
    const auto incident = load_incident(tx, request.incident_id);
    if (!incident)
        return incident.error();
    if (request.expected_version && *request.expected_version != incident->version)
        return errc::stale;
    if (auto may = check_may_publish(tx, *incident); !may)
        return may.error();
    if (auto cancelled = cancel_active_runs(tx, incident->id, now_ns); !cancelled)
        return cancelled.error();
    auto moved = move_to_fixing(tx, request, now_ns);
    if (!moved)
        return moved.error();
    fix_input input{request.title, request.body, request.base_branch, request.comment, request.files};
    auto run = queue_run(
        tx, *moved, model::run_kind::fix, person_actor(request.person.name), now_ns, to_json(input)
    );
    if (!run)
        return run.error();
    audited row;
    row.actor = person_actor(request.person.name);
    row.actor_type = model::to_text(request.person.kind);
    row.auth = request.auth;
    row.action = "incident.fix";
    row.object = "incident/" + incident->id;
    row.detail = audit_detail(request, *run);
    row.request_id = request.request_id;
    if (auto audit = write_audit(tx, row, now_ns); !audit)
        return audit.error();
    return started_fix{std::move(*run), std::move(*moved)};
}

}  // namespace reprise::runs
