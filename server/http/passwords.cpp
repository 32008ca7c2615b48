#include "passwords.hpp"

#include "reprise/base/offload.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <set>
#include <utility>

namespace reprise::http {
namespace {

constexpr std::string_view no_hash =
    "$argon2id$v=19$m=65536,t=3,p=1$/DUp72izQJMZ+QO6oqxaRA$"
    "f3SvbthInICOYi01ZBavIKraflhUT1AjXGu9XWgzMMQ";

std::string lower_case(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

result<std::string> make_hash(std::string& password)
{
    std::array<char, crypto_pwhash_STRBYTES> text{};
    const int failed = crypto_pwhash_str_alg(
        text.data(), password.data(), password.size(), password_passes, password_memory_bytes,
        crypto_pwhash_ALG_ARGON2ID13
    );
    sodium_memzero(password.data(), password.size());
    if (failed != 0)
        return errc::unavailable;  // No memory.
    return std::string(text.data());
}

bool check_hash(std::string& password, const std::string& hash)
{
    const std::string text = hash.empty() ? std::string(nobodys_hash()) : hash;
    const bool same = crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
    sodium_memzero(password.data(), password.size());
    return same && !hash.empty();
}

}  // namespace

std::string find_password_weakness(std::string_view password, std::string_view person_name)
{
    if (password.size() < password_bytes_min || password.size() > password_bytes_max)
        return "A password has " + std::to_string(password_bytes_min) + " to " + std::to_string(password_bytes_max) +
               " bytes; a few words that do not belong together are easiest to remember.";
    const std::set<char> kinds(password.begin(), password.end());
    if (kinds.size() < password_kinds_min)
        return "The password repeats the same few characters.";
    if (!person_name.empty() && lower_case(password).find(lower_case(person_name)) != std::string::npos)
        return "The password holds your name.";
    return {};
}

std::string_view nobodys_hash() noexcept
{
    return no_hash;
}

bool has_current_cost(const std::string& hash) noexcept
{
    return crypto_pwhash_str_needs_rehash(hash.c_str(), password_passes, password_memory_bytes) == 0;
}

// One of the places in the queue, given back when it goes.
class password_hasher::place {
public:
    explicit place(std::atomic<std::size_t>& waiting) : waiting_(waiting)
    {
        is_taken_ = waiting_.fetch_add(1) < hashes_at_once_max + hashes_waiting_max;
    }
    ~place() { waiting_.fetch_sub(1); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    bool is_taken() const noexcept { return is_taken_; }

private:
    std::atomic<std::size_t>& waiting_;
    bool is_taken_ = false;
};

password_hasher::password_hasher()
{
    if (sodium_init() < 0)
        std::abort();  // No source of randomness: nothing is safe then.
}

boost::asio::awaitable<result<std::string>> password_hasher::hash(std::string password)
{
    const place mine(waiting_);
    if (!mine.is_taken())
        co_return errc::unavailable;
    auto work = [password = std::move(password)]() mutable { return make_hash(password); };
    auto made = co_await offload(pool_.get_executor(), std::move(work));
    co_return made;
}

boost::asio::awaitable<result<bool>> password_hasher::verify(std::string password, std::string hash)
{
    const place mine(waiting_);
    if (!mine.is_taken())
        co_return result<bool>(boost::system::in_place_error, make_error_code(errc::unavailable));
    auto work = [password = std::move(password), hash = std::move(hash)]() mutable {
        return check_hash(password, hash);
    };
    const bool same = co_await offload(pool_.get_executor(), std::move(work));
    co_return same;
}

}  // namespace reprise::http
