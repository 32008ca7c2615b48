#include "reprise/pipeline/committer.hpp"

#include "findings.hpp"
#include "signal_evidence.hpp"

#include "reprise/base/all_of.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/store/archive_objects.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/operations.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace reprise::pipeline {

namespace asio = boost::asio;

namespace {

constexpr std::size_t windows_together_max = 64;
constexpr auto retry_delay = std::chrono::milliseconds(250);
constexpr std::int64_t prune_every_ns = 60 * ns_per_s;
constexpr std::uint64_t pruned_at_once = 2000;

// What another try may cure, or, when the disk failed, the next start. Everything else is a bug.
bool is_passing(error_code error)
{
    return error == errc::unavailable || error == errc::timed_out || error == errc::io;
}

std::array<counter*, lifecycle::hold_reasons.size()> add_hold_counters(metrics& numbers)
{
    std::array<counter*, lifecycle::hold_reasons.size()> held = {};
    for (const lifecycle::hold_reason reason : lifecycle::hold_reasons)
        held[static_cast<std::size_t>(reason)] = &numbers.add_counter(
            "reprise_runs_held_total", "Automatic runs that a breaker holds for a person.",
            "reason=\"" + std::string(lifecycle::to_text(reason)) + "\""
        );
    return held;
}

// However the work on a window ends: unless it is committed, the journal keeps what it was made from.
class journal_keeper {
public:
    explicit journal_keeper(const closed_window& window) : window_(window) {}
    ~journal_keeper()
    {
        if (committed_)
            return;
        for (const shared_hold& hold : window_.holds)
            hold->keep();
    }
    journal_keeper(const journal_keeper&) = delete;
    journal_keeper& operator=(const journal_keeper&) = delete;

    void set_committed() noexcept { committed_ = true; }

private:
    const closed_window& window_;
    bool committed_ = false;
};

}  // namespace

committer::committer(
    asio::any_io_executor pool, asio::any_io_executor blocking_pool, store::database& database, const clock& time,
    metrics& numbers, committer_config config
)
    : blocking_pool_(std::move(blocking_pool)),
      database_(database),
      time_(time),
      config_(std::move(config)),
      wake_up_(pool, 1),
      prune_due_ns_(time.steady_ns()),
      committed_(numbers.add_counter("reprise_windows_committed_total", "Windows made durable.")),
      lost_(numbers.add_counter("reprise_windows_lost_total", "Windows the store refused for good.")),
      retries_(numbers.add_counter("reprise_window_commit_retries_total", "Commits tried again.")),
      signals_(numbers.add_counter("reprise_signals_total", "Signals found.")),
      quiet_(numbers),
      incidents_(numbers.add_counter("reprise_incidents_opened_total", "Incidents opened.")),
      runs_(numbers.add_counter("reprise_runs_queued_total", "Runs queued by detection.")),
      held_(add_hold_counters(numbers)),
      deployments_(numbers.add_counter("reprise_deployments_total", "Deployments seen in the records.")),
      bundles_(numbers.add_counter("reprise_evidence_bundles_total", "Evidence bundles written.")),
      bundle_failures_(numbers.add_counter("reprise_evidence_failures_total", "Evidence bundles not written.")),
      findings_(numbers.add_counter("reprise_findings_total", "Windows whose findings were written.")),
      findings_failures_(numbers.add_counter("reprise_findings_failures_total", "Findings not written.")),
      pruned_(numbers.add_counter("reprise_windows_pruned_total", "Rows of windows that grew too old, deleted.")),
      backlog_gauge_(numbers.add_gauge("reprise_windows_backlog", "Closed windows not yet durable."))
{
}

void committer::submit(std::vector<closed_window> windows)
{
    backlog_gauge_.set(static_cast<std::int64_t>(backlog_.fetch_add(windows.size()) + windows.size()));
    {
        const std::lock_guard lock(mutex_);
        for (closed_window& window : windows)
            queue_.push_back(std::move(window));
    }
    wake();
}

void committer::finish()
{
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    wake();
}

void committer::wake()
{
    // Full means that a wake-up is waiting already.
    wake_up_.try_send(error_code());
}

