#include "reprise/telemetry/metrics_decode.hpp"

#include "metric_buckets.hpp"
#include "metric_call.hpp"
#include "metric_point.hpp"
#include "operation_table.hpp"

#include "reprise/base/hash.hpp"

#include <set>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t resource_seed = 1;
constexpr std::uint64_t attribute_seed = 2;

template <class Visit>
void for_each(std::string_view message, std::uint32_t tag, wire_fault& fault, Visit visit)
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == tag)
            visit(field.bytes);
    }
}

// The same for the same attributes in any order.
class attribute_hash {
public:
    explicit attribute_hash(std::uint64_t seed) : seed_(seed) {}
    void add(std::string_view attribute) noexcept { sum_ += hash64(attribute, seed_); }
    std::uint64_t get() const noexcept { return mix64(sum_ + seed_); }

private:
    std::uint64_t seed_;
    std::uint64_t sum_ = 0;
};

struct resource_view {
    std::string_view service;
    std::uint64_t hash = 0;
};

resource_view read_resource(std::string_view entry, wire_fault& fault)
{
    resource_view resource;
    attribute_hash hash(resource_seed);
    for_each(entry, bytes_tag(1), fault, [&](std::string_view message) {
        for_each(message, bytes_tag(1), fault, [&](std::string_view attribute) {
            hash.add(attribute);
            const key_value pair = read_key_value(attribute, fault);
            if (pair.key == "service.name")
                resource.service = read_any_value(pair.value, fault).text();
        });
    });
    if (resource.service.empty())
        resource.service = unknown_service;
    resource.hash = hash.get();
    return resource;
}

class batch_builder {
public:
    batch_builder(model::observation_batch& batch, const decode_limits& limits, wire_fault& fault)
        : batch_(batch), points_max_(limits.records_max), buckets_max_(limits.buckets_max), fault_(fault),
          operations_(batch)
    {
    }

    // `origin` hashes resource and scope.
    void add_metric(std::string_view message, std::string_view service, std::uint64_t origin)
    {
        const metric_head metric = read_metric(message, fault_);
        if (metric.shape == metric_shape::none)
            return;
        const metric_convention* convention = find_use(metric);
        const auto shape = static_cast<std::uint64_t>(metric.shape) << 8 | metric.temporality;
        const std::uint64_t stream = hash64(metric.name, hash64(metric.unit, mix64(origin + shape)));
        for_each(metric.points, bytes_tag(1), fault_, [&](std::string_view bytes) {
            if (++points_ > points_max_ || too_many_buckets())
                return;
            read_point(metric.shape, bytes, point_, fault_);
            if (!fault_)
                add_point(metric, convention, service, stream);
        });
    }

    bool too_many() const noexcept { return points_ > points_max_; }
    bool too_many_buckets() const noexcept { return batch_.buckets.size() > buckets_max_; }

private:
    // Null for metrics that feed no operation.
    const metric_convention* find_use(const metric_head& metric) noexcept
    {
        if (metric.shape != metric_shape::histogram && metric.shape != metric_shape::exponential)
            return nullptr;
        const metric_convention* convention = find_convention(metric.name);
        const auto unit = convention == nullptr ? std::nullopt : find_unit_ns(metric.unit, convention->unit_ns);
        unit_ns_ = unit.value_or(0);
        return unit ? convention : nullptr;
    }

    void add_point(
        const metric_head& metric, const metric_convention* convention, std::string_view service, std::uint64_t stream
    )
    {
        if (const auto bad = check_point(metric, point_))
            return reject(*bad);
        if (convention == nullptr || point_.nothing_recorded) {
            ++batch_.unused;
            return;
        }
        if (service.size() > service_bytes_max)
            return reject(errc::service_too_long);
        const std::size_t bucket_offset = batch_.buckets.size();
        if (!append_buckets(metric, point_, unit_ns_, batch_.buckets)) {
            batch_.buckets.resize(bucket_offset);
            return reject(errc::negative_duration);
        }
        call_view call;
        const std::uint64_t series = read_call(*convention, service, stream, call);
        const operation_table::entry operation = operations_.find_or_add(call, hash64(call.target), fault_);
        if (fault_)
            return;
        model::measured_calls& seen = batch_.measured.emplace_back();
        seen.operation = operation.id;
        seen.operation_index = operation.index;
        seen.outcome = call.outcome;
        seen.cumulative = metric.temporality == temporality_cumulative;
        seen.status = call.status;
        seen.scale = point_.scale;
        seen.start_ns = static_cast<std::int64_t>(point_.start_ns);
        seen.time_ns = static_cast<std::int64_t>(point_.time_ns);
        seen.calls = point_.count;
        seen.stream = stream;
        seen.series = series;
        seen.bucket_offset = static_cast<std::uint32_t>(bucket_offset);
        seen.bucket_count = static_cast<std::uint32_t>(batch_.buckets.size() - bucket_offset);
    }

    // Fills the call from the point's attributes; answers the hash of the series.
    std::uint64_t read_call(
        const metric_convention& convention, std::string_view service, std::uint64_t stream, call_view& call
    )
    {
        metric_attributes fields;
        attribute_hash hash(attribute_seed);
        for (const std::string_view attribute : point_.attributes) {
            hash.add(attribute);
            read_metric_attribute(attribute, fields, fault_);
        }
        interpret_metric(convention, fields, joined_, call);
        // The table compares raw targets later, so that one put together here must stay.
        if (!call.target.empty() && call.target.data() == joined_.data())
            call.target = *kept_.emplace(joined_).first;
        call.service = service;
        return mix64(stream ^ hash.get());
    }

    void reject(errc reason)
    {
        if (batch_.rejected++ == 0)
            batch_.rejected_reason = to_text(reason);
    }

    model::observation_batch& batch_;
    std::size_t points_max_;
    std::size_t buckets_max_;
    std::size_t points_ = 0;
    wire_fault& fault_;
    operation_table operations_;
    metric_point point_;
    double unit_ns_ = 0;
    std::string joined_;
    std::set<std::string, std::less<>> kept_;
};

decode_error describe(const wire_fault& fault, std::string_view bytes)
{
    return {static_cast<std::size_t>(fault.at - bytes.data()), fault.reason};
}

}  // namespace

decode_result<model::observation_batch> decode_metrics(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits
)
{
    const std::string_view request = *bytes;
    if (request.size() > limits.request_bytes_max)
        return decode_error{0, "the request is longer than " + std::to_string(limits.request_bytes_max) + " bytes"};
    wire_fault fault;
    model::observation_batch batch;
    batch.bytes = std::move(bytes);
    batch_builder builder(batch, limits, fault);
    for_each(request, bytes_tag(1), fault, [&](std::string_view entry) {
        const resource_view resource = read_resource(entry, fault);
        for_each(entry, bytes_tag(2), fault, [&](std::string_view scoped) {
            std::uint64_t origin = resource.hash;
            for_each(scoped, bytes_tag(1), fault, [&](std::string_view scope) { origin = hash64(scope, origin); });
            for_each(scoped, bytes_tag(2), fault, [&](std::string_view metric) {
                builder.add_metric(metric, resource.service, origin);
            });
        });
    });
    if (fault)
        return describe(fault, request);
    if (builder.too_many())
        return decode_error{
            0, "more than " + std::to_string(limits.records_max) + " data points; send smaller batches"};
    if (builder.too_many_buckets())
        return decode_error{
            0, "more than " + std::to_string(limits.buckets_max) + " histogram buckets; send smaller batches"};
    return batch;
}

}  // namespace reprise::telemetry
