#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// What kind of value a text is, so that a difference between two runs can be named ("a uuid", "a time") and values
// that are new in every run are known for it. Pure, any thread; looks at 8 KiB of a text at most.
namespace reprise::telemetry {

enum class value_form : std::uint8_t {
    plain,      // None of the others: words, small numbers.
    uuid,       // Of any version but 7; versions 1 and 6 have a time.
    uuid_v7,
    ulid,
    ksuid,
    xid,
    snowflake,  // 17 to 19 digits; Twitter's epoch or Discord's, whichever is nearer to the reference time.
    object_id,  // MongoDB's.
    jwt,        // Its time: issued, else not before, else expires.
    trace_id,   // 32 hex digits, a traceparent, an X-Ray id (the only one with a time).
    date_time,  // RFC 3339 and its relatives, RFC 9110 (HTTP).
    date,
    epoch_s,    // Since 2001, also with a fraction.
    epoch_ms,
    epoch_us,
    epoch_ns,
    email,
    token,      // What redaction left: "<email:9f86d081>".
    opaque,     // Letters and digits at random.
};

// A text's form and the moment it was made, where the form tells: in [time_ns, time_ns + precision_ns).
struct value_look {
    value_form form = value_form::plain;
    std::optional<std::int64_t> time_ns;
    std::int64_t precision_ns = 0;
};

// `near_ns`: about when the value was seen. It decides where one text has two readings (19 digits); 0: not known.
value_look look_at_value(std::string_view text, std::int64_t near_ns = 0);

// The form both have: why they differ. plain: for no reason that could be named.
value_form find_drift_cause(std::string_view left, std::string_view right, std::int64_t near_ns = 0);

struct time_interval {
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
};

// Whether the value was made while the traffic was captured: its time falls within. Such a value is new in each run.
bool is_volatile(std::string_view text, const time_interval& captured);

// "uuid", "uuidv7", "objectid", "trace-id", "datetime", "epoch-ms", "redacted", "opaque"; "" for plain.
std::string_view to_text(value_form value) noexcept;

}  // namespace reprise::telemetry
