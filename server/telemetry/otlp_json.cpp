#include "reprise/telemetry/otlp_json.hpp"

#include "base64_text.hpp"
#include "json_value.hpp"
#include "number_text.hpp"
#include "otlp_schema.hpp"
#include "wire_write.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>
#include <limits>
#include <optional>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

// What is wrong and where; the place is put together from the inside out.
struct json_fault {
    std::string place;
    std::string reason;
};
using fault = std::optional<json_fault>;

fault complain(std::string reason)
{
    return json_fault{{}, std::move(reason)};
}

fault encode_message(std::string& out, const json::value& value, const json_message& schema);

template <class Integer>
std::optional<Integer> find_json_integer(const json::value& value)
{
    if (const auto* text = value.if_string())
        return find_number<Integer>(*text);
    if (const auto* number = value.if_double()) {
        // 1e3 is an integer, too. The greatest one may have no exact double, one more than it has.
        const double limit = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
        const bool fits = *number >= (std::is_signed_v<Integer> ? -limit : 0.0) && *number < limit;
        return fits && std::nearbyint(*number) == *number ? std::optional<Integer>(static_cast<Integer>(*number))
                                                          : std::nullopt;
    }
    boost::system::error_code bad;
    const auto number = value.to_number<Integer>(bad);
    return bad ? std::nullopt : std::optional<Integer>(number);
}

fault encode_id(std::string& out, const json::value& value, const json_field& field, std::size_t id_bytes)
{
    const auto* text = value.if_string();
    if (text == nullptr)
        return complain("is not a string");
    if (text->empty())
        return std::nullopt;
    const std::string id = from_hex(*text);
    if (id.empty())
        return complain("is not hex");
    if (id.size() != id_bytes)
        return complain("is not " + std::to_string(2 * id_bytes) + " hex digits");
    append_bytes_field(out, field.number, id);
    return std::nullopt;
}

fault encode_base64(std::string& out, const json::value& value, const json_field& field)
{
    const auto* text = value.if_string();
    const auto bytes = text != nullptr ? find_base64(*text) : std::nullopt;  // As protobuf's JSON reads it.
    if (!bytes)
        return complain("is not base64 text");
    append_bytes_field(out, field.number, *bytes);
    return std::nullopt;
}

fault encode_signed(std::string& out, const json::value& value, const json_field& field)
{
    const auto number = find_json_integer<std::int64_t>(value);
    if (!number)
        return complain("is not a 64-bit integer");
    if (field.form == json_form::sfixed64) {
        append_fixed_field(out, field.number, *number);
        return std::nullopt;
    }
    if (field.form == json_form::zigzag) {
        const auto narrow = static_cast<std::int32_t>(*number);
        if (narrow != *number)
            return complain("does not fit into 32 bits");
        const auto bits = static_cast<std::uint32_t>(narrow);
        append_varint_field(out, field.number, (bits << 1) ^ (narrow < 0 ? ~0U : 0U));
        return std::nullopt;
    }
    append_varint_field(out, field.number, static_cast<std::uint64_t>(*number));
    return std::nullopt;
}

fault encode_enumeration(std::string& out, const json::value& value, const json_field& field)
{
    const auto number = value.is_number() ? find_json_integer<std::int32_t>(value) : std::nullopt;
    if (!number)
        return complain("is not the number of an enum value");
    append_varint_field(out, field.number, static_cast<std::uint64_t>(std::int64_t{*number}));
    return std::nullopt;
}

fault encode_unsigned(std::string& out, const json::value& value, const json_field& field)
{
    const auto number = find_json_integer<std::uint64_t>(value);
    if (!number)
        return complain("is not an unsigned 64-bit integer");
    if (field.form == json_form::fixed64) {
        append_fixed_field(out, field.number, *number);
        return std::nullopt;
    }
    if (*number > std::numeric_limits<std::uint32_t>::max())
        return complain("does not fit into 32 bits");
    append_fixed_field(out, field.number, static_cast<std::uint32_t>(*number));
    return std::nullopt;
}

std::optional<double> find_json_real(const json::value& value)
{
    if (value.is_number())
        return value.to_number<double>();
    const auto* text = value.if_string();
    if (text == nullptr)
        return std::nullopt;
    if (*text == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (*text == "Infinity")
        return std::numeric_limits<double>::infinity();
    if (*text == "-Infinity")
        return -std::numeric_limits<double>::infinity();
    return find_number<double>(*text);
}

fault encode_real(std::string& out, const json::value& value, const json_field& field)
{
    const auto number = find_json_real(value);
    if (!number)
        return complain("is not a number");
    append_fixed_field(out, field.number, *number);
    return std::nullopt;
}

// A packed list of numbers; null and an empty list are the same as none.
fault encode_numbers(std::string& out, const json::value& value, const json_field& field)
{
    const auto* list = value.if_array();
    if (list == nullptr)
        return complain("is not an array");
    std::string packed;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const json::value& item = (*list)[i];
        const auto real = field.form == json_form::real_list ? find_json_real(item) : std::nullopt;
        const auto whole = field.form != json_form::real_list ? find_json_integer<std::uint64_t>(item) : std::nullopt;
        if (real)
            append_word(packed, *real);
        else if (whole && field.form == json_form::fixed64_list)
            append_word(packed, *whole);
        else if (whole)
            append_varint(packed, *whole);
        else
            return json_fault{"[" + std::to_string(i) + "]", "is not a number that may stand there"};
    }
    if (!packed.empty())
        append_bytes_field(out, field.number, packed);
    return std::nullopt;
}

