#include "sent_traces.hpp"

#include "support/allocation_count.hpp"

#include "reprise/pipeline/trace_assembler.hpp"

#include <gtest/gtest.h>

namespace reprise::pipeline {
namespace {

std::vector<std::shared_ptr<const model::observation_batch>> make_batches(std::uint64_t first_trace)
{
    std::vector<std::shared_ptr<const model::observation_batch>> batches;
    for (std::uint64_t batch = 0; batch < 8; ++batch) {
        std::vector<telemetry::sent_span> spans;
        for (std::uint64_t i = 0; i < 512; ++i)
            spans.push_back(test::span_of({1, first_trace + i % 300}, 1 + batch * 512 + i, i % 3, "work"));
        batches.push_back(test::batch_of(spans));
    }
    return batches;
}

TEST(trace_allocation, spans_allocate_nothing_once_as_much_was_open_before)
{
    trace_assembler assembler{assembly_limits{}};
    const replay_filter replays;
    for (const auto& batch : make_batches(1))
        assembler.add(*batch, replays, 0, test::every_rank);
    EXPECT_EQ(assembler.close_all().size(), 300U);

    const auto batches = make_batches(1000);
    const support::allocation_scope counted;
    for (const auto& batch : batches)
        assembler.add(*batch, replays, 0, test::every_rank);
    EXPECT_EQ(counted.count(), 0U);
    EXPECT_EQ(assembler.open(), 300U);
}

}  // namespace
}  // namespace reprise::pipeline
