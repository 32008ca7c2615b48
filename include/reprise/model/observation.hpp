#pragma once

#include "reprise/model/operation.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::model {

// 16 bytes as OTLP carries them, big endian halves. All zero means "none".
struct trace_id {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    explicit operator bool() const noexcept { return (high | low) != 0; }
    bool operator==(const trace_id&) const = default;
};

std::string to_hex(const trace_id& id);                // 32 hex digits, empty for none.
trace_id parse_trace_id(std::string_view hex) noexcept;  // None when it is not 32 hex digits.
std::string span_to_hex(std::uint64_t id);              // 16 hex digits, empty for none.
std::uint64_t parse_span_id(std::string_view hex) noexcept;

// What one log record or span says about one call: small, trivially copyable, no text of its own.
struct observation {
    std::uint64_t operation = 0;        // operation_id() of its key.
    std::uint32_t operation_index = 0;  // Its key: observation_batch::operations[operation_index].
    model::outcome outcome = outcome::ok;
    bool replayed = false;              // Carries the X-Replay header: never counted.
    std::uint16_t status = 0;           // HTTP or gRPC status code, 0 when unknown.
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    trace_id trace;
    std::uint64_t span = 0;
    std::uint64_t parent_span = 0;
    std::uint64_t detail_hash = 0;      // Of what the template hides (raw statement or path): "same arguments".
    std::uint32_t record_offset = 0;    // The raw record in the batch's bytes, for exemplars.
    std::uint32_t record_bytes = 0;
};

// Which version of its service reported some observations in a row (service.version of their resource).
struct reported_version {
    std::string_view version;
    std::uint32_t first = 0;  // Index of the first of them.
    std::uint32_t count = 0;
};

// Part of a histogram: this many calls took longer than low_ns and at most high_ns.
struct duration_bucket {
    std::int64_t low_ns = 0;
    std::int64_t high_ns = 0;   // Equal to low_ns where the sender says no more than that.
    std::uint64_t calls = 0;
    std::int32_t index = 0;     // In the sender's histogram; rises within one point.
};

// What one metric point says about calls of one operation that ended alike: how many and how long, not
// which. A cumulative one counts from start_ns on, so that only its growth is news.
struct measured_calls {
    std::uint64_t operation = 0;
    std::uint32_t operation_index = 0;  // observation_batch::operations[operation_index].
    model::outcome outcome = outcome::ok;
    bool cumulative = false;
    std::uint16_t status = 0;
    std::int32_t scale = 0;             // Of an exponential histogram: its buckets merge in pairs as this falls.
    std::int64_t start_ns = 0;          // 0: the sender does not say.
    std::int64_t time_ns = 0;           // When it was read; the calls count in this moment's window.
    std::uint64_t calls = 0;
    std::uint64_t stream = 0;           // Hash of what sends: resource, scope and metric ...
    std::uint64_t series = 0;           // ... and of the attributes as well.
    std::uint32_t bucket_offset = 0;    // Its buckets: observation_batch::buckets; none when only counted.
    std::uint32_t bucket_count = 0;
};

// What one export request (or one file) became. The operation texts and the raw records point into
// `bytes` and `texts`, which live as long as the batch.
struct observation_batch {
    std::shared_ptr<const std::string> bytes;
    std::vector<operation_view> operations;       // Each distinct key once ...
    std::vector<std::uint64_t> operation_ids;     // ... and its operation_id().
    std::vector<observation> observations;        // In the order of the input.
    std::vector<reported_version> versions;       // Of resources that name one; in the same order.
    std::vector<measured_calls> measured;         // From metrics only, as are the buckets.
    std::vector<duration_bucket> buckets;
    std::vector<std::unique_ptr<char[]>> texts;   // Arena of normalised texts.
    std::uint64_t rejected = 0;                   // Records that say nothing usable.
    std::uint64_t unused = 0;                     // Good metric points that speak of no operation.
    std::string rejected_reason;                  // The first reason, for partial success.
};

}  // namespace reprise::model
