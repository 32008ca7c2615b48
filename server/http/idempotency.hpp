#pragma once

#include "reprise/net/message.hpp"

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reprise::http {

// Answers to POST requests by their Idempotency-Key, so that the same request sent again (a retry, a
// second click) gets the same answer and is not carried out again. In memory: a restart forgets. Safe
// from any thread.
class idempotency_store {
public:
    static constexpr std::size_t key_bytes_max = 128;
    static constexpr std::size_t entries_max = 4096;
    static constexpr std::size_t bytes_max = 16 * 1024 * 1024;
    static constexpr std::int64_t kept_ns = 24LL * 3600 * 1'000'000'000;

    enum class claim_kind { first, repeated, in_progress, other_body };
    struct claim {
        claim_kind kind = claim_kind::first;
        std::optional<net::response> answer;  // For repeated.
    };

    // `scope` names who asks for what; the same key in another scope is another key. After `first` the
    // caller must finish() or forget().
    claim begin(std::string_view scope, std::string_view key, std::string_view body_hash, std::int64_t now_ns);
    void finish(std::string_view scope, std::string_view key, const net::response& answer);
    void forget(std::string_view scope, std::string_view key);

    void prune(std::int64_t now_ns);
    std::size_t size() const;

private:
    struct entry {
        std::string name;
        std::string body_hash;
        std::int64_t at_ns = 0;
        std::optional<net::response> answer;
        std::size_t bytes = 0;
    };
    using position = std::list<entry>::iterator;

    static std::string join(std::string_view scope, std::string_view key);
    void erase(position at);
    void make_room(std::int64_t now_ns);

    mutable std::mutex mutex_;
    std::list<entry> entries_;  // Oldest first.
    std::unordered_map<std::string, position> by_name_;
    std::size_t bytes_ = 0;
};

}  // namespace reprise::http
