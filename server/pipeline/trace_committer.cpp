#include "reprise/pipeline/trace_committer.hpp"

#include "signal_evidence.hpp"
#include "trace_announcements.hpp"
#include "trace_commit.hpp"
#include "trace_work.hpp"

#include "reprise/base/first_of.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace reprise::pipeline {

namespace asio = boost::asio;

namespace {

constexpr std::size_t traces_together_max = 64;
constexpr std::size_t bytes_together_max = 1024 * 1024;
constexpr std::size_t late_waiting_max = 1024;
constexpr auto retry_delay = std::chrono::milliseconds(250);
constexpr std::int64_t prune_every_ns = 60'000'000'000;
constexpr std::size_t pruned_at_once = 500;

result<void> announce_all(store::transaction& tx, const std::vector<std::string>& services, std::int64_t now_ns)
{
    for (const std::string& service : services) {
        if (auto told = store::announce_traces(tx, service, now_ns); !told)
            return told;
    }
    return {};
}

bool is_passing(error_code error)
{
    return error == errc::unavailable || error == errc::timed_out || error == errc::io;
}

}  // namespace

trace_committer::trace_committer(
    asio::any_io_executor pool, asio::any_io_executor blocking_pool, store::database& database, const clock& time,
    metrics& numbers, trace_committer_config config
)
    : blocking_pool_(std::move(blocking_pool)),
      database_(database),
      time_(time),
      config_(std::move(config)),
      desk_(std::make_unique<trace_desk>(config_.commit, config_.keeping, config_.detection)),
      news_(std::make_unique<trace_announcements>()),
      wake_up_(pool, 1),
      pruned_ns_(time.steady_ns()),
      dropped_(numbers.add_counter(
          "reprise_traces_dropped_total", "Traces that were not analysed.", "reason=\"backlog\""
      )),
      unreadable_(numbers.add_counter(
          "reprise_traces_spans_dropped_total", "Spans that are in no analysed trace.", "reason=\"unreadable\""
      )),
      analysed_(numbers.add_counter("reprise_traces_analysed_total", "Traces analysed.")),
      spans_(numbers.add_counter("reprise_traces_spans_total", "Spans of analysed traces.")),
      analysis_us_(numbers.add_counter("reprise_traces_analysis_microseconds_total", "Time spent on analyses.")),
      kept_(numbers.add_counter("reprise_traces_kept_total", "Traces kept as a row.")),
      opened_(numbers.add_counter("reprise_traces_opened_total", "Of these, with report and spans.")),
      left_out_(numbers.add_counter("reprise_traces_left_out_total", "Traces analysed of which nothing is kept.")),
      signals_(numbers.add_counter("reprise_traces_signals_total", "Signals found in traces.")),
      quiet_(numbers),
      incidents_(numbers.add_counter("reprise_traces_incidents_total", "Incidents opened for them.")),
      bundles_(numbers.add_counter("reprise_evidence_bundles_total", "Evidence bundles written.")),
      bundle_failures_(numbers.add_counter("reprise_evidence_failures_total", "Evidence bundles not written.")),
      lost_(numbers.add_counter(
          "reprise_traces_dropped_total", "Traces that were not analysed.", "reason=\"store\""
      )),
      waiting_(numbers.add_gauge("reprise_traces_waiting_bytes", "Bytes of traces that wait to be analysed.")),
      announced_(numbers.add_counter("reprise_traces_announced_total", "Live events that told of new traces."))
{
}

trace_committer::~trace_committer() = default;

void trace_committer::submit(trace_news news)
{
    {
        const std::lock_guard lock(mutex_);
        for (assembled_trace& trace : news.done) {
            // One that is larger than the limit gets in when it is alone.
            if (waiting_bytes_ > 0 && waiting_bytes_ + trace.bytes.size() > config_.waiting_bytes_max) {
                dropped_.add();
                continue;
            }
            waiting_bytes_ += trace.bytes.size();
            queue_.push_back(std::move(trace));
        }
        for (const model::trace_id& id : news.late) {
            if (late_.size() < late_waiting_max)
                late_.push_back(id);
        }
        waiting_.set(static_cast<std::int64_t>(waiting_bytes_));
    }
    wake();
}

void trace_committer::finish()
{
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    wake();
}

void trace_committer::wake()
{
    // Full means that a wake-up is waiting already.
    wake_up_.try_send(error_code());
}

