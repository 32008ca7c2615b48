// Putting traces together and analysing them: processor time per span of the intake's part alone, and of all that a
// span costs after it was decoded: windows with every detector, assembly, analysis, and the rows of traces.

#include "../server/pipeline/trace_work.hpp"
#include "figure.hpp"

#include "reprise/pipeline/shard.hpp"
#include "reprise/pipeline/trace_assembler.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/otlp_span_write.hpp"

#include <ctime>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
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

bool every_rank(std::uint64_t)
{
    return true;
}

double cpu_us()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct cost {
    double us_per_span = 0;
    std::size_t traces = 0;  // Put together, or kept: a round that did nothing costs nothing.
};

std::size_t count_spans(const std::vector<model::observation_batch>& batches)
{
    std::size_t spans = 0;
    for (const model::observation_batch& batch : batches)
        spans += batch.observations.size();
    return spans;
}

// The traces of all batches, put together and given away.
cost assemble(const std::vector<model::observation_batch>& batches)
{
    const pipeline::replay_filter replays;
    const double before_us = cpu_us();
    pipeline::trace_assembler assembler{pipeline::assembly_limits{}};
    for (const auto& batch : batches)
        assembler.add(batch, replays, 0, every_rank);
    const auto done = assembler.close_due(3'000 * ms);
    return {(cpu_us() - before_us) / static_cast<double>(count_spans(batches)), done.size()};
}

// Windows with every detector as well, the analyses, and what is kept.
cost work_on(const std::vector<model::observation_batch>& batches)
{
    const pipeline::replay_filter replays;
    pipeline::committer_config config;
    config.redaction_key = "bench";
    const double before_us = cpu_us();
    pipeline::shard shard{pipeline::stream_limits{}};
    pipeline::trace_assembler assembler{pipeline::assembly_limits{}};
    pipeline::trace_desk desk(config, {});
    for (const auto& batch : batches) {
        shard.add(batch, replays, batch.observations.front().start_ns, [](std::string_view) { return true; });
        assembler.add(batch, replays, 0, every_rank);
    }
    const auto windows = shard.close_all();
    const auto analysed = desk.analyse(assembler.close_due(3'000 * ms), start_ns);
    return {(cpu_us() - before_us) / static_cast<double>(count_spans(batches)),
            windows.empty() ? 0 : analysed.traces.size()};
}

}  // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
    const auto batches = make_batches(64);
    std::vector<double> assembled;
    std::vector<double> detected;
    std::size_t traces_least = SIZE_MAX;
    for (int round = 0; round < rounds; ++round) {
        const cost of_assembly = assemble(batches);
        const cost of_all = work_on(batches);
        assembled.push_back(of_assembly.us_per_span);
        detected.push_back(of_all.us_per_span);
        traces_least = std::min({traces_least, of_assembly.traces, of_all.traces});
    }
    bench::print_figure("trace_assembly_span_cpu_us", bench::median(assembled), "us", bench::spread(assembled));
    bench::print_figure("detect_span_cpu_us", bench::median(detected), "us", bench::spread(detected));
    return traces_least > 0 ? 0 : 70;
}
