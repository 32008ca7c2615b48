// What looking at traces costs: processor time of the whole analysis per span, for traces as agents and services send
// them and for one of 100,000 spans, and that of the critical path of that one. Every span has texts of its
// own, as in a decoded request, and spans come in the order in which they ended.

#include "figure.hpp"

#include "../server/detect/trace_parts.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/detect/trace_analysis.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace reprise;
using model::span_role;

constexpr std::int64_t start_ns = 1'790'000'000'000'000'000;
constexpr std::int64_t ms = 1'000'000;
constexpr int traces_per_round = 400;

class trace_maker {
public:
    std::uint64_t add(std::uint64_t parent, const char* name, span_role role, std::int64_t from_ns, std::int64_t to_ns)
    {
        model::trace_span& span = trace_.spans.emplace_back();
        span.id = ++made_ * 0x9e3779b97f4a7c15;
        span.parent = parent;
        span.start_ns = start_ns + from_ns;
        span.end_ns = start_ns + to_ns;
        span.role = role;
        span.name = texts_->emplace_back(name);
        span.service = texts_->emplace_back("synthetic-agent-app");
        span.agent = texts_->emplace_back(std::string(name) + ":" + std::to_string(made_));
        return span.id;
    }
    model::trace_span& last() { return trace_.spans.back(); }

    // Workers in waves with one call each, and a checkpoint; when it ended.
    std::int64_t add_fanout(std::uint64_t parent, std::int64_t from_ns, int count, int limit)
    {
        const std::int64_t waves = (count + limit - 1) / limit;
        const std::int64_t done_ns = from_ns + waves * 82 * ms;
        const std::uint64_t planner = add(parent, "planner", span_role::planner, from_ns, done_ns + 26 * ms);
        last().fanout = count;
        last().concurrency = limit;
        for (int index = 0; index < count; ++index) {
            const std::int64_t begin_ns = from_ns + index / limit * 82 * ms;
            const std::int64_t end_ns = begin_ns + 80 * ms + index * 7919 % 1'000'000;
            const std::uint64_t worker = add(planner, "worker", span_role::worker, begin_ns, end_ns);
            last().index = index;
            add(worker, "tool_call", span_role::tool, begin_ns + 1000, end_ns - 1000);
            last().tool = "search";
            last().attempt = 0;
        }
        add(planner, "checkpoint", span_role::io, done_ns, done_ns + 25 * ms);
        return done_ns + 26 * ms;
    }

    model::trace take()
    {
        std::stable_sort(trace_.spans.begin(), trace_.spans.end(), [](const auto& a, const auto& b) {
            return a.end_ns < b.end_ns;
        });
        trace_.id = {1, made_};
        trace_.texts = texts_;
        return std::move(trace_);
    }

private:
    model::trace trace_;
    std::shared_ptr<std::deque<std::string>> texts_ = std::make_shared<std::deque<std::string>>();
    std::uint64_t made_ = 0;
};

// 203 spans.
model::trace make_fanout()
{
    trace_maker made;
    const std::uint64_t root = made.add(0, "workflow", span_role::workflow, 0, 440 * ms);
    made.add_fanout(root, 0, 100, 20);
    return made.take();
}

// 122 spans.
model::trace make_chain()
{
    trace_maker made;
    const std::uint64_t root = made.add(0, "workflow", span_role::workflow, 0, 4900 * ms);
    const std::uint64_t planner = made.add(root, "planner", span_role::planner, 0, 4900 * ms);
    for (int index = 0; index < 60; ++index) {
        const std::uint64_t step =
            made.add(planner, "step", span_role::worker, index * 81 * ms, (index + 1) * 81 * ms);
        made.add(step, "tool_call", span_role::tool, index * 81 * ms + 1000, (index + 1) * 81 * ms - 1000);
    }
    return made.take();
}

// 25 spans: a request with its statements and calls.
model::trace make_request()
{
    trace_maker made;
    const std::uint64_t root = made.add(0, "GET /orders/{id}", span_role::plain, 0, 200 * ms);
    for (int index = 0; index < 20; ++index) {
        made.add(root, "SELECT items", span_role::plain, index * 5 * ms, index * 5 * ms + 4 * ms);
        made.last().kind = model::operation_kind::db;
    }
    for (int index = 0; index < 4; ++index)
        made.add(root, "GET /prices", span_role::plain, 110 * ms, (150 + index) * ms);
    return made.take();
}

// 100,001 spans: 250 fan-outs one after the other.
model::trace make_large()
{
    trace_maker made;
    const std::uint64_t root = made.add(0, "workflow", span_role::workflow, 0, 250 * 930 * ms);
    std::int64_t now_ns = 0;
    for (int part = 0; part < 250; ++part)
        now_ns = made.add_fanout(root, now_ns, 199, 20);
    return made.take();
}

struct cost {
    double cpu_us_per_span = 0;
    std::size_t path_parts = 0;
};

cost analyse(std::vector<model::trace> traces)
{
    std::size_t spans = 0;
    for (const model::trace& trace : traces)
        spans += trace.spans.size();
    cost taken;
    const std::int64_t from_ns = process_cpu_ns();
    for (model::trace& trace : traces)
        taken.path_parts += detect::analyse_trace(trace).path_count;
    taken.cpu_us_per_span = static_cast<double>(process_cpu_ns() - from_ns) / 1e3 / static_cast<double>(spans);
    return taken;
}

// From the spans as they came to the parts of their path.
double time_path_ms(model::trace trace, std::size_t& parts)
{
    const std::int64_t from_ns = process_cpu_ns();
    const detect::span_tree tree(trace);
    parts += detect::find_path(tree).size();
    return static_cast<double>(process_cpu_ns() - from_ns) / 1e6;
}

std::vector<model::trace> make_mix()
{
    std::vector<model::trace> mix;
    for (int each = 0; each < traces_per_round; ++each)
        mix.push_back(each % 4 == 0 ? make_fanout() : each % 4 == 1 ? make_chain() : make_request());
    return mix;
}

}  // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
    const std::vector<model::trace> mix = make_mix();
    const std::vector<model::trace> large = {make_large()};
    std::vector<double> mixed;
    std::vector<double> whole;
    std::vector<double> path;
    std::size_t parts = 0;
    for (int round = 0; round < rounds; ++round) {
        const cost of_mix = analyse(mix);
        const cost of_large = analyse(large);
        mixed.push_back(of_mix.cpu_us_per_span);
        whole.push_back(of_large.cpu_us_per_span);
        parts += of_mix.path_parts + of_large.path_parts;
        path.push_back(time_path_ms(large.front(), parts));
    }
    bench::print_figure("trace_span_cpu_us", bench::median(mixed), "us", bench::spread(mixed));
    bench::print_figure("trace_100k_span_cpu_us", bench::median(whole), "us", bench::spread(whole));
    bench::print_figure("critical_path_100k_ms", bench::median(path), "ms", bench::spread(path));
    std::cerr << parts << " parts of paths were found among " << large.front().spans.size() << " and fewer spans\n";
    return parts > 0 ? 0 : 70;
}
