#include "reprise/lifecycle/risk.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace reprise::lifecycle {
namespace {

struct floor_of {
    model::risk level = model::risk::low;
    std::string reason;
};

std::string name(model::risk level)
{
    return std::string(model::to_text(level));
}

floor_of floor_by_severity(model::severity severity)
{
    const auto level = static_cast<model::risk>(severity);
    return {level, "A problem of severity " + name(level) + " is at least " + name(level) + " risk."};
}

floor_of floor_by_action(gated_action action)
{
    switch (action) {
    case gated_action::ticket: return {model::risk::low, "A ticket is at least low risk."};
    case gated_action::pull_request: return {model::risk::medium, "A pull request is at least medium risk."};
    case gated_action::unsafe_replay:
        return {model::risk::high, "Replaying requests that may change data is at least high risk."};
    case gated_action::protected_pull_request:
        return {model::risk::critical, "A pull request that touches protected paths is critical risk."};
    }
    return {model::risk::critical, "An unknown action is critical risk."};
}

std::string two_digits(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", value);
    return text.data();
}

// Why one level is added; empty when none is.
std::string raise_reason(const risk_input& input)
{
    if (input.reproduced && !*input.reproduced)
        return "The problem was not reproduced: one level more.";
    // Written so that a confidence that is no number counts as low.
    if (input.fix_confidence && !(*input.fix_confidence >= confidence_min))
        return "The fix's confidence " + two_digits(*input.fix_confidence) + " is below "
            + two_digits(confidence_min) + ": one level more.";
    return {};
}

}  // namespace

risk_assessment assess_risk(const risk_input& input)
{
    std::vector<floor_of> floors = {floor_by_severity(input.severity), floor_by_action(input.action)};
    if (input.blast_radius)
        floors.push_back({*input.blast_radius, "Blast radius " + name(*input.blast_radius)
            + (input.blast_reason.empty() ? "." : ": " + input.blast_reason + ".")});
    std::stable_sort(floors.begin(), floors.end(), [](const floor_of& a, const floor_of& b) {
        return a.level > b.level;
    });

    risk_assessment assessment;
    assessment.level = floors.front().level;
    for (floor_of& floor : floors)
        assessment.reasons.push_back(std::move(floor.reason));
    if (std::string reason = raise_reason(input); !reason.empty()) {
        if (assessment.level != model::risk::critical)
            assessment.level = static_cast<model::risk>(static_cast<int>(assessment.level) + 1);
        assessment.reasons.insert(assessment.reasons.begin(), std::move(reason));
    }
    if (input.raised_to && *input.raised_to > assessment.level) {
        assessment.level = *input.raised_to;
        assessment.reasons.insert(assessment.reasons.begin(), "Raised to " + name(*input.raised_to)
            + (input.raised_reason.empty() ? "." : ": " + input.raised_reason + "."));
    }
    return assessment;
}

}  // namespace reprise::lifecycle
