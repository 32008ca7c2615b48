#include "metric_point.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t nothing_recorded_flag = 1;

// sint32 on the wire.
std::int32_t zigzag(std::uint64_t number) noexcept
{
    const auto low = static_cast<std::uint32_t>(number);
    return static_cast<std::int32_t>((low >> 1) ^ (0U - (low & 1)));
}

// The elements of a packed list of fixed 64-bit words. Senders may also repeat the field; see read_histogram().
template <class Word>
void append_fixed(std::string_view packed, std::vector<Word>& into, metric_point& point, wire_fault& fault)
{
    if (packed.size() % sizeof(Word) != 0) {
        if (!fault)
            fault = {packed.data(), "a packed list is cut off"};
        return;
    }
    const std::size_t count = packed.size() / sizeof(Word);
    if (into.size() + count > metric_buckets_max) {
        point.too_many_buckets = true;
        return;
    }
    const std::size_t had = into.size();
    into.resize(had + count);
    if (count > 0)
        std::memcpy(into.data() + had, packed.data(), packed.size());
}

template <class Word>
void append_one(Word word, std::vector<Word>& into, metric_point& point)
{
    if (into.size() < metric_buckets_max)
        into.push_back(word);
    else
        point.too_many_buckets = true;
}

void append_varints(std::string_view packed, std::vector<std::uint64_t>& into, metric_point& point, wire_fault& fault)
{
    const char* at = packed.data();
    const char* const end = at + packed.size();
    while (at != end) {
        const char* const from = at;
        std::uint64_t value = 0;
        unsigned shift = 0;
        for (;; shift += 7) {
            if (at == end || shift > 63) {
                if (!fault)
                    fault = {from, "a packed varint is cut off or too long"};
                return;
            }
            const auto byte = static_cast<unsigned char>(*at++);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80)
                break;
        }
        append_one(value, into, point);
        if (point.too_many_buckets)
            return;
    }
}

void read_number(std::string_view message, metric_point& point, wire_fault& fault)
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case fixed64_tag(2): point.start_ns = field.number; break;
        case fixed64_tag(3): point.time_ns = field.number; break;
        case fixed64_tag(4): point.value = std::bit_cast<double>(field.number); break;
        case fixed64_tag(6): point.value = static_cast<double>(static_cast<std::int64_t>(field.number)); break;
        case bytes_tag(7): point.attributes.push_back(field.bytes); break;
        case varint_tag(8): point.nothing_recorded = (field.number & nothing_recorded_flag) != 0; break;
        default: break;
        }
    }
}

void read_histogram(std::string_view message, metric_point& point, wire_fault& fault)
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case fixed64_tag(2): point.start_ns = field.number; break;
        case fixed64_tag(3): point.time_ns = field.number; break;
        case fixed64_tag(4): point.count = field.number; break;
        case fixed64_tag(5): point.sum = std::bit_cast<double>(field.number); break;
        case bytes_tag(6): append_fixed(field.bytes, point.counts, point, fault); break;
        case fixed64_tag(6): append_one(field.number, point.counts, point); break;
        case bytes_tag(7): append_fixed(field.bytes, point.bounds, point, fault); break;
        case fixed64_tag(7): append_one(std::bit_cast<double>(field.number), point.bounds, point); break;
        case bytes_tag(9): point.attributes.push_back(field.bytes); break;
        case varint_tag(10): point.nothing_recorded = (field.number & nothing_recorded_flag) != 0; break;
        case fixed64_tag(11): point.min = std::bit_cast<double>(field.number); break;
        case fixed64_tag(12): point.max = std::bit_cast<double>(field.number); break;
        default: break;
        }
    }
}

void read_scale_buckets(
    std::string_view message, std::int32_t& offset, std::vector<std::uint64_t>& counts, metric_point& point,
    wire_fault& fault
)
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case varint_tag(1): offset = zigzag(field.number); break;
        case bytes_tag(2): append_varints(field.bytes, counts, point, fault); break;
        case varint_tag(2): append_one(field.number, counts, point); break;
        default: break;
        }
    }
}

void read_exponential(std::string_view message, metric_point& point, wire_fault& fault)
{
    std::int32_t negative_offset = 0;
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case bytes_tag(1): point.attributes.push_back(field.bytes); break;
        case fixed64_tag(2): point.start_ns = field.number; break;
        case fixed64_tag(3): point.time_ns = field.number; break;
        case fixed64_tag(4): point.count = field.number; break;
        case fixed64_tag(5): point.sum = std::bit_cast<double>(field.number); break;
        case varint_tag(6): point.scale = zigzag(field.number); break;
        case fixed64_tag(7): point.zero_count = field.number; break;
        case bytes_tag(8): read_scale_buckets(field.bytes, point.offset, point.counts, point, fault); break;
        case bytes_tag(9): read_scale_buckets(field.bytes, negative_offset, point.negative_counts, point, fault); break;
        case varint_tag(10): point.nothing_recorded = (field.number & nothing_recorded_flag) != 0; break;
        case fixed64_tag(12): point.min = std::bit_cast<double>(field.number); break;
        case fixed64_tag(13): point.max = std::bit_cast<double>(field.number); break;
        default: break;
        }
    }
}

// Quantiles of a summary cannot be added up, so that only what they would be checked for is read.
void read_summary(std::string_view message, metric_point& point, wire_fault& fault)
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case fixed64_tag(2): point.start_ns = field.number; break;
        case fixed64_tag(3): point.time_ns = field.number; break;
        case fixed64_tag(4): point.count = field.number; break;
        case fixed64_tag(5): point.sum = std::bit_cast<double>(field.number); break;
        case varint_tag(8): point.nothing_recorded = (field.number & nothing_recorded_flag) != 0; break;
        default: break;
        }
    }
}

