#pragma once

#include "reprise/base/error.hpp"

#include <string_view>

// Why a state machine said no. Every code is an answer to a person or a program, so each has a stable
// word (`to_text`, the "code" of a problem document) and a sentence (`error_code::message`).
namespace reprise::lifecycle {

enum class errc {
    illegal_transition = 1,  // No such edge, or not for this cause. 409.
    reason_required,         // needs_human without a reason code.
    unknown_reason,          // A reason code that find_reason() does not know.
    unknown_phase,           // A phase the status does not have.
    attempts_exhausted,      // The run has no attempt left: dead-letter it.
    not_due,                 // The run's backoff has not passed, or its lease is still held.
    not_a_person,            // A token, a service account or an agent tried to decide.
    not_approver,            // The person lacks the role, or the account is disabled.
    self_review,             // CRITICAL: the starter of the run or the last editor.
    same_person,             // This person has approved already.
    already_decided,         // The approval is not pending any more. 409.
    expired,                 // Its time is over.
    lapsed,                  // Approved, but not executed in time: ask again.
    hash_mismatch,           // The person saw, or the worker would do, something else than was approved.
    comment_required,        // Reject and request changes say why.
    confirmation_required,   // CRITICAL: the first eight digits of the hash were not typed.
    reauthentication_required,  // CRITICAL: the session proved too long ago who it is. 403.
    not_editable,            // This content is not for people to edit, or its time is over. 409.
    unchanged,               // The edited content, or the assignment, is what it was.
    no_repository,           // The service takes no pull requests.
    already_published,       // This generation has its pull request. 409.
    link_used,               // A link to an approval works once. 409.
    link_of_another,         // The link was made for somebody else. 403.

    not_awaited,             // The incident moved on: nobody waits for this run's outcome. 409.
    active_run,              // The incident has a run that is not over. 409.
    unknown_step,            // The kind of run has no such step. 422.

    time_passed,             // A snooze must end ahead. 422.
    too_far,                 // A snooze for longer than there may be. 422.
    expires_first,           // What would be snoozed expires before it came back. 409.
    not_snoozed,             // There is no snooze to end. 409.
};

const boost::system::error_category& lifecycle_category() noexcept;
error_code make_error_code(errc code) noexcept;

// "illegal_transition", "comment_required", ...
std::string_view to_text(errc code) noexcept;

}  // namespace reprise::lifecycle

template <>
struct boost::system::is_error_code_enum<reprise::lifecycle::errc> : std::true_type {};
