#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/pipeline/trace_choice.hpp"
#include "reprise/pipeline/trace_stream.hpp"
#include "reprise/store/traces.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace reprise::store {
class database;
}

namespace reprise::pipeline {

class trace_announcements;
class trace_desk;
struct analysed_traces;

struct trace_committer_config {
    committer_config commit;                            // As for windows.
    trace_keeping keeping;
    store::trace_retention retention;
    std::size_t waiting_bytes_max = 8 * 1024 * 1024;    // Of traces that wait to be analysed; more are dropped.
    const detection_book* detection = nullptr;          // What people set for single services; null: nothing.
};

// Takes traces that are done from the lanes, has them analysed in the pool for blocking work, and makes durable what
// is kept of them: their rows, signals and what becomes of those, in one transaction per batch. Also deletes what is
// beyond the retention. submit() is safe from any thread and never blocks; everything by reference must outlive the
// loop.
class trace_committer {
public:
    trace_committer(
        boost::asio::any_io_executor pool, boost::asio::any_io_executor blocking_pool, store::database& database,
        const clock& time, metrics& numbers, trace_committer_config config
    );
    ~trace_committer();

    void submit(trace_news news);

    // Until finish() was called and nothing is left, or until cancelled. On a strand.
    boost::asio::awaitable<void> run_committer();

    // Nothing more will be submitted.
    void finish();

private:
    trace_news take();
    boost::asio::awaitable<analysed_traces> analyse(std::vector<assembled_trace> traces);
    boost::asio::awaitable<void> commit(trace_news news);
    boost::asio::awaitable<void> prune();
    boost::asio::awaitable<void> announce(std::vector<std::string> services);
    boost::asio::awaitable<void> wait_for_work();
    boost::asio::awaitable<void> receive();
    boost::asio::awaitable<void> pause_until(std::int64_t steady_ns);
    void wake();

    boost::asio::any_io_executor blocking_pool_;
    store::database& database_;
    const clock& time_;
    const trace_committer_config config_;
    std::unique_ptr<trace_desk> desk_;
    std::unique_ptr<trace_announcements> news_;
    boost::asio::experimental::concurrent_channel<void(error_code)> wake_up_;
    std::mutex mutex_;
    std::deque<assembled_trace> queue_;
    std::vector<model::trace_id> late_;
    std::size_t waiting_bytes_ = 0;
    bool finished_ = false;
    std::int64_t pruned_ns_ = 0;  // By the steady clock.
    counter& dropped_;
    counter& unreadable_;
    counter& analysed_;
    counter& spans_;
    counter& analysis_us_;
    counter& kept_;
    counter& opened_;
    counter& left_out_;
    counter& signals_;
    quiet_counters quiet_;
    counter& incidents_;
    counter& bundles_;
    counter& bundle_failures_;
    counter& lost_;
    gauge& waiting_;
    counter& announced_;
};

}  // namespace reprise::pipeline
