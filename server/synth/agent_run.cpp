#include "agent_run.hpp"

#include "joint_work.hpp"
#include "limits.hpp"
#include "slots.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

constexpr int tool_names = 5;  // Of the workers' tools: t0 to t4.
constexpr std::chrono::nanoseconds checkpoint_limit{500'000'000};

std::chrono::nanoseconds checkpoint_time(int size_kb)
{
    const std::chrono::nanoseconds whole(std::int64_t{size_kb} * 200'000'000 / 1024);
    return std::min(whole, checkpoint_limit);
}

void describe(active_span& span, const tool_ask& ask, const retry_note& note)
{
    span.set("ati.tool.name", ask.name);
    span.set("ati.retry.attempt", std::int64_t{ask.attempt});
    span.set("ati.tool.delay_ms", std::int64_t{ask.delay_ms});
    span.set("ati.tool.error_rate", ask.error_rate);
    span.set("ati.tool.stream", std::int64_t{0});
    span.set("ati.tool.payload_kb", std::int64_t{ask.payload_kb});
    if (note.task < 0)
        return;
    span.set("ati.task.id", "task:" + std::to_string(note.task));
    span.set("ati.retry.count", std::int64_t{ask.attempt});
    if (ask.attempt == 0)
        return;
    span.set("ati.retry.backoff_ms", std::int64_t{note.backoff.count()});
    span.set("ati.retry.reason", note.reason);
}

asio::awaitable<work_result> run_worker(
    run_ptr run, std::shared_ptr<slots> places, span_context parent, int index, int delay_ms
)
{
    const auto place = co_await places->take();
    active_span span(run->parts.spans, parent, "worker", "worker", "worker:" + std::to_string(index));
    span.set("ati.worker.index", std::int64_t{index});
    auto ask = ask_of(*run, "t" + std::to_string(index % tool_names), index, delay_ms);
    auto done = co_await call_plain_tool(run, span.context(), std::move(ask));
    co_return span.close(std::move(done));
}

}  // namespace

tool_ask ask_of(const agent_run& run, std::string name, int index, int delay_ms, double error_rate, int attempt)
{
    const auto place = static_cast<std::uint64_t>(index);
    const auto tries = static_cast<std::uint64_t>(attempt);
    const extras& more = run.more;
    double delay = delay_ms;
    if (index == more.straggler_index)
        delay *= more.straggler_factor;
    if (more.jitter_ms > 0)
        delay += run.luck.between(0, more.jitter_ms, draw::jitter, place, tries);
    if (index == more.fail_index)
        error_rate = 1;
    tool_ask ask(
        std::move(name), static_cast<int>(std::min<double>(delay, delay_ms_max)), error_rate,
        run.luck.seed_of(draw::tool_error, place, tries)
    );
    ask.attempt = attempt;
    return ask;
}

asio::awaitable<tool_result> call_tool(run_ptr run, span_context parent, tool_ask ask, retry_note note)
{
    active_span span(run->parts.spans, parent, "tool_call", "tool_call", "worker:" + ask.name);
    describe(span, ask, note);
    auto answer = co_await run->parts.tools.call(ask);
    if (!answer)
        co_return span.fail(std::move(answer).error());
    co_return std::move(answer);
}

asio::awaitable<work_result> call_plain_tool(run_ptr run, span_context parent, tool_ask ask)
{
    retry_note none;
    auto answer = co_await call_tool(std::move(run), parent, std::move(ask), std::move(none));
    if (!answer)
        co_return std::move(answer).error();
    co_return work_result();
}

asio::awaitable<void> save_checkpoint(run_ptr run, span_context parent, int size_kb)
{
    active_span span(run->parts.spans, parent, "checkpoint", "checkpoint", "checkpoint");
    span.set("ati.checkpoint.size_kb", std::int64_t{size_kb});
    co_await run->parts.rests.rest(checkpoint_time(size_kb));
}

asio::awaitable<work_result> run_fanout(run_ptr run, span_context parent, fanout_plan plan)
{
    const agent_parts& parts = run->parts;
    active_span planner(parts.spans, parent, "planner", "planner", "planner:v1");
    planner.set("ati.fanout", std::int64_t{plan.count});
    planner.set("ati.concurrency", std::int64_t{plan.concurrency});
    const auto places = std::make_shared<slots>(parts.loop, static_cast<std::size_t>(plan.concurrency));
    std::vector<joint_work::piece> workers;
    for (int i = 0; i < plan.count; ++i)
        workers.push_back(run_worker(run, places, planner.context(), i, plan.delay_ms));
    const auto all = joint_work::begin(parts.loop, parts.tasks, std::move(workers));
    auto done = co_await all->wait();
    if (done)
        co_await save_checkpoint(run, planner.context(), 128);
    co_return planner.close(std::move(done));
}

}  // namespace reprise::synth
