#include "scenarios.hpp"

#include "joint_work.hpp"
#include "slots.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

using namespace std::chrono_literals;

constexpr int retry_tool_names = 5;  // r0 to r4.
constexpr auto backoff_first = 20ms;
constexpr auto backoff_max = 500ms;
constexpr int human_tool_ms = 100;
constexpr double stop_chance = 0.1;
constexpr int thought_ms_min = 10;
constexpr int thought_ms_max = 60;
constexpr auto generation_start = 100ms;
constexpr std::int64_t generation_ns_per_kb = 200'000;

// Strictly one step after the other.
asio::awaitable<work_result> run_chain_step(run_ptr run, span_context parent, int index, int delay_ms)
{
    active_span span(run->parts.spans, parent, "step", "worker", "chain:" + std::to_string(index));
    span.set("ati.chain.index", std::int64_t{index});
    auto done = co_await call_plain_tool(run, span.context(), ask_of(*run, "chain", index, delay_ms));
    co_return span.close(std::move(done));
}

asio::awaitable<work_result> run_chain(run_ptr run, span_context parent, const run_parameters& want)
{
    active_span planner(run->parts.spans, parent, "planner", "planner", "planner:v1");
    planner.set("ati.chain.depth", std::int64_t{want.depth});
    for (int i = 0; i < want.depth; ++i) {
        auto done = co_await run_chain_step(run, planner.context(), i, want.delay_ms);
        if (!done)
            co_return planner.close(std::move(done));
    }
    co_await save_checkpoint(run, planner.context(), 64);
    co_return work_result();
}

// What every task of the retry scenario is told. The place is held while it waits for its next attempt.
struct retry_plan {
    retry_plan(int delay_ms_, double error_rate_, int retries_max_)
        : delay_ms(delay_ms_), error_rate(error_rate_), retries_max(retries_max_)
    {
    }

    int delay_ms;
    double error_rate;
    int retries_max;
};

asio::awaitable<work_result> run_retry_task(
    run_ptr run, std::shared_ptr<slots> places, span_context parent, int index, retry_plan plan
)
{
    const auto place = co_await places->take();
    const std::string name = "r" + std::to_string(index % retry_tool_names);
    retry_note note;
    note.task = run->more.task_ids ? index : -1;
    for (int attempt = 0; attempt <= plan.retries_max; ++attempt) {
        auto ask = ask_of(*run, name, index, plan.delay_ms, plan.error_rate, attempt);
        retry_note said = note;
        const auto answer = co_await call_tool(run, parent, std::move(ask), std::move(said));
        if (answer || attempt == plan.retries_max)
            break;
        note.reason = answer.error().type;
        note.backoff = backoff_after(attempt);
        co_await run->parts.rests.rest(note.backoff);
    }
    // A task that used up its attempts is given up in silence: that is what the scenario shows.
    co_return work_result();
}

asio::awaitable<work_result> run_retry(run_ptr run, span_context parent, const run_parameters& want)
{
    const agent_parts& parts = run->parts;
    active_span planner(parts.spans, parent, "planner", "planner", "planner:v1");
    planner.set("ati.fanout", std::int64_t{want.fanout});
    planner.set("ati.concurrency", std::int64_t{want.concurrency});
    planner.set("ati.retry.max", std::int64_t{want.max_retries});
    const auto places = std::make_shared<slots>(parts.loop, static_cast<std::size_t>(want.concurrency));
    const retry_plan plan(want.delay_ms, want.error_rate, want.max_retries);
    std::vector<joint_work::piece> tasks;
    for (int i = 0; i < want.fanout; ++i)
        tasks.push_back(run_retry_task(run, places, planner.context(), i, plan));
    const auto all = joint_work::begin(parts.loop, parts.tasks, std::move(tasks));
    auto done = co_await all->wait();
    if (done)
        co_await save_checkpoint(run, planner.context(), 256);
    co_return planner.close(std::move(done));
}

asio::awaitable<work_result> run_branch(run_ptr run, span_context parent, int index, int delay_ms)
{
    active_span span(run->parts.spans, parent, "branch_worker", "worker", "branch:" + std::to_string(index));
    auto ask = ask_of(*run, "dag_" + std::to_string(index), index, delay_ms);
    auto done = co_await call_plain_tool(run, span.context(), std::move(ask));
    co_return span.close(std::move(done));
}

asio::awaitable<work_result> run_aggregator(run_ptr run, span_context parent, int delay_ms)
{
    constexpr int no_index = -1;  // No straggler, no failure: those are branches.
    active_span span(run->parts.spans, parent, "aggregator", "worker", "aggregator:v1");
    tool_ask ask("aggregator", delay_ms, 0, run->luck.seed_of(draw::tool_error, static_cast<std::uint64_t>(no_index)));
    auto done = co_await call_plain_tool(run, span.context(), std::move(ask));
    co_return span.close(std::move(done));
}

asio::awaitable<work_result> run_dag(run_ptr run, span_context parent, const run_parameters& want)
{
    const agent_parts& parts = run->parts;
    active_span planner(parts.spans, parent, "planner", "planner", "planner:v1");
    planner.set("ati.dag.fanout", std::int64_t{want.fanout});
    std::vector<joint_work::piece> branches;
    for (int i = 0; i < want.fanout; ++i)
        branches.push_back(run_branch(run, planner.context(), i, want.delay_ms));
    const auto all = joint_work::begin(parts.loop, parts.tasks, std::move(branches));
    auto done = co_await all->wait();
    if (done)
        done = co_await run_aggregator(run, planner.context(), want.delay_ms);
    if (done)
        co_await save_checkpoint(run, planner.context(), 64);
    co_return planner.close(std::move(done));
}

