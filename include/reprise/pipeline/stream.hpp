#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/intake.hpp"
#include "reprise/pipeline/shard.hpp"
#include "reprise/pipeline/trial_sink.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace reprise::pipeline {

struct stream_config {
    stream_limits limits;
    std::size_t shards = 2;
    std::size_t inflight_bytes_max = 32 * 1024 * 1024;
    std::size_t backlog_windows_max = 4096;  // Closed but not yet committed; beyond it intake refuses.
};

// Takes closed windows; called on a shard's strand, must not block. The committer's door.
using window_sink = std::function<void(std::vector<closed_window>)>;

// The shards behind one intake: splits batches by service, each shard on a strand of its own. Work in
// flight is counted by bytes; closed windows go to the sink in order per service. Everything given by
// reference must outlive flush() and the pool.
class stream final : public intake {
public:
    stream(
        boost::asio::any_io_executor pool, const stream_config& config, const clock& time, trial_sink& trials,
        metrics& numbers, window_sink sink, const std::atomic<std::size_t>& backlog_windows
    );
    ~stream() override;

    // Before the first batch.
    void restore_baseline(const model::operation_key& operation, std::string_view encoded);

    void offer(arrival what, taken_handler done) override;

    // Closes windows by the clock until cancelled.
    boost::asio::awaitable<void> run_clock();

    // Closes every window and returns when the sink has all of them. Nothing may be offered any more.
    boost::asio::awaitable<void> flush();

    // Records taken since the start, and the arrival of the newest. Safe from any thread.
    std::uint64_t records() const noexcept { return records_.load(std::memory_order_relaxed); }
    std::int64_t last_record_ns() const noexcept { return last_record_ns_.load(std::memory_order_relaxed); }

private:
    struct lane;

    result<void> take(arrival what);
    void digest(lane& to, const model::observation_batch& batch, const replay_filter& filter);
    void publish(lane& from);

    boost::asio::any_io_executor pool_;
    const stream_config config_;
    const clock& time_;
    trial_sink& trials_;
    window_sink sink_;
    const std::atomic<std::size_t>& backlog_windows_;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::atomic<std::size_t> inflight_bytes_{0};
    std::atomic<std::uint64_t> records_{0};
    std::atomic<std::int64_t> last_record_ns_{0};
    counter& refused_;
    counter& windows_;
    counter& late_;
    counter& future_;
    counter& overflowed_;
    counter& replayed_;
    counter& services_refused_;
    gauge& inflight_;
    gauge& operations_;
    gauge& services_;
};

}  // namespace reprise::pipeline
