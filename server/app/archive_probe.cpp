#include "archive_probe.hpp"

#include "reprise/base/id.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <chrono>

namespace reprise::app {
namespace {

namespace asio = boost::asio;
using archive::store_failure;
using archive::store_result;

// Somebody waits for the answer.
archive::s3_limits impatient()
{
    archive::s3_limits limits;
    limits.attempts_max = 2;
    limits.answer = limits.write = limits.read = limits.read_answer = std::chrono::seconds(5);
    return limits;
}

asio::awaitable<store_result<void>> use(archive::object_store& bucket, std::string key)
{
    const std::string bytes = "reprise doctor was here";
    const auto put = co_await bucket.put(key, bytes);
    if (!put)
        co_return put;
    const auto got = co_await bucket.get(key);
    if (!got)
        co_return got.error();
    if (*got != bytes)
        co_return store_failure(errc::corrupt, bucket.place() + ": what was written is read back as something else");
    const auto page = co_await bucket.list("doctor/", "");
    if (!page)
        co_return page.error();
    const bool is_listed = std::any_of(page->objects.begin(), page->objects.end(), [&key](const auto& one) {
        return one.key == key;
    });
    // More than a page of them: others looked after the bucket before, and it lists.
    if (!is_listed && page->next.empty())
        co_return store_failure(errc::corrupt, bucket.place() + ": what was written is not listed");
    co_return co_await bucket.remove(key);
}

}  // namespace

archive_probe probe_archive(const config& settings)
{
    asio::thread_pool blocking(1);
    metrics numbers;
    const system_clock time;
    auto made = make_archive(settings, blocking.get_executor(), time, numbers, impatient());
    if (const auto* wrong = std::get_if<config_error>(&made))
        return {false, wrong->text};
    archive::object_store& bucket = *std::get<archive_parts>(made).remote;
    asio::io_context context;
    auto answer = asio::co_spawn(context, use(bucket, "doctor/" + make_ulid(time.now_ns())), asio::use_future);
    context.run();
    const store_result<void> used = answer.get();
    if (!used)
        return {false, used.error().text};
    return {true, bucket.place() + " can be written, read, listed and cleaned"};
}

}  // namespace reprise::app
