#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace reprise::ingest {

// How many bytes of requests may be in work at once, and who may have how many of them. While half of
// them are free, anybody may take any. Above that a source that holds some may hold no more than its
// share: all of them divided by the sources that came lately. Safe from any thread.
class byte_budget {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::seconds remembered{10};  // A source counts this long after it came.
    static constexpr std::size_t sources_max = 4096;       // Further ones share one share.

    enum class verdict { admitted, full, over_share };

    class holder {
        friend class byte_budget;
        std::size_t bytes_ = 0;
        time_point came_{};
    };

    // Who holds what was admitted: there until all of it is given back.
    struct taken {
        verdict as = verdict::full;
        holder* from = nullptr;  // Null unless admitted.
    };

    explicit byte_budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    taken take(const std::string& source, std::size_t bytes, time_point now);

    // `bytes`: above 0, and no more than are still out of what `from` was given for.
    void give_back(holder& from, std::size_t bytes) noexcept;

    std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
    std::size_t sources() const;

private:
    holder& find_or_add(const std::string& source);
    void forget_old(time_point now);

    const std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, holder> holders_;
    holder others_;
    time_point looked_{};
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace reprise::ingest
