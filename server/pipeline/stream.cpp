#include "reprise/pipeline/stream.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/pipeline/moment.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace reprise::pipeline {

namespace asio = boost::asio;

namespace {

// Which lane a service belongs to. Asked for the operations of a batch in turn, which are of one service most of
// the time; remembers it, so one object per batch.
class lane_of_service {
public:
    explicit lane_of_service(std::size_t lanes) : lanes_(lanes) {}

    std::size_t operator()(std::string_view service)
    {
        if (lanes_ == 1)
            return 0;
        if (service.data() != last_.data() || service.size() != last_.size()) {
            last_ = service;
            lane_ = hash64(service) % lanes_;
        }
        return lane_;
    }

private:
    std::size_t lanes_;
    std::string_view last_;
    std::size_t lane_ = 0;
};

}  // namespace

// One shard with its strand and what it last reported.
struct stream::lane {
    lane(const asio::any_io_executor& pool, const stream_config& config, std::size_t index_in)
        : strand(asio::make_strand(pool)), work(config.limits, config.detection), index(index_in)
    {
    }

    asio::any_io_executor strand;
    shard work;
    std::size_t index;
    stream_losses reported;
    bool closing = false;  // A decision of the clock is on its way through the journal.
    std::atomic<std::int64_t> operations{0};
    std::atomic<std::int64_t> services{0};
    std::atomic<std::int64_t> metric_series{0};
};

stream::stream(
    asio::any_io_executor pool, const stream_config& config, const clock& time, trial_sink& trials, metrics& numbers,
    window_sink sink, const std::atomic<std::size_t>& backlog_windows
)
    : pool_(std::move(pool)),
      config_(config),
      time_(time),
      trials_(trials),
      sink_(std::move(sink)),
      backlog_windows_(backlog_windows),
      refused_(numbers.add_counter("reprise_stream_refused_total", "Batches refused because the stream was full.")),
      windows_(numbers.add_counter("reprise_windows_closed_total", "Windows closed.")),
      late_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"late\""
      )),
      committed_before_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"committed_before\""
      )),
      future_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"future\""
      )),
      overflowed_(numbers.add_counter(
          "reprise_stream_records_overflowed_total", "Records counted under (overflow): too many operations."
      )),
      replayed_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"replayed\""
      )),
      services_refused_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"services_max\""
      )),
      stale_points_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"stale_point\""
      )),
      series_overflow_(numbers.add_counter(
          "reprise_stream_records_dropped_total", "Records taken but not counted.", "reason=\"metric_series_max\""
      )),
      metric_series_(numbers.add_gauge("reprise_metric_series", "Cumulative metric series remembered.")),
      inflight_(numbers.add_gauge("reprise_stream_inflight_bytes", "Bytes taken but not yet in windows.")),
      operations_(numbers.add_gauge("reprise_operations", "Operations known.")),
      services_(numbers.add_gauge("reprise_services", "Services known."))
{
    for (std::size_t i = 0; i < config_.shards; ++i)
        lanes_.push_back(std::make_unique<lane>(pool_, config_, i));
}

stream::~stream() = default;

void stream::restore_baseline(const model::operation_key& operation, std::string_view encoded)
{
    lane_of_service lane_of(lanes_.size());
    lanes_[lane_of(operation.service)]->work.restore_baseline(operation, encoded);
}

void stream::restore_closed(std::string_view service, std::int64_t through_ns)
{
    lane_of_service lane_of(lanes_.size());
    lanes_[lane_of(service)]->work.restore_closed(service, through_ns);
}

void stream::offer(arrival what, taken_handler done)
{
    auto place = reserve(what.batch->bytes ? what.batch->bytes->size() : 0);
    if (!place) {
        done(place.error());
        return;
    }
    const std::shared_ptr<void> share = std::move(what.held);
    what.held = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(share, std::move(*place));
    take(std::move(what), {now().wall_ns, {}, false});
    done(taken_as::counted);
}

moment stream::now()
{
    const std::lock_guard lock(wall_mutex_);
    return wall_.observe(time_.now_ns(), time_.steady_ns());
}

bool stream::is_full(std::size_t before, std::size_t bytes) const noexcept
{
    // A batch that is larger than the limit gets in when it is alone; else it would be refused for ever.
    const bool is_crowded = before > 0 && before + bytes > config_.inflight_bytes_max;
    return is_crowded || backlog_windows_.load() > config_.backlog_windows_max;
}

bool stream::has_room(std::size_t bytes)
{
    if (!is_full(inflight_bytes_.load(), bytes))
        return true;
    refused_.add();
    return false;
}

result<std::shared_ptr<void>> stream::reserve(std::size_t bytes)
{
    const std::size_t before = inflight_bytes_.fetch_add(bytes);
    if (is_full(before, bytes)) {
        inflight_bytes_.fetch_sub(bytes);
        refused_.add();
        return errc::unavailable;
    }
    inflight_.set(static_cast<std::int64_t>(before + bytes));
    return std::shared_ptr<void>(nullptr, [this, bytes](void*) {
        inflight_.set(static_cast<std::int64_t>(inflight_bytes_.fetch_sub(bytes) - bytes));
    });
}

