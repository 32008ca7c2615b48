#pragma once

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"

#include <random>
#include <string>

namespace reprise::telemetry {

using metrics_request = opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using metric_message = opentelemetry::proto::metrics::v1::Metric;
using histogram_point = opentelemetry::proto::metrics::v1::HistogramDataPoint;
using exponential_point = opentelemetry::proto::metrics::v1::ExponentialHistogramDataPoint;

constexpr auto delta = opentelemetry::proto::metrics::v1::AGGREGATION_TEMPORALITY_DELTA;
constexpr auto cumulative = opentelemetry::proto::metrics::v1::AGGREGATION_TEMPORALITY_CUMULATIVE;

// Seeded requests with every shape of metric, names with and without a meaning, and points that
// contradict themselves in every way the decoder looks for.
class random_metrics {
public:
    explicit random_metrics(std::uint64_t seed) : random_(seed) {}

    metrics_request make();

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    void fill(metric_message& metric);
    void fill(histogram_point& point);
    void fill(exponential_point& point);
    template <class Number>
    void fill_number(Number& point);
    template <class Point>
    void fill_times(Point& point);
    template <class Point>
    void add_attributes(Point& point);

    std::mt19937_64 random_;
};

}  // namespace reprise::telemetry
