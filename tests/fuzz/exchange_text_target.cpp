#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/telemetry/curl.hpp"
#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/rrpair.hpp"
#include "reprise/telemetry/snapshot_format.hpp"

#include <span>
#include <vector>

// An exchange that was read can be written, read again and means the same, in files and on the wire.
namespace reprise::fuzz {
namespace {

void check_har(const model::exchange& exchange)
{
    std::string har = telemetry::write_har_head("fuzz");
    har += "\n" + telemetry::write_har_entry(exchange);
    har += telemetry::write_har_tail();
    std::vector<model::exchange> read;
    std::string complaint;
    const telemetry::har_visitor visitor{
        [&read](model::exchange one) { read.push_back(std::move(one)); },
        [&complaint](std::size_t, std::string reason) { complaint = std::move(reason); },
        [&complaint](std::string_view reason) { complaint = reason; }};
    const auto wrong = telemetry::read_har(har, "named", visitor);
    require(!wrong, "what was written as HAR is refused: " + har);
    require(read.size() == 1, "what was written as HAR is left out, " + complaint + ": " + har);
    require(read.front().operation == exchange.operation, "HAR names another operation: " + har);
}

void check(const model::exchange& exchange)
{
    const std::string json = telemetry::write_rrpair_json(exchange);
    const auto from_json = telemetry::parse_rrpair_json(json);
    const bool is_http = exchange.operation.protocol == "http";
    require(!is_http || from_json, "what was written as JSON is refused: " + json);
    require(!from_json || from_json->outcome == exchange.outcome, "JSON tells another outcome: " + json);
    if (!is_http)
        return;  // Others keep what an operation needs, not every byte; what is no SQL has no stable template.
    require_same(telemetry::write_rrpair_json(*from_json), json, "JSON written twice");
    require(from_json->operation == exchange.operation, "JSON names another operation: " + json);

    const auto bytes = std::make_shared<const std::string>(telemetry::encode_logs_request(std::span(&exchange, 1)));
    const auto batch = telemetry::decode_logs(bytes);
    require(batch.has_value() && batch->observations.size() == 1, "the pair is refused on the wire: " + json);
    require(model::operation_key(batch->operations[0]) == exchange.operation, "the wire names another operation");
    const std::string markdown = telemetry::write_rrpair_markdown(exchange);
    const auto from_markdown = telemetry::parse_rrpair_markdown(markdown);
    require(from_markdown.has_value(), "what was written as Markdown is refused: " + markdown);
    const bool same = from_markdown->operation == exchange.operation;
    require(same, "Markdown names another operation: " + markdown);
    require(!telemetry::to_curl(exchange, "http://h").empty(), "no curl for a request");
    check_har(exchange);
}

}  // namespace

void exchange_text(std::string_view input)
{
    if (const auto exchange = telemetry::parse_rrpair_json(input, "named"))
        check(*exchange);
    if (const auto exchange = telemetry::parse_rrpair_markdown(input, "named"))
        check(*exchange);
    telemetry::har_visitor visitor;
    visitor.take = [](const model::exchange& exchange) { check(exchange); };
    visitor.complain = [](std::size_t, const std::string& reason) { require(!reason.empty(), "no reason"); };
    visitor.skip = [](std::string_view reason) { require(!reason.empty(), "no reason"); };
    if (const auto wrong = telemetry::read_har(input, "named", visitor))
        require(!wrong->reason.empty() && wrong->offset <= input.size(), "a refusal without its place");
    telemetry::detect_snapshot_format(input);
    telemetry::is_one_per_line(input);
    telemetry::is_not_analysed(input);
}

}  // namespace reprise::fuzz
