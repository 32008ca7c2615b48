#pragma once

#include "unit_queue.hpp"

#include "reprise/store/run_notice.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>

namespace reprise::store {

class connection;

// The one thread that writes. Takes what is queued, up to group_max units, runs each in a savepoint of
// one transaction, commits once, then answers them all.
class writer {
public:
    writer(std::unique_ptr<connection> session, const database_options& options, std::int64_t last_seq);
    ~writer();  // Ends what is queued, then the thread.
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    unit_queue& queue() noexcept { return queue_; }
    std::int64_t last_seq() const noexcept { return last_seq_.load(std::memory_order_acquire); }
    bool healthy() const noexcept { return healthy_.load(std::memory_order_acquire); }
    bool is_this_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }
    void set_commit_listener(std::function<void(std::int64_t)> listener);
    void set_run_listener(std::function<void(const run_notice&)> listener);
    void add_stats(database_stats& stats) const;

private:
    // What became of a group while it ran.
    struct group_outcome {
        std::size_t ran = 0;        // Units tried.
        std::size_t succeeded = 0;
        std::int64_t appended_seq = 0;
        run_notice notice;
        bool lost = false;          // SQLite rolled the whole transaction back.
    };

    void run();
    std::size_t commit_group(std::span<queued_unit> units);
    group_outcome run_units(std::span<queued_unit> units);
    error_code run_unit(queued_unit& item, group_outcome& outcome);
    error_code commit();
    void announce(std::int64_t appended_seq);
    void tell_workers(const run_notice& notice);
    void answer_failed(std::span<queued_unit> units, error_code error);
    void answer(std::span<queued_unit> units);
    bool checkpoint(std::string_view sql);
    void empty_log();

    const std::size_t group_max_;
    const std::chrono::milliseconds busy_limit_;
    std::unique_ptr<connection> session_;
    unit_queue queue_;
    bool wrote_since_checkpoint_ = true;  // The log of an earlier process counts, too.

    std::mutex listener_mutex_;
    std::function<void(std::int64_t)> listener_;
    std::function<void(const run_notice&)> run_listener_;

    std::atomic<std::int64_t> last_seq_;
    std::atomic<bool> healthy_{true};
    std::atomic<std::uint64_t> writes_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> groups_{0};
    std::atomic<std::uint64_t> group_largest_{0};
    std::atomic<std::uint64_t> commit_ns_{0};

    std::thread thread_;  // Last: it uses the rest.
};

}  // namespace reprise::store
