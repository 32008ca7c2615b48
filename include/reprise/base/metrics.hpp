#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

// A number that only grows. Any thread, no lock.
class counter {
public:
    void add(std::uint64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

// A number that goes up and down. Any thread, no lock.
class gauge {
public:
    void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t by) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

// The metrics of one server. Rooms take a `metrics&` in their constructor, ask once for what they
// count and keep the reference, which lives as long as this object. Names carry the prefix
// reprise_ and a base unit; labels are fixed text written by us, never taken from input.
// At most series_max series; more is a bug and asserts.
class metrics {
public:
    static constexpr std::size_t series_max = 512;

    // `labels` as they stand in the exposition: `signal="logs",reason="malformed"`, or empty.
    counter& add_counter(std::string_view name, std::string_view help, std::string_view labels = {});
    gauge& add_gauge(std::string_view name, std::string_view help, std::string_view labels = {});

    // The Prometheus text exposition, families sorted by name.
    std::string render() const;

private:
    struct family {
        std::string help;
        bool is_counter = true;
        std::map<std::string, std::unique_ptr<counter>, std::less<>> counters;
        std::map<std::string, std::unique_ptr<gauge>, std::less<>> gauges;
    };

    family& find_or_add(std::string_view name, std::string_view help, bool is_counter);

    mutable std::mutex mutex_;
    std::map<std::string, family, std::less<>> families_;
    std::size_t series_ = 0;
};

}  // namespace reprise
