// What the door costs without its transport: decoding, inflating, JSON, per request of 512 records.
// items_per_second counts records; tags_* is the floor of a decoder that looks at everything.

#include "gzip_text.hpp"
#include "otlp_load.hpp"
#include "tag_walk.hpp"

#include "reprise/ingest/door.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace reprise;

class counting_intake final : public pipeline::intake {
public:
    void offer(pipeline::arrival what, pipeline::taken_handler done) override
    {
        records += what.batch->observations.size();
        done({});
    }

    std::size_t records = 0;
};

bench::load_shape one_minute()
{
    bench::load_shape shape;
    shape.start_ns = 1'790'000'000'000'000'000;
    return shape;
}

const bench::otlp_load& logs()
{
    static const auto load = bench::make_log_load(one_minute());
    return load;
}

const bench::otlp_load& spans()
{
    static const auto load = bench::make_span_load(one_minute());
    return load;
}

void run(benchmark::State& state, ingest::otlp_signal signal, const std::vector<std::string>& requests)
{
    counting_intake intake;
    metrics counts;
    ingest::door entrance({}, intake, counts);
    std::size_t number = 0;
    for (auto _ : state) {
        ingest::export_request request;
        request.signal = signal;
        request.body = requests[number++ % requests.size()];
        entrance.accept(std::move(request), [&state](const ingest::answer& given) {
            if (!given.ok())
                state.SkipWithError("refused");
        });
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(intake.records));
}

void door_logs(benchmark::State& state)
{
    run(state, ingest::otlp_signal::logs, logs().requests);
}

void door_spans(benchmark::State& state)
{
    run(state, ingest::otlp_signal::traces, spans().requests);
}

void door_logs_gzip(benchmark::State& state)
{
    std::vector<std::string> zipped;
    for (const auto& request : logs().requests)
        zipped.push_back(bench::gzip(request));
    run(state, ingest::otlp_signal::logs, zipped);
}

template <auto Count>
void tags(benchmark::State& state, const bench::otlp_load& load)
{
    std::size_t number = 0;
    std::size_t found = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(found += Count(load.requests[number++ % load.requests.size()]));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(load.records_per_request));
}

void tags_logs(benchmark::State& state)
{
    tags<bench::count_log_tags>(state, logs());
}

void tags_spans(benchmark::State& state)
{
    tags<bench::count_span_tags>(state, spans());
}

BENCHMARK(door_logs);
BENCHMARK(door_logs_gzip);
BENCHMARK(door_spans);
BENCHMARK(tags_logs);
BENCHMARK(tags_spans);

}  // namespace

BENCHMARK_MAIN();
