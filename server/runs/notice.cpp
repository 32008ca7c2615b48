#include "reprise/runs/notice.hpp"

#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/publications.hpp"

#include <array>
#include <utility>

namespace reprise::runs {
namespace {

constexpr std::array<std::string_view, 7> kind_texts = {
    "approval_opened", "approval_reminder", "approval_decided", "incident_opened",
    "run_dead_letter", "publication_done",  "publication_failed"};

notice about(notice_kind kind, const model::incident& incident, std::int64_t now_ns)
{
    notice told;
    told.kind = kind;
    told.incident_id = incident.id;
    told.service = incident.service;
    told.title = incident.title;
    told.severity = incident.severity;
    told.at_ns = now_ns;
    return told;
}

std::string approval_text(notice_kind kind, const model::approval& approval, std::string_view actor)
{
    if (kind == notice_kind::approval_opened)
        return "Waits for " + std::to_string(approval.approvals_needed) +
               (approval.approvals_needed == 1 ? " approval: " : " approvals: ") + approval.summary;
    if (kind == notice_kind::approval_reminder)
        return std::to_string(approval.reminded) + " % of the time to decide is over: " + approval.summary;
    return std::string(model::to_text(approval.state)) + (actor.empty() ? "" : " by ") + std::string(actor) + ": " +
           approval.summary;
}

}  // namespace

std::string_view to_text(notice_kind value) noexcept
{
    return kind_texts[static_cast<std::size_t>(value)];
}

std::optional<notice_kind> find_notice_kind(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < kind_texts.size(); ++i) {
        if (kind_texts[i] == text)
            return static_cast<notice_kind>(i);
    }
    return std::nullopt;
}

notice notice_of(
    notice_kind kind, const model::approval& approval, const model::incident& incident, std::string actor,
    std::int64_t now_ns
)
{
    notice told = about(kind, incident, now_ns);
    told.id = std::string(to_text(kind)) + "/" + approval.id;
    told.run_id = approval.run_id;
    told.approval_id = approval.id;
    told.text = approval_text(kind, approval, actor);
    told.risk = approval.risk;
    told.state = model::to_text(approval.state);
    told.actor = std::move(actor);
    told.page = "/approvals/" + approval.id;
    told.content_hash = approval.content_hash;
    if (kind == notice_kind::approval_reminder) {
        told.percent = approval.reminded;
        told.id += "/" + std::to_string(approval.reminded);
    }
    if (approval.state == model::approval_state::pending)
        told.expires_ns = approval.expires_ns;
    return told;
}

notice notice_of(
    notice_kind kind, const store::publication& publication, const model::incident& incident, std::int64_t now_ns
)
{
    notice told = about(kind, incident, now_ns);
    // A publication may be given up, asked for again and given up again.
    told.id = std::string(to_text(kind)) + "/" + publication.id + "/" + std::to_string(publication.attempts);
    told.run_id = publication.run_id;
    told.publication_id = publication.id;
    told.state = store::to_text(publication.state);
    told.actor = "run:" + publication.run_id;
    told.url = publication.url;
    told.page = "/incidents/" + incident.id;
    const std::string what = publication.kind + " at " + publication.target;
    told.text = kind == notice_kind::publication_done ? what + ": " + publication.url
                                                      : what + " failed: " + publication.error;
    return told;
}

notice dead_letter_notice(const model::run& run, const model::incident& incident, std::int64_t now_ns)
{
    notice told = about(notice_kind::run_dead_letter, incident, now_ns);
    told.id = std::string(to_text(told.kind)) + "/" + run.id + "/" + std::to_string(run.version);
    told.run_id = run.id;
    told.state = model::to_text(run.state);
    told.page = "/runs/" + run.id;
    told.text = "The " + std::string(model::to_text(run.kind)) + " run failed in every attempt: " + run.error;
    return told;
}

notice incident_notice(const model::incident& incident, std::int64_t now_ns)
{
    notice told = about(notice_kind::incident_opened, incident, now_ns);
    told.id = std::string(to_text(told.kind)) + "/" + incident.id + "/" + std::to_string(incident.generation);
    told.state = model::to_text(incident.status);
    told.page = "/incidents/" + incident.id;
    told.text = incident.title;
    return told;
}

result<void> tell(store::transaction& tx, notice_sink* sink, const notice& told)
{
    return sink == nullptr ? result<void>() : sink->take(tx, told);
}

}  // namespace reprise::runs
