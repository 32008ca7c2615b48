#include "reprise/replay/observed_calls.hpp"

#include <gtest/gtest.h>

namespace reprise::replay {
namespace {

using model::operation_kind;
using model::source;

constexpr std::uint64_t mark = 77;

// A batch of what a service reports, record by record.
class reported_batch {
public:
    reported_batch& add(
        source from, operation_kind kind, std::uint64_t trace_low, std::int64_t start_ms, std::int64_t took_ms = 10
    )
    {
        model::operation_view operation;
        operation.source = from;
        operation.kind = kind;
        model::observation one;
        one.operation_index = static_cast<std::uint32_t>(batch.operations.size());
        one.trace = {mark, trace_low};
        one.span = ++spans_;
        one.start_ns = start_ms * ns_per_ms;
        one.duration_ns = took_ms * ns_per_ms;
        batch.operations.push_back(operation);
        batch.observations.push_back(one);
        return *this;
    }

    model::observation_batch batch;

private:
    std::uint64_t spans_ = 0;
};

constexpr model::trace_id trace(std::uint64_t low) { return {mark, low}; }

TEST(observed_calls, counts_client_and_database_calls_under_each_request)
{
    reported_batch sent;
    sent.add(source::span, operation_kind::client, 1, 0, 30).add(source::span, operation_kind::db, 1, 10, 30);
    sent.add(source::span, operation_kind::db, 1, 100).add(source::span, operation_kind::internal, 1, 0);
    sent.add(source::span, operation_kind::messaging, 1, 0).add(source::span, operation_kind::server, 1, 0, 200);
    sent.add(source::span, operation_kind::server, 2, 0);
    observed_calls calls(mark);

    calls.take(sent.batch);

    EXPECT_EQ(calls.find(trace(1)), (call_figures{3, 2, 2}));
    EXPECT_EQ(calls.find(trace(2)), (call_figures{0, 0, 0}));
    EXPECT_EQ(calls.find(trace(3)), std::nullopt);
}

TEST(observed_calls, is_complete_when_the_inbound_record_of_every_request_is_there)
{
    const std::vector<model::trace_id> wanted = {trace(1), trace(2)};
    observed_calls calls(mark);
    EXPECT_FALSE(calls.complete(wanted));
    EXPECT_TRUE(calls.complete({}));

    calls.take(reported_batch().add(source::span, operation_kind::db, 1, 0).batch);
    EXPECT_EQ(calls.find(trace(1)), std::nullopt);
    calls.take(reported_batch().add(source::span, operation_kind::server, 1, 0).batch);
    EXPECT_FALSE(calls.complete(wanted));
    calls.take(reported_batch().add(source::span, operation_kind::server, 2, 0).batch);
    EXPECT_TRUE(calls.complete(wanted));
}

TEST(observed_calls, waits_for_both_sources_of_a_service_that_reports_by_both)
{
    observed_calls calls(mark);
    calls.take(reported_batch().add(source::rrpair, operation_kind::server, 1, 0).batch);
    calls.take(reported_batch().add(source::span, operation_kind::server, 1, 0).batch);
    calls.begin();
    const std::vector<model::trace_id> wanted = {trace(2)};

    calls.take(reported_batch().add(source::rrpair, operation_kind::server, 2, 0).batch);
    EXPECT_FALSE(calls.complete(wanted));
    calls.take(reported_batch().add(source::span, operation_kind::server, 2, 0).batch);
    EXPECT_TRUE(calls.complete(wanted));
}

TEST(observed_calls, takes_a_call_that_was_reported_twice_once)
{
    reported_batch twice;
    twice.add(source::span, operation_kind::db, 1, 0).add(source::span, operation_kind::db, 1, 1);
    twice.add(source::rrpair, operation_kind::db, 1, 0).add(source::rrpair, operation_kind::db, 1, 1);
    twice.add(source::rrpair, operation_kind::db, 1, 2);
    twice.add(source::span, operation_kind::server, 1, 0);
    observed_calls calls(mark);

    calls.take(twice.batch);
    EXPECT_EQ(calls.find(trace(1))->calls, 2U);
    calls.take(twice.batch);  // The answer was lost, so the export came again.
    EXPECT_EQ(calls.find(trace(1))->calls, 2U);
    calls.take(reported_batch().add(source::rrpair, operation_kind::server, 1, 0).batch);
    EXPECT_GE(calls.find(trace(1))->calls, 3U);
}

TEST(observed_calls, ignores_other_traffic_and_earlier_trials)
{
    reported_batch sent;
    sent.add(source::span, operation_kind::server, 1, 0);
    sent.batch.observations[0].trace.high = mark + 1;
    sent.add(source::metric, operation_kind::server, 1, 0);
    observed_calls calls(mark);
    calls.take(sent.batch);
    EXPECT_EQ(calls.find(trace(1)), std::nullopt);

    calls.take(reported_batch().add(source::span, operation_kind::server, 1, 0).batch);
    calls.begin();
    EXPECT_EQ(calls.find(trace(1)), std::nullopt);
}

TEST(observed_calls, keeps_no_more_calls_than_its_limit)
{
    reported_batch many;
    for (std::size_t i = 0; i <= observed_calls::calls_max; ++i)
        many.add(source::span, operation_kind::client, 1, 0);
    many.add(source::span, operation_kind::server, 1, 0);
    observed_calls calls(mark);

    calls.take(many.batch);

    EXPECT_EQ(calls.find(trace(1))->calls, observed_calls::calls_max);
}

}  // namespace
}  // namespace reprise::replay
