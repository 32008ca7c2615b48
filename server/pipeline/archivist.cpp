#include "reprise/pipeline/archivist.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace reprise::pipeline {

namespace asio = boost::asio;
using archive::store_failure;
using archive::store_result;
using std::chrono::milliseconds;
using store::archive_object;

namespace {

constexpr const char* where = "archive";
constexpr std::size_t error_bytes_max = 500;

milliseconds doubled(milliseconds first, milliseconds max, std::uint32_t times) noexcept
{
    milliseconds delay = first;
    for (std::uint32_t i = 0; i < times && delay < max; ++i)
        delay *= 2;
    return std::min(delay, max);
}

std::map<std::string_view, counter*> failure_counters(metrics& numbers)
{
    std::map<std::string_view, counter*> counters;
    for (const std::string_view reason : archive::store_failure_reasons) {
        const std::string label = "reason=\"" + std::string(reason) + "\"";
        counters[reason] = &numbers.add_counter(
            "reprise_archive_upload_failures_total", "Uploads to the object store that failed; each is tried again.",
            label
        );
    }
    return counters;
}

}  // namespace

archivist::archivist(
    store::database& database, archive::object_store& local, archive::object_store* remote, const clock& time,
    metrics& numbers, archivist_config config
)
    : database_(database), local_(local), remote_(remote), time_(time), config_(config),
      uploads_(numbers.add_counter("reprise_archive_uploads_total", "Objects uploaded and verified.")),
      upload_bytes_(numbers.add_counter("reprise_archive_upload_bytes_total", "Bytes of them.")),
      upload_failures_(failure_counters(numbers)),
      removed_(numbers.add_counter("reprise_archive_removed_total", "Objects deleted by age or to save space.")),
      removal_failures_(numbers.add_counter("reprise_archive_removal_failures_total", "Deletions to be tried again.")),
      waiting_(numbers.add_gauge("reprise_archive_waiting", "Objects on the disk only, to be uploaded.")),
      waiting_bytes_(numbers.add_gauge("reprise_archive_waiting_bytes", "Bytes of them.")),
      objects_(numbers.add_gauge("reprise_archive_objects", "Objects kept, wherever they are.")),
      bytes_(numbers.add_gauge("reprise_archive_bytes", "Bytes of them.")),
      answer_bytes_(numbers.add_gauge("reprise_run_answers_bytes", "Of what targets answered in runs, as it is kept."))
{
}

asio::awaitable<store_result<std::string>> archivist::read_local(const archive_object& object)
{
    auto bytes = co_await local_.get(object.path);
    if (!bytes)
        co_return bytes;
    if (sha256_hex(*bytes) != object.sha256)
        co_return store_failure(
            errc::corrupt, object.path + " in " + local_.place() + " has changed since it was written: not uploaded"
        );
    co_return bytes;
}

// Before the local copy goes, every byte is read back; while it stays, the size says enough.
asio::awaitable<store_result<void>> archivist::verify(const archive_object& object)
{
    bool is_whole = false;
    if (config_.keeps_local) {
        const auto found = co_await remote_->head(object.path);
        if (!found)
            co_return found.error();
        is_whole = found->bytes == object.bytes;
    } else {
        const auto found = co_await remote_->get(object.path);
        if (!found)
            co_return found.error();
        is_whole = sha256_hex(*found) == object.sha256;
    }
    if (!is_whole)
        co_return store_failure(
            errc::corrupt, object.path + " in " + remote_->place() + " is not what was uploaded there"
        );
    co_return store_result<void>();
}

asio::awaitable<store_result<void>> archivist::upload(const archive_object& object)
{
    auto bytes = co_await read_local(object);
    if (!bytes)
        co_return bytes.error();
    const auto put = co_await remote_->put(object.path, std::move(*bytes));
    if (!put)
        co_return put.error();
    co_return co_await verify(object);
}

// The row first: a crash in between leaves a copy too many, never one too few.
asio::awaitable<bool> archivist::settle(const archive_object& object)
{
    auto work = [this, &object](store::transaction& tx) {
        return store::mark_uploaded(tx, object, config_.keeps_local);
    };
    const auto marked = co_await database_.write(std::move(work));
    if (!marked) {
        log_error(where, object.path + " was uploaded, which cannot be noted: " + marked.error().message());
        co_return false;
    }
    uploads_.add();
    upload_bytes_.add(object.bytes);
    if (config_.keeps_local)
        co_return true;
    const auto removed = co_await local_.remove(object.path);
    if (!removed)
        log_warn(where, "a copy that is no longer needed stays: " + removed.error().text);
    co_return true;
}

asio::awaitable<void> archivist::note_failure(const archive_object& object, const store_failure& failure)
{
    upload_failures_.at(archive::reason_of(failure))->add();
    log_warn(where, "not uploaded yet: " + failure.text);
    // What concerns the whole store says nothing about this object: it is the next to be tried.
    const milliseconds delay = archive::concerns_whole_store(failure)
                                   ? milliseconds(0)
                                   : doubled(config_.retry_first, config_.retry_max, object.attempts);
    const std::int64_t due_ns = time_.now_ns() + delay.count() * ns_per_ms;
    auto work = [&object, &failure, due_ns](store::transaction& tx) {
        return store::mark_upload_failed(tx, object, failure.text.substr(0, error_bytes_max), due_ns);
    };
    const auto marked = co_await database_.write(std::move(work));
    if (!marked && marked.error() != errc::stale)
        log_error(where, object.path + ": " + marked.error().message());
}

asio::awaitable<upload_report> archivist::upload_due()
{
    upload_report report;
    if (remote_ == nullptr)
        co_return report;
    const std::int64_t now_ns = time_.now_ns();
    const std::size_t limit = config_.uploads_per_pass;
    auto look = [now_ns, limit](const store::reader& from) { return store::list_due_uploads(from, now_ns, limit); };
    const auto due = co_await database_.read(std::move(look));
    if (!due) {
        log_warn(where, "the uploads that are due cannot be read: " + due.error().message());
        co_return report;
    }
    for (const archive_object& object : *due) {
        const auto done = co_await upload(object);
        if (done) {
            const bool settled = co_await settle(object);
            report.uploaded += settled ? 1 : 0;
            report.failed += settled ? 0 : 1;
            continue;
        }
        report.failed += 1;
        report.store_failed = archive::concerns_whole_store(done.error());
        co_await note_failure(object, done.error());
        if (report.store_failed)
            break;
    }
    co_await show_waiting();
    co_return report;
}

asio::awaitable<void> archivist::show_waiting()
{
    auto look = [](const store::reader& from) { return store::sum_waiting(from); };
    const auto waiting = co_await database_.read(std::move(look));
    if (!waiting)
        co_return;
    waiting_.set(static_cast<std::int64_t>(waiting->objects));
    waiting_bytes_.set(static_cast<std::int64_t>(waiting->bytes));
}

asio::awaitable<void> archivist::run_archivist()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    std::int64_t retention_ns = time_.steady_ns();
    std::uint32_t outages = 0;
    for (;;) {
        if (time_.steady_ns() >= retention_ns) {
            co_await remove_expired();
            retention_ns = time_.steady_ns() + config_.retention_every.count() * ns_per_ms;
        }
        const upload_report report = co_await upload_due();
        milliseconds pause = config_.poll;
        if (report.store_failed)
            pause = doubled(config_.outage_first, config_.outage_max, outages++);
        else
            outages = 0;
        if (report.uploaded == config_.uploads_per_pass)
            continue;
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace reprise::pipeline