void stream::take(arrival what, const batch_place& place)
{
    const auto batch = std::move(what.batch);
    if (!place.replayed)
        records_.fetch_add(batch->observations.size() + batch->measured.size(), std::memory_order_relaxed);
    last_record_ns_.store(place.time_ns, std::memory_order_relaxed);

    const std::shared_ptr<const replay_filter> filter = trials_.filter();
    trials_.take(*batch, *filter);

    if (traces_ != nullptr && what.signal == telemetry::otlp_request::traces)
        traces_->take(batch, filter, place.time_ns, what.held);

    lane_of_service lane_of(lanes_.size());
    for (const auto& one : lanes_) {
        bool wanted = false;
        for (const model::operation_view& operation : batch->operations)
            wanted = wanted || lane_of(operation.service) == one->index;
        if (!wanted)
            continue;
        // `held` goes when the last lane has let go of the batch.
        auto work = [this, to = one.get(), batch, filter, place, held = what.held] {
            digest(*to, *batch, *filter, place);
        };
        asio::post(one->strand, std::move(work));
    }
}

void stream::digest(
    lane& to, const model::observation_batch& batch, const replay_filter& filter, const batch_place& place
)
{
    lane_of_service lane_of(lanes_.size());
    const auto is_mine = [&](std::string_view service) { return lane_of(service) == to.index; };
    // Silence is a matter of this process; everything else goes by the time that the journal keeps.
    const moment at(place.time_ns, time_.steady_ns());
    to.work.add(batch, filter, at, is_mine, place.hold);
    count_losses(to, place.replayed);
    submit(to, to.work.close_passed());
}

void stream::count_losses(lane& from, bool replayed)
{
    const stream_losses& now = from.work.losses();
    (replayed ? committed_before_ : late_).add(now.late - from.reported.late);
    future_.add(now.future - from.reported.future);
    overflowed_.add(now.overflowed - from.reported.overflowed);
    replayed_.add(now.replayed - from.reported.replayed);
    services_refused_.add(now.services - from.reported.services);
    stale_points_.add(now.stale_points - from.reported.stale_points);
    series_overflow_.add(now.series_overflow - from.reported.series_overflow);
    from.reported = now;
}

void stream::submit(lane& from, std::vector<closed_window> closed)
{
    if (closed.empty())
        return;
    const auto operations = static_cast<std::int64_t>(from.work.operations());
    const auto services = static_cast<std::int64_t>(from.work.services());
    operations_.add(operations - from.operations.exchange(operations));
    services_.add(services - from.services.exchange(services));
    const auto series = static_cast<std::int64_t>(from.work.metric_series_count());
    metric_series_.add(series - from.metric_series.exchange(series));
    windows_.add(closed.size());
    sink_(std::move(closed));
}

void stream::look_at_clock(lane& from)
{
    if (from.closing)
        return;
    auto orders = from.work.list_idle(now());
    if (orders.empty())
        return;
    if (!close_log_) {
        submit(from, from.work.close(orders));
        return;
    }
    from.closing = true;
    close_log_(std::move(orders));
}

void stream::close(const std::vector<close_order>& orders, const shared_hold& hold)
{
    lane_of_service lane_of(lanes_.size());
    for (const auto& one : lanes_) {
        std::vector<close_order> mine;
        for (const close_order& order : orders) {
            if (lane_of(order.service) == one->index)
                mine.push_back(order);
        }
        if (mine.empty())
            continue;
        auto work = [this, to = one.get(), mine = std::move(mine), hold] {
            to->closing = false;
            submit(*to, to->work.close(mine, hold));
        };
        asio::post(one->strand, std::move(work));
    }
}

void stream::forget_close(const std::vector<close_order>& orders)
{
    lane_of_service lane_of(lanes_.size());
    for (const close_order& order : orders) {
        lane* const to = lanes_[lane_of(order.service)].get();
        asio::post(to->strand, [to] { to->closing = false; });
    }
}

asio::awaitable<void> stream::run_clock()
{
    constexpr auto tick = std::chrono::milliseconds(200);
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (;;) {
        timer.expires_after(tick);
        co_await timer.async_wait(asio::use_awaitable);
        for (const auto& one : lanes_)
            asio::post(one->strand, [this, from = one.get()] { look_at_clock(*from); });
    }
}

asio::awaitable<void> stream::drain()
{
    for (const auto& one : lanes_) {
        auto nothing = [] {};
        co_await offload(one->strand, std::move(nothing));
    }
}

asio::awaitable<void> stream::flush()
{
    for (const auto& one : lanes_) {
        auto close = [this, from = one.get()] { submit(*from, from->work.close_all()); };
        co_await offload(one->strand, std::move(close));
    }
}

}  // namespace reprise::pipeline
