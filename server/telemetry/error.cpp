#include "reprise/telemetry/error.hpp"

#include <stdexcept>

namespace reprise::telemetry {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.telemetry"; }
    std::string message(int value) const override { return std::string(to_text(static_cast<errc>(value))); }
};

}  // namespace

std::string_view to_text(errc code) noexcept
{
    switch (code) {
    case errc::malformed_wire: return "not valid protobuf";
    case errc::malformed_json: return "not valid JSON, or nested too deeply";
    case errc::malformed_markdown: return "no '### REQUEST ###' with a fenced HTTP message below it";
    case errc::no_body: return "the log record has no body; send an RRPair as a kvlist body";
    case errc::body_not_kvlist: return "the log record's body is not a kvlist; send an RRPair as a kvlist body";
    case errc::not_rrpair: return "msgType is not \"rrpair\"";
    case errc::no_timestamp: return "no timestamp: neither ts nor time_unix_nano nor observed_time_unix_nano";
    case errc::bad_timestamp: return "the timestamp is not RFC 3339 or lies outside 1678..2261";
    case errc::bad_duration: return "the duration is not a number of milliseconds from 0 to a hundred years";
    case errc::no_protocol: return "neither l7protocol nor http.request is set";
    case errc::no_method: return "neither http.request.method nor command is set";
    case errc::no_target: return "neither http.request.url nor location is set";
    case errc::no_statement: return "an SQL record without statement: set location to the SQL text";
    case errc::no_outcome: return "neither http.response.statusCode nor status says how the call ended";
    case errc::service_too_long: return "the service name is longer than 255 bytes";
    case errc::no_ids: return "the span's trace id or span id is missing or all zero";
    case errc::not_ended: return "the span has no end time";
    case errc::no_metric_name: return "the metric has no name";
    case errc::no_temporality: return "aggregation_temporality is neither delta nor cumulative";
    case errc::no_point_time: return "the data point has no time_unix_nano, or one outside 1970..2262";
    case errc::start_after_time: return "the data point's start_time_unix_nano lies after its time_unix_nano";
    case errc::no_value: return "the data point has no value and is not flagged as having none";
    case errc::not_a_number: return "the data point holds a NaN";
    case errc::falling_sum: return "a monotonic sum is below zero";
    case errc::bounds_not_rising: return "explicit_bounds do not rise strictly";
    case errc::bounds_mismatch: return "there must be one more of bucket_counts than of explicit_bounds";
    case errc::count_mismatch: return "the bucket counts do not add up to the count";
    case errc::too_many_buckets: return "a histogram has more than 4096 buckets";
    case errc::min_over_max: return "min is greater than max";
    case errc::bad_scale: return "the scale or a bucket's index is out of range";
    case errc::negative_duration: return "a duration is below zero";
    }
    return "unknown telemetry error";
}

const boost::system::error_category& telemetry_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), telemetry_category()};
}

std::string to_text(const decode_error& error)
{
    if (error.offset == 0)
        return error.reason;
    return error.reason + " (at byte " + std::to_string(error.offset) + ")";
}

void throw_exception_from_error(const decode_error& error, const boost::source_location&)
{
    throw std::logic_error("value of a failed decode taken: " + to_text(error));
}

}  // namespace reprise::telemetry
