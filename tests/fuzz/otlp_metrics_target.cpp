#include "fuzz_target.hpp"
#include "otlp_fields.hpp"
#include "require.hpp"

#include "../../server/telemetry/metric_point.hpp"
#include "../telemetry/random_metrics.hpp"

#include "reprise/telemetry/metrics_decode.hpp"

#include <google/protobuf/stubs/logging.h>

#include <bit>
#include <memory>

// The wire reader of metrics beside the generated types: each metric and each point that they take is read
// again as they write it, and says the same. What is decoded is consistent, and as much whichever way the
// request was written. The inputs are mostly valid: otlp_mutator.cpp.
namespace reprise::fuzz {
namespace {

namespace proto = opentelemetry::proto::metrics::v1;
using telemetry::metric_head;
using telemetry::metric_point;
using telemetry::metric_shape;
using telemetry::metrics_request;
using telemetry::wire_fault;

void require_equal(double a, double b, std::string_view what)
{
    require(std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b), what);
}

// `has` is whether the generated point carries the number.
void require_number(const std::optional<double>& ours, bool has, double theirs, std::string_view what)
{
    require(ours.has_value() == has, what);
    if (has)
        require_equal(*ours, theirs, what);
}

template <class Numbers>
bool are_same(const std::vector<std::uint64_t>& ours, const Numbers& theirs)
{
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end());
}

void compare(const metric_point& ours, const proto::NumberDataPoint& theirs)
{
    const bool has_value = theirs.has_as_int() || theirs.has_as_double();
    const double value = theirs.has_as_int() ? static_cast<double>(theirs.as_int()) : theirs.as_double();
    require_number(ours.value, has_value, value, "the values differ");
}

void compare(const metric_point& ours, const proto::SummaryDataPoint& theirs)
{
    require(ours.count == theirs.count(), "the counts of a summary differ");
}

void compare(const metric_point& ours, const proto::HistogramDataPoint& theirs)
{
    require(ours.count == theirs.count(), "the counts differ");
    require_number(ours.sum, theirs.has_sum(), theirs.sum(), "the sums differ");
    require_number(ours.min, theirs.has_min(), theirs.min(), "the least values differ");
    require_number(ours.max, theirs.has_max(), theirs.max(), "the greatest values differ");
    if (ours.too_many_buckets)
        return;
    require(are_same(ours.counts, theirs.bucket_counts()), "the buckets differ");
    require(ours.bounds.size() == static_cast<std::size_t>(theirs.explicit_bounds_size()), "the bounds differ");
    for (std::size_t i = 0; i < ours.bounds.size(); ++i)
        require_equal(ours.bounds[i], theirs.explicit_bounds(static_cast<int>(i)), "a bound differs");
}

void compare(const metric_point& ours, const proto::ExponentialHistogramDataPoint& theirs)
{
    require(ours.count == theirs.count() && ours.zero_count == theirs.zero_count(), "the counts differ");
    require(ours.scale == theirs.scale() && ours.offset == theirs.positive().offset(), "the scales differ");
    require_number(ours.min, theirs.has_min(), theirs.min(), "the least values differ");
    require_number(ours.max, theirs.has_max(), theirs.max(), "the greatest values differ");
    if (ours.too_many_buckets)
        return;
    require(are_same(ours.counts, theirs.positive().bucket_counts()), "the buckets differ");
    require(are_same(ours.negative_counts, theirs.negative().bucket_counts()), "the negative buckets differ");
}

template <class Points>
std::size_t compare_points(metric_shape shape, const Points& points)
{
    metric_point ours;
    for (const auto& theirs : points) {
        const std::string bytes = theirs.SerializeAsString();
        wire_fault fault;
        telemetry::read_point(shape, bytes, ours, fault);
        require(!fault, "only ours refuses a point: " + theirs.ShortDebugString());
        require(ours.start_ns == theirs.start_time_unix_nano(), "the beginnings differ");
        require(ours.time_ns == theirs.time_unix_nano(), "the times differ");
        require(ours.nothing_recorded == ((theirs.flags() & 1) != 0), "the flags differ");
        if (shape != metric_shape::summary)
            require(ours.attributes.size() == static_cast<std::size_t>(theirs.attributes_size()), "attributes differ");
        compare(ours, theirs);
    }
    return static_cast<std::size_t>(points.size());
}

struct expected_head {
    metric_shape shape = metric_shape::none;
    std::uint64_t temporality = 0;
    bool monotonic = false;
    std::size_t points = 0;
};

