#pragma once

#include "reprise/archive/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Where objects (evidence bundles, findings) are kept: a directory or an S3 bucket, behind one port.
namespace reprise::archive {

// Why an object was not written, read, listed or removed. `code` decides what is done about it:
//   reprise::errc::not_found      no such object
//   reprise::errc::unavailable    the store is busy or cannot be reached: later
//   reprise::errc::timed_out      the same, it was too slow
//   reprise::errc::denied         the keys are wrong or may not do this
//   reprise::errc::too_large      over a named limit
//   reprise::errc::io             the local disk failed
//   reprise::errc::corrupt        the bytes are not those that were kept
//   errc::bucket_missing, errc::wrong_place, errc::request_refused, errc::answer_malformed, errc::not_trusted
struct store_failure {
    error_code code;
    std::string text;  // What, where and the way out, one line for people.

    store_failure() = default;
    store_failure(error_code code_, std::string text_) : code(code_), text(std::move(text_)) {}
};

// Taking the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(const store_failure& error, const boost::source_location& where);

template <class T>
using store_result = boost::system::result<T, store_failure>;

// True for what another try later may cure without anybody doing anything.
bool is_passing(const store_failure& failure) noexcept;
// True when every other object would fail the same way.
bool concerns_whole_store(const store_failure& failure) noexcept;
// One word of the list, for a metric's label.
std::string_view reason_of(const store_failure& failure) noexcept;
constexpr std::string_view store_failure_reasons[] = {
    "unreachable", "slow", "denied", "bucket", "region", "refused", "malformed", "missing", "disk", "too_large",
    "damaged", "tls"};

struct object_info {
    std::string key;
    std::uint64_t bytes = 0;
};

struct object_page {
    std::vector<object_info> objects;  // In the order of their keys.
    std::string next;                  // For the next call; empty at the end.
};

constexpr std::size_t object_page_max = 1000;
constexpr std::uint64_t object_bytes_max = 80ULL << 20;  // Of one object, written or read.

// Keys are relative paths of visible ASCII, like "evidence/shop/ab12/20261121T111500.000000000Z.tar.gz". All
// calls may run many at once from any strand; the store must outlive them. Nothing retries for longer than
// the limits of its kind.
class object_store {
public:
    virtual ~object_store() = default;

    // Whole or not at all; replaces what has the key.
    virtual boost::asio::awaitable<store_result<void>> put(std::string key, std::string bytes) = 0;
    virtual boost::asio::awaitable<store_result<std::string>> get(std::string key) = 0;
    // Without its bytes; not_found when there is none.
    virtual boost::asio::awaitable<store_result<object_info>> head(std::string key) = 0;
    // Keys below `prefix` ("evidence/"), from the page that `next` names; empty: the first.
    virtual boost::asio::awaitable<store_result<object_page>> list(std::string prefix, std::string next) = 0;
    // What is not there already counts as removed.
    virtual boost::asio::awaitable<store_result<void>> remove(std::string key) = 0;

    // "/var/lib/reprise" or "s3://bucket/prefix at https://host", for people.
    virtual const std::string& place() const noexcept = 0;
};

// Files below `root`, mode 0600, durable when put() answers. Blocks on `blocking_pool` only.
std::unique_ptr<object_store> make_file_store(std::filesystem::path root, boost::asio::any_io_executor blocking_pool);

}  // namespace reprise::archive
