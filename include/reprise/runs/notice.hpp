#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::model {
struct approval;
struct incident;
struct run;
}
namespace reprise::store {
class transaction;
struct publication;
}

// What people should hear of while they do not look at the dashboard: plain values, made where it happens.
// Whoever delivers them (chat, webhooks) turns them into text for its own reader.
namespace reprise::runs {

enum class notice_kind : std::uint8_t {
    approval_opened,     // Something waits for people.
    approval_reminder,   // Half, or nine tenths, of its time are over.
    approval_decided,    // Released, refused, expired, lapsed or void.
    incident_opened,
    run_dead_letter,
    publication_done,
    publication_failed,  // Given up, or nobody knows: `state` says which.
};

struct notice {
    notice_kind kind = notice_kind::approval_opened;
    std::string id;              // The same for the same thing told again: "approval_reminder/<approval>/50".
    std::string incident_id;
    std::string run_id;          // Empty where there is none; so are the next two.
    std::string approval_id;
    std::string publication_id;
    std::string service;
    std::string title;           // Of the incident; hostile text, one line.
    std::string text;            // What happened, one sentence of ours with foreign words in it.
    model::severity severity = model::severity::low;
    std::optional<model::risk> risk;
    std::string state;           // Of the approval or publication: "pending", "approved", "outcome_unknown".
    std::string actor;           // "user:<name>", "clock", "run:<id>"; empty where nobody did it.
    std::string url;             // Of what was published, https or a path below the data directory.
    std::string page;            // Below the public URL: "/approvals/<id>".
    std::string content_hash;    // Of approvals: what a decision must name.
    std::uint32_t percent = 0;   // Of reminders.
    std::int64_t at_ns = 0;
    std::optional<std::int64_t> expires_ns;
};

// Takes notices inside the transaction of what they tell of, so that one is told exactly when the other is
// committed. Called on the store's writer thread: must only write rows. An error undoes the transaction.
class notice_sink {
public:
    virtual ~notice_sink() = default;
    virtual result<void> take(store::transaction& tx, const notice& told) = 0;
};

std::string_view to_text(notice_kind value) noexcept;
std::optional<notice_kind> find_notice_kind(std::string_view text) noexcept;

notice notice_of(
    notice_kind kind, const model::approval& approval, const model::incident& incident, std::string actor,
    std::int64_t now_ns
);
notice notice_of(
    notice_kind kind, const store::publication& publication, const model::incident& incident, std::int64_t now_ns
);
notice dead_letter_notice(const model::run& run, const model::incident& incident, std::int64_t now_ns);
notice incident_notice(const model::incident& incident, std::int64_t now_ns);

// Nothing when nobody listens.
result<void> tell(store::transaction& tx, notice_sink* sink, const notice& told);

}  // namespace reprise::runs
