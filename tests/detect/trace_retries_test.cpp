#include "../../server/detect/trace_parts.hpp"

#include "scenario_traces.hpp"
#include "trace_builder.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::span_role;

std::optional<model::retries> retries_of(model::trace& trace)
{
    const span_tree tree(trace);
    return find_retries(tree, {});
}

// A planner whose tool calls are attempts of tasks that share their tools.
class planned_calls {
public:
    planned_calls() : planner_(traces_.add_root("planner", 0, 10'000)) {}

    model::trace_span& call(std::string_view tool, std::int32_t attempt, double start_ms, double end_ms, bool fails)
    {
        model::trace_span& span = traces_.add(planner_, "tool_call", start_ms, end_ms, span_role::tool);
        span.tool = tool;
        span.attempt = attempt;
        span.failed = fails;
        span.status = fails ? 503 : 0;
        return span;
    }
    model::trace build() { return traces_.build(); }

private:
    test::trace_builder traces_;
    model::trace_span& planner_;
};

TEST(trace_retries, follows_one_task_through_its_backoff)
{
    planned_calls calls;
    const auto& first = calls.call("r1", 0, 10, 12, true);
    const auto& second = calls.call("r1", 1, 32.5, 34, true);
    const auto& third = calls.call("r1", 2, 74.25, 134, false);
    calls.call("r1", 0, 10, 70, false);
    calls.call("r1", 0, 11, 71, false);
    model::trace trace = calls.build();

    const auto found = retries_of(trace);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->calls, 5U);
    EXPECT_EQ(found->tasks, 3U);
    EXPECT_DOUBLE_EQ(found->amplification, 5.0 / 3);
    EXPECT_EQ(found->sequence_count, 1U);
    EXPECT_EQ(found->exhausted_count, 0U);
    EXPECT_EQ(found->attempts_most, 3U);
    EXPECT_EQ(found->backoff_ns, test::from_ms(20.5 + 40.25));
    ASSERT_EQ(found->sequences.size(), 1U);
    const model::retry_sequence& sequence = found->sequences[0];
    ASSERT_EQ(sequence.attempts.size(), 3U);
    EXPECT_EQ(sequence.attempts[0].span, test::index_of(trace, first));
    EXPECT_EQ(sequence.attempts[1].span, test::index_of(trace, second));
    EXPECT_EQ(sequence.attempts[2].span, test::index_of(trace, third));
    EXPECT_EQ(sequence.attempts[0].backoff_ns, -1);
    EXPECT_EQ(sequence.attempts[1].gap_ns, test::from_ms(20.5));
    EXPECT_EQ(sequence.attempts[1].backoff_ns, test::from_ms(20));
    EXPECT_EQ(sequence.attempts[2].backoff_ns, test::from_ms(40));
    EXPECT_FALSE(sequence.exhausted);
    EXPECT_FALSE(sequence.ambiguous);
    EXPECT_EQ(sequence.origin, test::index_of(trace, first));
    EXPECT_EQ(sequence.reason, "503");
}

TEST(trace_retries, a_task_that_fails_to_the_end_is_exhausted_though_the_workflow_is_well)
{
    planned_calls calls;
    calls.call("r0", 0, 0, 2, true);
    calls.call("r0", 1, 22.1, 24, true);
    calls.call("r0", 2, 64.1, 66, true);
    calls.call("r0", 3, 146.1, 148, true);
    model::trace trace = calls.build();

    const auto found = retries_of(trace);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->exhausted_count, 1U);
    EXPECT_EQ(found->attempts_most, 4U);
    EXPECT_DOUBLE_EQ(found->amplification, 4);
}