asio::awaitable<void> think(run_ptr run, span_context parent, int step)
{
    active_span span(run->parts.spans, parent, "thought", "internal", "thought:" + std::to_string(step));
    span.set("ati.step", std::int64_t{step});
    span.set("ati.llm.prompt", "Step " + std::to_string(step) + ": which tool brings the task forward?");
    const auto place = static_cast<std::uint64_t>(step);
    const std::chrono::milliseconds time(run->luck.between(thought_ms_min, thought_ms_max, draw::thought, place));
    co_await run->parts.rests.rest(time);
}

asio::awaitable<work_result> act(run_ptr run, span_context parent, int step, int delay_ms)
{
    active_span span(run->parts.spans, parent, "act", "tool_call", "act:" + std::to_string(step));
    span.set("ati.step", std::int64_t{step});
    auto ask = ask_of(*run, "step_" + std::to_string(step), step, delay_ms);
    auto done = co_await call_plain_tool(run, span.context(), std::move(ask));
    co_return span.close(std::move(done));
}

asio::awaitable<work_result> run_react(run_ptr run, span_context parent, const run_parameters& want)
{
    active_span core(run->parts.spans, parent, "agent_core", "planner", "agent:v1");
    core.set("ati.react.max_steps", std::int64_t{want.max_steps});
    for (int step = 0; step < want.max_steps; ++step) {
        co_await think(run, core.context(), step);
        auto done = co_await act(run, core.context(), step, want.delay_ms);
        if (!done)
            co_return core.close(std::move(done));
        if (run->luck.fraction(draw::stop, static_cast<std::uint64_t>(step)) < stop_chance)
            break;
    }
    co_await save_checkpoint(run, core.context(), 128);
    co_return work_result();
}

asio::awaitable<void> wait_for_human(run_ptr run, span_context parent, double delay_s)
{
    active_span span(run->parts.spans, parent, "human_feedback", "interactive", "human");
    const std::chrono::nanoseconds time(static_cast<std::int64_t>(delay_s * 1e9));
    co_await run->parts.rests.rest(time);
}

asio::awaitable<work_result> run_human(run_ptr run, span_context parent, const run_parameters& want)
{
    active_span planner(run->parts.spans, parent, "planner", "planner", "planner:v1");
    planner.set("ati.human.delay_s", want.human_delay_s);
    auto before = co_await call_plain_tool(run, planner.context(), ask_of(*run, "pre_human", 0, human_tool_ms));
    if (!before)
        co_return planner.close(std::move(before));
    co_await wait_for_human(run, planner.context(), want.human_delay_s);
    auto after = co_await call_plain_tool(run, planner.context(), ask_of(*run, "post_human", 1, human_tool_ms));
    co_return planner.close(std::move(after));
}

asio::awaitable<work_result> retrieve(run_ptr run, span_context parent, int total_kb, int delay_ms)
{
    active_span span(run->parts.spans, parent, "retrieval", "tool_call", "retriever");
    span.set("ati.rag.total_kb", std::int64_t{total_kb});
    auto ask = ask_of(*run, "vector_db", 0, delay_ms);
    ask.payload_kb = total_kb;
    retry_note none;
    auto answer = co_await call_tool(run, span.context(), std::move(ask), std::move(none));
    if (!answer)
        co_return span.fail(std::move(answer).error());
    span.set("ati.rag.content", *std::move(answer));
    co_return work_result();
}

asio::awaitable<void> generate(run_ptr run, span_context parent, int total_kb)
{
    active_span span(run->parts.spans, parent, "generation", "generation", "llm");
    co_await run->parts.rests.rest(generation_start + std::chrono::nanoseconds(total_kb * generation_ns_per_kb));
}

asio::awaitable<work_result> run_rag(run_ptr run, span_context parent, const run_parameters& want)
{
    active_span planner(run->parts.spans, parent, "planner", "planner", "planner:v1");
    planner.set("ati.rag.chunks", std::int64_t{want.rag_chunks});
    const int total_kb = want.rag_chunks * want.rag_chunk_size_kb;
    auto done = co_await retrieve(run, planner.context(), total_kb, want.delay_ms);
    if (done)
        co_await generate(run, planner.context(), total_kb);
    co_return planner.close(std::move(done));
}

}  // namespace

std::chrono::milliseconds backoff_after(int attempt) noexcept
{
    constexpr int doublings_max = 5;  // 640 ms: over the limit already.
    return std::min<std::chrono::milliseconds>(backoff_first * (1 << std::min(attempt, doublings_max)), backoff_max);
}

asio::awaitable<work_result> run_scenario(run_ptr run, span_context workflow, const run_parameters& want)
{
    switch (want.scenario) {
    case scenario::fanout: break;
    case scenario::chain: return run_chain(std::move(run), workflow, want);
    case scenario::retry: return run_retry(std::move(run), workflow, want);
    case scenario::dag: return run_dag(std::move(run), workflow, want);
    case scenario::react: return run_react(std::move(run), workflow, want);
    case scenario::human: return run_human(std::move(run), workflow, want);
    case scenario::rag: return run_rag(std::move(run), workflow, want);
    }
    const fanout_plan plan(want.fanout, want.concurrency, want.delay_ms);
    return run_fanout(std::move(run), workflow, plan);
}

}  // namespace reprise::synth