fault encode_list(std::string& out, const json::value& value, const json_field& field)
{
    const auto* list = value.if_array();
    if (list == nullptr)
        return complain("is not an array");
    for (std::size_t i = 0; i < list->size(); ++i) {
        std::string item;
        if (auto bad = encode_message(item, (*list)[i], *field.inner)) {
            bad->place.insert(0, "[" + std::to_string(i) + "]");
            return bad;
        }
        append_bytes_field(out, field.number, item);
    }
    return std::nullopt;
}

fault encode_field(std::string& out, const json::value& value, const json_field& field)
{
    switch (field.form) {
    case json_form::text: {
        const auto* text = value.if_string();
        if (text == nullptr)
            return complain("is not a string");
        append_bytes_field(out, field.number, *text);
        return std::nullopt;
    }
    case json_form::base64: return encode_base64(out, value, field);
    case json_form::trace_id: return encode_id(out, value, field, 16);
    case json_form::span_id: return encode_id(out, value, field, 8);
    case json_form::varint:
    case json_form::zigzag:
    case json_form::sfixed64: return encode_signed(out, value, field);
    case json_form::enumeration: return encode_enumeration(out, value, field);
    case json_form::fixed64:
    case json_form::fixed32: return encode_unsigned(out, value, field);
    case json_form::boolean: {
        const auto* truth = value.if_bool();
        if (truth == nullptr)
            return complain("is neither true nor false");
        append_varint_field(out, field.number, *truth ? 1 : 0);
        return std::nullopt;
    }
    case json_form::real: return encode_real(out, value, field);
    case json_form::message: {
        std::string message;
        if (auto bad = encode_message(message, value, *field.inner))
            return bad;
        append_bytes_field(out, field.number, message);
        return std::nullopt;
    }
    case json_form::list: return encode_list(out, value, field);
    case json_form::fixed64_list:
    case json_form::varint_list:
    case json_form::real_list: return encode_numbers(out, value, field);
    }
    return std::nullopt;
}

fault encode_message(std::string& out, const json::value& value, const json_message& schema)
{
    const auto* object = value.if_object();
    if (object == nullptr)
        return complain("is not an object");
    for (const json_field& field : schema.fields) {
        const json::value* inner = object->if_contains(field.name);
        if (inner == nullptr || inner->is_null())
            continue;
        if (auto bad = encode_field(out, *inner, field)) {
            bad->place.insert(0, "." + std::string(field.name));
            return bad;
        }
    }
    return std::nullopt;
}

const json_message& schema_of(otlp_request kind)
{
    switch (kind) {
    case otlp_request::logs: return export_logs_schema;
    case otlp_request::traces: return export_traces_schema;
    case otlp_request::metrics: break;
    }
    return export_metrics_schema;
}

// Told by the one list that is there.
std::optional<otlp_request> find_kind(const json::value& value)
{
    const auto* object = value.if_object();
    std::optional<otlp_request> kind;
    for (const otlp_request one : {otlp_request::logs, otlp_request::traces, otlp_request::metrics}) {
        if (object == nullptr || !object->contains(schema_of(one).fields[0].name))
            continue;
        if (kind)
            return std::nullopt;
        kind = one;
    }
    return kind;
}

decode_result<std::string> encode_value(otlp_request kind, const json::value& value)
{
    std::string bytes;
    if (const auto bad = encode_message(bytes, value, schema_of(kind))) {
        const std::string place = bad->place.empty() ? "the request" : bad->place.substr(1);
        return decode_error{0, place + " " + bad->reason};
    }
    return bytes;
}

}  // namespace

decode_result<std::string> encode_otlp_json(otlp_request kind, std::string_view json)
{
    std::size_t offset = 0;
    const auto value = parse_json(json, &offset);
    if (!value)
        return decode_error{offset, "not JSON: " + value.error().message()};
    return encode_value(kind, *value);
}

decode_result<otlp_message> encode_otlp_json_line(std::string_view line)
{
    std::size_t offset = 0;
    const auto value = parse_json(line, &offset);
    if (!value)
        return decode_error{offset, "not JSON: " + value.error().message()};
    const auto kind = find_kind(*value);
    if (!kind)
        return decode_error{0, "not an object with one of resourceLogs, resourceSpans and resourceMetrics"};
    auto bytes = encode_value(*kind, *value);
    if (!bytes)
        return bytes.error();
    return otlp_message{*kind, std::move(*bytes)};
}

}  // namespace reprise::telemetry