TEST(trace_retries, takes_the_failure_that_fits_best_and_says_when_another_fits_as_well)
{
    planned_calls calls;
    const auto& far = calls.call("r0", 0, 0, 1, true);
    const auto& near = calls.call("r0", 0, 0, 10, true);
    calls.call("r0", 1, 30.5, 60, false);
    calls.call("r0", 1, 200, 230, false);
    calls.call("r1", 0, 0, 1, true);
    calls.call("r1", 0, 0, 4, true);
    calls.call("r1", 1, 24.5, 60, false);
    model::trace trace = calls.build();

    const auto found = retries_of(trace);

    ASSERT_TRUE(found);
    ASSERT_EQ(found->sequences.size(), 3U);
    std::uint32_t ambiguous = 0;
    for (const model::retry_sequence& sequence : found->sequences) {
        const std::uint32_t origin = sequence.origin;
        if (origin == test::index_of(trace, near)) {
            EXPECT_EQ(sequence.attempts[1].gap_ns, test::from_ms(20.5));
        }
        if (origin == test::index_of(trace, far)) {
            EXPECT_EQ(sequence.attempts[1].gap_ns, test::from_ms(199));
        }
        ambiguous += sequence.ambiguous ? 1 : 0;
    }
    EXPECT_EQ(ambiguous, 1U);
}

TEST(trace_retries, the_task_a_span_names_decides_whatever_the_times_say)
{
    planned_calls calls;
    test::trace_builder names;
    auto& a0 = calls.call("r0", 0, 0, 1, true);
    auto& b0 = calls.call("r0", 0, 0, 2, true);
    auto& a1 = calls.call("r0", 1, 22.5, 60, false);
    auto& b1 = calls.call("r0", 1, 21.5, 60, false);
    a0.task = a1.task = "task:a";
    b0.task = b1.task = "task:b";
    a1.retry_reason = "rate_limit";
    a1.backoff_ns = test::from_ms(21);
    model::trace trace = calls.build();

    const auto found = retries_of(trace);

    ASSERT_TRUE(found);
    ASSERT_EQ(found->sequences.size(), 2U);
    for (const model::retry_sequence& sequence : found->sequences) {
        EXPECT_FALSE(sequence.ambiguous);
        EXPECT_EQ(trace.spans[sequence.attempts[0].span].task, trace.spans[sequence.attempts[1].span].task);
        const bool is_a = trace.spans[sequence.origin].task == "task:a";
        EXPECT_EQ(sequence.reason, is_a ? "rate_limit" : "503");
        EXPECT_EQ(sequence.attempts[1].backoff_ns, is_a ? test::from_ms(21) : -1);
    }
}

TEST(trace_retries, an_attempt_whose_first_ones_did_not_come_stands_for_them)
{
    planned_calls calls;
    calls.call("r0", 2, 64, 100, false);
    model::trace trace = calls.build();

    const auto found = retries_of(trace);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->calls, 3U);
    EXPECT_EQ(found->tasks, 1U);
    EXPECT_EQ(found->attempts_most, 3U);
    EXPECT_EQ(found->sequences.at(0).origin, model::no_span);
}

// Ordinary client calls: nothing says that they are attempts.
class plain_calls {
public:
    plain_calls() : request_(traces_.add_root("GET /orders", 0, 60'000)) {}

    model::trace_span& call(std::uint64_t arguments, double start_ms, double end_ms, bool fails)
    {
        model::trace_span& span = traces_.add(request_, "GET /prices", start_ms, end_ms);
        span.kind = model::operation_kind::client;
        span.arguments = arguments;
        span.failed = fails;
        span.status = fails ? 503 : 200;
        return span;
    }
    std::optional<model::retries> retries()
    {
        trace_ = traces_.build();
        return retries_of(trace_);
    }

private:
    test::trace_builder traces_;
    model::trace_span& request_;
    model::trace trace_;
};

TEST(trace_retries, of_plain_spans_are_a_failure_and_the_same_question_again)
{
    plain_calls calls;
    calls.call(5, 0, 10, true);
    calls.call(5, 110, 120, true);
    calls.call(5, 320, 330, false);
    calls.call(6, 330, 340, false);

    const auto found = calls.retries();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->calls, 4U);
    EXPECT_EQ(found->tasks, 2U);
    ASSERT_EQ(found->sequences.size(), 1U);
    EXPECT_EQ(found->sequences[0].attempts.size(), 3U);
    EXPECT_EQ(found->sequences[0].attempts[2].gap_ns, test::from_ms(200));
    EXPECT_EQ(found->sequences[0].attempts[2].backoff_ns, -1);
}

TEST(trace_retries, a_client_that_counts_what_it_sent_again_is_believed)
{
    plain_calls calls;
    calls.call(5, 0, 10, true);
    calls.call(5, 15, 25, true).attempt = 1;
    calls.call(5, 30, 40, false).attempt = 2;

    const auto found = calls.retries();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->sequences.at(0).attempts.size(), 3U);
    EXPECT_EQ(found->tasks, 1U);
}

