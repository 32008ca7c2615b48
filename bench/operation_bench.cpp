// What an operation costs in memory: the heap a shard holds per operation between windows, after enough of them
// that its baseline is full, and what one open window adds. Spans of 1,500 operations of ten services, the same
// in every window.

#include "figure.hpp"
#include "otlp_load.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/pipeline/shard.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include <malloc.h>

namespace {

using namespace reprise;

constexpr std::int64_t window_ns = 60 * ns_per_s;
constexpr std::int64_t start_ns = 1'790'000'000 / 60 * window_ns;
constexpr int windows = 75;  // A baseline remembers 60, and some more before they become normal.

double heap_bytes()
{
    const auto used = mallinfo2();
    return static_cast<double>(used.uordblks + used.hblkhd);
}

std::vector<model::observation_batch> make_batches()
{
    bench::load_shape shape;
    shape.start_ns = start_ns;
    std::vector<model::observation_batch> batches;
    for (const auto& request : bench::make_span_load(shape).requests)
        batches.push_back(telemetry::decode_spans(std::make_shared<const std::string>(request)).value());
    return batches;
}

void feed(pipeline::shard& to, std::vector<model::observation_batch>& batches)
{
    const pipeline::replay_filter replays;
    for (auto& batch : batches) {
        to.add(batch, replays, batch.observations.front().start_ns, [](std::string_view) { return true; });
        for (auto& call : batch.observations)
            call.start_ns += window_ns;
    }
}

void measure()
{
    auto batches = make_batches();
    const double before = heap_bytes();
    pipeline::shard shard{pipeline::stream_limits{}};
    for (int window = 0; window < windows; ++window) {
        feed(shard, batches);
        if (shard.close_all().empty())
            throw std::runtime_error("no window was closed");
    }
    const double between = heap_bytes();
    feed(shard, batches);
    const double open = heap_bytes();
    const auto operations = static_cast<double>(shard.operations());
    bench::print_figure("operation_bytes", (between - before) / operations, "B");
    bench::print_figure("operation_window_bytes", (open - between) / operations, "B");
    std::cerr << operations << " operations\n";
}

}  // namespace

int main()
{
    try {
        measure();
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "operation_bench: " << error.what() << "\n";
        return 70;
    }
}
