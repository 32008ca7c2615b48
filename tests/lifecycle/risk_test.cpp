#include "reprise/lifecycle/risk.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace reprise::lifecycle {
namespace {

struct row {
    const char* name;
    risk_input input;
    model::risk expected;
};

risk_input of(model::severity severity, gated_action action, std::optional<bool> reproduced)
{
    risk_input input;
    input.severity = severity;
    input.action = action;
    input.reproduced = reproduced;
    return input;
}

risk_input with_confidence(double confidence)
{
    risk_input input = of(model::severity::low, gated_action::pull_request, true);
    input.fix_confidence = confidence;
    return input;
}

risk_input with_blast(model::risk radius)
{
    risk_input input = of(model::severity::low, gated_action::ticket, true);
    input.blast_radius = radius;
    input.blast_reason = "touches 3 services";
    return input;
}

risk_input raised(model::severity severity, model::risk level)
{
    risk_input input = of(severity, gated_action::ticket, true);
    input.raised_to = level;
    return input;
}

TEST(risk, is_the_highest_floor_and_one_more_when_uncertain)
{
    using model::risk;
    using model::severity;
    risk_input both = of(severity::medium, gated_action::pull_request, false);
    both.fix_confidence = 0.2;
    const row rows[] = {
        {"a ticket of a small reproduced problem", of(severity::low, gated_action::ticket, true), risk::low},
        {"severity sets the floor", of(severity::high, gated_action::ticket, true), risk::high},
        {"the action sets the floor", of(severity::low, gated_action::pull_request, true), risk::medium},
        {"unsafe replay", of(severity::low, gated_action::unsafe_replay, std::nullopt), risk::high},
        {"protected paths", of(severity::low, gated_action::protected_pull_request, true), risk::critical},
        {"not reproduced", of(severity::high, gated_action::ticket, false), risk::critical},
        {"not known yet does not raise", of(severity::medium, gated_action::ticket, std::nullopt), risk::medium},
        {"never above critical", of(severity::critical, gated_action::ticket, false), risk::critical},
        {"confidence just too low", with_confidence(0.699), risk::high},
        {"confidence just enough", with_confidence(0.70), risk::medium},
        {"confidence that is no number", with_confidence(std::numeric_limits<double>::quiet_NaN()), risk::high},
        {"two doubts are one level", both, risk::high},
        {"blast radius", with_blast(risk::critical), risk::critical},
        {"a model raises", raised(severity::low, risk::high), risk::high},
        {"a model never lowers", raised(severity::critical, risk::low), risk::critical},
    };

    for (const row& one : rows)
        EXPECT_EQ(assess_risk(one.input).level, one.expected) << one.name;
}

TEST(risk, never_falls_when_anything_gets_worse)
{
    const auto level = [](int value) { return static_cast<model::risk>(value); };
    for (int severity = 0; severity < 3; ++severity) {
        for (int action = 0; action < 4; ++action) {
            for (const bool reproduced : {true, false}) {
                const auto better =
                    of(static_cast<model::severity>(severity), static_cast<gated_action>(action), reproduced);
                auto worse = better;
                worse.severity = static_cast<model::severity>(severity + 1);
                auto doubted = better;
                doubted.reproduced = false;
                auto wider = better;
                wider.blast_radius = level(severity + 1);
                EXPECT_GE(assess_risk(worse).level, assess_risk(better).level);
                EXPECT_GE(assess_risk(doubted).level, assess_risk(better).level);
                EXPECT_GE(assess_risk(wider).level, assess_risk(better).level);
            }
        }
    }
}

TEST(risk, says_why_and_the_deciding_reason_first)
{
    const auto doubted = assess_risk(of(model::severity::high, gated_action::ticket, false));

    ASSERT_EQ(doubted.reasons.size(), 3U);
    EXPECT_EQ(doubted.reasons[0], "The problem was not reproduced: one level more.");
    EXPECT_EQ(doubted.reasons[1], "A problem of severity high is at least high risk.");
    EXPECT_EQ(doubted.reasons[2], "A ticket is at least low risk.");

    const auto blast = assess_risk(with_blast(model::risk::high));
    EXPECT_EQ(blast.reasons[0], "Blast radius high: touches 3 services.");
}

}  // namespace
}  // namespace reprise::lifecycle