TEST(trace_retries, pages_are_no_retries_though_one_fails)
{
    plain_calls calls;
    for (std::uint64_t page = 1; page <= 20; ++page)
        calls.call(page, static_cast<double>(page) * 100, static_cast<double>(page) * 100 + 20, page == 7);

    EXPECT_FALSE(calls.retries());
}

TEST(trace_retries, parts_of_a_batch_are_no_retries)
{
    plain_calls calls;
    for (int part = 0; part < 20; ++part)
        calls.call(9, 10 + part * 0.1, 40, part % 3 == 0);

    EXPECT_FALSE(calls.retries());
}

TEST(trace_retries, a_poll_that_fails_once_is_not_retried_by_its_next_turn)
{
    plain_calls calls;
    for (int turn = 0; turn < 20; ++turn)
        calls.call(9, turn * 1000, turn * 1000 + 20, turn == 7);

    EXPECT_FALSE(calls.retries());
}

TEST(trace_retries, a_poll_that_fails_and_is_retried_at_once_is)
{
    plain_calls calls;
    for (int turn = 0; turn < 20; ++turn)
        calls.call(9, turn * 1000, turn * 1000 + 20, turn == 7);
    calls.call(9, 7100, 7120, false);

    const auto found = calls.retries();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->sequence_count, 1U);
    EXPECT_EQ(found->sequences[0].attempts[1].gap_ns, test::from_ms(80));
}

TEST(trace_retries, what_was_not_found_and_what_asks_for_nothing_known_is_not_retried)
{
    plain_calls calls;
    calls.call(5, 0, 10, true).status = 404;
    calls.call(5, 20, 30, false);
    calls.call(0, 0, 10, true);
    calls.call(0, 20, 30, false);

    EXPECT_FALSE(calls.retries());
}

TEST(trace_retries, twenty_branches_are_none)
{
    model::trace trace = test::play(test::script_values(model::trace_pattern::dag, 3));

    EXPECT_FALSE(retries_of(trace));
}

TEST(trace_retries, inferred_sequences_are_those_that_task_ids_name)
{
    test::scenario_values values = test::script_values(model::trace_pattern::retry, 11);
    values.has_task_ids = true;
    model::trace named = test::play(values);
    values.has_task_ids = false;
    model::trace unnamed = test::play(values);

    const auto exact = retries_of(named);
    const auto inferred = retries_of(unnamed);

    ASSERT_TRUE(exact && inferred);
    EXPECT_EQ(inferred->calls, exact->calls);
    EXPECT_EQ(inferred->tasks, exact->tasks);
    EXPECT_EQ(exact->tasks, 80U);
    EXPECT_EQ(inferred->sequence_count, exact->sequence_count);
    EXPECT_EQ(inferred->exhausted_count, exact->exhausted_count);
    EXPECT_EQ(inferred->attempts_most, exact->attempts_most);
}

TEST(trace_retries, of_a_hundred_thousand_siblings_are_found_in_linear_time)
{
    planned_calls calls;
    for (int task = 0; task < 50'000; ++task) {
        calls.call("r0", 0, 0, 1 + task * 0.0001, true);
        calls.call("r0", 1, 21.00005 + task * 0.0001, 90, false);
    }
    model::trace trace = calls.build();

    const auto found = retries_of(trace);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->sequence_count, 50'000U);
    EXPECT_EQ(found->tasks, 50'000U);
}

TEST(trace_retries, calls_without_any_length_at_one_moment_are_not_their_own_retries)
{
    plain_calls calls;
    for (int call = 0; call < 1000; ++call)
        calls.call(9, 5, 5, true);

    const auto found = calls.retries();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->calls, 1000U);
    EXPECT_EQ(found->tasks + 999, 1000U);
}

}  // namespace
}  // namespace reprise::detect
