#pragma once

#include "reprise/detect/limits.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/pipeline/close_order.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/pipeline/moment.hpp"
#include "reprise/pipeline/replay_filter.hpp"
#include "reprise/pipeline/segment_hold.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

struct stream_limits {
    std::int64_t window_ns = 60'000'000'000;
    std::int64_t lateness_ns = 10'000'000'000;
    std::int64_t idle_close_ns = 5'000'000'000;
    std::int64_t future_ns_max = 300'000'000'000;  // Records further ahead of our clock are refused; see future_ns().
    std::size_t services_max = 1000;
    std::size_t operations_max = 500;              // Per service; the rest share "(overflow)".
    std::size_t open_windows_max = 10;             // Per service; the oldest is closed before another opens.
    std::size_t metric_series_max = 50'000;        // Cumulative series remembered by each shard.
    std::int64_t metrics_since_ns = INT64_MIN;     // Counts of cumulative metrics that began before are partly others'.
    detect::detection_limits detection;

    // How far ahead records are taken: at most half of the open windows may lie in the future.
    std::int64_t future_ns() const noexcept
    {
        return std::min(future_ns_max, window_ns * static_cast<std::int64_t>(open_windows_max / 2));
    }
};

// What was not counted, and why. Grows only.
struct stream_losses {
    std::uint64_t late = 0;       // Its window was closed already.
    std::uint64_t future = 0;     // Too far ahead of our clock.
    std::uint64_t services = 0;   // A service beyond services_max.
    std::uint64_t overflowed = 0; // Counted, but under "(overflow)".
    std::uint64_t replayed = 0;   // Belongs to a replay.
    std::uint64_t stale_points = 0;     // Metric points that are not newer than those before them.
    std::uint64_t series_overflow = 0;  // Metric points of a cumulative series beyond metric_series_max.
};

// The open windows of some services: plain state, no clock, no I/O. One caller at a time (the stream
// gives each shard a strand).
//
// A window of a service ends when its watermark is `lateness_ns` past the window's end, or when the service was
// silent for idle_close_ns and the wall clock is that far past the end. The watermark is the newest start among the
// service's records, but never later than their arrival: a sender whose clock is ahead ends nobody's window, its
// records wait in theirs. What comes after its window ended is counted as late. Which windows close when depends on
// arrival; what is in them does not (see closed_window).
class shard {
public:
    // `detection` is what people set for single services, and outlives the shard; null: nothing.
    explicit shard(const stream_limits& limits, const detection_book* detection = nullptr);
    ~shard();
    shard(shard&&) noexcept;
    shard& operator=(shard&&) noexcept;

    // What was normal when the process last ran.
    void restore_baseline(const model::operation_key& operation, std::string_view encoded);
    // Windows of the service up to `through_ns` are committed.
    void restore_closed(std::string_view service, std::int64_t through_ns);

    // Adds the batch's observations of services for which is_mine(service) holds. `now` is the time of arrival;
    // windows that take records take the hold. Allocates nothing per record once a window has seen its operations'
    // usual spread.
    template <class IsMine>
    void add(
        const model::observation_batch& batch, const replay_filter& replays, const moment& now, IsMine is_mine,
        const shared_hold& hold = {}
    )
    {
        begin_batch(batch);
        for (std::size_t i = 0; i < batch.operations.size(); ++i) {
            if (is_mine(batch.operations[i].service))
                resolve(batch, i);
        }
        add_resolved(batch, replays, now, hold);
        add_measured(batch, now, hold);
    }

    // Windows that the records themselves have ended, in order per service.
    std::vector<closed_window> close_passed();
    // What the idle rule would end now, and the ending of it: apart, because the decision is journalled
    // in between. Windows take the hold.
    std::vector<close_order> list_idle(const moment& now) const;
    std::vector<closed_window> close(const std::vector<close_order>& orders, const shared_hold& hold = {});
    // All of these at once.
    std::vector<closed_window> close_due(const moment& now);

    // Every open window, for the end of the input.
    std::vector<closed_window> close_all();

    const stream_losses& losses() const noexcept;
    std::size_t metric_series_count() const noexcept;
    std::size_t services() const noexcept;
    std::size_t operations() const noexcept;

private:
    struct state;

    void begin_batch(const model::observation_batch& batch);
    void resolve(const model::observation_batch& batch, std::size_t operation_index);
    void add_resolved(
        const model::observation_batch& batch, const replay_filter& replays, const moment& now, const shared_hold& hold
    );
    void add_measured(const model::observation_batch& batch, const moment& now, const shared_hold& hold);
    void note_overflow(const model::observation_batch& batch);
    void note_versions(const model::observation_batch& batch, const replay_filter& replays, const moment& now);

    std::unique_ptr<state> state_;
};

// Text of the operation that holds what did not fit.
constexpr std::string_view overflow_route = "(overflow)";

}  // namespace reprise::pipeline
