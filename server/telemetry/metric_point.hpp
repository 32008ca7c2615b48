#pragma once

#include "wire.hpp"

#include "reprise/telemetry/error.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace reprise::telemetry {

constexpr std::size_t metric_buckets_max = 4096;  // Of one histogram; more is rejected.
constexpr std::int32_t metric_scale_min = -11;
constexpr std::int32_t metric_scale_max = 20;

enum class metric_shape : std::uint8_t { none, gauge, sum, histogram, exponential, summary };

constexpr std::uint64_t temporality_delta = 1;
constexpr std::uint64_t temporality_cumulative = 2;

// A Metric without its points.
struct metric_head {
    std::string_view name;
    std::string_view unit;
    metric_shape shape = metric_shape::none;
    std::string_view points;         // The message of the shape, which lists them.
    std::uint64_t temporality = 0;
    bool monotonic = false;
};

metric_head read_metric(std::string_view metric, wire_fault& fault) noexcept;

// Any of the four data points. Reused from one to the next, so that its lists keep their memory.
struct metric_point {
    std::vector<std::string_view> attributes;  // KeyValue messages.
    std::uint64_t start_ns = 0;
    std::uint64_t time_ns = 0;
    bool nothing_recorded = false;             // As its flags say.
    std::optional<double> value;               // Of a number point.
    std::uint64_t count = 0;
    std::optional<double> sum;
    std::optional<double> min;
    std::optional<double> max;
    std::vector<std::uint64_t> counts;         // Of explicit buckets, or of the positive ones of a scale.
    std::vector<double> bounds;                // Explicit ones.
    std::int32_t scale = 0;
    std::int32_t offset = 0;                   // Index of counts[0] in the scale.
    std::uint64_t zero_count = 0;
    std::vector<std::uint64_t> negative_counts;
    bool too_many_buckets = false;

    void clear() noexcept;
};

void read_point(metric_shape shape, std::string_view message, metric_point& point, wire_fault& fault);

// Why the point is no good whatever its metric means, or nothing.
std::optional<errc> check_point(const metric_head& metric, const metric_point& point) noexcept;

}  // namespace reprise::telemetry
