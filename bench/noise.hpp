#pragma once

#include "figure.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace reprise::bench {

// What else the machine does while figures are taken: the same work, done again and again between rounds. Where
// its processor time varies, neighbours share the core or its caches, and every figure varies as much.
class noise_meter {
public:
    void observe()
    {
        work();  // Fills the caches.
        const auto wall_from = std::chrono::steady_clock::now();
        const std::int64_t cpu_from = process_cpu_ns();
        work();
        cpu_ns_.push_back(static_cast<double>(process_cpu_ns() - cpu_from));
        const std::chrono::duration<double, std::nano> wall = std::chrono::steady_clock::now() - wall_from;
        wall_ns_.push_back(wall.count());
    }

    void print() const
    {
        if (cpu_ns_.empty())
            return;
        const auto [least, most] = std::minmax_element(cpu_ns_.begin(), cpu_ns_.end());
        print_figure("noise_cpu_ratio", *most / *least, "x");
        print_figure("noise_wait_ratio", median(wall_ns_) / median(cpu_ns_), "x");
        double load = 0;
        if (getloadavg(&load, 1) == 1)
            print_figure("noise_load_average", load, "");
    }

private:
    void work() noexcept
    {
        for (std::uint32_t i = 0; i < steps; ++i)
            sink_ = mix64(sink_ + table_[sink_ % table_.size()]++);
    }

    static constexpr std::uint32_t steps = 2'000'000;  // About 20 ms.

    std::array<std::uint64_t, 32 * 1024> table_{};     // 256 KiB, about a second-level cache.
    std::vector<double> cpu_ns_;
    std::vector<double> wall_ns_;
    std::uint64_t sink_ = 1;
};

}  // namespace reprise::bench
