#include "agent.hpp"

#include "joint_work.hpp"
#include "limits.hpp"
#include "scenarios.hpp"
#include "token_times.hpp"

#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

constexpr std::int64_t token_pause_ns = 50 * ns_per_ms;
constexpr int background_concurrency = 10;

// Says in the stream's span what became of its tokens, however the stream ends.
class token_record {
public:
    token_record(active_span& span, const clock& time, bool wanted)
        : span_(span), time_(time), begun_ns_(time.now_ns()), wanted_(wanted)
    {
    }
    ~token_record()
    {
        if (!wanted_)
            return;
        const auto as_ms = [](std::int64_t ns) { return static_cast<double>(ns) / ns_per_ms; };
        span_.set("ati.stream.tokens", times_.count());
        if (times_.count() > 0)
            span_.set("ati.stream.ttft_ms", as_ms(times_.first_ns() - begun_ns_));
        if (times_.count() > 1)
            span_.set("ati.stream.max_gap_ms", as_ms(times_.largest_gap_ns()));
        for (const std::int64_t at_ns : times_.sample())
            span_.add_event("token", at_ns);
    }
    token_record(const token_record&) = delete;
    token_record& operator=(const token_record&) = delete;

    void add() { times_.add(time_.now_ns()); }

private:
    active_span& span_;
    const clock& time_;
    std::int64_t begun_ns_;
    bool wanted_;
    token_times times_;
};

}  // namespace

bool agent::has_room(int tasks) const noexcept
{
    return parts_.tasks.size() + static_cast<std::size_t>(tasks) <= tasks_max;
}

run_ptr agent::make_run(const extras& more)
{
    const std::uint64_t seed = more.seed ? *more.seed : next_run_.seed_of(draw::next_run, runs_);
    ++runs_;
    return std::make_shared<const agent_run>(parts_, more, seed);
}

asio::awaitable<agent::run_result> agent::run(run_parameters want)
{
    const std::int64_t begun_ns = parts_.time.steady_ns();
    const run_ptr run = make_run(want.more);
    active_span workflow(parts_.spans, tracer::new_trace(), "workflow", "workflow", "workflow");
    workflow.set("ati.scenario", std::string(to_text(want.scenario)));
    auto done = co_await run_scenario(run, workflow.context(), want);
    if (!done)
        co_return workflow.fail(std::move(done).error());
    co_return parts_.time.steady_ns() - begun_ns;
}

asio::awaitable<void> agent::stream(stream_parameters want, net::response_stream& out)
{
    const run_ptr run = make_run(want.more);
    active_span span(parts_.spans, tracer::new_trace(), "token_stream", "token_stream", "streamer:v1");
    span.set("ati.stream.duration_s", std::int64_t{want.duration_s});
    span.set("ati.bg.fanout", std::int64_t{want.background_fanout});
    const fanout_plan plan(want.background_fanout, background_concurrency, want.tool_delay_ms);
    std::vector<joint_work::piece> background;
    background.push_back(run_fanout(run, span.context(), plan));
    const auto all = joint_work::begin(parts_.loop, parts_.tasks, std::move(background));
    co_await write_tokens(want, span, out);
    auto done = co_await all->wait();
    if (done)
        co_return;
    span.fail(std::move(done).error());
    out.give_up();
}

asio::awaitable<void> agent::write_tokens(const stream_parameters& want, active_span& span, net::response_stream& out)
{
    const std::int64_t begun_ns = parts_.time.steady_ns();
    const std::int64_t duration_ns = want.duration_s * ns_per_s;
    token_record record(span, parts_.time, want.more.token_events);
    for (std::int64_t i = 0; i * token_pause_ns < duration_ns; ++i) {
        const std::int64_t early_ns = begun_ns + i * token_pause_ns - parts_.time.steady_ns();
        if (early_ns > 0)
            co_await parts_.rests.rest(std::chrono::nanoseconds(early_ns));
        const std::string line = "token " + std::to_string(i) + "\n";
        const auto sent = co_await out.write(line);
        if (!sent)
            co_return;
        record.add();
    }
    const std::int64_t early_ns = begun_ns + duration_ns - parts_.time.steady_ns();
    if (early_ns > 0)
        co_await parts_.rests.rest(std::chrono::nanoseconds(early_ns));
}

}  // namespace reprise::synth
