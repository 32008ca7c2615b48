#pragma once

#include "reprise/base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// What can be wrong with telemetry that arrives. Plain values, any thread.
namespace reprise::telemetry {

// Why one record, file or line says nothing usable. The message of each is a sentence for the sender.
enum class errc {
    malformed_wire = 1,  // Not valid protobuf.
    malformed_json,      // Not valid JSON, or nested deeper than json_depth_max.
    malformed_markdown,  // No request in the shape of an RRPair Markdown file.
    no_body,
    body_not_kvlist,
    not_rrpair,          // msgType names something else.
    no_timestamp,
    bad_timestamp,       // ts is not RFC 3339, or outside 1678..2261.
    bad_duration,        // Negative, not a number or over a hundred years.
    no_protocol,         // Neither l7protocol nor an http part.
    no_method,
    no_target,           // HTTP without URL and location.
    no_statement,
    no_outcome,          // HTTP with neither status code nor status text.
    service_too_long,    // Over service_bytes_max.
    no_ids,              // A span without trace or span id.
    not_ended,           // A span without end time.
    no_metric_name,
    no_temporality,      // A sum or histogram that is neither delta nor cumulative.
    no_point_time,
    start_after_time,
    no_value,            // A number point without a number, and no word that none was recorded.
    not_a_number,
    falling_sum,         // A monotonic sum below zero.
    bounds_not_rising,
    bounds_mismatch,     // Not one more bucket than bounds.
    count_mismatch,      // The buckets do not add up to the count.
    too_many_buckets,    // Over metric_buckets_max.
    min_over_max,
    bad_scale,           // Outside metric_scale_min..metric_scale_max, or a bucket outside 32 bits.
    negative_duration,
};

const boost::system::error_category& telemetry_category() noexcept;
error_code make_error_code(errc code) noexcept;

// The sentence of a code, without building an error_code: for counting what was rejected.
std::string_view to_text(errc code) noexcept;

// Where and why input was refused as a whole.
struct decode_error {
    std::size_t offset = 0;  // Into the input's bytes; 0 as well where the reason itself names the place.
    std::string reason;      // For the sender, without the offset: "length runs past the end".
};

// "length runs past the end (at byte 17)".
std::string to_text(const decode_error& error);

template <class T>
using decode_result = boost::system::result<T, decode_error>;

// Taking the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(const decode_error& error, const boost::source_location& where);

}  // namespace reprise::telemetry

template <>
struct boost::system::is_error_code_enum<reprise::telemetry::errc> : std::true_type {};
