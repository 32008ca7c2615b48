#include "reprise/telemetry/otlp_span_write.hpp"

#include "wire_write.hpp"

#include <bit>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t kind_internal = 1;
constexpr std::uint64_t status_error = 2;

// Ids stand on the wire as bytes, the highest first.
void append_big_endian(std::string& out, std::uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift);
}

std::string value_message(const attribute_value& value)
{
    std::string out;
    if (const auto* text = std::get_if<std::string>(&value))
        append_bytes_field(out, 1, *text);
    else if (const auto* flag = std::get_if<bool>(&value))
        append_varint_field(out, 2, *flag ? 1 : 0);
    else if (const auto* number = std::get_if<std::int64_t>(&value))
        append_varint_field(out, 3, static_cast<std::uint64_t>(*number));
    else
        append_fixed_field(out, 4, std::bit_cast<std::uint64_t>(std::get<double>(value)));
    return out;
}

void append_attributes(std::string& out, std::uint32_t field, const std::vector<sent_attribute>& attributes)
{
    for (const sent_attribute& one : attributes)
        append_bytes_field(out, field, key_value_message(one.key, value_message(one.value)));
}

std::string event_message(const sent_event& event)
{
    std::string out;
    append_fixed_field(out, 1, static_cast<std::uint64_t>(event.time_ns));
    append_bytes_field(out, 2, event.name);
    append_attributes(out, 3, event.attributes);
    return out;
}

std::string status_of(const sent_span& one)
{
    std::string out;
    if (!one.status_message.empty())
        append_bytes_field(out, 2, one.status_message);
    append_varint_field(out, 3, status_error);
    return out;
}

}  // namespace

std::string encode_span(const sent_span& one)
{
    std::string out;
    std::string id;
    append_big_endian(id, one.trace.high);
    append_big_endian(id, one.trace.low);
    append_bytes_field(out, 1, id);
    id.clear();
    append_big_endian(id, one.id);
    append_bytes_field(out, 2, id);
    if (one.parent != 0) {
        id.clear();
        append_big_endian(id, one.parent);
        append_bytes_field(out, 4, id);
    }
    append_bytes_field(out, 5, one.name);
    append_varint_field(out, 6, kind_internal);
    append_fixed_field(out, 7, static_cast<std::uint64_t>(one.start_ns));
    append_fixed_field(out, 8, static_cast<std::uint64_t>(one.end_ns));
    append_attributes(out, 9, one.attributes);
    for (const sent_event& event : one.events)
        append_bytes_field(out, 11, event_message(event));
    if (one.failed)
        append_bytes_field(out, 15, status_of(one));
    return out;
}

std::string encode_traces_request(const span_sender& from, std::span<const std::string> spans)
{
    std::string resource;
    append_attributes(resource, 1, from.resource);
    std::string scope;
    append_bytes_field(scope, 1, from.scope);
    std::string scope_spans;
    append_bytes_field(scope_spans, 1, scope);
    for (const std::string& one : spans)
        append_bytes_field(scope_spans, 2, one);
    std::string resource_spans;
    append_bytes_field(resource_spans, 1, resource);
    append_bytes_field(resource_spans, 2, scope_spans);
    std::string out;
    append_bytes_field(out, 1, resource_spans);
    return out;
}

}  // namespace reprise::telemetry