bool is_nan(const std::optional<double>& number) noexcept
{
    return number && std::isnan(*number);
}

// False on overflow, too: a count that does not fit cannot be right.
bool adds_up(const metric_point& point, std::uint64_t total) noexcept
{
    std::uint64_t sum = point.zero_count;
    bool overflow = false;
    for (const std::uint64_t count : point.counts)
        overflow |= __builtin_add_overflow(sum, count, &sum);
    for (const std::uint64_t count : point.negative_counts)
        overflow |= __builtin_add_overflow(sum, count, &sum);
    return !overflow && sum == total;
}

std::optional<errc> check_number(const metric_head& metric, const metric_point& point) noexcept
{
    if (!point.value)
        return errc::no_value;
    if (std::isnan(*point.value))
        return errc::not_a_number;
    if (metric.monotonic && *point.value < 0)
        return errc::falling_sum;
    return std::nullopt;
}

std::optional<errc> check_histogram(const metric_point& point) noexcept
{
    for (std::size_t i = 0; i < point.bounds.size(); ++i) {
        if (std::isnan(point.bounds[i]))
            return errc::not_a_number;
        if (i > 0 && !(point.bounds[i - 1] < point.bounds[i]))
            return errc::bounds_not_rising;
    }
    const bool only_counted = point.counts.empty() && point.bounds.empty();
    if (!only_counted && point.counts.size() != point.bounds.size() + 1)
        return errc::bounds_mismatch;
    if (!only_counted && !adds_up(point, point.count))
        return errc::count_mismatch;
    return std::nullopt;
}

std::optional<errc> check_exponential(const metric_point& point) noexcept
{
    if (point.scale < metric_scale_min || point.scale > metric_scale_max)
        return errc::bad_scale;
    const auto last = std::int64_t{point.offset} + static_cast<std::int64_t>(point.counts.size());
    if (last > std::numeric_limits<std::int32_t>::max())
        return errc::bad_scale;
    if (!adds_up(point, point.count))
        return errc::count_mismatch;
    return std::nullopt;
}

}  // namespace

void metric_point::clear() noexcept
{
    attributes.clear();
    start_ns = time_ns = count = zero_count = 0;
    nothing_recorded = too_many_buckets = false;
    value = sum = min = max = std::nullopt;
    counts.clear();
    bounds.clear();
    negative_counts.clear();
    scale = offset = 0;
}

metric_head read_metric(std::string_view metric, wire_fault& fault) noexcept
{
    metric_head head;
    wire_cursor cursor(metric, fault);
    for (wire_field field; cursor.next(field);) {
        metric_shape shape = metric_shape::none;
        switch (field.tag) {
        case bytes_tag(1): head.name = field.bytes; break;
        case bytes_tag(3): head.unit = field.bytes; break;
        case bytes_tag(5): shape = metric_shape::gauge; break;
        case bytes_tag(7): shape = metric_shape::sum; break;
        case bytes_tag(9): shape = metric_shape::histogram; break;
        case bytes_tag(10): shape = metric_shape::exponential; break;
        case bytes_tag(11): shape = metric_shape::summary; break;
        default: break;
        }
        if (shape != metric_shape::none) {
            head.shape = shape;
            head.points = field.bytes;
        }
    }
    wire_cursor inner(head.points, fault);
    for (wire_field field; inner.next(field);) {
        if (field.tag == varint_tag(2))
            head.temporality = field.number;
        else if (field.tag == varint_tag(3))
            head.monotonic = head.shape == metric_shape::sum && field.number != 0;
    }
    return head;
}

void read_point(metric_shape shape, std::string_view message, metric_point& point, wire_fault& fault)
{
    point.clear();
    switch (shape) {
    case metric_shape::gauge:
    case metric_shape::sum: read_number(message, point, fault); break;
    case metric_shape::histogram: read_histogram(message, point, fault); break;
    case metric_shape::exponential: read_exponential(message, point, fault); break;
    case metric_shape::summary: read_summary(message, point, fault); break;
    case metric_shape::none: break;
    }
}

std::optional<errc> check_point(const metric_head& metric, const metric_point& point) noexcept
{
    constexpr auto time_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (metric.name.empty())
        return errc::no_metric_name;
    const bool summed = metric.shape == metric_shape::sum || metric.shape == metric_shape::histogram ||
                        metric.shape == metric_shape::exponential;
    if (summed && metric.temporality != temporality_delta && metric.temporality != temporality_cumulative)
        return errc::no_temporality;
    if (point.time_ns == 0 || point.time_ns > time_max)
        return errc::no_point_time;
    if (point.start_ns > point.time_ns)
        return errc::start_after_time;
    if (point.nothing_recorded)
        return std::nullopt;
    if (point.too_many_buckets)
        return errc::too_many_buckets;
    if (is_nan(point.sum) || is_nan(point.min) || is_nan(point.max))
        return errc::not_a_number;
    if (point.min && point.max && *point.min > *point.max)
        return errc::min_over_max;
    switch (metric.shape) {
    case metric_shape::gauge:
    case metric_shape::sum: return check_number(metric, point);
    case metric_shape::histogram: return check_histogram(point);
    case metric_shape::exponential: return check_exponential(point);
    case metric_shape::summary:
    case metric_shape::none: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace reprise::telemetry
