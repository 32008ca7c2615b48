#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the outside is told: one notice per thing that happened, put into the queue of every endpoint that wants
// its type, in the transaction of the change itself. The repositories do that themselves:
//   approval.opened, approval.decided             by insert_approval, save_approval (only what waits for people)
//   incident.opened, incident.status_changed      by insert_incident, save_incident
//   run.dead_lettered                             by save_run, save_run_by_version
//   publication.done, publication.failed          by mark_published, mark_failed
// approval.reminder is for whoever watches the clock.
namespace reprise::store {

enum class notice_kind : std::uint8_t {
    approval_opened,
    approval_reminder,
    approval_decided,  // Or its time ran out, before or after the decision.
    incident_opened,
    incident_status_changed,
    run_dead_lettered,
    publication_done,
    publication_failed,
};

inline constexpr std::array notice_kinds = {
    notice_kind::approval_opened,   notice_kind::approval_reminder,       notice_kind::approval_decided,
    notice_kind::incident_opened,   notice_kind::incident_status_changed, notice_kind::run_dead_lettered,
    notice_kind::publication_done,  notice_kind::publication_failed,
};

// "approval.opened": the event type on the wire.
std::string_view to_text(notice_kind value) noexcept;
std::optional<notice_kind> find_notice_kind(std::string_view text) noexcept;

struct notice {
    notice_kind kind = notice_kind::incident_opened;
    std::string key;              // What happened: "approval.opened:<id>". A second one with the same key is not told.
    std::string subject;          // "approval/<id>", "incident/<id>", "run/<id>", "publication/<id>".
    std::optional<model::severity> severity;  // Of the incident, in notices about incidents.
    boost::json::object data;     // Ids, words and numbers; never captured text.
    std::int64_t at_ns = 0;
};

constexpr std::size_t notice_data_bytes_max = 16U << 10;  // More is replaced by {"too_large":true}.
constexpr std::size_t notice_word_bytes_max = 256;        // Names in `data` are cut here.
// Per endpoint. When one more comes, the oldest waiting one is given up (state "dropped", with the reason, counted).
constexpr std::uint64_t deliveries_queued_max = 2'000;

notice approval_opened(const model::approval& approval);
// `percent` of its time has passed.
notice approval_reminder(const model::approval& approval, int percent, std::int64_t now_ns);
// `decided_by` is empty when the clock or the system ended it.
notice approval_decided(const model::approval& approval, std::string_view decided_by, std::int64_t now_ns);
notice incident_opened(const model::incident& incident);
// Empty when the event does not change the status: phases are not told.
std::optional<notice> incident_moved(const model::incident& incident, const model::incident_event& event);
notice run_dead_lettered(const model::run& run);
notice publication_ended(const publication& value, std::int64_t now_ns);

// A delivery for each enabled endpoint that wants it; how many.
result<std::size_t> enqueue_deliveries(transaction& tx, const notice& what);

constexpr std::string_view webhook_test_type = "webhook.test";  // Never subscribed to: a person asks for one.

struct webhook_test {
    std::string endpoint_id;
    std::string asked_by;    // "user:<name>"
    std::uint32_t rung = 0;  // Steps of the ladder that count as used up: the last one makes it a single attempt.
    std::int64_t now_ns = 0;
};

// To this endpoint alone, whatever types it wants; answers the delivery's id.
result<std::string> enqueue_test(transaction& tx, const webhook_test& what);

}  // namespace reprise::store
