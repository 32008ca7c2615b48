#include "fuzz_target.hpp"
#include "otlp_fields.hpp"
#include "require.hpp"

#include "../../server/telemetry/call.hpp"

#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <google/protobuf/stubs/logging.h>

#include <memory>

// Our decoder beside the generated types, over the same bytes. What the generated types take, ours
// takes, and says the same; what ours takes is consistent. Ours may take more: it does not look at
// parts it does not need. The inputs are mostly valid: otlp_mutator.cpp.
namespace reprise::fuzz {
namespace {

using telemetry::decode_result;
using telemetry::logs_request;
using telemetry::traces_request;

// Refusals that the generated types do not know. They cut a field number that is too long.
bool is_our_own_rule(std::string_view reason)
{
    return reason == "groups are not part of OTLP" || reason == "field number out of range" ||
           reason == "a trace id must be 16 bytes" || reason == "a span id must be 8 bytes";
}

template <class Record>
void compare_record(
    const Record& record, std::string_view service, const model::observation_batch& batch, std::size_t& next,
    std::uint64_t& rejected
)
{
    telemetry::call_view call;
    if (telemetry::interpret(read_fields(record), service, call)) {
        ++rejected;
        return;
    }
    require(next < batch.observations.size(), "a record is missing: " + record.ShortDebugString());
    const model::observation& seen = batch.observations[next++];
    telemetry::operation_text text;
    const model::operation_key wanted(text.normalise(call));
    const model::operation_key got(batch.operations[seen.operation_index]);
    require_same(model::operation_name(wanted.view()), model::operation_name(got.view()), "operation");
    require(wanted == got, "the operations differ: " + record.ShortDebugString());
    require(
        seen.outcome == call.outcome && seen.replayed == call.replayed && seen.status == call.status &&
            seen.start_ns == call.start_ns && seen.duration_ns == call.duration_ns && seen.trace == call.trace &&
            seen.span == call.span && seen.parent_span == call.parent_span,
        "a record says something else: " + record.ShortDebugString()
    );
}

void compare(const logs_request& request, const model::observation_batch& batch)
{
    std::size_t next = 0;
    std::uint64_t rejected = 0;
    for (const auto& resource : request.resource_logs()) {
        for (const auto& scope : resource.scope_logs()) {
            for (const auto& record : scope.log_records())
                compare_record(record, service_name(resource.resource()), batch, next, rejected);
        }
    }
    require(next == batch.observations.size() && rejected == batch.rejected, "the counts differ");
}

void compare(const traces_request& request, const model::observation_batch& batch)
{
    std::size_t next = 0;
    std::uint64_t rejected = 0;
    for (const auto& resource : request.resource_spans()) {
        for (const auto& scope : resource.scope_spans()) {
            for (const auto& span : scope.spans())
                compare_record(span, service_name(resource.resource()), batch, next, rejected);
        }
    }
    require(next == batch.observations.size() && rejected == batch.rejected, "the counts differ");
}

// The raw records can be read in full, and the cold way means the same.
void check_records(const model::observation_batch& batch, model::source source)
{
    for (const model::observation& one : batch.observations) {
        require(one.operation_index < batch.operations.size() && one.duration_ns >= 0, "an odd observation");
        require(std::size_t{one.record_offset} + one.record_bytes <= batch.bytes->size(), "a record outside the bytes");
        const model::operation_view& operation = batch.operations[one.operation_index];
        const std::string_view raw = std::string_view(*batch.bytes).substr(one.record_offset, one.record_bytes);
        const auto exchange = telemetry::parse_exchange(source, raw, operation.service);
        if (!exchange)
            continue;  // Parts that only the full reading visits may be damaged.
        require(exchange->operation == model::operation_key(operation), "hot and cold name other operations");
        require(exchange->outcome == one.outcome && exchange->start_ns == one.start_ns, "hot and cold differ");
    }
}

template <class Request, class Decode>
void run(std::string_view input, model::source source, Decode decode)
{
    static const bool quiet = (google::protobuf::SetLogHandler(nullptr), true);
    require(quiet, "");
    const auto bytes = std::make_shared<const std::string>(input);
    const auto ours = decode(bytes);
    if (ours)
        check_records(*ours, source);
    else
        require(!ours.error().reason.empty() && ours.error().offset <= input.size(), "a refusal without its place");

    Request request;
    if (!request.ParseFromString(*bytes))
        return;
    require(ours || is_our_own_rule(ours.error().reason), "only ours refuses: " + (ours ? "" : ours.error().reason));
    if (ours && !has_repeated_message(*Request::descriptor(), input))
        compare(request, *ours);
    const auto again = decode(std::make_shared<const std::string>(request.SerializeAsString()));
    require(again || is_our_own_rule(again.error().reason), "refused as the generated types write it");
    if (again)
        compare(request, *again);
}

}  // namespace

void otlp_logs(std::string_view input)
{
    run<logs_request>(input, model::source::rrpair, [](std::shared_ptr<const std::string> bytes) {
        return telemetry::decode_logs(std::move(bytes));
    });
}

void otlp_spans(std::string_view input)
{
    run<traces_request>(input, model::source::span, [](std::shared_ptr<const std::string> bytes) {
        return telemetry::decode_spans(std::move(bytes));
    });
}

}  // namespace reprise::fuzz
