#include "reprise/store/database.hpp"

#include "connection.hpp"
#include "identity.hpp"
#include "lock_file.hpp"
#include "migrate.hpp"
#include "readers.hpp"
#include "writer.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/log.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>

namespace reprise {
std::span<const embedded_file> sqlite_migrations();
}

namespace reprise::store {
namespace {

namespace asio = boost::asio;

void answer_problem(std::string* problem, const std::string& sentence)
{
    log_error("store", sentence);
    if (problem != nullptr)
        *problem = sentence;
}

std::string explain(const std::filesystem::path& path, error_code error, const std::string& cause)
{
    const std::string file = "database " + path.string();
    if (error == errc::locked)
        return file + " is in use: " + cause + ". Stop that process or use another data directory.";
    if (error == errc::newer_schema)
        return file + " is newer than this program: " + cause + ". Start the newer version, or restore an older copy.";
    if (error == errc::foreign_file)
        return file + " is not a Reprise database: " + cause + ". Use another data directory.";
    if (error == errc::migration_failed)
        return file + " could not be migrated and is as it was: " + cause + ".";
    if (error == reprise::errc::corrupt)
        return file + " is damaged: " + cause + ". Put back a copy, or move the file away to start empty.";
    return file + " cannot be opened: " + cause + ". Check the directory, its permissions and the free space.";
}

std::string option_problem(const database_options& options)
{
    if (options.audit_key.size() < audit_key_bytes_min)
        return "the audit key is shorter than " + std::to_string(audit_key_bytes_min) + " bytes";
    if (options.readers < 1 || options.readers > readers_max)
        return "readers must be 1 to " + std::to_string(readers_max);
    if (options.group_max < 1 || options.writes_queued_max < 1 || options.reads_queued_max < 1)
        return "the queues and the group must hold at least one unit";
    return {};
}

connection_options session_options(const database_options& options, bool read_only)
{
    return {options.path, read_only, options.busy_limit, options.wal_bytes_max, options.audit_key};
}

// Suspends until the unit is answered, then resumes on the caller's executor.
asio::awaitable<void> wait_for(unit_queue& queue, std::shared_ptr<detail::unit> unit)
{
    auto initiate = [&queue, unit = std::move(unit)](auto handler) {
        auto executor = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        auto resume = [kept] { std::move (*kept)(); };
        queue.push({unit, [executor, resume] { asio::post(executor, resume); }});
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
}

void block_for(unit_queue& queue, const std::shared_ptr<detail::unit>& unit)
{
    const auto answered = std::make_shared<std::promise<void>>();
    auto done = answered->get_future();
    queue.push({unit, [answered] { answered->set_value(); }});
    done.wait();
}

}  // namespace

class database::core {
public:
    core(database_options options, lock_file lock, database_identity identity, std::unique_ptr<connection> writing,
         std::vector<std::unique_ptr<connection>> reading)
        : options_(std::move(options)), lock_(std::move(lock)), identity_(std::move(identity)),
          writer_(std::move(writing), options_, identity_.last_seq),
          readers_(std::move(reading), options_.reads_queued_max)
    {
    }

    const std::string& epoch() const noexcept { return identity_.epoch; }
    store::writer& writing() noexcept { return writer_; }
    store::readers& reading() noexcept { return readers_; }

    database_stats stats() const
    {
        database_stats all;
        writer_.add_stats(all);
        readers_.add_stats(all);
        std::error_code missing;
        const auto bytes = std::filesystem::file_size(options_.path.string() + "-wal", missing);
        all.wal_bytes = missing ? 0 : bytes;
        return all;
    }

private:
    database_options options_;
    lock_file lock_;
    database_identity identity_;
    store::writer writer_;
    store::readers readers_;
};

namespace {

struct opened_parts {
    std::unique_ptr<connection> writing;
    std::vector<std::unique_ptr<connection>> reading;
    database_identity identity;
};

result<opened_parts> open_parts(const database_options& options, std::string& cause)
{
    opened_parts parts;
    auto writing = connection::open(session_options(options, false), cause);
    if (!writing)
        return writing.error();
    parts.writing = std::move(*writing);
    const auto migrated = migrate(*parts.writing, sqlite_migrations(), cause);
    auto identity = migrated ? load_identity(*parts.writing, system_clock().now_ns())
                             : result<database_identity>(migrated.error());
    if (!identity) {
        if (cause.empty())
            cause = parts.writing->last_problem();
        return identity.error();
    }
    parts.identity = std::move(*identity);
    for (std::uint32_t i = 0; i < options.readers; ++i) {
        auto reading = connection::open(session_options(options, true), cause);
        if (!reading)
            return reading.error();
        parts.reading.push_back(std::move(*reading));
    }
    return parts;
}

}  // namespace

result<std::unique_ptr<database>> database::open(database_options options, std::string* problem)
{
    std::string cause = option_problem(options);
    if (!cause.empty()) {
        answer_problem(problem, "database " + options.path.string() + " cannot be opened: " + cause + ".");
        return reprise::errc::invalid_argument;
    }
    auto lock = lock_file::acquire(options.path.string() + ".lock", cause);
    if (!lock) {
        answer_problem(problem, explain(options.path, lock.error(), cause));
        return lock.error();
    }
    auto parts = open_parts(options, cause);
    if (!parts) {
        answer_problem(problem, explain(options.path, parts.error(), cause));
        return parts.error();
    }
    auto made = std::make_unique<core>(
        std::move(options), std::move(*lock), std::move(parts->identity), std::move(parts->writing),
        std::move(parts->reading)
    );
    return std::unique_ptr<database>(new database(std::move(made)));
}

database::database(std::unique_ptr<core> parts) : core_(std::move(parts)) {}

database::~database() = default;

const std::string& database::epoch() const noexcept
{
    return core_->epoch();
}

std::int64_t database::last_seq() const noexcept
{
    return core_->writing().last_seq();
}

void database::set_commit_listener(std::function<void(std::int64_t last_seq)> listener)
{
    core_->writing().set_commit_listener(std::move(listener));
}

void database::set_run_listener(std::function<void(const run_notice&)> listener)
{
    core_->writing().set_run_listener(std::move(listener));
}

database_stats database::stats() const
{
    return core_->stats();
}

bool database::healthy() const noexcept
{
    return core_->writing().healthy();
}

asio::awaitable<void> database::wait_for_write(std::shared_ptr<detail::unit> unit)
{
    return wait_for(core_->writing().queue(), std::move(unit));
}

asio::awaitable<void> database::wait_for_read(std::shared_ptr<detail::unit> unit)
{
    return wait_for(core_->reading().queue(), std::move(unit));
}

void database::block_for_write(const std::shared_ptr<detail::unit>& unit)
{
    assert(!core_->writing().is_this_thread());
    block_for(core_->writing().queue(), unit);
}

void database::block_for_read(const std::shared_ptr<detail::unit>& unit)
{
    assert(!core_->reading().is_one_of_them());
    block_for(core_->reading().queue(), unit);
}

}  // namespace reprise::store
