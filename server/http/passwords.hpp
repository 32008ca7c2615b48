#pragma once

#include "reprise/base/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Passwords of people: what they must be, and argon2id over them (libsodium).
namespace reprise::http {

constexpr std::size_t password_bytes_min = 12;
constexpr std::size_t password_bytes_max = 256;
constexpr std::size_t password_kinds_min = 5;  // Different bytes.

// The cost of one hash: RFC 9106's second recommendation in memory and passes, on one lane.
constexpr unsigned long long password_passes = 3;
constexpr std::size_t password_memory_bytes = 64UL * 1024 * 1024;

// Guessing at scale must not take all memory or all cores: so many hashes at once, so many more may wait.
constexpr std::size_t hashes_at_once_max = 2;
constexpr std::size_t hashes_waiting_max = 32;

// Why it will not do, as a sentence; empty when it will.
std::string find_password_weakness(std::string_view password, std::string_view person_name);

// Hashes on threads of its own. Any thread; must outlive what waits here.
class password_hasher {
public:
    password_hasher();

    // errc::unavailable when too many wait already.
    boost::asio::awaitable<result<std::string>> hash(std::string password);
    // Whether the hash is of this password. An empty hash is nobody's and takes as long.
    boost::asio::awaitable<result<bool>> verify(std::string password, std::string hash);

private:
    class place;

    std::atomic<std::size_t> waiting_{0};
    boost::asio::thread_pool pool_{hashes_at_once_max};
};

// A hash that no password has, of the same cost as all others. For tests.
std::string_view nobodys_hash() noexcept;
bool has_current_cost(const std::string& hash) noexcept;

}  // namespace reprise::http
