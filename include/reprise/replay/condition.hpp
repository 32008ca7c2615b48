#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/replay/error.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What must hold of answers, as people write it: "status==500 and body contains \"deadlock\"", "p95>800ms",
// "failing>0%". The language of `minimize --still` and of `replay --fail-if`: docs/minimise.md. Pure, any thread.
namespace reprise::replay {

enum class subject : std::uint8_t {
    // Of one answer.
    status, latency, body, header, json,
    // Of all answers together.
    p50, p90, p95, p99, failing, unanswered,
    // Of the calls that the service makes under one request, the most of any request; only the service knows them.
    calls, peak, arrivals,
};

enum class comparison : std::uint8_t {
    equal, not_equal, less, less_equal, greater, greater_equal, contains, matches,
};

enum class operand_kind : std::uint8_t { number, text, yes, no, null };

struct condition_term {
    subject what = subject::status;
    comparison how = comparison::equal;
    std::string name;                       // The header's, or a JSON pointer.
    operand_kind kind = operand_kind::number;
    double number = 0;                      // A status, milliseconds, percent, a count, a JSON number.
    std::string text;                       // With matches: a regular expression in Perl's syntax.

    bool operator==(const condition_term&) const = default;
};

// All terms must hold; those about one answer must hold of the same answer.
struct condition {
    std::vector<condition_term> terms;
    std::string text;  // As written.
};

constexpr std::size_t condition_bytes_max = 4096;
constexpr std::size_t condition_terms_max = 16;

// The refusal's reason names the column and what was expected there.
checked<condition> parse_condition(std::string_view text);

bool is_figure(subject what) noexcept;
bool is_call_figure(subject what) noexcept;
// Whether a term asks for what only the service's own telemetry tells.
bool needs_telemetry(const condition& still) noexcept;
// Whether a figure that was measured elsewhere (milliseconds, percent) is as the term says.
bool holds(const condition_term& figure, double measured) noexcept;
std::string_view to_text(subject what) noexcept;     // "status", "p95".
std::string_view to_text(comparison how) noexcept;   // "==", "contains".

enum class answer_kind : std::uint8_t {
    answered,
    unanswered,   // Sent, but no whole answer came: reset, timed out.
    unreachable,  // No connection: says nothing about the request.
};

// The client and database calls that the service made under one request.
struct call_figures {
    std::uint32_t calls = 0;
    std::uint32_t peak = 0;      // At most in flight at once.
    std::uint32_t arrivals = 0;  // At most begun within 50 ms.

    bool operator==(const call_figures&) const = default;
};

struct observed_answer {
    answer_kind kind = answer_kind::answered;
    int status = 0;
    model::header_list headers;
    std::string body;
    std::int64_t latency_ns = 0;  // From the moment it should have been sent to the last byte.
    model::trace_id trace;                // That of the request.
    std::optional<call_figures> calls;    // Nothing while the service has not said.
};

enum class trial_verdict : std::uint8_t {
    fails,       // The condition holds: the problem shows.
    passes,
    unresolved,  // Nothing can be said: the target was not there.
};

std::string_view to_text(trial_verdict verdict) noexcept;

// Unresolved when a request found no target, or when an answer is missing and the condition neither holds without
// it nor asks for it, or when the condition asks for calls and the service did not say them of an answered request.
trial_verdict judge(const condition& still, std::span<const observed_answer> answers);

// For people: "the answer was 200", "the 10 answers were 3 x 200, 7 x 503"; what is known of calls behind it.
std::string describe(std::span<const observed_answer> answers);

}  // namespace reprise::replay
