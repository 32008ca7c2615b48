#include "trace_parts.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;

// One tool call as an agent made it.
struct tool_call {
    std::uint64_t identity = 0;       // Tool and arguments; 0: the arguments are not known.
    std::uint32_t span = no_span;
    std::int64_t idle_before_ns = 0;  // Of the agent, since its start: nothing ran that the trace shows.
    std::uint32_t thoughts_before = 0;
    bool failed = false;
    bool is_retry = false;
};

bool is_thought(const model::trace_span& span) noexcept
{
    return span.role == span_role::step || span.role == span_role::llm;
}

bool is_pause(const model::trace_span& span) noexcept
{
    return span.wait == model::span_wait::queue || span.wait == model::span_wait::backoff ||
           span.wait == model::span_wait::other;
}

// What the children of one span look like: whether it is an agent at all.
struct looks {
    std::uint32_t thoughts = 0;
    std::uint32_t tools = 0;
    std::uint32_t numbered = 0;
    bool acts_on_thoughts = false;  // A tool is called after a model was asked, or within a step.
    bool is_parallel = false;       // Steps or calls of different steps overlap.
};

// An act and the call in it are one call. The inner one says which tool it was.
std::uint32_t innermost_tool(const span_tree& tree, std::uint32_t span)
{
    if (!tree[span].tool.empty())
        return span;
    for (const std::uint32_t child : tree.children(span)) {
        if (tree[child].role == span_role::tool && !tree[child].tool.empty())
            return child;
    }
    return span;
}

looks look_at(const span_tree& tree, std::uint32_t parent)
{
    looks seen;
    std::int64_t end_ns = std::numeric_limits<std::int64_t>::min();
    std::int32_t number = -1;
    for (const std::uint32_t child : tree.children(parent)) {
        const model::trace_span& span = tree[child];
        const bool is_tool = span.role == span_role::tool;
        if (!is_thought(span) && !is_tool && span.step < 0)
            continue;
        // Calls of one step may run side by side; steps may not.
        const bool is_same_step = span.step >= 0 ? span.step == number : is_tool;
        if (!is_same_step && tree.start_ns(child) < end_ns)
            seen.is_parallel = true;
        number = span.step;
        end_ns = std::max(end_ns, tree.end_ns(child));
        seen.numbered += span.step >= 0 ? 1 : 0;
        seen.tools += is_tool ? 1 : 0;
        seen.acts_on_thoughts = seen.acts_on_thoughts || (is_tool && seen.thoughts > 0);
        if (!is_thought(span))
            continue;
        ++seen.thoughts;
        const auto inner = tree.children(child);
        seen.acts_on_thoughts =
            seen.acts_on_thoughts || (span.role == span_role::step &&
                                      std::any_of(inner.begin(), inner.end(), [&tree](std::uint32_t grandchild) {
                                          return tree[grandchild].role == span_role::tool;
                                      }));
    }
    return seen;
}

// Follows one agent through its children.
class agent_reader {
public:
    agent_reader(const span_tree& tree, std::uint32_t agent) : tree_(tree) { run_.span = agent; }

    model::agent_run read();

private:
    void take(std::uint32_t child);
    void take_step(std::uint32_t child);
    void take_tool(std::uint32_t child);
    void note_call(std::uint32_t span);
    void begin_step(std::uint32_t child);
    void end_step();
    void drop_retries();
    void count_repeats();
    bool repeats(const tool_call& now, const tool_call& before) const;
    bool is_paced(const tool_call& first, const tool_call& last) const;

    const span_tree& tree_;
    model::agent_run run_;
    model::agent_step step_;
    bool is_open_ = false;         // step_ is being filled.
    bool acted_ = false;           // It has called a tool.
    std::int64_t tool_end_ns_ = 0; // Up to where the tool time of the step is counted.
    std::int64_t idle_ns_ = 0;
    std::uint32_t thoughts_ = 0;
    std::vector<tool_call> calls_;
};

void agent_reader::end_step()
{
    if (!is_open_)
        return;
    ++run_.step_count;
    run_.think_ns = sum_ns(run_.think_ns, step_.think_ns);
    run_.tool_ns = sum_ns(run_.tool_ns, step_.tool_ns);
    if (run_.steps.size() < model::report_rows_max)
        run_.steps.push_back(step_);
    is_open_ = false;
}

// A step has a number, or begins with the thought that follows an act.
void agent_reader::begin_step(std::uint32_t child)
{
    const model::trace_span& span = tree_[child];
    const bool is_other = span.step >= 0 ? span.step != step_.step : acted_ && span.role != span_role::tool;
    if (is_open_ && !is_other)
        return;
    end_step();
    step_ = {};
    step_.step = span.step;
    step_.span = child;
    is_open_ = true;
    acted_ = false;
    tool_end_ns_ = tree_.start_ns(child);
}

void agent_reader::note_call(std::uint32_t span)
{
    const std::uint32_t inner = innermost_tool(tree_, span);
    const model::trace_span& called = tree_[inner];
    tool_call made;
    made.span = inner;
    made.failed = called.failed;
    made.is_retry = called.attempt > 0 || called.retry_count > 0;
    made.idle_before_ns = idle_ns_;
    made.thoughts_before = thoughts_;
    if (called.arguments != 0)
        made.identity = hash64(called.tool.empty() ? called.name : called.tool, called.arguments) | 1;
    calls_.push_back(made);
}

