#include "writer.hpp"

#include "connection.hpp"
#include "query.hpp"

#include "reprise/base/log.hpp"

#include <algorithm>
#include <string_view>

namespace reprise::store {
namespace {

constexpr std::chrono::milliseconds idle_before_checkpoint{2000};
constexpr int log_pages_before_checkpoint = 2000;  // 8 MiB of log, looked at after each commit.

constexpr std::string_view begin_sql = "BEGIN IMMEDIATE";
constexpr std::string_view commit_sql = "COMMIT";
constexpr std::string_view rollback_sql = "ROLLBACK";
constexpr std::string_view savepoint_sql = "SAVEPOINT unit";
constexpr std::string_view release_sql = "RELEASE unit";
constexpr std::string_view undo_sql = "ROLLBACK TO unit";
constexpr std::string_view copy_log_sql = "PRAGMA wal_checkpoint(PASSIVE)";
constexpr std::string_view empty_log_sql = "PRAGMA wal_checkpoint(TRUNCATE)";

}  // namespace

void run_notice::add(run_notice more)
{
    work_due = work_due || more.work_due;
    for (ended_lease& one : more.ended)
        ended.push_back(std::move(one));
}

writer::writer(std::unique_ptr<connection> session, const database_options& options, std::int64_t last_seq)
    : group_max_(options.group_max), busy_limit_(options.busy_limit), session_(std::move(session)),
      queue_(options.writes_queued_max), last_seq_(last_seq), thread_([this] { run(); })
{
}

writer::~writer()
{
    queue_.close();
    thread_.join();
}

void writer::set_commit_listener(std::function<void(std::int64_t)> listener)
{
    const std::lock_guard lock(listener_mutex_);
    listener_ = std::move(listener);
}

void writer::set_run_listener(std::function<void(const run_notice&)> listener)
{
    const std::lock_guard lock(listener_mutex_);
    run_listener_ = std::move(listener);
}

void writer::add_stats(database_stats& stats) const
{
    stats.writes = writes_.load();
    stats.writes_refused = refused_.load() + queue_.refused();
    stats.writes_failed = failed_.load();
    stats.groups = groups_.load();
    stats.group_largest = group_largest_.load();
    stats.commit_ns = commit_ns_.load();
    stats.writes_queued = queue_.size();
    stats.healthy = healthy();
}

void writer::run()
{
    while (!queue_.finished()) {
        std::vector<queued_unit> batch = queue_.take(group_max_, idle_before_checkpoint);
        std::span<queued_unit> rest = batch;
        while (!rest.empty())
            rest = rest.subspan(commit_group(rest));
        if (!healthy())
            continue;
        if (batch.empty() && wrote_since_checkpoint_)
            empty_log();
        else if (session_->log_pages() >= log_pages_before_checkpoint)
            checkpoint(copy_log_sql);
    }
}

// Returns how many units were answered.
std::size_t writer::commit_group(std::span<queued_unit> units)
{
    if (!healthy()) {
        refused_ += units.size();
        answer_failed(units, reprise::errc::unavailable);
        return units.size();
    }
    const auto begun = execute(reader(*session_), begin_sql);
    if (!begun) {
        failed_ += units.size();
        answer_failed(units, begun.error());
        return units.size();
    }
    const group_outcome outcome = run_units(units);
    const std::span<queued_unit> ran = units.first(outcome.ran);
    const error_code error = outcome.lost ? error_code(reprise::errc::unavailable) : commit();
    if (error) {
        failed_ += ran.size();
        answer_failed(ran, error);
        return ran.size();
    }
    writes_ += outcome.succeeded;
    failed_ += outcome.ran - outcome.succeeded;
    ++groups_;
    group_largest_ = std::max<std::uint64_t>(group_largest_, outcome.ran);
    announce(outcome.appended_seq);
    tell_workers(outcome.notice);
    answer(ran);
    return ran.size();
}

writer::group_outcome writer::run_units(std::span<queued_unit> units)
{
    group_outcome outcome;
    for (queued_unit& item : units) {
        const error_code error = run_unit(item, outcome);
        ++outcome.ran;
        if (!error)
            ++outcome.succeeded;
        if (!session_->in_transaction()) {
            outcome.lost = true;
            return outcome;
        }
    }
    return outcome;
}

error_code writer::run_unit(queued_unit& item, group_outcome& outcome)
{
    transaction tx(*session_);
    const auto opened = execute(tx, savepoint_sql);
    if (!opened) {
        item.unit->fail(opened.error());
        return opened.error();
    }
    const error_code error = item.unit->run(tx);
    if (!session_->in_transaction())
        return error;
    if (error) {
        const auto undone = execute(tx, undo_sql);
        if (!undone)
            log_error("store", "cannot roll back a unit: " + undone.error().message());
    }
    const auto closed = execute(tx, release_sql);
    if (!closed) {
        item.unit->fail(closed.error());
        return closed.error();
    }
    if (!error) {
        outcome.appended_seq = std::max(outcome.appended_seq, tx.appended_seq());
        outcome.notice.add(std::move(tx.notice()));
    }
    return error;
}

error_code writer::commit()
{
    const auto began = std::chrono::steady_clock::now();
    const auto done = execute(reader(*session_), commit_sql);
    const auto took = std::chrono::steady_clock::now() - began;
    commit_ns_ += static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count());
    if (done) {
        wrote_since_checkpoint_ = true;
        return {};
    }
    if (session_->in_transaction() && !execute(reader(*session_), rollback_sql))
        log_error("store", "cannot roll back after a failed commit");
    // A full disk or a busy file leaves the database as it was; after anything else nobody knows.
    if (done.error() != reprise::errc::unavailable) {
        healthy_.store(false, std::memory_order_release);
        log_error("store", "a commit failed; no more writes until the process is started again");
    }
    return done.error();
}

void writer::announce(std::int64_t appended_seq)
{
    if (appended_seq <= last_seq())
        return;
    last_seq_.store(appended_seq, std::memory_order_release);
    const std::lock_guard lock(listener_mutex_);
    if (listener_)
        listener_(appended_seq);
}

void writer::tell_workers(const run_notice& notice)
{
    if (notice.empty())
        return;
    const std::lock_guard lock(listener_mutex_);
    if (run_listener_)
        run_listener_(notice);
}

void writer::answer_failed(std::span<queued_unit> units, error_code error)
{
    for (queued_unit& item : units)
        item.unit->fail(error);
    answer(units);
}

void writer::answer(std::span<queued_unit> units)
{
    for (queued_unit& item : units)
        item.answer();
}

// True when the whole log was copied and no reader was in the way.
bool writer::checkpoint(std::string_view sql)
{
    std::int64_t busy = 0;
    std::int64_t logged = 0;
    std::int64_t copied = 0;
    const auto done = find_into(reader(*session_), sql, std::tie(busy, logged, copied));
    return done && *done && busy == 0 && logged == copied;
}

// Only when nothing is waiting, and without waiting for readers: a long foreign reader makes this try
// again at the next pause.
void writer::empty_log()
{
    const auto impatient = session_->run_script("PRAGMA busy_timeout = 0");
    const bool emptied = checkpoint(empty_log_sql);
    const auto patient = session_->run_script("PRAGMA busy_timeout = " + std::to_string(busy_limit_.count()));
    wrote_since_checkpoint_ = !impatient || !patient || !emptied;
}

}  // namespace reprise::store
