#pragma once

#include "builders.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/model/trace.hpp"
#include "reprise/model/trace_report.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

// Traces like those that the synthetic agents send: the same names, roles, agents, indexes and times, by the same
// parameters. A seed decides jitter, failures and when an agent stops.
namespace reprise::detect::test {

struct scenario_values {
    model::trace_pattern pattern = model::trace_pattern::fanout;
    int fanout = 100;
    int concurrency = 20;
    double delay_ms = 80;
    int depth = 60;
    double error_rate = 0.1;
    int max_retries = 3;
    int max_steps = 10;
    double human_delay_ms = 1000;
    double rag_kb = 10;
    double duration_ms = 20'000;
    double tool_delay_ms = 400;
    int background_fanout = 50;

    std::uint64_t seed = 1;
    double jitter_ms = 4;          // At most, per call.
    double lag_ms = 0.25;          // At most, wherever one thing follows another.
    int straggler_index = -1;
    double straggler_factor = 10;
    bool has_task_ids = false;
    bool has_token_events = false;
    double stall_ms = 0;           // Tokens stop for so long while the background runs.
};

inline scenario_values default_values(model::trace_pattern pattern, std::uint64_t seed)
{
    scenario_values values;
    values.pattern = pattern;
    values.seed = seed;
    return values;
}

// What the scripts that exercise the agents ask for.
inline scenario_values script_values(model::trace_pattern pattern, std::uint64_t seed)
{
    scenario_values values = default_values(pattern, seed);
    switch (pattern) {
    case model::trace_pattern::fanout:
        values.fanout = 50;
        values.concurrency = 10;
        values.delay_ms = 50;
        break;
    case model::trace_pattern::chain:
        values.depth = 40;
        values.delay_ms = 30;
        break;
    case model::trace_pattern::retry:
        values.fanout = 80;
        values.delay_ms = 60;
        values.error_rate = 0.2;
        values.max_retries = 4;
        break;
    case model::trace_pattern::dag:
        values.fanout = 20;
        values.delay_ms = 40;
        break;
    case model::trace_pattern::react:
        values.max_steps = 5;
        values.delay_ms = 50;
        break;
    case model::trace_pattern::human:
        values.human_delay_ms = 2000;
        break;
    case model::trace_pattern::rag:
        values.rag_kb = 20;
        values.delay_ms = 30;
        break;
    case model::trace_pattern::stream:
        values.duration_ms = 5000;
        values.tool_delay_ms = 300;
        values.background_fanout = 80;
        break;
    default: break;
    }
    return values;
}

// Plays one request and writes down its spans. Times are milliseconds.
class scenario_player {
public:
    explicit scenario_player(const scenario_values& values) : values_(values), dice_(values.seed) {}

    model::trace play()
    {
        switch (values_.pattern) {
        case model::trace_pattern::stream: play_stream(); break;
        case model::trace_pattern::human: play_workflow([this](auto at) { return play_human(at); }); break;
        case model::trace_pattern::chain: play_workflow([this](auto at) { return play_chain(at); }); break;
        case model::trace_pattern::retry: play_workflow([this](auto at) { return play_retries(at); }); break;
        case model::trace_pattern::dag: play_workflow([this](auto at) { return play_dag(at); }); break;
        case model::trace_pattern::react: play_workflow([this](auto at) { return play_agent(at); }); break;
        case model::trace_pattern::rag: play_workflow([this](auto at) { return play_rag(at); }); break;
        default:
            play_workflow([this](auto at) {
                return play_fanout(at, values_.fanout, values_.concurrency, values_.delay_ms);
            });
        }
        trace_.id = {values_.seed * 8 + static_cast<std::uint64_t>(values_.pattern), mix64(values_.seed)};
        trace_.texts = texts_;
        // Children are sent before their parents.
        std::reverse(trace_.spans.begin(), trace_.spans.end());
        return std::move(trace_);
    }

private:
    // Where work begins: below which span, when.
    struct place {
        std::size_t parent = 0;
        double ms = 0;
    };

    std::string_view keep(std::string text) { return texts_->emplace_back(std::move(text)); }
    double jitter() { return values_.jitter_ms * dice_.uniform(); }
    double lag() { return values_.lag_ms * (0.2 + 0.8 * dice_.uniform()); }

    std::size_t add(place at, std::string_view name, model::span_role role, std::string agent)
    {
        model::trace_span& span = trace_.spans.emplace_back();
        span.id = trace_.spans.size();
        span.parent = at.parent;
        span.start_ns = day_start_ns + static_cast<std::int64_t>(at.ms * 1e6);
        span.role = role;
        span.service = "synthetic-agent-app";
        span.name = name;
        span.agent = keep(std::move(agent));
        return span.id;
    }
    model::trace_span& at(std::size_t id) { return trace_.spans[id - 1]; }
    double end(std::size_t id, double ms)
    {
        at(id).end_ns = day_start_ns + static_cast<std::int64_t>(ms * 1e6);
        return ms;
    }

