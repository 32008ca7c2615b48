#include "reprise/telemetry/otlp_decode.hpp"

#include "log_record.hpp"
#include "operation_table.hpp"
#include "span_record.hpp"
#include "utf8.hpp"
#include "wire_value.hpp"

#include "reprise/base/hash.hpp"

#include <optional>
#include <utility>

namespace reprise::telemetry {
namespace {

// Both requests are built alike: resources (1) of scopes (2) of records (2).
constexpr std::uint32_t resource_list_tag = bytes_tag(1);
constexpr std::uint32_t resource_tag = bytes_tag(1);
constexpr std::uint32_t scope_list_tag = bytes_tag(2);
constexpr std::uint32_t record_tag = bytes_tag(2);

template <class Visit>
void for_each(std::string_view message, std::uint32_t tag, wire_fault& fault, Visit visit)
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == tag)
            visit(field.bytes);
    }
}

std::size_t count_records(std::string_view request, wire_fault& fault)
{
    std::size_t count = 0;
    for_each(request, resource_list_tag, fault, [&](std::string_view resource) {
        for_each(resource, scope_list_tag, fault, [&](std::string_view scope) {
            for_each(scope, record_tag, fault, [&](std::string_view) { ++count; });
        });
    });
    return count;
}

struct resource_names {
    std::string_view service;
    std::string_view version;  // Empty: not said.
};

resource_names read_resource(std::string_view resource_entry, wire_fault& fault)
{
    resource_names names;
    for_each(resource_entry, resource_tag, fault, [&](std::string_view resource) {
        for_each(resource, bytes_tag(1), fault, [&](std::string_view attribute) {
            const key_value pair = read_key_value(attribute, fault);
            if (pair.key == "service.name")
                names.service = read_any_value(pair.value, fault).text();
            else if (pair.key == "service.version")
                names.version = read_any_value(pair.value, fault).text();
        });
    });
    if (!fault && !is_utf8(names.version))
        fault = {names.version.data(), "the service version is not UTF-8"};
    if (names.version.size() > version_bytes_max)
        names.version = {};
    return names;
}

// What tells "same arguments" from others. A parameterised statement hides its arguments: 0, nobody knows.
std::uint64_t detail_hash(const call_view& call, std::uint64_t target_hash) noexcept
{
    if (call.detail.empty())
        return 0;
    const auto holds = [&call](char c) { return call.detail.find(c) != std::string_view::npos; };
    if ((call.form == target_form::sql || call.form == target_form::sql_step) && (holds('?') || holds('$')))
        return 0;
    const bool is_target = call.detail.data() == call.target.data() && call.detail.size() == call.target.size();
    const std::uint64_t hash = is_target ? target_hash : hash64(call.detail);
    return call.query.empty() ? hash : hash64(call.query, hash);
}

class batch_builder {
public:
    batch_builder(model::observation_batch& batch, wire_fault& fault)
        : batch_(batch), fault_(fault), operations_(batch)
    {
    }

    void add_log(std::string_view record, std::string_view service)
    {
        log_fields fields;
        read_log_record(record, fields, fault_);
        add(record, fields, service);
    }

    void add_span(std::string_view record, std::string_view service)
    {
        span_fields fields;
        read_span(record, fields, fault_);
        add(record, fields, service);
    }

    // All observations since the last resource were reported by this version of their service.
    void end_resource(std::string_view version)
    {
        const auto first = std::exchange(resource_begin_, static_cast<std::uint32_t>(batch_.observations.size()));
        if (!version.empty() && first < resource_begin_)
            batch_.versions.push_back({version, first, resource_begin_ - first});
    }

private:
    template <class Fields>
    void add(std::string_view record, const Fields& fields, std::string_view service)
    {
        if (fault_)
            return;
        call_view call;
        if (const auto bad = interpret(fields, service, call)) {
            if (batch_.rejected++ == 0)
                batch_.rejected_reason = to_text(*bad);
            return;
        }
        const std::uint64_t target_hash = hash64(call.target);
        const operation_table::entry operation = operations_.find_or_add(call, target_hash, fault_);
        if (fault_)
            return;
        model::observation& seen = batch_.observations.emplace_back();
        seen.operation = operation.id;
        seen.operation_index = operation.index;
        seen.outcome = call.outcome;
        seen.replayed = call.replayed;
        seen.status = call.status;
        seen.start_ns = call.start_ns;
        seen.duration_ns = call.duration_ns;
        seen.trace = call.trace;
        seen.span = call.span;
        seen.parent_span = call.parent_span;
        seen.detail_hash = detail_hash(call, target_hash);
        seen.record_offset = static_cast<std::uint32_t>(record.data() - batch_.bytes->data());
        seen.record_bytes = static_cast<std::uint32_t>(record.size());
    }

    model::observation_batch& batch_;
    wire_fault& fault_;
    operation_table operations_;
    std::uint32_t resource_begin_ = 0;
};

using add_record = void (batch_builder::*)(std::string_view, std::string_view);

decode_error describe(const wire_fault& fault, std::string_view bytes)
{
    return {static_cast<std::size_t>(fault.at - bytes.data()), fault.reason};
}

template <add_record add>
decode_result<model::observation_batch> decode(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits
)
{
    const std::string_view request = *bytes;
    if (request.size() > limits.request_bytes_max)
        return decode_error{0, "the request is longer than " + std::to_string(limits.request_bytes_max) + " bytes"};
    wire_fault fault;
    const std::size_t count = count_records(request, fault);
    if (fault)
        return describe(fault, request);
    if (count > limits.records_max)
        return decode_error{0, "more than " + std::to_string(limits.records_max) + " records; send smaller batches"};

    model::observation_batch batch;
    batch.bytes = std::move(bytes);
    batch.observations.reserve(count);
    batch_builder builder(batch, fault);
    for_each(request, resource_list_tag, fault, [&](std::string_view resource) {
        const resource_names names = read_resource(resource, fault);
        for_each(resource, scope_list_tag, fault, [&](std::string_view scope) {
            for_each(scope, record_tag, fault, [&](std::string_view record) { (builder.*add)(record, names.service); });
        });
        builder.end_resource(names.version);
    });
    if (fault)
        return describe(fault, request);
    return batch;
}

}  // namespace

decode_result<model::observation_batch> decode_logs(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits
)
{
    return decode<&batch_builder::add_log>(std::move(bytes), limits);
}

decode_result<model::observation_batch> decode_spans(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits
)
{
    return decode<&batch_builder::add_span>(std::move(bytes), limits);
}

}  // namespace reprise::telemetry
