#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/telemetry/curl.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <span>

// A pair that was read can be written, read again and means the same, in files and on the wire.
namespace reprise::fuzz {
namespace {

void check(const model::exchange& exchange)
{
    const bool is_http = exchange.operation.protocol == "http";
    if (!is_http && exchange.operation.protocol != "sql")
        return;  // Other protocols keep what an operation needs.
    const std::string json = telemetry::write_rrpair_json(exchange);
    const auto from_json = telemetry::parse_rrpair_json(json);
    require(from_json.has_value(), "what was written as JSON is refused: " + json);
    require(from_json->outcome == exchange.outcome, "JSON tells another outcome: " + json);
    if (exchange.operation.protocol == "sql")
        return;  // What is no SQL has no stable template.
    require_same(telemetry::write_rrpair_json(*from_json), json, "JSON written twice");
    require(from_json->operation == exchange.operation, "JSON names another operation: " + json);

    const std::string markdown = telemetry::write_rrpair_markdown(exchange);
    const auto from_markdown = telemetry::parse_rrpair_markdown(markdown);
    require(!is_http || from_markdown, "what was written as Markdown is refused: " + markdown);
    const bool same = !is_http || from_markdown->operation == exchange.operation;
    require(same, "Markdown names another operation: " + markdown);

    const auto bytes = std::make_shared<const std::string>(telemetry::encode_logs_request(std::span(&exchange, 1)));
    const auto batch = telemetry::decode_logs(bytes);
    require(batch.has_value() && batch->observations.size() == 1, "the pair is refused on the wire: " + json);
    require(model::operation_key(batch->operations[0]) == exchange.operation, "the wire names another operation");
    if (is_http)
        require(!telemetry::to_curl(exchange, "http://h").empty(), "no curl for a request");
}

}  // namespace

void exchange_text(std::string_view input)
{
    if (const auto exchange = telemetry::parse_rrpair_json(input, "named"))
        check(*exchange);
    if (const auto exchange = telemetry::parse_rrpair_markdown(input, "named"))
        check(*exchange);
}

}  // namespace reprise::fuzz