    // Each returns when it had ended.
    double add_tool(place where, std::string tool, double took_ms, std::int32_t attempt = 0, double payload_kb = 0)
    {
        const std::size_t span = add(where, "tool_call", model::span_role::tool, "worker:" + tool);
        at(span).tool = keep(std::move(tool));
        at(span).attempt = attempt;
        if (payload_kb > 0)
            at(span).payload_kb = payload_kb;
        return end(span, where.ms + took_ms);
    }
    double add_checkpoint(place where, double size_kb)
    {
        const std::size_t span = add(where, "checkpoint", model::span_role::io, "checkpoint");
        at(span).payload_kb = size_kb;
        return end(span, where.ms + std::min(500.0, size_kb / 1024 * 200) + lag());
    }
    double add_worker(
        place where, std::string_view name, std::string agent, int index, std::string tool, double took_ms
    )
    {
        const std::size_t worker = add(where, name, model::span_role::worker, std::move(agent));
        at(worker).index = index;
        return end(worker, add_tool({worker, where.ms + lag()}, std::move(tool), took_ms) + lag());
    }

    void play_workflow(const std::function<double(place)>& work)
    {
        const std::size_t root = add({}, "workflow", model::span_role::workflow, "workflow");
        end(root, work({root, lag()}) + lag());
    }

    double play_fanout(place where, int count, int concurrency, double delay_ms)
    {
        const std::size_t planner = add(where, "planner", model::span_role::planner, "planner:v1");
        at(planner).fanout = count;
        at(planner).concurrency = concurrency;
        std::priority_queue<double, std::vector<double>, std::greater<>> slots;
        for (int slot = 0; slot < concurrency; ++slot)
            slots.push(where.ms + lag());
        double last_ms = where.ms;
        for (int index = 0; index < count; ++index) {
            const double start_ms = slots.top() + lag();
            slots.pop();
            const double factor = index == values_.straggler_index ? values_.straggler_factor : 1;
            const double end_ms = add_worker(
                {planner, start_ms}, "worker", "worker:" + std::to_string(index), index,
                "t" + std::to_string(index % 5), delay_ms * factor + jitter()
            );
            slots.push(end_ms);
            last_ms = std::max(last_ms, end_ms);
        }
        return end(planner, add_checkpoint({planner, last_ms + lag()}, 128) + lag());
    }

    double play_chain(place where)
    {
        const std::size_t planner = add(where, "planner", model::span_role::planner, "planner:v1");
        double now_ms = where.ms;
        for (int index = 0; index < values_.depth; ++index) {
            now_ms = add_worker(
                {planner, now_ms + lag()}, "step", "chain:" + std::to_string(index), index, "chain",
                values_.delay_ms + jitter()
            );
        }
        return end(planner, add_checkpoint({planner, now_ms + lag()}, 64) + lag());
    }

    double play_task(std::size_t planner, int index, double now_ms)
    {
        const std::string tool = "r" + std::to_string(index % 5);
        for (int attempt = 0;; ++attempt) {
            const bool fails = dice_.uniform() < values_.error_rate;
            const double took_ms = fails ? 1 + 2 * dice_.uniform() : values_.delay_ms + jitter();
            now_ms = add_tool({planner, now_ms}, tool, took_ms, attempt);
            model::trace_span& call = trace_.spans.back();
            if (values_.has_task_ids)
                call.task = keep("task:" + std::to_string(index));
            if (!fails)
                return now_ms;
            call.failed = true;
            call.status = 503;
            call.error_type = "HTTPException";
            if (attempt == values_.max_retries)
                return now_ms;
            now_ms += std::min(20.0 * (1 << attempt), 500.0) + lag();
        }
    }

    double play_retries(place where)
    {
        const std::size_t planner = add(where, "planner", model::span_role::planner, "planner:v1");
        at(planner).fanout = values_.fanout;
        at(planner).concurrency = values_.concurrency;
        at(planner).retries_max = values_.max_retries;
        std::priority_queue<double, std::vector<double>, std::greater<>> slots;
        for (int slot = 0; slot < values_.concurrency; ++slot)
            slots.push(where.ms + lag());
        double last_ms = where.ms;
        for (int index = 0; index < values_.fanout; ++index) {
            const double end_ms = play_task(planner, index, slots.top() + lag());
            slots.pop();
            slots.push(end_ms);
            last_ms = std::max(last_ms, end_ms);
        }
        return end(planner, add_checkpoint({planner, last_ms + lag()}, 256) + lag());
    }

    double play_dag(place where)
    {
        const std::size_t planner = add(where, "planner", model::span_role::planner, "planner:v1");
        at(planner).fanout = values_.fanout;
        double last_ms = where.ms;
        for (int index = 0; index < values_.fanout; ++index) {
            const double end_ms = add_worker(
                {planner, where.ms + 0.01 * index + lag()}, "branch_worker", "branch:" + std::to_string(index), index,
                "dag_" + std::to_string(index), values_.delay_ms + jitter()
            );
            last_ms = std::max(last_ms, end_ms);
        }
        const double joined_ms = add_worker(
            {planner, last_ms + lag()}, "aggregator", "aggregator:v1", -1, "aggregator", values_.delay_ms + jitter()
        );
        return end(planner, add_checkpoint({planner, joined_ms + lag()}, 64) + lag());
    }

