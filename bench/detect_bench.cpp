#include "reprise/detect/detectors.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

// The hot path of the stream: one sketch insert, one observation into a window, one closed window judged.
namespace {

using namespace reprise;
using namespace reprise::detect;

constexpr std::int64_t start_ns = 1'790'000'040'000'000'000;

class numbers {
public:
    double uniform()
    {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return (static_cast<double>(state_ >> 11) + 0.5) / 9007199254740992.0;
    }
    std::int64_t duration_ns()
    {
        const double normal = std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
        return static_cast<std::int64_t>(20e6 * std::exp(0.5 * normal));
    }

private:
    std::uint64_t state_ = 42;
};

std::vector<model::observation> make_calls(std::size_t count, std::size_t traces)
{
    numbers random;
    std::vector<model::observation> calls(count);
    for (std::size_t index = 0; index < count; ++index) {
        calls[index].start_ns = start_ns + static_cast<std::int64_t>(index) * 10'000;
        calls[index].duration_ns = random.duration_ns();
        calls[index].status = 200;
        calls[index].trace = {9, index % traces + 1};
        calls[index].parent_span = index % traces + 1;
        calls[index].operation = 77;
        calls[index].detail_hash = index;
    }
    return calls;
}

void sketch_add(benchmark::State& state)
{
    const auto calls = make_calls(4096, 4096);
    sketch counted;
    std::size_t at = 0;
    for (auto _ : state)
        counted.add(calls[at++ & 4095].duration_ns);
    benchmark::DoNotOptimize(counted.count());
}
BENCHMARK(sketch_add);

void sketch_merge(benchmark::State& state)
{
    sketch counted;
    for (const auto& call : make_calls(4096, 1))
        counted.add(call.duration_ns);
    decayed_sketch all;
    for (auto _ : state)
        all.merge(counted);
    benchmark::DoNotOptimize(all.count());
    state.counters["bytes"] = static_cast<double>(counted.memory_bytes());
}
BENCHMARK(sketch_merge);

void window_add(benchmark::State& state, model::operation_kind kind)
{
    const auto calls = make_calls(4096, 512);
    operation_window window(kind);
    std::size_t at = 0;
    for (auto _ : state)
        window.add(calls[at++ & 4095]);
    benchmark::DoNotOptimize(window.calls());
}
BENCHMARK_CAPTURE(window_add, server, model::operation_kind::server);
BENCHMARK_CAPTURE(window_add, client, model::operation_kind::client);

void group_add(benchmark::State& state)
{
    const auto calls = make_calls(4096, 512);
    call_groups groups;
    std::size_t at = 0;
    for (auto _ : state)
        groups.add_call(calls[at++ & 4095]);
    benchmark::DoNotOptimize(groups.groups());
}
BENCHMARK(group_add);

// 100 operations with 100 answers each: 10,000 records.
service_window make_window(double slower)
{
    service_window window;
    window.service = "bench";
    window.start_ns = start_ns;
    window.end_ns = start_ns + 60 * ns_per_s;
    numbers random;
    for (int index = 0; index < 100; ++index) {
        model::operation_key key;
        key.kind = index % 3 == 0 ? model::operation_kind::db : model::operation_kind::server;
        key.method = "GET";
        key.route = "/route/" + std::to_string(index);
        operation_window open(key.kind);
        for (auto call : make_calls(100, 100)) {
            call.duration_ns = static_cast<std::int64_t>(static_cast<double>(random.duration_ns()) * slower);
            open.add(call);
        }
        window.operations.push_back(open.summarise(key, static_cast<std::uint64_t>(index) + 1));
    }
    return window;
}

void detect_100_operations(benchmark::State& state)
{
    const detection_limits limits;
    const service_window window = make_window(1);
    std::vector<baseline> baselines(window.operations.size());
    std::vector<const baseline*> known;
    std::size_t bytes = 0;
    for (std::size_t index = 0; index < baselines.size(); ++index) {
        for (int round = 0; round < 80; ++round)
            update(baselines[index], window.operations[index], window.start_ns, window.end_ns, {}, limits);
        known.push_back(&baselines[index]);
        bytes += baselines[index].memory_bytes();
    }
    const service_window now = make_window(state.range(0) == 0 ? 1 : 3);
    std::size_t signals = 0;
    for (auto _ : state)
        signals = detect::detect(now, known, limits).signals.size();
    state.counters["signals"] = static_cast<double>(signals);
    state.counters["baseline_bytes"] = static_cast<double>(bytes) / 100;
}
BENCHMARK(detect_100_operations)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void update_100_baselines(benchmark::State& state)
{
    const detection_limits limits;
    const service_window window = make_window(1);
    std::vector<baseline> baselines(window.operations.size());
    for (auto _ : state) {
        for (std::size_t index = 0; index < baselines.size(); ++index)
            update(baselines[index], window.operations[index], window.start_ns, window.end_ns, {}, limits);
    }
}
BENCHMARK(update_100_baselines)->Unit(benchmark::kMicrosecond);

void encode_baseline(benchmark::State& state)
{
    const service_window window = make_window(1);
    baseline known;
    for (int round = 0; round < 80; ++round)
        update(known, window.operations[0], window.start_ns, window.end_ns, {}, {});
    std::size_t bytes = 0;
    for (auto _ : state)
        bytes = known.encode().size();
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(encode_baseline)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
