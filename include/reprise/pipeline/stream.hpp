#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/close_order.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/intake.hpp"
#include "reprise/pipeline/moment.hpp"
#include "reprise/pipeline/shard.hpp"
#include "reprise/pipeline/trace_stream.hpp"
#include "reprise/pipeline/trial_sink.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace reprise::pipeline {

struct stream_config {
    stream_limits limits;
    std::size_t shards = 2;
    std::size_t inflight_bytes_max = 32 * 1024 * 1024;
    std::size_t backlog_windows_max = 4096;  // Closed but not yet committed; beyond it intake refuses.
    const detection_book* detection = nullptr;  // What people set for single services; null: nothing.
};

// Takes closed windows; called on a shard's strand, must not block. The committer's door.
using window_sink = std::function<void(std::vector<closed_window>)>;

// Keeps the clock's decisions in order with the batches and gives them back by close() or forget_close();
// called on a shard's strand, must not block.
using close_log = std::function<void(std::vector<close_order>)>;

// Where a batch stands in the order of all.
struct batch_place {
    std::int64_t time_ns = 0;  // Of arrival, by the wall clock.
    shared_hold hold;          // On the journal, if there is one.
    bool replayed = false;     // Its windows may be committed already.
};

// The shards behind one intake: splits batches by service, each shard on a strand of its own. Work in
// flight is counted by bytes; closed windows go to the sink in order per service. Everything given by
// reference must outlive flush() or drain(), and the pool.
//
// Whoever keeps a journal calls reserve(), then take() in the journal's order from one thread at a
// time, and set_close_log(); else offer() does for both.
class stream final : public intake {
public:
    stream(
        boost::asio::any_io_executor pool, const stream_config& config, const clock& time, trial_sink& trials,
        metrics& numbers, window_sink sink, const std::atomic<std::size_t>& backlog_windows
    );
    ~stream() override;

    // Before the first batch.
    void restore_baseline(const model::operation_key& operation, std::string_view encoded);
    void restore_closed(std::string_view service, std::int64_t through_ns);
    void set_close_log(close_log keep) { close_log_ = std::move(keep); }
    // Where spans go as well, to be put together to traces; outlives drain().
    void set_traces(trace_stream& traces) { traces_ = &traces; }

    bool has_room(std::size_t bytes) override;
    void offer(arrival what, taken_handler done) override;

    // A place for so many bytes, given back when the last copy goes. errc::unavailable: there is none.
    result<std::shared_ptr<void>> reserve(std::size_t bytes);
    // The batch enters the windows. `what.held` goes once they have the records.
    void take(arrival what, const batch_place& place);
    void close(const std::vector<close_order>& orders, const shared_hold& hold);
    void forget_close(const std::vector<close_order>& orders);

    // Closes windows by the clock until cancelled.
    boost::asio::awaitable<void> run_clock();

    // Returns when the windows have what was taken. Windows stay open.
    boost::asio::awaitable<void> drain();

    // Closes every window and returns when the sink has all of them. Nothing may be offered any more.
    boost::asio::awaitable<void> flush();

    // Records taken since the start, and the arrival of the newest. Safe from any thread.
    std::uint64_t records() const noexcept { return records_.load(std::memory_order_relaxed); }
    // Records that came after their window had closed. Safe from any thread.
    std::uint64_t late() const noexcept { return late_.value(); }
    std::int64_t last_record_ns() const noexcept { return last_record_ns_.load(std::memory_order_relaxed); }

private:
    struct lane;

    bool is_full(std::size_t before, std::size_t bytes) const noexcept;
    // The wall clock of this does not go back with the system's.
    moment now();
    void digest(
        lane& to, const model::observation_batch& batch, const replay_filter& filter, const batch_place& place
    );
    void count_losses(lane& from, bool replayed);
    void look_at_clock(lane& from);
    void submit(lane& from, std::vector<closed_window> closed);

    boost::asio::any_io_executor pool_;
    const stream_config config_;
    const clock& time_;
    trial_sink& trials_;
    window_sink sink_;
    close_log close_log_;
    trace_stream* traces_ = nullptr;
    const std::atomic<std::size_t>& backlog_windows_;
    std::mutex wall_mutex_;
    wall_guard wall_;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::atomic<std::size_t> inflight_bytes_{0};
    std::atomic<std::uint64_t> records_{0};
    std::atomic<std::int64_t> last_record_ns_{0};
    counter& refused_;
    counter& windows_;
    counter& late_;
    counter& committed_before_;
    counter& future_;
    counter& overflowed_;
    counter& replayed_;
    counter& services_refused_;
    counter& stale_points_;
    counter& series_overflow_;
    gauge& metric_series_;
    gauge& inflight_;
    gauge& operations_;
    gauge& services_;
};

}  // namespace reprise::pipeline
