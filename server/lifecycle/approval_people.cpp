#include "approval_people.hpp"

#include "reprise/lifecycle/approval_machine.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace reprise::lifecycle {
namespace {

constexpr std::string_view user_prefix = "user:";

bool is_actor(std::string_view actor, const model::person& person)
{
    if (!actor.starts_with(user_prefix))
        return false;
    const std::string_view name = actor.substr(user_prefix.size());
    return name == person.name || (!person.id.empty() && name == person.id);
}

std::string roles_text(const model::roles& roles)
{
    const std::string text = model::to_text(roles);
    return text.empty() ? "no role" : "role " + text;
}

std::string why_not(
    const model::approval& approval, std::span<const model::decision> decisions, const model::person& person
)
{
    if (approval.state != model::approval_state::pending)
        return "already decided";
    if (person.kind != model::person_kind::person)
        return "service account";
    if (person.disabled)
        return "account disabled";
    if (!person.roles.approver)
        return roles_text(person.roles);
    switch (has_own_part(approval, person)) {
    case own_part::started: return "started this run";
    case own_part::edited: return "last edited the content";
    case own_part::none: break;
    }
    return has_approved(decisions, person) ? "already approved" : "";
}

std::string upper_case(std::string_view text)
{
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char one) {
        return static_cast<char>(std::toupper(one));
    });
    return upper;
}

}  // namespace

own_part has_own_part(const model::approval& approval, const model::person& person)
{
    if (approval.risk != model::risk::critical)
        return own_part::none;
    if (is_actor(approval.requested_by, person))
        return own_part::started;
    return is_actor(approval.edited_by, person) ? own_part::edited : own_part::none;
}

bool has_approved(std::span<const model::decision> decisions, const model::person& person)
{
    return std::any_of(decisions.begin(), decisions.end(), [&](const model::decision& one) {
        const bool same = one.user == person.name || (!person.id.empty() && one.user == person.id);
        return same && one.kind == model::decision_kind::approve;
    });
}

std::vector<decider> who_may_decide(
    const model::approval& approval, std::span<const model::decision> decisions, std::span<const model::person> people
)
{
    std::vector<decider> deciders;
    deciders.reserve(people.size());
    for (const model::person& person : people) {
        std::string why = why_not(approval, decisions, person);
        const bool may = why.empty();
        deciders.push_back({person.id, person.name, may, std::move(why)});
    }
    return deciders;
}

std::vector<std::string> approvers_missing(std::span<const model::person> people, const approval_policy& policy)
{
    const auto count = std::count_if(people.begin(), people.end(), [](const model::person& one) {
        return one.kind == model::person_kind::person && !one.disabled && one.roles.approver;
    });
    constexpr std::array levels = {model::risk::low, model::risk::medium, model::risk::high, model::risk::critical};
    std::vector<std::string> sentences;
    for (const model::risk level : levels) {
        const std::uint32_t needed = approvals_needed(level, policy);
        if (static_cast<std::int64_t>(needed) <= count)
            continue;
        sentences.push_back(
            upper_case(model::to_text(level)) + " cannot be released: " + std::to_string(needed)
            + (needed == 1 ? " approver" : " approvers") + " needed, " + std::to_string(count)
            + (count == 1 ? " exists." : " exist.") + " Give someone the role approver."
        );
    }
    return sentences;
}

}  // namespace reprise::lifecycle
