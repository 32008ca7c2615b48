#include "reprise/pipeline/archivist.hpp"

#include "reprise/base/log.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/run_answers.hpp"

#include <limits>
#include <utility>

// The part of the archivist that deletes. First the row says that the object goes, then it goes everywhere, then
// the row does: whatever stops this, the next pass goes on, and nobody is given half of it.
namespace reprise::pipeline {

namespace asio = boost::asio;
using store::archive_kind;
using store::archive_object;

namespace {

constexpr const char* where = "archive";
constexpr std::int64_t end_of_time_ns = std::numeric_limits<std::int64_t>::max();

}  // namespace

asio::awaitable<void> archivist::begin_removals(std::vector<archive_object> objects, std::string_view why)
{
    if (objects.empty())
        co_return;
    const std::int64_t now_ns = time_.now_ns();
    auto work = [&objects, now_ns](store::transaction& tx) -> result<void> {
        for (const archive_object& object : objects) {
            auto begun = store::begin_removal(tx, object, now_ns);
            if (!begun && begun.error() != errc::stale)
                return begun;
        }
        return {};
    };
    const auto begun = co_await database_.write(std::move(work));
    if (!begun)
        log_error(where, "what is to be deleted cannot be noted: " + begun.error().message());
    else
        log_info(where, std::to_string(objects.size()) + " objects are deleted: " + std::string(why));
}

asio::awaitable<void> archivist::choose_by_age(archive_kind kind, std::int64_t keep_ns)
{
    const std::int64_t before_ns = time_.now_ns() - keep_ns;
    const std::size_t limit = config_.removals_per_pass;
    auto look = [kind, before_ns, limit](const store::reader& from) {
        return store::list_expirable(from, kind, before_ns, limit);
    };
    auto old = co_await database_.read(std::move(look));
    if (old)
        co_await begin_removals(std::move(*old), "older than they are kept");
    else
        log_error(where, "old objects cannot be listed: " + old.error().message());
}

// Findings say again what the database says: they go before evidence does.
asio::awaitable<void> archivist::choose_by_size()
{
    const std::size_t limit = config_.removals_per_pass;
    auto look = [this, limit](const store::reader& from) -> result<std::vector<archive_object>> {
        const auto all = store::sum_archive(from);
        if (!all)
            return all.error();
        std::uint64_t bytes = all->bytes;
        std::vector<archive_object> chosen;
        for (const archive_kind kind : {archive_kind::findings, archive_kind::evidence}) {
            auto oldest = store::list_expirable(from, kind, end_of_time_ns, limit);
            if (!oldest)
                return oldest.error();
            for (archive_object& object : *oldest) {
                if (bytes <= config_.bytes_max)
                    return chosen;
                bytes -= object.bytes;
                chosen.push_back(std::move(object));
            }
        }
        return chosen;
    };
    auto chosen = co_await database_.read(std::move(look));
    if (chosen)
        co_await begin_removals(std::move(*chosen), "all together are larger than archive.bytes_max");
    else
        log_error(where, "the size of the archive cannot be read: " + chosen.error().message());
}

asio::awaitable<bool> archivist::remove(const archive_object& object)
{
    if (remote_ != nullptr) {
        const auto gone = co_await remote_->remove(object.path);
        if (!gone) {
            log_warn(where, "not deleted yet: " + gone.error().text);
            co_return false;
        }
    }
    const auto gone = co_await local_.remove(object.path);
    if (!gone) {
        log_warn(where, "not deleted yet: " + gone.error().text);
        co_return false;
    }
    auto work = [&object](store::transaction& tx) { return store::end_removal(tx, object.path); };
    const auto ended = co_await database_.write(std::move(work));
    co_return ended.has_value();
}

// Counts every row: too much for each look at what is due.
asio::awaitable<void> archivist::show_totals()
{
    auto look = [](const store::reader& from) { return store::sum_archive(from); };
    const auto all = co_await database_.read(std::move(look));
    if (!all)
        co_return;
    objects_.set(static_cast<std::int64_t>(all->objects));
    bytes_.set(static_cast<std::int64_t>(all->bytes));
    auto count = [](const store::reader& from) { return store::sum_run_answers(from); };
    const auto answers = co_await database_.read(std::move(count));
    if (answers)
        answer_bytes_.set(static_cast<std::int64_t>(answers->bytes));
}

// What targets answered in runs goes with its evidence; this is for when that alone would keep too much.
asio::awaitable<void> archivist::trim_answers()
{
    const std::size_t limit = config_.removals_per_pass;
    auto work = [this, limit](store::transaction& tx) {
        return store::trim_run_answers(tx, config_.answers_bytes_max, limit);
    };
    const auto trimmed = co_await database_.write(std::move(work));
    if (!trimmed)
        log_error(where, "what targets answered cannot be trimmed: " + trimmed.error().message());
    else if (*trimmed > 0)
        log_info(where, "the answers of " + std::to_string(*trimmed) + " runs are deleted: all together are too large");
}

asio::awaitable<retention_report> archivist::remove_expired()
{
    co_await choose_by_age(archive_kind::evidence, config_.evidence_keep_ns);
    co_await choose_by_age(archive_kind::findings, config_.findings_keep_ns);
    co_await choose_by_size();
    co_await trim_answers();

    retention_report report;
    const std::size_t limit = config_.removals_per_pass;
    auto look = [limit](const store::reader& from) { return store::list_removing(from, limit); };
    const auto going = co_await database_.read(std::move(look));
    if (!going)
        co_return report;
    for (const archive_object& object : *going) {
        const bool gone = co_await remove(object);
        report.removed += gone ? 1 : 0;
        report.failed += gone ? 0 : 1;
        (gone ? removed_ : removal_failures_).add();
        if (!gone)
            break;
    }
    co_await show_totals();
    co_return report;
}

}  // namespace reprise::pipeline
