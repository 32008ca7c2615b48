// Putting traces together and analysing them: ns per span of the intake's part alone, and of all that a span costs
// after it was decoded: windows with every detector, assembly, analysis, and the rows of the traces that are kept.

#include "../server/pipeline/trace_work.hpp"

#include "reprise/pipeline/shard.hpp"
#include "reprise/pipeline/trace_assembler.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/otlp_span_write.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace reprise;

constexpr std::int64_t start_ns = 1'790'000'000'000'000'000;
constexpr std::int64_t ms = 1'000'000;
constexpr std::size_t batch_spans = 512;
constexpr std::uint64_t trace_spans = 8;

telemetry::sent_span make_span(std::uint64_t trace, std::uint64_t id)
{
    telemetry::sent_span one;
    one.trace = {trace * 0x9e3779b97f4a7c15ULL, trace + 1};
    one.id = trace * trace_spans + id + 1;
    one.parent = id == 0 ? 0 : trace * trace_spans + 1;
    one.name = id == 0 ? "workflow" : "tool_call";
    const auto at = static_cast<std::int64_t>(id) * ms;
    one.start_ns = start_ns + static_cast<std::int64_t>(trace) * ms + at;
    one.end_ns = one.start_ns + (id == 0 ? 20 : 2) * ms;
    one.attributes.emplace_back("ati.span.kind", std::string(id == 0 ? "workflow" : "tool_call"));
    one.attributes.emplace_back("ati.agent.id", "worker:" + std::to_string(id));
    one.attributes.emplace_back("ati.tool.name", "t" + std::to_string(id % 5));
    return one;
}

// Distinct traces in each: as they come from many senders, children first.
std::vector<model::observation_batch> make_batches(std::size_t count)
{
    telemetry::span_sender sender;
    sender.resource.emplace_back("service.name", std::string("agents"));
    std::vector<model::observation_batch> batches;
    std::uint64_t trace = 1;
    for (std::size_t batch = 0; batch < count; ++batch) {
        std::vector<std::string> spans;
        for (std::size_t i = 0; i < batch_spans / trace_spans; ++i, ++trace) {
            for (std::uint64_t id = trace_spans; id-- > 0;)
                spans.push_back(telemetry::encode_span(make_span(trace, id)));
        }
        auto bytes = std::make_shared<const std::string>(telemetry::encode_traces_request(sender, spans));
        batches.push_back(telemetry::decode_spans(std::move(bytes)).value());
    }
    return batches;
}

void report(benchmark::State& state, std::size_t spans)
{
    state.counters["ns_per_span"] = benchmark::Counter(
        static_cast<double>(spans) / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert
    );
}

bool every_rank(std::uint64_t)
{
    return true;
}

// Traces of 64 batches, put together and given away.
void assemble_spans(benchmark::State& state)
{
    const auto batches = make_batches(64);
    const pipeline::replay_filter replays;
    std::size_t spans = 0;
    for (auto _ : state) {
        pipeline::trace_assembler assembler{pipeline::assembly_limits{}};
        for (const auto& batch : batches) {
            assembler.add(batch, replays, 0, every_rank);
            spans += batch.observations.size();
        }
        benchmark::DoNotOptimize(assembler.close_due(3'000 * ms));
    }
    report(state, spans);
}

void detect_spans(benchmark::State& state)
{
    const auto batches = make_batches(64);
    const pipeline::replay_filter replays;
    pipeline::committer_config config;
    config.redaction_key = "bench";
    std::size_t spans = 0;
    for (auto _ : state) {
        pipeline::shard shard{pipeline::stream_limits{}};
        pipeline::trace_assembler assembler{pipeline::assembly_limits{}};
        pipeline::trace_desk desk(config, {});
        for (const auto& batch : batches) {
            shard.add(batch, replays, batch.observations.front().start_ns, [](std::string_view) { return true; });
            assembler.add(batch, replays, 0, every_rank);
            spans += batch.observations.size();
        }
        benchmark::DoNotOptimize(shard.close_all());
        benchmark::DoNotOptimize(desk.analyse(assembler.close_due(3'000 * ms), start_ns));
    }
    report(state, spans);
}

BENCHMARK(assemble_spans);
BENCHMARK(detect_spans);

}  // namespace

BENCHMARK_MAIN();
