#include "json_value.hpp"

#include "wire_write.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

std::string encode_array(const json::array& array)
{
    std::string list;
    for (const json::value& item : array)
        append_bytes_field(list, 1, encode_any_value(item));
    std::string value;
    append_bytes_field(value, 5, list);
    return value;
}

std::string encode_object(const json::object& object)
{
    std::string list;
    for (const auto& [key, item] : object)
        append_bytes_field(list, 1, key_value_message(key, encode_any_value(item)));
    std::string value;
    append_bytes_field(value, 6, list);
    return value;
}

json::value decode_nested(const any_value& value, std::size_t depth, wire_fault& fault)
{
    if (depth > value_depth_max) {
        if (!fault)
            fault = {value.bytes.data(), "values are nested too deeply"};
        return nullptr;
    }
    switch (value.kind) {
    case value_kind::text: return json::value(json::string(value.bytes));
    case value_kind::boolean: return value.number != 0;
    case value_kind::integer: return value.integer();
    case value_kind::real: return value.real();
    case value_kind::bytes: return json::value(json::string(to_base64(value.bytes)));
    case value_kind::none: return nullptr;
    case value_kind::array: {
        json::array array;
        wire_cursor cursor(value.bytes, fault);
        for (wire_field field; cursor.next(field);) {
            if (field.tag == bytes_tag(1))
                array.push_back(decode_nested(read_any_value(field.bytes, fault), depth + 1, fault));
        }
        return array;
    }
    case value_kind::kvlist: {
        json::object object;
        for_each_pair(value.bytes, fault, [&](std::string_view key, std::string_view item) {
            object[key] = decode_nested(read_any_value(item, fault), depth + 1, fault);
        });
        return object;
    }
    }
    return nullptr;
}

}  // namespace

boost::system::result<json::value> parse_json(std::string_view text, std::size_t* offset)
{
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::stream_parser parser({}, options);
    boost::system::error_code bad;
    const std::size_t read = parser.write(text.data(), text.size(), bad);
    if (!bad)
        parser.finish(bad);
    if (offset != nullptr)
        *offset = read;
    if (bad)
        return bad;
    return parser.release();
}

std::string encode_any_value(const json::value& value)
{
    std::string out;
    switch (value.kind()) {
    case json::kind::string: return text_value(value.get_string());
    case json::kind::bool_: append_varint_field(out, 2, value.get_bool() ? 1 : 0); break;
    case json::kind::int64: append_varint_field(out, 3, static_cast<std::uint64_t>(value.get_int64())); break;
    case json::kind::uint64: append_fixed_field(out, 4, static_cast<double>(value.get_uint64())); break;
    case json::kind::double_: append_fixed_field(out, 4, value.get_double()); break;
    case json::kind::array: return encode_array(value.get_array());
    case json::kind::object: return encode_object(value.get_object());
    case json::kind::null: break;
    }
    return out;
}

json::value decode_any_value(const any_value& value, wire_fault& fault)
{
    return decode_nested(value, 0, fault);
}

}  // namespace reprise::telemetry
