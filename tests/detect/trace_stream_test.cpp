#include "../../server/detect/trace_parts.hpp"

#include "trace_builder.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using model::span_role;

// A stream of 4 s with background work from 0.1 s to 2 s; tokens come every 100 ms, other than as the test says.
class told_stream {
public:
    told_stream() : stream_(told_.add_root("token_stream", 0, 4000))
    {
        stream_.role = span_role::stream;
        planner_ = &told_.add(stream_, "planner", 100, 2000, span_role::planner);
    }

    model::trace_span& stream() { return stream_; }
    model::trace_span& work(double start_ms, double end_ms)
    {
        return told_.add(*planner_, "worker", start_ms, end_ms, span_role::worker);
    }
    void tokens(const std::vector<double>& times_ms) { told_.add_tokens(stream_, times_ms); }
    std::optional<model::token_stream> find()
    {
        trace_ = told_.build();
        return find_stream(span_tree(trace_));
    }

private:
    test::trace_builder told_;
    model::trace_span& stream_;
    model::trace_span* planner_ = nullptr;
    model::trace trace_;
};

std::vector<double> every(double gap_ms, double from_ms, double to_ms)
{
    std::vector<double> times;
    for (double at = from_ms; at <= to_ms; at += gap_ms)
        times.push_back(at);
    return times;
}

TEST(trace_stream, is_measured_by_its_tokens)
{
    told_stream told;
    std::vector<double> times = every(200, 100, 1900);
    for (const double at : every(100, 2000, 3000))
        times.push_back(at);
    told.tokens(times);

    const auto found = told.find();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->first_token_ns, test::from_ms(100));
    EXPECT_EQ(found->tokens, 21);
    EXPECT_EQ(found->largest_gap_ns, test::from_ms(200));
    EXPECT_EQ(found->median_gap_ns, test::from_ms(100));
    EXPECT_EQ(found->tail_ns, test::from_ms(1000));
    EXPECT_EQ(found->background_start_ns, test::from_ms(100));
    EXPECT_EQ(found->background_end_ns, test::from_ms(2000));
    EXPECT_DOUBLE_EQ(found->rate_during, 10 / 1.9);
    EXPECT_DOUBLE_EQ(found->rate_after, 10);
    EXPECT_EQ(found->token_ns.size(), 21U);
    EXPECT_EQ(found->token_ns.back(), test::from_ms(3000));
}

TEST(trace_stream, says_only_what_is_known_without_token_events)
{
    told_stream told;
    told.stream().first_token_ns = test::from_ms(5);
    told.stream().tokens = 400;
    told.stream().largest_gap_ns = test::from_ms(70);

    const auto found = told.find();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->first_token_ns, test::from_ms(5));
    EXPECT_EQ(found->tokens, 400);
    EXPECT_EQ(found->largest_gap_ns, test::from_ms(70));
    EXPECT_EQ(found->median_gap_ns, -1);
    EXPECT_EQ(found->rate_during, -1);
    EXPECT_EQ(found->rate_after, -1);
    EXPECT_EQ(found->tail_ns, -1);
    EXPECT_EQ(found->background_end_ns, test::from_ms(2000));
}

TEST(trace_stream, a_sample_of_its_tokens_stands_for_all_of_them)
{
    told_stream told;
    told.stream().tokens = 301;
    told.stream().largest_gap_ns = test::from_ms(10);
    told.tokens(every(100, 0, 3000));

    const auto found = told.find();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->tokens, 301);
    EXPECT_EQ(found->median_gap_ns, test::from_ms(2990) / 299);
    EXPECT_NEAR(found->rate_during, 100, 3);
    EXPECT_NEAR(found->rate_after, 100, 3);
}

TEST(trace_stream, failures_of_the_background_are_counted_where_they_began)
{
    told_stream told;
    told.work(100, 200).failed = true;
    told.work(100, 300);
    told.work(100, 400).failed = true;

    EXPECT_EQ(told.find()->background_failures, 2U);
}

TEST(trace_stream, the_request_that_carries_it_is_no_background)
{
    test::trace_builder told;
    auto& chat = told.add_root("chat", 0, 1000);
    chat.role = span_role::llm;
    told.add_tokens(chat, {100, 200, 300});
    told.add(chat, "POST /v1/chat", 5, 990).kind = model::operation_kind::client;
    model::trace trace = told.build();

    const auto found = find_stream(span_tree(trace));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->background_end_ns, -1);
    EXPECT_EQ(found->rate_during, -1);
}

TEST(trace_stream, work_beside_it_is_background_too)
{
    test::trace_builder told;
    const auto& root = told.add_root("workflow", 0, 2000);
    told.add(root, "index", 500, 1500);
    told.add(root, "later", 1900, 2000);
    auto& chat = told.add(root, "chat", 100, 1000, span_role::stream);
    told.add_tokens(chat, {200, 300, 900});
    model::trace trace = told.build();

    const auto found = find_stream(span_tree(trace));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->background_start_ns, test::from_ms(500));
    EXPECT_EQ(found->background_end_ns, test::from_ms(1500));
    EXPECT_EQ(found->tail_ns, test::from_ms(100));
}

TEST(trace_stream, more_tokens_than_rows_are_cut_evenly)
{
    told_stream told;
    told.tokens(every(5, 0, 3000));

    const auto found = told.find();

    EXPECT_EQ(found->tokens, 601);
    ASSERT_EQ(found->token_ns.size(), model::report_rows_max);
    EXPECT_EQ(found->token_ns.front(), 0);
    EXPECT_EQ(found->token_ns.back(), test::from_ms(3000));
    EXPECT_EQ(found->median_gap_ns, test::from_ms(5));
}

TEST(trace_stream, token_events_that_are_not_there_are_none)
{
    told_stream told;
    told.stream().token_offset = 7;
    told.stream().token_count = 9;

    const auto found = told.find();

    EXPECT_EQ(found->tokens, -1);
    EXPECT_TRUE(found->token_ns.empty());
}

}  // namespace
}  // namespace reprise::detect
