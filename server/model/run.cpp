#include "reprise/model/run.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 3> run_kind_texts = {
    "reproduce", "publish", "fix"};
constexpr std::array<std::string_view, 11> run_state_texts = {
    "queued", "leased", "failed", "waiting_approval", "paused", "paused_budget", "dead_letter",
    "succeeded", "cancelled", "timed_out", "discarded"};
constexpr std::array<std::string_view, 4> verdict_texts = {
    "reproduced", "not_reproduced", "flaky", "inconclusive"};

}  // namespace

std::string_view to_text(run_kind value) noexcept
{
    return enum_text(run_kind_texts, value);
}

std::optional<run_kind> find_run_kind(std::string_view text) noexcept
{
    return find_enum<run_kind>(run_kind_texts, text);
}

std::string_view to_text(run_state value) noexcept
{
    return enum_text(run_state_texts, value);
}

std::optional<run_state> find_run_state(std::string_view text) noexcept
{
    return find_enum<run_state>(run_state_texts, text);
}

std::string_view to_text(verdict value) noexcept
{
    return enum_text(verdict_texts, value);
}

std::optional<verdict> find_verdict(std::string_view text) noexcept
{
    return find_enum<verdict>(verdict_texts, text);
}

}  // namespace reprise::model
