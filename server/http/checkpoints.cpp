#include "checkpoints.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/http/audit_text.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace asio = boost::asio;

namespace reprise::http {
namespace {

constexpr std::chrono::seconds look_pause{5};
constexpr std::size_t line_bytes_max = 4096;  // A checkpoint has some 300.

class open_file {
public:
    explicit open_file(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600))
    {
    }
    ~open_file()
    {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;

    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

bool write_all(int descriptor, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(descriptor, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

// A crash in the middle of a line leaves its beginning; it goes. The size of what stays.
result<off_t> drop_half_line(int descriptor)
{
    const off_t size = ::lseek(descriptor, 0, SEEK_END);
    if (size < 0)
        return errc::io;
    std::array<char, line_bytes_max> tail{};
    const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(tail.size()));
    const ssize_t got = ::pread(descriptor, tail.data(), tail.size(), begin);
    if (got < 0)
        return errc::io;
    const auto newline = std::string_view(tail.data(), static_cast<std::size_t>(got)).rfind('\n');
    const off_t whole = newline == std::string_view::npos ? begin : begin + static_cast<off_t>(newline) + 1;
    if (whole < size && ::ftruncate(descriptor, whole) != 0)
        return errc::io;
    return whole;
}

// What the file had when we began. A file ahead of the database means that the database is an older one.
result<std::int64_t> load_filed_seq(const std::filesystem::path& path)
{
    const auto known = read_checkpoint_file(path);
    if (!known && known.error() == errc::not_found)
        return 0;
    if (!known)
        return known.error();
    return known->empty() ? 0 : known->back().seq;
}

class checkpointer {
public:
    explicit checkpointer(context& api)
        : api_(api),
          made_(api.parts.numbers.add_counter("reprise_audit_checkpoints_total", "Heads of the audit chain signed.")),
          failed_(api.parts.numbers.add_counter(
              "reprise_audit_checkpoint_failures_total", "Checkpoints that could not be made or written to the file."
          ))
    {
    }

    asio::awaitable<void> look()
    {
        const auto due = co_await find_due();
        if (due)
            co_await sign();
        if (!api_.config.audit.checkpoint_file.empty())
            co_await write_file();
    }

private:
    asio::awaitable<bool> find_due()
    {
        const std::int64_t now_ns = api_.parts.time.now_ns();
        auto look = [now_ns](const store::reader& from) -> result<std::int64_t> {
            const auto newest = store::find_audit_seq(from);
            if (!newest)
                return newest.error();
            const auto last = store::find_last_checkpoint(from);
            if (!last)
                return last.error();
            const std::int64_t rows = *newest - (*last ? (*last)->seq : 0);
            const std::int64_t age_ns = *last ? now_ns - (*last)->at_ns : checkpoint_pause_ns;
            return is_checkpoint_due(rows, age_ns) ? 1 : 0;
        };
        const auto due = co_await api_.parts.store.read(std::move(look));
        co_return due && *due == 1;
    }

    asio::awaitable<void> sign()
    {
        const std::int64_t now_ns = api_.parts.time.now_ns();
        const signing_key& key = *api_.config.audit.key;
        auto add = [&key, now_ns](store::transaction& tx) { return store::add_checkpoint(tx, key, now_ns); };
        const auto added = co_await api_.parts.store.write(std::move(add));
        if (!added) {
            failed_.add();
            log_error("http.audit", "no checkpoint could be stored: " + added.error().message());
        } else if (*added) {
            made_.add();
            log_info("http.audit", "checkpoint " + checkpoint_line(**added));
        }
    }

    asio::awaitable<void> write_file()
    {
        if (!filed_seq_) {
            auto load = [path = api_.config.audit.checkpoint_file] { return load_filed_seq(path); };
            const auto filed = co_await offload(api_.parts.cpu_pool, std::move(load));
            if (!filed) {
                note_file_failure(filed.error());
                co_return;
            }
            filed_seq_ = *filed;
            co_await compare_with_database();
        }
        const std::int64_t after = *filed_seq_;
        auto list = [after](const store::reader& from) {
            return store::list_checkpoints(from, after, store::checkpoints_listed_max);
        };
        const auto missing = co_await api_.parts.store.read(std::move(list));
        if (!missing || missing->empty())
            co_return;
        std::string lines;
        for (const store::audit_checkpoint& one : *missing)
            lines += checkpoint_line(one) + "\n";
        auto append = [path = api_.config.audit.checkpoint_file, lines = std::move(lines)] {
            return append_lines(path, lines);
        };
        const auto written = co_await offload(api_.parts.cpu_pool, std::move(append));
        if (written)
            filed_seq_ = missing->back().seq;
        else
            note_file_failure(written.error());
    }

    asio::awaitable<void> compare_with_database()
    {
        auto look = [](const store::reader& from) { return store::find_audit_seq(from); };
        const auto newest = co_await api_.parts.store.read(std::move(look));
        if (newest && *newest < *filed_seq_)
            log_error(
                "http.audit", "the checkpoint file confirms audit rows up to " + std::to_string(*filed_seq_) +
                                  ", the database has " + std::to_string(*newest) + ": rows are missing"
            );
    }

    void note_file_failure(error_code error)
    {
        failed_.add();
        log_error(
            "http.audit",
            "audit.checkpoint_file " + api_.config.audit.checkpoint_file.string() + ": " + error.message()
        );
    }

    context& api_;
    counter& made_;
    counter& failed_;
    std::optional<std::int64_t> filed_seq_;
};

}  // namespace

bool is_checkpoint_due(std::int64_t rows, std::int64_t age_ns) noexcept
{
    return rows >= checkpoint_rows_max || (rows > 0 && age_ns >= checkpoint_pause_ns);
}

result<void> append_lines(const std::filesystem::path& path, const std::string& lines)
{
    const open_file file(path);
    if (file.descriptor() < 0)
        return errc::io;
    const auto size = drop_half_line(file.descriptor());
    if (!size)
        return size.error();
    if (write_all(file.descriptor(), lines) && ::fsync(file.descriptor()) == 0)
        return {};
    // What is half written would make the next line unreadable; if this fails too, the next call sees to it.
    if (::ftruncate(file.descriptor(), *size) != 0)
        log_warn("http.audit", path.string() + " may end in half a line");
    return errc::io;
}

asio::awaitable<void> run_checkpointing(context& api)
{
    if (!api.config.audit.key)
        co_return;
    checkpointer work(api);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        co_await work.look();
        timer.expires_after(look_pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace reprise::http
