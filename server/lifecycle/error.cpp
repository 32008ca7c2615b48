#include "reprise/lifecycle/error.hpp"

#include <string>

namespace reprise::lifecycle {
namespace {

struct entry {
    std::string_view word;
    const char* sentence;
};

entry describe(errc code) noexcept
{
    switch (code) {
    case errc::illegal_transition: return {"illegal_transition", "not possible in the present state"};
    case errc::reason_required: return {"reason_required", "waiting for a person needs a reason code"};
    case errc::unknown_reason: return {"unknown_reason", "not a reason code of needs_human"};
    case errc::unknown_phase: return {"unknown_phase", "not a phase of this status"};
    case errc::attempts_exhausted: return {"attempts_exhausted", "no attempt is left"};
    case errc::not_due: return {"not_due", "it is not time yet"};
    case errc::not_a_person: return {"not_a_person", "only a person who is signed in may decide"};
    case errc::not_approver: return {"not_approver", "deciding needs the role approver"};
    case errc::self_review:
        return {"self_review", "a critical action is not released by who started the run or edited the content last"};
    case errc::same_person: return {"same_person", "you approved already; another person is needed"};
    case errc::already_decided: return {"already_decided", "this approval is not pending any more"};
    case errc::expired: return {"expired", "the time to decide is over; the run must ask again"};
    case errc::lapsed: return {"lapsed", "approved, but not carried out in time; the run must ask again"};
    case errc::hash_mismatch: return {"hash_mismatch", "the content is not what this decision was about"};
    case errc::comment_required: return {"comment_required", "say why in a comment"};
    case errc::confirmation_required:
        return {"confirmation_required", "a critical approval needs the first eight digits of the hash, typed"};
    case errc::reauthentication_required:
        return {"reauthentication_required",
                "a critical approval needs a fresh sign-in; sign in again, then send the decision again"};
    case errc::not_editable:
        return {"not_editable", "only what waits at the gate, a ticket or a pull request, can be edited"};
    case errc::unchanged: return {"unchanged", "everything is as it was"};
    case errc::no_repository:
        return {"no_repository", "the service takes no pull requests; set its repository under PUT /services/{name}"};
    case errc::already_published:
        return {"already_published",
                "this generation has its pull request; push to that one, or retry the incident for another"};
    case errc::link_used: return {"link_used", "this link was used already; open the approval itself"};
    case errc::link_of_another: return {"link_of_another", "this link was made for somebody else"};

    case errc::not_awaited:
        return {"not_awaited", "its incident has moved on and does not wait for this run; retry the incident instead"};
    case errc::active_run:
        return {"active_run", "a run of the incident is not over; resume, cancel or retry that one"};
    case errc::unknown_step: return {"unknown_step", "not a step of this kind of run"};
    case errc::time_passed: return {"time_passed", "the end of a snooze must lie ahead"};
    case errc::too_far: return {"too_far", "a snooze lasts 30 days at most"};
    case errc::expires_first:
        return {"expires_first", "it expires before that, with little time left; decide, or choose an earlier time"};
    case errc::not_snoozed: return {"not_snoozed", "it is not snoozed"};
    }
    return {"unknown", "unknown error"};
}

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.lifecycle"; }
    std::string message(int value) const override { return describe(static_cast<errc>(value)).sentence; }
};

}  // namespace

const boost::system::error_category& lifecycle_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), lifecycle_category()};
}

std::string_view to_text(errc code) noexcept
{
    return describe(code).word;
}

}  // namespace reprise::lifecycle
