#include "fuzz_target.hpp"
#include "require.hpp"

#include "../../server/telemetry/utf8.hpp"

#include "reprise/telemetry/trace_spans.hpp"

#include <boost/json/serialize.hpp>

#include <string>

// A raw Span, whatever its bytes: it is read or it is not, what is kept of it can be shown and is bounded, and so is
// its JSON.
namespace reprise::fuzz {
namespace {

void check_text(std::string_view text, std::size_t bytes_max, const char* what)
{
    require(text.size() <= bytes_max, std::string(what) + " is too long");
    require(telemetry::is_utf8(text), std::string(what) + " is no text");
}

void check(const model::trace_span& span)
{
    check_text(span.name, telemetry::span_name_bytes_max, "a name");
    check_text(span.agent, telemetry::span_name_bytes_max, "an agent");
    check_text(span.tool, telemetry::span_name_bytes_max, "a tool");
    check_text(span.task, telemetry::span_name_bytes_max, "a task");
    check_text(span.retry_reason, telemetry::span_name_bytes_max, "a reason");
    check_text(span.error_type, telemetry::span_name_bytes_max, "an error's type");
    check_text(span.error_message, telemetry::span_message_bytes_max, "an error's message");
    check_text(span.largest_key, telemetry::span_name_bytes_max, "a key");
    require(span.token_count <= telemetry::span_tokens_max, "too many tokens");
    require(span.attempt >= -1 && span.index >= -1 && span.step >= -1 && span.fanout >= -1, "a negative number");
    require(span.concurrency >= -1 && span.retry_count >= -1 && span.retries_max >= -1, "a negative number");
    require(span.backoff_ns >= -1 && span.first_token_ns >= -1 && span.largest_gap_ns >= -1, "a negative time");
    require(span.payload_kb == -1 || span.payload_kb > 0, "a payload of nothing");
}

}  // namespace

void trace_span(std::string_view input)
{
    model::trace trace;
    trace.token_ns.push_back(1);
    const bool read = telemetry::read_trace_span(input, "shop", trace);
    require(trace.spans.size() == (read ? 1U : 0U), "a span that was not read was added");
    if (!read) {
        require(trace.token_ns.size() == 1, "tokens of a span that was not read stayed");
        return;
    }
    const model::trace_span& span = trace.spans.front();
    check(span);
    require(span.token_offset == 1 && trace.token_ns.size() == 1 + span.token_count, "tokens stand elsewhere");

    const telemetry::redaction_rules rules;
    telemetry::span_writing how{"fuzz key", rules};
    how.limits.attributes_max = 8;
    how.limits.events_max = 4;
    const std::string json = boost::json::serialize(telemetry::span_to_json(input, span, how));
    require(telemetry::is_utf8(json), "the JSON is no text");
    // A byte becomes six at most; 8 attributes of the span and of each event, names and values.
    require(json.size() < 6 * (40 * 2 * 256 + 16 * 1024), "the JSON is too long");
    how.with_attributes = false;
    require(telemetry::span_to_json(input, span, how).contains("cut"), "nothing says that attributes are left out");
}

}  // namespace reprise::fuzz
