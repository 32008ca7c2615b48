#include "reprise/runs/approval_edit.hpp"

#include "approval_ends.hpp"
#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/id.hpp"
#include "reprise/forge/released.hpp"
#include "reprise/store/approvals.hpp"

#include <boost/json/object.hpp>

namespace reprise::runs {
namespace {

// The latest approval of a run that waits for it.
result<model::approval> load_editable(const store::reader& from, const edit_request& request)
{
    auto approval = store::find_approval(from, request.approval_id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    if (!is_editable(**approval))
        return lifecycle::errc::not_editable;
    const auto latest = store::find_approval_by_run(from, (*approval)->run_id);
    if (!latest)
        return latest.error();
    const auto run = load_run(from, (*approval)->run_id);
    if (!run)
        return run.error();
    const bool waits = run->state == model::run_state::waiting_approval && (*latest)->id == (*approval)->id;
    if (!waits)
        return lifecycle::errc::already_decided;
    if ((*approval)->version != request.expected_version)
        return errc::stale;
    return std::move(**approval);
}

std::string summary_of(const model::approval& approval, const std::string& title)
{
    // The sentence ends with where it goes; only the quoted title is another one.
    const auto begin = approval.summary.find('"');
    const auto end = approval.summary.rfind('"');
    if (begin == std::string::npos || end <= begin)
        return approval.summary;
    return approval.summary.substr(0, begin + 1) + title + approval.summary.substr(end);
}

result<void> audit_edit(
    store::transaction& tx, const edit_request& request, const model::approval& before, const model::approval& after,
    std::int64_t now_ns
)
{
    boost::json::object detail;
    detail["before"] = before.content_hash;
    detail["after"] = after.content_hash;
    detail["approval"] = after.id;
    detail["comment"] = request.comment;
    audited row;
    row.actor = person_actor(request.person.name);
    row.action = "approval.edit";
    row.object = "approval/" + before.id;
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    return write_audit(tx, row, now_ns);
}

}  // namespace

result<model::approval> edit_approval(
    store::transaction& tx, const edit_request& request, const lifecycle::approval_policy& policy, std::int64_t now_ns,
    notice_sink* notices
)
{
    const auto before = load_editable(tx, request);
    if (!before)
        return before.error();
    auto content = forge::edit_released(before->content, request.title, request.body);
    if (!content)
        return content.error();
    lifecycle::edited_content edited;
    edited.id = make_ulid(now_ns);
    edited.summary = summary_of(*before, request.title);
    edited.content = std::move(*content);
    edited.edited_by = person_actor(request.person.name);
    edited.now_ns = now_ns;
    auto done = lifecycle::edit_content(*before, edited, policy);
    if (!done)
        return done.error();
    if (done->voided) {
        if (auto saved = store::save_approval(tx, *done->voided, before->version, now_ns); !saved)
            return saved.error();
    }
    if (auto inserted = store::insert_approval(tx, done->opened); !inserted)
        return inserted.error();
    if (auto audit = audit_edit(tx, request, *before, done->opened, now_ns); !audit)
        return audit.error();
    const auto incident = load_incident(tx, done->opened.incident_id);
    if (!incident)
        return incident.error();
    // The policy may have become easier meanwhile: then nobody needs to decide.
    if (done->opened.state == model::approval_state::approved) {
        if (auto resumed = settle_run(tx, done->opened, now_ns); !resumed)
            return resumed.error();
        return std::move(done->opened);
    }
    const notice told =
        notice_of(notice_kind::approval_opened, done->opened, *incident, edited.edited_by, now_ns);
    if (auto passed = tell(tx, notices, told); !passed)
        return passed.error();
    return std::move(done->opened);
}

}  // namespace reprise::runs