void agent_reader::take_tool(std::uint32_t child)
{
    begin_step(child);
    if (!acted_)
        step_.span = child;
    acted_ = true;
    // Calls of one step that run side by side take their time once.
    const std::int64_t from_ns = std::max(tree_.start_ns(child), tool_end_ns_);
    step_.tool_ns = sum_ns(step_.tool_ns, std::max<std::int64_t>(tree_.end_ns(child) - from_ns, 0));
    tool_end_ns_ = std::max(tool_end_ns_, tree_.end_ns(child));
    note_call(child);
}

// A thought, or a step that holds its thought and its acts.
void agent_reader::take_step(std::uint32_t child)
{
    begin_step(child);
    ++thoughts_;
    std::int64_t inside_ns = 0;
    std::int64_t counted_ns = tree_.start_ns(child);
    for (const std::uint32_t inner : tree_.children(child)) {
        if (tree_[inner].role != span_role::tool)
            continue;
        const std::int64_t from_ns = std::max(tree_.start_ns(inner), counted_ns);
        const std::int64_t to_ns = std::min(tree_.end_ns(inner), tree_.end_ns(child));
        inside_ns = sum_ns(inside_ns, std::max<std::int64_t>(to_ns - from_ns, 0));
        counted_ns = std::max(counted_ns, to_ns);
        acted_ = true;
        note_call(inner);
    }
    step_.think_ns = sum_ns(step_.think_ns, tree_.duration_ns(child) - inside_ns);
    step_.tool_ns = sum_ns(step_.tool_ns, inside_ns);
}

void agent_reader::take(std::uint32_t child)
{
    const model::trace_span& span = tree_[child];
    if (span.role == span_role::tool)
        take_tool(child);
    else if (is_thought(span) || span.step >= 0)
        take_step(child);
}

// The time between them was mostly spent doing nothing: a poll with its delay.
bool agent_reader::is_paced(const tool_call& first, const tool_call& last) const
{
    const std::int64_t elapsed_ns = tree_.start_ns(last.span) - tree_.start_ns(first.span);
    return last.idle_before_ns - first.idle_before_ns > elapsed_ns / 2;
}

bool agent_reader::repeats(const tool_call& now, const tool_call& before) const
{
    return now.identity != 0 && now.identity == before.identity;
}

// A failing call that is made again before the agent has thought about it is a retry, no decision.
void agent_reader::drop_retries()
{
    std::vector<tool_call> decided;
    for (const tool_call& now : calls_) {
        const bool is_again = !decided.empty() && decided.back().failed && repeats(now, decided.back()) &&
                              now.thoughts_before == decided.back().thoughts_before;
        if (!now.is_retry && !is_again)
            decided.push_back(now);
    }
    calls_ = std::move(decided);
}

// Loops of one call, and of two or three that take turns.
void agent_reader::count_repeats()
{
    constexpr std::size_t period_max = 3;
    std::array<std::uint32_t, period_max + 1> streak{};
    run_.repeats = calls_.empty() ? 0 : 1;
    for (std::size_t now = 0; now < calls_.size(); ++now) {
        const bool is_parallel = now > 0 && tree_.start_ns(calls_[now].span) < tree_.end_ns(calls_[now - 1].span);
        for (std::size_t period = 1; period <= period_max; ++period) {
            const bool goes_on = now >= period && !is_parallel && repeats(calls_[now], calls_[now - period]);
            streak[period] = goes_on ? streak[period] + 1 : 0;
            const auto count = streak[period] / static_cast<std::uint32_t>(period) + 1;
            const std::size_t first = now - (count - 1) * period;
            if (count <= run_.repeats || is_paced(calls_[first], calls_[now]))
                continue;
            run_.repeats = count;
            run_.repeated = calls_[first].span;
        }
    }
}

model::agent_run agent_reader::read()
{
    std::int64_t busy_ns = tree_.start_ns(run_.span);
    for (const std::uint32_t child : tree_.children(run_.span)) {
        if (is_pause(tree_[child]))
            continue;
        idle_ns_ = sum_ns(idle_ns_, std::max<std::int64_t>(tree_.start_ns(child) - busy_ns, 0));
        busy_ns = std::max(busy_ns, tree_.end_ns(child));
        take(child);
    }
    end_step();
    drop_retries();
    count_repeats();
    return std::move(run_);
}

}  // namespace

std::optional<model::agent_run> find_agent_run(const span_tree& tree, const trace_limits& limits)
{
    std::optional<model::agent_run> longest;
    for (const std::uint32_t span : tree.top_down()) {
        const looks seen = look_at(tree, span);
        const bool thinks = seen.acts_on_thoughts || (seen.numbered > 0 && seen.tools + seen.thoughts > 0);
        const bool only_calls = !thinks && seen.thoughts == 0 && seen.tools >= limits.loop_repeats_min &&
                                tree[span].role == span_role::planner;
        if (seen.is_parallel || (!thinks && !only_calls))
            continue;
        model::agent_run run = agent_reader(tree, span).read();
        // Calls alone may be any program; an agent that shows no thoughts is known by its loop.
        if (only_calls && run.repeats < limits.loop_repeats_min)
            continue;
        if (!longest || run.step_count > longest->step_count)
            longest = std::move(run);
    }
    return longest;
}

}  // namespace reprise::detect
