#include "random_metrics.hpp"

#include <cmath>
#include <limits>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t time_ns = 1'790'000'000'000'000'000;

template <class Point>
void set_attribute(Point& point, std::string_view key, std::string_view text)
{
    auto& pair = *point.add_attributes();
    pair.set_key(std::string(key));
    pair.mutable_value()->set_string_value(std::string(text));
}

}  // namespace

metrics_request random_metrics::make()
{
    metrics_request request;
    for (std::size_t i = below(3); i > 0; --i) {
        auto& entry = *request.add_resource_metrics();
        if (!chance(4))
            set_attribute(*entry.mutable_resource(), "service.name", chance(2) ? "shop" : "radar");
        auto& scope = *entry.add_scope_metrics();
        scope.mutable_scope()->set_name("tests");
        for (std::size_t j = below(4); j > 0; --j)
            fill(*scope.add_metrics());
    }
    return request;
}

void random_metrics::fill(metric_message& metric)
{
    static constexpr const char* names[] = {
        "http.server.request.duration", "http.client.duration", "db.client.operation.duration", "rpc.server.duration",
        "process.cpu.time", "jvm.memory.used"};
    static constexpr const char* units[] = {"s", "ms", "", "By"};
    if (!chance(20))
        metric.set_name(names[below(std::size(names))]);
    metric.set_unit(units[below(std::size(units))]);
    const auto temporality = chance(10) ? opentelemetry::proto::metrics::v1::AGGREGATION_TEMPORALITY_UNSPECIFIED
                             : chance(2) ? delta
                                         : cumulative;
    const std::size_t points = below(4);
    switch (below(6)) {
    case 0:
        for (std::size_t i = 0; i < points; ++i)
            fill_number(*metric.mutable_gauge()->add_data_points());
        break;
    case 1:
        metric.mutable_sum()->set_is_monotonic(chance(2));
        metric.mutable_sum()->set_aggregation_temporality(temporality);
        for (std::size_t i = 0; i < points; ++i)
            fill_number(*metric.mutable_sum()->add_data_points());
        break;
    case 2:
    case 3:
        metric.mutable_histogram()->set_aggregation_temporality(temporality);
        for (std::size_t i = 0; i < points; ++i)
            fill(*metric.mutable_histogram()->add_data_points());
        break;
    case 4:
        metric.mutable_exponential_histogram()->set_aggregation_temporality(temporality);
        for (std::size_t i = 0; i < points; ++i)
            fill(*metric.mutable_exponential_histogram()->add_data_points());
        break;
    default:
        for (std::size_t i = 0; i < points; ++i) {
            auto& point = *metric.mutable_summary()->add_data_points();
            fill_times(point);
            point.set_count(below(9));
            point.add_quantile_values()->set_quantile(0.5);
        }
        break;
    }
}

template <class Point>
void random_metrics::fill_times(Point& point)
{
    point.set_time_unix_nano(chance(20) ? 0 : time_ns + below(1000));
    if (!chance(5))
        point.set_start_time_unix_nano(chance(20) ? time_ns + 5000 : time_ns - below(1'000'000));
    if (chance(20))
        point.set_flags(1);
}

template <class Point>
void random_metrics::add_attributes(Point& point)
{
    static constexpr const char* routes[] = {"/orders/{id}", "/orders/17", "/"};
    if (!chance(3))
        set_attribute(point, "http.request.method", chance(2) ? "GET" : "POST");
    if (!chance(3))
        set_attribute(point, "http.route", routes[below(std::size(routes))]);
    if (!chance(3)) {
        auto& pair = *point.add_attributes();
        pair.set_key("http.response.status_code");
        pair.mutable_value()->set_int_value(chance(3) ? 500 : 200);
    }
    if (chance(4))
        set_attribute(point, "error.type", "timeout");
}

template <class Number>
void random_metrics::fill_number(Number& point)
{
    fill_times(point);
    add_attributes(point);
    if (chance(2))
        point.set_as_int(static_cast<std::int64_t>(below(100)) - (chance(4) ? 100 : 0));
    else if (!chance(8))
        point.set_as_double(chance(8) ? std::nan("") : static_cast<double>(below(100)));
}

void random_metrics::fill(histogram_point& point)
{
    fill_times(point);
    add_attributes(point);
    const std::size_t bounds = chance(6) ? 0 : 1 + below(6);
    // Sums of powers of two: Boost.JSON 1.81 may read others one unit in the last place off.
    double bound = chance(15) ? -1.0 : 0x1p-8;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bounds; ++i) {
        point.add_explicit_bounds(bound);
        bound = chance(20) ? bound : bound * 2 + 0x1p-10;
    }
    if (bounds > 0 || chance(2)) {
        for (std::size_t i = 0; i < bounds + (chance(20) ? 0 : 1); ++i) {
            point.add_bucket_counts(chance(3) ? 0 : below(50));
            sum += point.bucket_counts(static_cast<int>(i));
        }
    }
    point.set_count(chance(15) ? sum + 1 : sum);
    if (chance(2))
        point.set_sum(chance(15) ? -1.0 : static_cast<double>(sum));
    if (chance(3)) {
        point.set_min(chance(20) ? std::nan("") : 0x1p-10);
        point.set_max(chance(10) ? 0x1p-13 : 3.0);
    }
}

void random_metrics::fill(exponential_point& point)
{
    fill_times(point);
    add_attributes(point);
    point.set_scale(chance(15) ? 40 : static_cast<int>(below(10)) - 2);
    point.set_zero_count(chance(3) ? below(5) : 0);
    std::uint64_t sum = point.zero_count();
    if (!chance(6)) {
        auto& positive = *point.mutable_positive();
        positive.set_offset(static_cast<int>(below(60)) - 40);
        for (std::size_t i = below(12); i > 0; --i) {
            positive.add_bucket_counts(chance(3) ? 0 : below(400));
            sum += positive.bucket_counts(positive.bucket_counts_size() - 1);
        }
    }
    if (chance(12)) {
        point.mutable_negative()->add_bucket_counts(2);
        sum += 2;
    }
    point.set_count(chance(15) ? sum + 1 : sum);
}

}  // namespace reprise::telemetry
