#include "reprise/pipeline/trace_stream.hpp"

#include "reprise/base/offload.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace reprise::pipeline {

namespace asio = boost::asio;

namespace {

assembly_limits limits_of_lane(const trace_stream_config& config)
{
    assembly_limits limits = config.limits;
    limits.memory_bytes_max /= config.lanes;
    limits.trace_bytes_max = std::min(limits.trace_bytes_max, limits.memory_bytes_max / 2);
    return limits;
}

// Other bits than those that decide what is let in, and where a trace stands in its lane's table.
std::size_t lane_of(std::uint64_t rank, std::size_t lanes) noexcept
{
    return (rank >> 32) % lanes;
}

}  // namespace

struct trace_stream::lane {
    lane(const asio::any_io_executor& pool, const assembly_limits& limits, std::size_t index_in)
        : strand(asio::make_strand(pool)), work(limits), index(index_in)
    {
    }

    asio::any_io_executor strand;
    trace_assembler work;
    std::size_t index;
    assembly_counts reported;
    std::int64_t open = 0;    // As the gauges were last told.
    std::int64_t memory = 0;
};

trace_stream::trace_stream(
    asio::any_io_executor pool, const trace_stream_config& config, const clock& time, metrics& numbers, trace_sink sink
)
    : time_(time),
      sink_(std::move(sink)),
      completed_(numbers.add_counter("reprise_traces_completed_total", "Traces put together.")),
      late_(numbers.add_counter(
          "reprise_traces_spans_dropped_total", "Spans that are in no analysed trace.", "reason=\"late\""
      )),
      truncated_(numbers.add_counter(
          "reprise_traces_spans_dropped_total", "Spans that are in no analysed trace.", "reason=\"spans_max\""
      )),
      dropped_(numbers.add_counter(
          "reprise_traces_spans_dropped_total", "Spans that are in no analysed trace.", "reason=\"memory\""
      )),
      dropped_traces_(numbers.add_counter(
          "reprise_traces_dropped_total", "Traces that were not analysed.", "reason=\"memory\""
      )),
      open_(numbers.add_gauge("reprise_traces_open", "Traces of which spans still come.")),
      memory_(numbers.add_gauge("reprise_traces_memory_bytes", "Memory that they take."))
{
    for (std::size_t i = 0; i < config.lanes; ++i)
        lanes_.push_back(std::make_unique<lane>(pool, limits_of_lane(config), i));
}

trace_stream::~trace_stream() = default;

void trace_stream::take(
    std::shared_ptr<const model::observation_batch> batch, std::shared_ptr<const replay_filter> replays,
    std::int64_t time_ns, std::shared_ptr<void> held
)
{
    for (const auto& one : lanes_) {
        auto work = [this, to = one.get(), batch, replays, time_ns, held] {
            const std::size_t lanes = lanes_.size();
            const auto is_mine = [to, lanes](std::uint64_t rank) { return lane_of(rank, lanes) == to->index; };
            to->work.add(*batch, *replays, moment(time_ns, time_.steady_ns()), is_mine);
        };
        asio::post(one->strand, std::move(work));
    }
}

void trace_stream::tell(lane& from, std::vector<assembled_trace> done)
{
    const assembly_counts& now = from.work.counts();
    completed_.add(now.completed - from.reported.completed);
    late_.add(now.late_spans - from.reported.late_spans);
    truncated_.add(now.truncated_spans - from.reported.truncated_spans);
    dropped_.add(now.dropped_spans - from.reported.dropped_spans);
    dropped_traces_.add(now.dropped_traces - from.reported.dropped_traces);
    from.reported = now;
    const auto open = static_cast<std::int64_t>(from.work.open());
    open_.add(open - std::exchange(from.open, open));
    const auto memory = static_cast<std::int64_t>(from.work.memory_bytes());
    memory_.add(memory - std::exchange(from.memory, memory));

    trace_news news{std::move(done), from.work.take_late()};
    if (!news.done.empty() || !news.late.empty())
        sink_(std::move(news));
}

void trace_stream::look_at_clock(lane& at)
{
    tell(at, at.work.close_due({time_.now_ns(), time_.steady_ns()}));
}

asio::awaitable<void> trace_stream::run_clock()
{
    constexpr auto tick = std::chrono::milliseconds(200);
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (;;) {
        timer.expires_after(tick);
        co_await timer.async_wait(asio::use_awaitable);
        for (const auto& one : lanes_)
            asio::post(one->strand, [this, at = one.get()] { look_at_clock(*at); });
    }
}

asio::awaitable<void> trace_stream::flush()
{
    for (const auto& one : lanes_) {
        auto close = [this, from = one.get()] { tell(*from, from->work.close_all()); };
        co_await offload(one->strand, std::move(close));
    }
}

}  // namespace reprise::pipeline
