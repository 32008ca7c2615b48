#include "reprise/archive/object_store.hpp"

#include "names.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/offload.hpp"

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace reprise::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_bytes_max = 1'024;

store_failure failure_of(error_code code, std::string_view doing, const fs::path& path)
{
    std::string text = "cannot ";
    text.append(doing).append(" ").append(path.string()).append(": ").append(code.message());
    const bool is_kept = code == reprise::errc::not_found || code == reprise::errc::too_large;
    return {is_kept ? code : make_error_code(reprise::errc::io), std::move(text)};
}

// In the order of keys: a directory sorts as its name with the slash behind it.
struct child {
    std::string name;
    bool is_directory = false;
    std::uint64_t bytes = 0;
};

store_result<std::vector<child>> list_children(const fs::path& directory)
{
    std::vector<child> children;
    std::error_code ec;
    for (fs::directory_iterator at(directory, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code gone;
        const auto status = at->symlink_status(gone);
        child one{at->path().filename().string(), fs::is_directory(status), 0};
        if (one.is_directory)
            one.name += "/";
        else if (!fs::is_regular_file(status))
            continue;
        else
            one.bytes = at->file_size(gone);
        if (!gone)
            children.push_back(std::move(one));
    }
    if (ec && ec != std::errc::no_such_file_or_directory)
        return failure_of(reprise::errc::io, "list", directory);
    std::sort(children.begin(), children.end(), [](const child& a, const child& b) { return a.name < b.name; });
    return children;
}

// Adds what lies below `prefix` and behind `after`, until the page is full.
store_result<void> walk(const fs::path& root, const std::string& prefix, const std::string& after, object_page& page)
{
    auto children = list_children(root / prefix);
    if (!children)
        return children.error();
    for (child& one : *children) {
        const std::string key = prefix + one.name;
        const bool holds_after = one.is_directory && after.starts_with(key);
        if (key <= after && !holds_after)
            continue;
        if (page.objects.size() == object_page_max) {
            page.next = page.objects.back().key;
            return {};
        }
        if (!one.is_directory)
            page.objects.push_back({key, one.bytes});
        else if (auto below = walk(root, key, after, page); !below || !page.next.empty())
            return below;
    }
    return {};
}

class file_store final : public object_store {
public:
    file_store(fs::path root, asio::any_io_executor blocking_pool)
        : root_(std::move(root)), place_(root_.string()), pool_(std::move(blocking_pool))
    {
    }

    asio::awaitable<store_result<void>> put(std::string key, std::string bytes) override
    {
        auto work = [this, &key, &bytes]() -> store_result<void> {
            if (!is_entry_name(key, key_bytes_max))
                return failure_of(reprise::errc::invalid_argument, "name", key);
            const auto written = write_durable_file(root_ / key, bytes, when_present::replace);
            if (!written)
                return failure_of(written.error(), "write", root_ / key);
            return {};
        };
        co_return co_await offload(pool_, std::move(work));
    }

    asio::awaitable<store_result<std::string>> get(std::string key) override
    {
        auto work = [this, &key]() -> store_result<std::string> {
            if (!is_entry_name(key, key_bytes_max))
                return failure_of(reprise::errc::not_found, "name", key);
            auto bytes = read_small_file(root_ / key, object_bytes_max);
            if (!bytes)
                return failure_of(bytes.error(), "read", root_ / key);
            return std::move(*bytes);
        };
        co_return co_await offload(pool_, std::move(work));
    }

    asio::awaitable<store_result<object_info>> head(std::string key) override
    {
        auto work = [this, &key]() -> store_result<object_info> {
            std::error_code ec;
            const fs::path path = root_ / key;
            if (!is_entry_name(key, key_bytes_max) || !fs::is_regular_file(fs::symlink_status(path, ec)))
                return failure_of(reprise::errc::not_found, "find", path);
            const auto bytes = fs::file_size(path, ec);
            if (ec)
                return failure_of(reprise::errc::io, "look at", path);
            return object_info{key, bytes};
        };
        co_return co_await offload(pool_, std::move(work));
    }

    asio::awaitable<store_result<object_page>> list(std::string prefix, std::string next) override
    {
        auto work = [this, &prefix, &next]() -> store_result<object_page> {
            object_page page;
            if (auto walked = walk(root_, prefix, next, page); !walked)
                return walked.error();
            return page;
        };
        co_return co_await offload(pool_, std::move(work));
    }

    asio::awaitable<store_result<void>> remove(std::string key) override
    {
        auto work = [this, &key]() -> store_result<void> {
            std::error_code ec;
            if (!is_entry_name(key, key_bytes_max))
                return failure_of(reprise::errc::invalid_argument, "name", key);
            fs::remove(root_ / key, ec);
            if (ec && ec != std::errc::no_such_file_or_directory)
                return failure_of(reprise::errc::io, "remove", root_ / key);
            return {};
        };
        co_return co_await offload(pool_, std::move(work));
    }

    const std::string& place() const noexcept override { return place_; }

private:
    fs::path root_;
    std::string place_;
    asio::any_io_executor pool_;
};

}  // namespace

std::unique_ptr<object_store> make_file_store(fs::path root, asio::any_io_executor blocking_pool)
{
    return std::make_unique<file_store>(std::move(root), std::move(blocking_pool));
}

}  // namespace reprise::archive
