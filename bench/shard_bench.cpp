// Adding decoded batches of 512 records to open windows: ns per record with few and with many
// operations live, as one shard of the stream does it.

#include "otlp_load.hpp"

#include "reprise/pipeline/shard.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

namespace {

using namespace reprise;

using batch_list = std::vector<model::observation_batch>;

bench::load_shape shape_of(std::size_t operations)
{
    bench::load_shape shape;
    shape.operations = operations;
    shape.start_ns = 1'790'000'000'000'000'000;
    return shape;
}

batch_list decode(const bench::otlp_load& load, bool logs)
{
    batch_list batches;
    for (const auto& request : load.requests) {
        const auto bytes = std::make_shared<const std::string>(request);
        batches.push_back((logs ? telemetry::decode_logs(bytes) : telemetry::decode_spans(bytes)).value());
    }
    return batches;
}

void run(benchmark::State& state, const batch_list& batches)
{
    const pipeline::replay_filter replays;
    pipeline::shard shard{pipeline::stream_limits{}};
    const auto is_mine = [](std::string_view) { return true; };
    const std::int64_t now_ns = batches.front().observations.front().start_ns;
    std::size_t number = 0;
    std::size_t records = 0;
    for (auto _ : state) {
        const auto& batch = batches[number++ % batches.size()];
        shard.add(batch, replays, now_ns, is_mine);
        records += batch.observations.size();
    }
    state.counters["ns_per_record"] = benchmark::Counter(
        static_cast<double>(records) / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert
    );
    state.counters["operations"] = static_cast<double>(shard.operations());
}

void shard_add_logs(benchmark::State& state)
{
    run(state, decode(bench::make_log_load(shape_of(static_cast<std::size_t>(state.range(0)))), true));
}

void shard_add_spans(benchmark::State& state)
{
    run(state, decode(bench::make_span_load(shape_of(static_cast<std::size_t>(state.range(0)))), false));
}

BENCHMARK(shard_add_logs)->ArgName("operations")->Arg(40)->Arg(1500);
BENCHMARK(shard_add_spans)->ArgName("operations")->Arg(40)->Arg(1500);

}  // namespace

BENCHMARK_MAIN();
