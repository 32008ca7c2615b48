#include "wire_value.hpp"

namespace reprise::telemetry {

any_value read_odd_any_value(std::string_view message, wire_fault& fault) noexcept
{
    any_value value;
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case bytes_tag(1): value = {value_kind::text, 0, field.bytes}; break;
        case varint_tag(2): value = {value_kind::boolean, field.number, {}}; break;
        case varint_tag(3): value = {value_kind::integer, field.number, {}}; break;
        case fixed64_tag(4): value = {value_kind::real, field.number, {}}; break;
        case bytes_tag(5): value = {value_kind::array, 0, field.bytes}; break;
        case bytes_tag(6): value = {value_kind::kvlist, 0, field.bytes}; break;
        case bytes_tag(7): value = {value_kind::bytes, 0, field.bytes}; break;
        default: break;
        }
    }
    return value;
}

key_value read_odd_key_value(std::string_view message, wire_fault& fault) noexcept
{
    key_value pair;
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(1))
            pair.key = field.bytes;
        else if (field.tag == bytes_tag(2))
            pair.value = field.bytes;
    }
    return pair;
}

}  // namespace reprise::telemetry
