#pragma once

#include "reprise/telemetry/body_fields.hpp"
#include "reprise/telemetry/drift.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// A recorded answer and a replayed one, field by field; and over many of them, which fields really differ and which
// always do (the two-baseline rule of Diffy). Pure; a difference_book belongs to one thread or strand.
namespace reprise::replay {

constexpr std::size_t answer_differences_max = 500;         // Of one pair; further ones are counted.
constexpr std::size_t difference_text_bytes_max = 200;
constexpr std::size_t compared_operations_max = 1'000;
constexpr std::size_t compared_fields_max = 500;     // Of one operation.
// Of one operation's fields that differ together; requests with further ones do not match, whatever is noise.
constexpr std::size_t combinations_max = 5'000;

enum class difference_kind : std::uint8_t { missing, added, type, value, order };

struct difference {
    // "status", "header.content-type", "header.set-cookie.sid", "body/items/0/id" (body_field::path), "body:12" (line).
    std::string path;
    difference_kind kind = difference_kind::value;
    std::string left;   // Recorded; bounded, UTF-8. For type: "number", "object", ...
    std::string right;  // Replayed.
    telemetry::value_form cause = telemetry::value_form::plain;  // Both are such a value.
    bool ignored = false;  // Shown, but does not count.
    std::string why;       // It is ignored.
};

struct compare_options {
    bool ignores_array_order = false;
    // Fields that do not count, with what is below them: "header.x-build", "body/items/*/id" (* is one part).
    std::vector<std::string> ignored_fields;
    // When the recorded traffic was captured: values made in it are new in each run. Both 0: not known.
    telemetry::time_interval captured;
};

struct answer_comparison {
    std::vector<difference> differences;
    std::uint64_t left_out = 0;  // Differences over the limit.

    bool matches() const noexcept;  // No difference counts.
};

// Left is what was recorded (or the first of two trials).
answer_comparison compare_answers(
    const telemetry::answer_parts& left, const telemetry::answer_parts& right, const compare_options& options = {}
);

// "body/items/3/id" -> "body/items/*/id", "body:12" -> "body:*": the same field of every answer.
std::string field_of_path(std::string_view path);

enum class field_verdict : std::uint8_t {
    regressed,  // Differs more often than two equal trials do.
    noise,      // Differs between equal trials about as often, or hardly ever.
    ignored,    // By its nature or by a rule.
};

struct field_summary {
    std::string field;
    std::uint64_t raw = 0;      // Candidates that differ from the recording there, and that counts.
    std::uint64_t ignored = 0;  // Candidates that differ there only where it does not.
    std::uint64_t noise = 0;    // Pairs of equal trials that differ there.
    double share = 0;           // raw of the operation's requests.
    field_verdict verdict = field_verdict::noise;
    difference first;         // For people.
};

enum class operation_verdict : std::uint8_t { same, noise, regressed };

struct operation_summary {
    std::string operation;
    std::uint64_t requests = 0;
    std::uint64_t matched = 0;   // With no difference that counts, once noise is known.
    std::uint64_t pairs = 0;     // Of equal trials.
    std::uint64_t left_out = 0;  // Fields over the limit.
    operation_verdict verdict = operation_verdict::same;
    std::vector<field_summary> fields;  // Regressed ones first, then by share.
};

struct compare_report {
    std::vector<operation_summary> operations;  // Worst first, then by name.
    std::uint64_t requests = 0;
    std::uint64_t matched = 0;
    std::uint64_t left_out = 0;  // Requests of operations over the limit.
    double match_share = 1;      // matched of requests.
};

// A field counts when |raw - noise| is more than 20 % of raw + noise and more than 0.03 % of the operation's requests.
// Where fewer or more equal trials were compared than candidates, noise is scaled to as many.
constexpr std::uint64_t relative_percent_min = 20;
constexpr std::uint64_t absolute_per_10000_min = 3;

class difference_book {
public:
    // One candidate answer against the recording.
    void add(std::string_view operation, const answer_comparison& candidate);
    // One pair of identical trials.
    void add_noise(std::string_view operation, const answer_comparison& twins);

    compare_report summarise() const;
    // Marks what is known as noise in one comparison as ignored, for showing it.
    void mark_noise(std::string_view operation, answer_comparison& candidate) const;

private:
    struct field_counts {
        std::uint64_t raw = 0;
        std::uint64_t ignored = 0;
        std::uint64_t noise = 0;
        difference first;
    };
    struct operation_counts {
        std::uint64_t requests = 0;
        std::uint64_t pairs = 0;
        std::uint64_t left_out = 0;
        std::map<std::string, field_counts, std::less<>> fields;
        // How many requests differ in exactly these fields that count.
        std::map<std::vector<std::string>, std::uint64_t> combinations;
    };

    operation_counts* counts_of(std::string_view operation);
    static field_counts* field_in(operation_counts& counts, const difference& one);
    static bool is_regressed(const operation_counts& counts, const field_counts& field);
    static operation_summary summary_of(std::string_view operation, const operation_counts& counts);

    std::map<std::string, operation_counts, std::less<>> operations_;
    std::uint64_t left_out_ = 0;
};

std::string_view to_text(difference_kind value) noexcept;
std::string_view to_text(field_verdict value) noexcept;
std::string_view to_text(operation_verdict value) noexcept;

// The shapes of the API and of reports.
boost::json::object to_json(const difference& value);
boost::json::object to_json(const answer_comparison& value);
boost::json::object to_json(const compare_report& value);

}  // namespace reprise::replay