trace_news trace_committer::take()
{
    const std::lock_guard lock(mutex_);
    trace_news taken;
    std::size_t bytes = 0;
    while (!queue_.empty() && taken.done.size() < traces_together_max && bytes < bytes_together_max) {
        bytes += queue_.front().bytes.size();
        taken.done.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    waiting_bytes_ -= bytes;
    waiting_.set(static_cast<std::int64_t>(waiting_bytes_));
    // What is late is so for a trace that was submitted before.
    if (queue_.empty())
        taken.late = std::exchange(late_, {});
    return taken;
}

asio::awaitable<analysed_traces> trace_committer::analyse(std::vector<assembled_trace> traces)
{
    const std::size_t count = traces.size();
    const std::int64_t now_ns = time_.now_ns();
    const std::int64_t begin_ns = time_.steady_ns();
    auto work = [this, traces = std::move(traces), now_ns]() mutable {
        return desk_->analyse(std::move(traces), now_ns);
    };
    auto analysed = co_await offload(blocking_pool_, std::move(work));
    analysis_us_.add(static_cast<std::uint64_t>((time_.steady_ns() - begin_ns) / 1000));
    analysed_.add(count);
    spans_.add(analysed.spans);
    unreadable_.add(analysed.unreadable_spans);
    left_out_.add(analysed.rows_left_out);
    co_return analysed;
}

asio::awaitable<void> trace_committer::commit(trace_news news)
{
    auto analysed = co_await analyse(std::move(news.done));
    std::vector<found_signal> found;
    for (analysed_trace& trace : analysed.traces) {
        for (found_signal& one : trace.found)
            found.push_back(std::move(one));
    }
    if (analysed.traces.empty() && news.late.empty())
        co_return;
    const std::span<const raw_record> no_session;
    evidence_writing with(blocking_pool_, database_, time_, config_.commit, bundles_, bundle_failures_);
    const auto bundles = co_await archive_signals(std::move(with), found, no_session);
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    for (;;) {
        const std::int64_t now_ns = time_.now_ns();
        const std::int64_t steady_ns = time_.steady_ns();
        std::vector<std::string> told;
        auto work = [&, now_ns, steady_ns](store::transaction& tx) -> result<trace_commit_report> {
            auto kept = commit_traces(tx, analysed.traces, found, bundles, config_.commit.policy, now_ns);
            if (!kept)
                return kept;
            for (const model::trace_id& id : news.late) {
                if (auto marked = store::mark_trace_incomplete(tx, id); !marked)
                    return marked.error();
            }
            for (const std::string& service : kept->services)
                news_->note(service);
            told = news_->due(steady_ns);
            if (auto announced = announce_all(tx, told, now_ns); !announced)
                return announced.error();
            return kept;
        };
        const auto report = co_await database_.write(std::move(work));
        if (report) {
            news_->told(told, steady_ns);
            announced_.add(told.size());
            kept_.add(report->rows);
            opened_.add(report->opened);
            signals_.add(report->commit.signals);
            quiet_.add(report->commit);
            incidents_.add(report->commit.incidents_opened);
            co_return;
        }
        if (!is_passing(report.error())) {
            lost_.add(analysed.traces.size());
            log_error("traces", "traces cannot be stored: " + report.error().message());
            co_return;
        }
        pause.expires_after(retry_delay);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

// In steps: other units of writing come in between.
asio::awaitable<void> trace_committer::prune()
{
    if (time_.steady_ns() - pruned_ns_ < prune_every_ns)
        co_return;
    pruned_ns_ = time_.steady_ns();
    for (;;) {
        auto work = [this](store::transaction& tx) {
            return store::prune_traces(tx, pruned_at_once, config_.retention);
        };
        const auto gone = co_await database_.write(std::move(work));
        if (!gone)
            log_warn("traces", "old traces stay: " + gone.error().message());
        if (!gone || *gone < pruned_at_once)
            co_return;
    }
}

// What readers are told of between commits. That it fails once is no harm: the next trace tells again.
asio::awaitable<void> trace_committer::announce(std::vector<std::string> services)
{
    if (services.empty())
        co_return;
    const std::int64_t now_ns = time_.now_ns();
    auto work = [&services, now_ns](store::transaction& tx) { return announce_all(tx, services, now_ns); };
    const auto told = co_await database_.write(std::move(work));
    if (!told)
        log_warn("traces", "new traces are not told of: " + told.error().message());
    news_->told(services, time_.steady_ns());
    announced_.add(told ? services.size() : 0);
}

asio::awaitable<void> trace_committer::receive()
{
    co_await wake_up_.async_receive(asio::use_awaitable);
}

asio::awaitable<void> trace_committer::pause_until(std::int64_t steady_ns)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    pause.expires_after(std::chrono::nanoseconds(std::max<std::int64_t>(steady_ns - time_.steady_ns(), 0)));
    co_await pause.async_wait(asio::use_awaitable);
}

// Until somebody has something to do, or readers are to be told of what came last.
asio::awaitable<void> trace_committer::wait_for_work()
{
    const auto due_ns = news_->next_due_ns();
    if (!due_ns) {
        co_await receive();
        co_return;
    }
    auto woken = receive();
    auto due = pause_until(*due_ns);
    co_await first_of(std::move(woken), std::move(due));
}

asio::awaitable<void> trace_committer::run_committer()
{
    for (;;) {
        trace_news news = take();
        if (!news.done.empty() || !news.late.empty()) {
            co_await commit(std::move(news));
            co_await prune();
            continue;
        }
        bool is_over = false;
        {
            const std::lock_guard lock(mutex_);
            is_over = finished_ && queue_.empty();
        }
        auto told = is_over ? news_->waiting() : news_->due(time_.steady_ns());
        co_await announce(std::move(told));
        if (is_over)
            co_return;
        co_await wait_for_work();
    }
}

}  // namespace reprise::pipeline