// What may be worked on together: one window of each service, in their order.
std::vector<closed_window> committer::take()
{
    const std::lock_guard lock(mutex_);
    std::vector<closed_window> taken;
    const auto is_taken = [&taken](const closed_window& wanted) {
        return std::any_of(taken.begin(), taken.end(), [&wanted](const closed_window& one) {
            return one.window.service == wanted.window.service;
        });
    };
    while (!queue_.empty() && taken.size() < windows_together_max && !is_taken(queue_.front())) {
        taken.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return taken;
}

// What cannot be written is counted and said; the window is kept all the same.
asio::awaitable<std::optional<store::archive_object>> committer::keep_findings(
    const closed_window& window, const std::vector<std::optional<model::evidence>>& bundles
)
{
    if (window.found.empty())
        co_return std::nullopt;
    const std::int64_t now_ns = time_.now_ns();
    auto write = [this, &window, &bundles, now_ns] {
        return write_findings(config_.data_dir, window, bundles, config_.producer, now_ns);
    };
    auto written = co_await offload(blocking_pool_, std::move(write));
    if (!written) {
        findings_failures_.add();
        log_error("evidence", "findings not written: " + written.error().message());
        co_return std::nullopt;
    }
    findings_.add();
    co_return std::move(*written);
}

asio::awaitable<void> committer::commit(closed_window& window)
{
    journal_keeper keeper(window);
    evidence_writing with(blocking_pool_, database_, time_, config_, bundles_, bundle_failures_);
    const auto bundles = co_await archive_signals(std::move(with), window.found, window.session);
    const auto findings = co_await keep_findings(window, bundles);
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    for (;;) {
        const std::int64_t now_ns = time_.now_ns();
        auto work = [this, &window, &bundles, &findings, now_ns](store::transaction& tx) -> result<commit_report> {
            auto committed = commit_window(tx, window, bundles, config_.policy, now_ns);
            if (!committed || !findings)
                return committed;
            if (auto saved = store::save_archive_object(tx, *findings); !saved)
                return saved.error();
            return committed;
        };
        const auto report = co_await database_.write(std::move(work));
        if (report) {
            keeper.set_committed();
            committed_.add();
            signals_.add(report->signals);
            quiet_.add(*report);
            incidents_.add(report->incidents_opened);
            runs_.add(report->runs_queued);
            for (std::size_t i = 0; i < held_.size(); ++i)
                held_[i]->add(report->runs_held[i]);
            deployments_.add(report->deployments);
            co_return;
        }
        if (!is_passing(report.error())) {
            lost_.add();
            log_error(
                "windows", "a window of " + window.window.service + " cannot be stored: " + report.error().message() +
                               "; the journal keeps its records for the next start"
            );
            co_return;
        }
        retries_.add();
        pause.expires_after(retry_delay);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

// In steps: other units of writing come in between.
asio::awaitable<void> committer::prune()
{
    if (time_.steady_ns() < prune_due_ns_)
        co_return;
    prune_due_ns_ = time_.steady_ns() + prune_every_ns;
    const std::int64_t before_ns = time_.now_ns() - config_.windows_keep_ns;
    for (;;) {
        auto work = [before_ns](store::transaction& tx) {
            return store::delete_windows(tx, before_ns, pruned_at_once);
        };
        const auto gone = co_await database_.write(std::move(work));
        if (!gone) {
            log_warn("windows", "old windows stay: " + gone.error().message());
            co_return;
        }
        pruned_.add(*gone);
        if (*gone < pruned_at_once)
            co_return;
    }
}

asio::awaitable<void> committer::run_committer()
{
    for (;;) {
        auto windows = take();
        if (!windows.empty()) {
            std::vector<asio::awaitable<void>> commits;
            for (closed_window& window : windows)
                commits.push_back(commit(window));
            co_await all_of(std::move(commits));
            backlog_gauge_.set(static_cast<std::int64_t>(backlog_.fetch_sub(windows.size()) - windows.size()));
            co_await prune();
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            if (finished_ && queue_.empty())
                co_return;
        }
        co_await wake_up_.async_receive(asio::use_awaitable);
    }
}

}  // namespace reprise::pipeline
