#include "reprise/pipeline/trace_choice.hpp"

#include "reprise/detect/trace_sample.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t minute = 60'000'000'000;

// Of a rank that is in no sample.
model::trace_id unsampled()
{
    model::trace_id id{1, 1};
    while (detect::trace_rank(id) < std::numeric_limits<std::uint64_t>::max() / 2)
        ++id.low;
    return id;
}

model::trace_summary plain()
{
    model::trace_summary summary;
    summary.id = unsampled();
    summary.service = "shop";
    summary.wall_ns = 100;
    return summary;
}

model::trace_summary with_finding()
{
    model::trace_summary summary = plain();
    summary.findings = {model::signal_kind::agent_loop};
    return summary;
}

TEST(trace_choice, plain_traces_are_sampled_and_the_slowest_is_kept_with_its_spans)
{
    trace_keeping limits;
    limits.samples_per_minute = 3;
    trace_chooser chooser(limits);
    model::trace_summary summary = plain();

    EXPECT_TRUE(chooser.choose(summary, 0).spans);   // The slowest of its minute so far.
    EXPECT_TRUE(chooser.choose(summary, 0).row);
    EXPECT_FALSE(chooser.choose(summary, 0).spans);
    EXPECT_FALSE(chooser.choose(summary, 0).row);
    EXPECT_TRUE(chooser.choose(summary, minute).row);
}

TEST(trace_choice, findings_patterns_and_failures_have_room_of_their_own)
{
    trace_keeping limits;
    limits.samples_per_minute = 0;
    limits.rows_per_minute = 3;
    trace_chooser chooser(limits);
    EXPECT_FALSE(chooser.choose(plain(), 0).row);

    EXPECT_TRUE(chooser.choose(with_finding(), 0).row);
    model::trace_summary failed = plain();
    failed.failed_count = 1;
    EXPECT_TRUE(chooser.choose(failed, 0).row);
    model::trace_summary pattern = plain();
    pattern.pattern = model::trace_pattern::chain;
    EXPECT_TRUE(chooser.choose(pattern, 0).row);
    EXPECT_FALSE(chooser.choose(pattern, 0).row);
}

TEST(trace_choice, what_has_findings_may_be_opened_twice_as_often)
{
    trace_keeping limits;
    limits.opened_per_minute = 2;
    trace_chooser chooser(limits);
    model::trace_summary agents = plain();
    agents.pattern = model::trace_pattern::react;
    agents.agent = "agent:v1";
    EXPECT_TRUE(chooser.choose(agents, 0).spans);
    EXPECT_TRUE(chooser.choose(agents, 0).spans);
    EXPECT_FALSE(chooser.choose(agents, 0).spans);

    EXPECT_TRUE(chooser.choose(with_finding(), 0).spans);
    EXPECT_TRUE(chooser.choose(with_finding(), 0).spans);
    const trace_choice last = chooser.choose(with_finding(), 0);
    EXPECT_TRUE(last.row);
    EXPECT_FALSE(last.spans);
}

TEST(trace_choice, services_beyond_the_limit_are_left_out_until_others_are_quiet)
{
    trace_keeping limits;
    limits.services_max = 1;
    trace_chooser chooser(limits);
    EXPECT_TRUE(chooser.choose(plain(), 0).row);
    model::trace_summary other = plain();
    other.service = "other";

    EXPECT_FALSE(chooser.choose(other, 0).row);
    EXPECT_TRUE(chooser.choose(other, minute).row);
}

}  // namespace
}  // namespace reprise::pipeline
