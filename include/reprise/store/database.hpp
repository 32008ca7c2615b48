#pragma once

#include "reprise/base/error.hpp"
#include "reprise/store/error.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace reprise::store {

struct database_options {
    std::filesystem::path path;  // "data/reprise.db"; its directory must exist. "<path>.lock" lies beside it.
    std::string audit_key;       // Key of the audit chain, at least audit_key_bytes_min; kept outside the database.
    std::uint32_t readers = 2;   // Threads with a read-only connection each, 1 to readers_max.
    std::size_t writes_queued_max = 1024;  // More answer errc::unavailable at once.
    std::size_t reads_queued_max = 1024;
    std::size_t group_max = 128;  // Units in one commit.
    std::chrono::milliseconds busy_limit{5000};  // For a foreign process (sqlite3 on the file, a backup).
    std::uint64_t wal_bytes_max = 64U << 20;     // The write-ahead log is cut to this after a checkpoint.
};

constexpr std::size_t audit_key_bytes_min = 16;
constexpr std::uint32_t readers_max = 16;

// Since the database was opened.
struct database_stats {
    std::uint64_t writes = 0;           // Units committed.
    std::uint64_t writes_refused = 0;   // Queue full or unhealthy.
    std::uint64_t writes_failed = 0;    // Rolled back, alone or with their group.
    std::uint64_t groups = 0;           // Commits.
    std::uint64_t group_largest = 0;
    std::uint64_t commit_ns = 0;        // Time spent in COMMIT, all groups.
    std::uint64_t reads = 0;
    std::uint64_t reads_refused = 0;
    std::size_t writes_queued = 0;      // Now.
    std::size_t reads_queued = 0;       // Now.
    std::uint64_t wal_bytes = 0;        // Size of the write-ahead log now.
    bool healthy = true;
};

namespace detail {

// One queued piece of work, without its types.
class unit {
public:
    virtual ~unit() = default;
    virtual error_code run(transaction& tx) = 0;      // On the store's thread; never throws.
    virtual void fail(error_code error) noexcept = 0;  // Replaces the answer: the group did not commit.
};

template <class Work>
class typed_unit final : public unit {
public:
    using answer = std::invoke_result_t<Work&, transaction&>;

    explicit typed_unit(Work work) : work_(std::move(work)) {}

    error_code run(transaction& tx) override
    {
        try {
            answer_.emplace(work_(tx));
            return answer_->has_error() ? answer_->error() : error_code();
        } catch (...) {
            exception_ = std::current_exception();
            return reprise::errc::io;
        }
    }

    void fail(error_code error) noexcept override { answer_.emplace(boost::system::in_place_error, error); }

    // What the work returned or threw, once.
    answer take()
    {
        if (exception_)
            std::rethrow_exception(std::exchange(exception_, nullptr));
        return std::move(*answer_);
    }

private:
    Work work_;
    std::optional<answer> answer_;
    std::exception_ptr exception_;
};

}  // namespace detail

// The database: one writer thread that commits queued units in groups, and a few reader threads.
//
// `work` is a callable `result<T>(transaction&)` for writing or `result<T>(reader&)` for reading. It
// runs on one of the store's threads, must not wait for anything else, and should end within
// milliseconds: a writer holds up all writers, a reader holds back the write-ahead log. What it holds
// by reference must live until the answer. In a coroutine name the lambda, then std::move it (GCC 12).
//
// Writes are durable when the answer comes (WAL, synchronous=FULL). A unit whose work returns an
// error is rolled back alone; the others of its group commit. When a commit fails with an I/O error
// nobody knows what is on disk: the whole group answers errc::io, the store turns unhealthy, and every
// later write answers errc::unavailable until the process is started again. Reads go on.
//
// All members are safe from any thread. Destruction answers what is queued, then closes; every
// coroutine waiting here must have ended before (stop the other rooms first).
class database {
public:
    // Opens or creates, takes the lock file, migrates. Blocks. On failure `problem`, if given, holds
    // one sentence for people: what, which file, the way out. Errors: errc::locked, newer_schema,
    // foreign_file, migration_failed; reprise::errc::corrupt, io, invalid_argument (options).
    static result<std::unique_ptr<database>> open(database_options options, std::string* problem = nullptr);
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // Resumes on the caller's executor after COMMIT. Not cancellable once queued.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, transaction&>> write(Work work)
    {
        auto unit = std::make_shared<detail::typed_unit<Work>>(std::move(work));
        co_await wait_for_write(unit);
        co_return unit->take();
    }

    // For threads that may block; never on the I/O pool and never from inside a work.
    template <class Work>
    std::invoke_result_t<Work&, transaction&> write_blocking(Work work)
    {
        auto unit = std::make_shared<detail::typed_unit<Work>>(std::move(work));
        block_for_write(unit);
        return unit->take();
    }

    // One snapshot for the whole work: what it lists and last_seq(reader) belong together.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, reader&>> read(Work work)
    {
        auto unit = make_read(std::move(work));
        co_await wait_for_read(unit);
        co_return unit->take();
    }

    template <class Work>
    std::invoke_result_t<Work&, reader&> read_blocking(Work work)
    {
        auto unit = make_read(std::move(work));
        block_for_read(unit);
        return unit->take();
    }

    // The identity of this database: a ULID made when the file was created. Survives restarts.
    const std::string& epoch() const noexcept;

    // The last committed live event.
    std::int64_t last_seq() const noexcept;

    // Called on the writer thread after each commit that appended events, before the units of that
    // commit are answered. Must not block and must not call back into the database's write side other
    // than to queue. Set once, before the first write; pass an empty function to take it away.
    void set_commit_listener(std::function<void(std::int64_t last_seq)> listener);

    // The same for commits that made a run ready to be claimed or ended a lease over its worker's head.
    void set_run_listener(std::function<void(const run_notice&)> listener);

    database_stats stats() const;
    bool healthy() const noexcept;

private:
    class core;

    // A read is a unit whose work sees only the reader.
    template <class Work>
    struct read_work {
        Work work;
        std::invoke_result_t<Work&, reader&> operator()(transaction& tx) { return work(static_cast<reader&>(tx)); }
    };

    template <class Work>
    static auto make_read(Work work)
    {
        read_work<Work> wrapped{std::move(work)};
        return std::make_shared<detail::typed_unit<read_work<Work>>>(std::move(wrapped));
    }

    explicit database(std::unique_ptr<core> parts);

    boost::asio::awaitable<void> wait_for_write(std::shared_ptr<detail::unit> unit);
    boost::asio::awaitable<void> wait_for_read(std::shared_ptr<detail::unit> unit);
    void block_for_write(const std::shared_ptr<detail::unit>& unit);
    void block_for_read(const std::shared_ptr<detail::unit>& unit);

    std::unique_ptr<core> core_;
};

}  // namespace reprise::store
