#pragma once

#include "reprise/base/hash.hpp"
#include "reprise/base/metrics.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace reprise::ingest {

constexpr std::size_t sender_tokens_max = 1000;
constexpr std::size_t sender_token_bytes_min = 16;
constexpr std::size_t sender_token_bytes_max = 512;

// Which line of a list of tokens is no good and why: "line 3: ...".
struct token_error {
    std::string text;
};

// Who may send telemetry: bearer tokens, kept as hashes only. Immutable; any thread, no lock.
class token_list {
public:
    // One token a line, "name:token" or the token alone; empty lines and those that begin with # do not count.
    // A list without a single token is an error: it would let nobody in.
    static boost::system::result<token_list, token_error> parse(std::string_view text);

    // Whether the value of an Authorization header is "Bearer " and one of the tokens. Takes the same time for
    // every token of the list.
    bool admits(std::string_view authorization) const noexcept;

private:
    std::vector<sha256_digest> digests_;
};

// Asked before a request's body is read, by both transports. Everybody may send to one that was made without
// tokens. Any thread; must outlive the listeners.
class sender_check {
public:
    explicit sender_check(metrics& counts);
    sender_check(metrics& counts, token_list tokens);

    bool admits(std::string_view authorization) const noexcept;
    bool open() const noexcept { return open_; }

private:
    counter& refused_;
    token_list tokens_;
    bool open_;
};

// Taking the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(const token_error& error, const boost::source_location& where);

}  // namespace reprise::ingest
