#pragma once

#include "draws.hpp"
#include "pace.hpp"
#include "parameters.hpp"
#include "tool_port.hpp"
#include "tracer.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace reprise::synth {

// What an agent works with. Everything outlives the drain of `tasks`. On the loop only.
struct agent_parts {
    agent_parts(
        boost::asio::any_io_executor loop_, task_group& tasks_, const tracer& spans_, tool_port& tools_, pace& rests_,
        const clock& time_
    )
        : loop(std::move(loop_)), tasks(tasks_), spans(spans_), tools(tools_), rests(rests_), time(time_)
    {
    }

    boost::asio::any_io_executor loop;
    task_group& tasks;  // Workers, branches and tasks: they may outlive their request.
    const tracer& spans;
    tool_port& tools;
    pace& rests;
    const clock& time;
};

// One request under way; its workers share it.
struct agent_run {
    agent_run(const agent_parts& parts_, const extras& more_, std::uint64_t seed)
        : parts(parts_), more(more_), luck(seed)
    {
    }

    const agent_parts& parts;
    extras more;
    draws luck;
};
using run_ptr = std::shared_ptr<const agent_run>;

// The call that thing number `index` makes in its attempt: straggler, jitter and failure applied.
tool_ask ask_of(
    const agent_run& run, std::string name, int index, int delay_ms, double error_rate = 0, int attempt = 0
);

// What the extra task_ids lets a retry say of itself.
struct retry_note {
    retry_note() = default;

    int task = -1;  // None: nothing is said.
    std::chrono::milliseconds backoff{0};
    std::string reason;
};

// A tool_call span around the call.
boost::asio::awaitable<tool_result> call_tool(run_ptr run, span_context parent, tool_ask ask, retry_note note);
boost::asio::awaitable<work_result> call_plain_tool(run_ptr run, span_context parent, tool_ask ask);

boost::asio::awaitable<void> save_checkpoint(run_ptr run, span_context parent, int size_kb);

// A planner that hands out `count` workers, `concurrency` at a time, and saves a checkpoint of 128 KB.
struct fanout_plan {
    fanout_plan(int count_, int concurrency_, int delay_ms_)
        : count(count_), concurrency(concurrency_), delay_ms(delay_ms_)
    {
    }

    int count;
    int concurrency;
    int delay_ms;
};
boost::asio::awaitable<work_result> run_fanout(run_ptr run, span_context parent, fanout_plan plan);

}  // namespace reprise::synth