    double play_agent(place where)
    {
        const std::size_t agent = add(where, "agent_core", model::span_role::planner, "agent:v1");
        double now_ms = where.ms;
        for (int step = 0; step < values_.max_steps; ++step) {
            const std::string number = std::to_string(step);
            const std::size_t thought =
                add({agent, now_ms + lag()}, "thought", model::span_role::step, "thought:" + number);
            at(thought).step = step;
            now_ms = end(thought, now_ms + lag() + 10 + 50 * dice_.uniform());
            const std::size_t act = add({agent, now_ms + lag()}, "act", model::span_role::tool, "act:" + number);
            at(act).step = step;
            now_ms = end(act, add_tool({act, now_ms + 0.3}, "step_" + number, values_.delay_ms + jitter()) + lag());
            if (dice_.uniform() < 0.1)
                break;
        }
        return end(agent, add_checkpoint({agent, now_ms + lag()}, 128) + lag());
    }

    double play_human(place where)
    {
        const std::size_t planner = add(where, "planner", model::span_role::planner, "planner:v1");
        const double asked_ms = add_tool({planner, where.ms + lag()}, "pre_human", 100 + jitter());
        const std::size_t person = add({planner, asked_ms + lag()}, "human_feedback", model::span_role::human, "human");
        const double answered_ms = end(person, asked_ms + lag() + values_.human_delay_ms);
        return end(planner, add_tool({planner, answered_ms + lag()}, "post_human", 100 + jitter()) + lag());
    }

    double play_rag(place where)
    {
        const std::size_t planner = add(where, "planner", model::span_role::planner, "planner:v1");
        const std::size_t retrieval =
            add({planner, where.ms + lag()}, "retrieval", model::span_role::tool, "retriever");
        at(retrieval).payload_kb = values_.rag_kb;
        at(retrieval).largest_key = "ati.rag.content";
        at(retrieval).largest_bytes = static_cast<std::uint32_t>(values_.rag_kb * 1024);
        const double fetched_ms = end(
            retrieval,
            add_tool({retrieval, where.ms + 0.5}, "vector_db", values_.delay_ms + jitter(), 0, values_.rag_kb) + lag()
        );
        const std::size_t generation = add({planner, fetched_ms + lag()}, "generation", model::span_role::llm, "llm");
        at(generation).start_ns = day_start_ns + static_cast<std::int64_t>((fetched_ms + 0.3) * 1e6);
        // 100 ms and a second per 5000 KB.
        return end(planner, end(generation, fetched_ms + 0.3 + 100 + values_.rag_kb / 5 + jitter()) + lag());
    }

    void play_stream()
    {
        const std::size_t root = add({}, "token_stream", model::span_role::stream, "streamer:v1");
        at(root).fanout = values_.background_fanout;
        const double background_ms =
            play_fanout({root, 0.2}, values_.background_fanout, 10, values_.tool_delay_ms);
        std::vector<double> tokens;
        double held_ms = 0;
        for (int index = 0; index * 50 < values_.duration_ms; ++index) {
            if (index == 20)
                held_ms = values_.stall_ms;
            tokens.push_back(index * 50 + held_ms + lag());
        }
        at(root).first_token_ns = static_cast<std::int64_t>(tokens.front() * 1e6);
        at(root).tokens = static_cast<std::int64_t>(tokens.size());
        double gap_ms = 0;
        for (std::size_t index = 1; index < tokens.size(); ++index)
            gap_ms = std::max(gap_ms, tokens[index] - tokens[index - 1]);
        at(root).largest_gap_ns = static_cast<std::int64_t>(gap_ms * 1e6);
        if (values_.has_token_events)
            add_events(root, tokens);
        end(root, std::max(std::max(values_.duration_ms, background_ms), tokens.back()) + lag());
    }

    // No more than an SDK keeps; the first and the last among them.
    void add_events(std::size_t stream, const std::vector<double>& tokens)
    {
        const std::size_t count = std::min<std::size_t>(tokens.size(), 128);
        at(stream).token_count = static_cast<std::uint32_t>(count);
        for (std::size_t index = 0; index < count; ++index) {
            const std::size_t from = index * (tokens.size() - 1) / std::max<std::size_t>(count - 1, 1);
            trace_.token_ns.push_back(day_start_ns + static_cast<std::int64_t>(tokens[from] * 1e6));
        }
    }

    scenario_values values_;
    dice dice_;
    model::trace trace_;
    std::shared_ptr<std::deque<std::string>> texts_ = std::make_shared<std::deque<std::string>>();
};

inline model::trace play(const scenario_values& values)
{
    return scenario_player(values).play();
}

constexpr std::array<model::trace_pattern, 8> all_scenarios = {
    model::trace_pattern::fanout, model::trace_pattern::chain, model::trace_pattern::retry, model::trace_pattern::dag,
    model::trace_pattern::react,  model::trace_pattern::human, model::trace_pattern::rag,   model::trace_pattern::stream
};

}  // namespace reprise::detect::test