template <class Points>
expected_head expect(metric_shape shape, const Points& points, int temporality = 0, bool monotonic = false)
{
    const auto known = static_cast<std::uint64_t>(static_cast<std::int64_t>(temporality));
    return {shape, known, monotonic, compare_points(shape, points)};
}

expected_head expect(const proto::Metric& metric)
{
    switch (metric.data_case()) {
    case proto::Metric::kGauge: return expect(metric_shape::gauge, metric.gauge().data_points());
    case proto::Metric::kSummary: return expect(metric_shape::summary, metric.summary().data_points());
    case proto::Metric::kSum: {
        const auto& sum = metric.sum();
        return expect(metric_shape::sum, sum.data_points(), sum.aggregation_temporality(), sum.is_monotonic());
    }
    case proto::Metric::kHistogram: {
        const auto& histogram = metric.histogram();
        return expect(metric_shape::histogram, histogram.data_points(), histogram.aggregation_temporality());
    }
    case proto::Metric::kExponentialHistogram: {
        const auto& histogram = metric.exponential_histogram();
        return expect(metric_shape::exponential, histogram.data_points(), histogram.aggregation_temporality());
    }
    default: return {};
    }
}

// How many points the request has.
std::size_t compare_metrics(const metrics_request& request)
{
    std::size_t points = 0;
    for (const auto& entry : request.resource_metrics()) {
        for (const auto& scope : entry.scope_metrics()) {
            for (const auto& metric : scope.metrics()) {
                const std::string bytes = metric.SerializeAsString();
                wire_fault fault;
                const metric_head head = telemetry::read_metric(bytes, fault);
                require(!fault, "only ours refuses a metric: " + metric.ShortDebugString());
                const expected_head want = expect(metric);
                require_same(head.name, metric.name(), "name");
                require_same(head.unit, metric.unit(), "unit");
                require(head.shape == want.shape, "the shapes differ");
                require(head.temporality == want.temporality, "the temporalities differ");
                require(head.monotonic == want.monotonic, "only one of them only rises");
                points += want.points;
            }
        }
    }
    return points;
}

void check_measured(const model::observation_batch& batch)
{
    require(batch.observations.empty(), "a metric became a call of its own");
    for (const model::measured_calls& one : batch.measured) {
        require(one.operation_index < batch.operations.size() && one.time_ns != 0, "an odd point");
        require(std::size_t{one.bucket_offset} + one.bucket_count <= batch.buckets.size(), "buckets outside the list");
        std::uint64_t calls = 0;
        for (std::uint32_t at = 0; at < one.bucket_count; ++at) {
            const model::duration_bucket& bucket = batch.buckets[one.bucket_offset + at];
            require(bucket.low_ns >= 0 && bucket.low_ns <= bucket.high_ns, "a bucket ends before it begins");
            require(at == 0 || batch.buckets[one.bucket_offset + at - 1].index < bucket.index, "buckets do not rise");
            calls += bucket.calls;
        }
        require(one.bucket_count == 0 || calls == one.calls, "the buckets hold other calls than the point");
    }
}

std::size_t points_of(const model::observation_batch& batch)
{
    return batch.measured.size() + batch.rejected + batch.unused;
}

bool is_our_own_rule(std::string_view reason)
{
    return reason == "groups are not part of OTLP" || reason == "field number out of range";
}

}  // namespace

void otlp_metrics(std::string_view input)
{
    static const bool quiet = (google::protobuf::SetLogHandler(nullptr), true);
    require(quiet, "");
    const auto ours = telemetry::decode_metrics(std::make_shared<const std::string>(input));
    if (ours)
        check_measured(*ours);
    else
        require(!ours.error().reason.empty() && ours.error().offset <= input.size(), "a refusal without its place");

    metrics_request request;
    if (!request.ParseFromArray(input.data(), static_cast<int>(input.size())))
        return;
    require(ours || is_our_own_rule(ours.error().reason), "only ours refuses: " + (ours ? "" : ours.error().reason));
    const std::size_t points = compare_metrics(request);
    const auto again = telemetry::decode_metrics(std::make_shared<const std::string>(request.SerializeAsString()));
    require(again || is_our_own_rule(again.error().reason), "refused as the generated types write it");
    if (!again)
        return;
    check_measured(*again);
    require(points_of(*again) == points, "a point is neither taken nor rejected");
    if (!ours || has_repeated_message(*metrics_request::descriptor(), input))
        return;
    require(ours->rejected == again->rejected && ours->unused == again->unused, "the way it was written matters");
    require(ours->measured.size() == again->measured.size(), "the way it was written matters");
}

}  // namespace reprise::fuzz
