#pragma once

#include <atomic>
#include <cstdint>

namespace reprise {

// Nanoseconds since the Unix epoch, UTC. Injected everywhere, so that tests decide what time it is.
// Implementations are safe to call from any thread.
class clock {
public:
    virtual ~clock() = default;
    virtual std::int64_t now_ns() const noexcept = 0;
    // Only runs, whatever is done to the wall clock. Its zero means nothing.
    virtual std::int64_t steady_ns() const noexcept = 0;
};

class system_clock final : public clock {
public:
    std::int64_t now_ns() const noexcept override;
    std::int64_t steady_ns() const noexcept override;
};

// For tests: stands still until told otherwise.
class manual_clock final : public clock {
public:
    explicit manual_clock(std::int64_t now_ns = 1'700'000'000'000'000'000) : now_ns_(now_ns), steady_ns_(now_ns) {}
    std::int64_t now_ns() const noexcept override { return now_ns_.load(); }
    std::int64_t steady_ns() const noexcept override { return steady_ns_.load(); }
    // Both clocks.
    void set_ns(std::int64_t now_ns) noexcept { advance_ns(now_ns - now_ns_.load()); }
    void advance_ns(std::int64_t by_ns) noexcept
    {
        now_ns_.fetch_add(by_ns);
        steady_ns_.fetch_add(by_ns);
    }
    // The wall clock alone.
    void jump_ns(std::int64_t by_ns) noexcept { now_ns_.fetch_add(by_ns); }

private:
    std::atomic<std::int64_t> now_ns_;
    std::atomic<std::int64_t> steady_ns_;
};

constexpr std::int64_t ns_per_us = 1'000;
constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t ns_per_s = 1'000'000'000;

// Processor time this process has used so far (user + kernel).
std::int64_t process_cpu_ns() noexcept;

}  // namespace reprise
