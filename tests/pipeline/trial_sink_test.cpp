#include "reprise/pipeline/trial_sink.hpp"

#include "support/traffic.hpp"

#include <gtest/gtest.h>

namespace reprise::pipeline {
namespace {

using support::call;

constexpr std::uint64_t mark = 7;  // The upper half of the test traffic's trace ids.

TEST(trial_sink, keeps_what_carries_the_mark_of_a_listening_run)
{
    trial_sink sink;
    sink.mark(mark);
    sink.listen(mark);
    const auto batch = support::to_batch(std::vector<call>{call{.trace = 1}, call{.trace = 2}, call{}});
    sink.take(*batch, *sink.filter());
    EXPECT_EQ(sink.observations(mark).size(), 2U);

    sink.forget(mark);
    sink.take(*batch, *sink.filter());
    EXPECT_TRUE(sink.observations(mark).empty());
    EXPECT_TRUE(sink.filter()->is_marked({mark, 1})) << "late spans of a run stay replay";
}

TEST(trial_sink, a_trace_is_complete_when_its_inbound_span_came)
{
    trial_sink sink;
    sink.mark(mark);
    sink.listen(mark);
    const std::vector<model::trace_id> wanted = {{mark, 1}};

    model::observation_batch batch;
    batch.operations.push_back({model::source::rrpair, model::operation_kind::server, "shop", "http", "GET", "/a"});
    batch.operations.push_back({model::source::span, model::operation_kind::server, "shop", "http", "GET", "/a"});
    model::observation call;
    call.trace = wanted[0];
    batch.observations = {call};
    sink.take(batch, *sink.filter());
    EXPECT_FALSE(sink.complete(mark, wanted)) << "a captured pair is no span";

    batch.observations[0].operation_index = 1;
    sink.take(batch, *sink.filter());
    EXPECT_TRUE(sink.complete(mark, wanted));
    EXPECT_FALSE(sink.complete(99, wanted));
}

TEST(trial_sink, no_mark_marks_nothing)
{
    const trial_sink sink;
    EXPECT_FALSE(sink.filter()->is_marked({0, 5}));
    EXPECT_FALSE(sink.filter()->is_marked({mark, 5}));
}

}  // namespace
}  // namespace reprise::pipeline
