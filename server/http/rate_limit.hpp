#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reprise::http {

// How often something may happen: `burst` times at once, then `per_s` times a second.
struct rate {
    double burst = 1;
    double per_s = 1;
};

// One such allowance for each key. Holds at most `keys_max` of them; the one that was used longest ago is forgotten
// first. Any thread.
class rate_limiter {
public:
    rate_limiter(rate allowed, std::size_t keys_max);

    // Takes one. Nothing when that was allowed, else the seconds until it will be, at least 1. `steady_ns` runs only.
    std::optional<std::int64_t> take(std::string_view key, std::int64_t steady_ns);

    std::size_t size() const;

private:
    // The moment when all that was taken will have been paid back.
    struct entry {
        std::string key;
        std::int64_t paid_ns = 0;
    };
    using position = std::list<entry>::iterator;

    position find_or_add(std::string_view key, std::int64_t steady_ns);

    const std::int64_t interval_ns_;
    const std::int64_t debt_max_ns_;
    const std::size_t keys_max_;
    mutable std::mutex mutex_;
    std::list<entry> entries_;  // Used last comes first.
    std::unordered_map<std::string_view, position> by_key_;
};

}  // namespace reprise::http
