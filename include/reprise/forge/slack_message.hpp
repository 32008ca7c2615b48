#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/signal.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What Slack shows, as arguments of chat.postMessage and chat.update without channel and ts. Pure. Captured text is
// hostile: it stands in plain text, escaped, cut, without mentions, links or markup, and nothing is unfurled.
namespace reprise::forge {

// Text of others for any text object of Slack: one line, at most `bytes_max` bytes of it, & < > escaped, an @ that
// mentions nobody.
std::string slack_text(std::string_view text, std::size_t bytes_max);

struct slack_subject {
    std::string key;         // "approval/<id>": told to Slack as metadata, where looking finds it again.
    model::incident incident;
    std::string public_url;  // Empty: no links and no buttons that open.
};

struct slack_approval {
    model::approval approval;
    std::span<const model::decision> decisions;
    std::optional<model::signal> signal;      // The leading one.
    std::string result_json;                  // Of the run; empty: not replayed.
};

// With buttons while it waits: "Approve" and "Reject" up to HIGH, "Open" always.
boost::json::object approval_message(const slack_subject& subject, const slack_approval& about);
boost::json::object reminder_message(const slack_subject& subject, const slack_approval& about, std::int64_t now_ns);
boost::json::object incident_message(const slack_subject& subject, const std::optional<model::signal>& signal);

struct slack_publication {
    std::string kind;    // "ticket"
    std::string target;  // "github:owner/name"
    std::string title;
    std::string url;     // A link only when it is https.
};
boost::json::object publication_message(const slack_subject& subject, const slack_publication& about);

// Tells of nothing but who asked for it.
boost::json::object test_message(const slack_subject& subject, std::string_view asked_by);

// Names of buttons and of the dialog, and what they carry.
constexpr std::string_view slack_approve = "reprise_approve";
constexpr std::string_view slack_reject = "reprise_reject";
constexpr std::string_view slack_open = "reprise_open";
constexpr std::string_view slack_comment = "reprise_comment";
constexpr std::string_view slack_notice_event = "reprise_notice";  // event_type of the metadata.

// The dialog that asks why; `carried` comes back with the answer.
boost::json::object reject_dialog(std::string_view carried);

}  // namespace reprise::forge
