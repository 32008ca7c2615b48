#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/commit.hpp"
#include "reprise/telemetry/redact_rules.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reprise::store {
struct archive_object;
class database;
}

namespace reprise::pipeline {

struct committer_config {
    std::filesystem::path data_dir;
    std::string redaction_key;
    telemetry::redaction_rules redaction_rules;
    std::string producer;             // "reprise 0.1.0", for manifests.
    commit_policy policy;
    std::int64_t windows_keep_ns = 30LL * 24 * 3600 * ns_per_s;  // Windows that began earlier are deleted.
};

// Parses, redacts and archives the evidence of one signal, with the exchanges of `session` that its requests depend
// on; empty when its records hold nothing that could be read. Blocks on disk.
result<std::optional<model::evidence>> archive_evidence(
    const found_signal& found, std::span<const raw_record> session, const committer_config& config, std::int64_t now_ns
);

// Takes closed windows from the shards and makes them durable: evidence first, then one transaction per
// window. Windows of different services are worked on together, so that their transactions share commits;
// those of one service follow each other in order. A window is retried until the store takes it; meanwhile
// backlog() grows and the stream refuses. submit() is safe from any thread; everything by reference must outlive
// the loop.
class committer {
public:
    committer(
        boost::asio::any_io_executor pool, boost::asio::any_io_executor blocking_pool, store::database& database,
        const clock& time, metrics& numbers, committer_config config
    );

    void submit(std::vector<closed_window> windows);

    // Until finish() was called and nothing is left, or until cancelled. On a strand.
    boost::asio::awaitable<void> run_committer();

    // No more windows will be submitted.
    void finish();

    const std::atomic<std::size_t>& backlog() const noexcept { return backlog_; }

private:
    std::vector<closed_window> take();
    boost::asio::awaitable<void> commit(closed_window& window);
    boost::asio::awaitable<std::optional<store::archive_object>> keep_findings(
        const closed_window& window, const std::vector<std::optional<model::evidence>>& bundles
    );
    boost::asio::awaitable<void> prune();
    void wake();

    boost::asio::any_io_executor blocking_pool_;
    store::database& database_;
    const clock& time_;
    const committer_config config_;
    boost::asio::experimental::concurrent_channel<void(error_code)> wake_up_;
    std::mutex mutex_;
    std::deque<closed_window> queue_;
    bool finished_ = false;
    std::atomic<std::size_t> backlog_{0};
    std::int64_t prune_due_ns_ = 0;  // On the steady clock.
    counter& committed_;
    counter& lost_;
    counter& retries_;
    counter& signals_;
    quiet_counters quiet_;
    counter& incidents_;
    counter& runs_;
    std::array<counter*, lifecycle::hold_reasons.size()> held_;
    counter& deployments_;
    counter& bundles_;
    counter& bundle_failures_;
    counter& findings_;
    counter& findings_failures_;
    counter& pruned_;
    gauge& backlog_gauge_;
};

}  // namespace reprise::pipeline
