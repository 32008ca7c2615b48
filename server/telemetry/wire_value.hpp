#pragma once

#include "wire.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace reprise::telemetry {

enum class value_kind : std::uint8_t { none, text, boolean, integer, real, array, kvlist, bytes };

// An AnyValue, seen in place. `bytes` holds text and bytes themselves, and the inner message of array
// and kvlist; `number` holds the bits of the rest.
struct any_value {
    value_kind kind = value_kind::none;
    std::uint64_t number = 0;
    std::string_view bytes;

    std::string_view text() const noexcept { return kind == value_kind::text ? bytes : std::string_view(); }
    double real() const noexcept { return std::bit_cast<double>(number); }
    std::int64_t integer() const noexcept { return static_cast<std::int64_t>(number); }
};

// A KeyValue whose value is still to be read: most keys are not ours.
struct key_value {
    std::string_view key;
    std::string_view value;  // An AnyValue message.
};

// Any order of fields, repeated ones: the last counts.
any_value read_odd_any_value(std::string_view message, wire_fault& fault) noexcept;
key_value read_odd_key_value(std::string_view message, wire_fault& fault) noexcept;

// A length of one or two bytes at `at`, which moves behind it. Longer ones: false.
[[gnu::always_inline]] inline bool read_short_length(const char*& at, const char* end, std::size_t& length) noexcept
{
    if (end - at < 2)
        return false;
    length = static_cast<unsigned char>(*at++);
    if (length < 0x80)
        return true;
    const auto second = static_cast<unsigned char>(*at++);
    length = (length & 0x7f) | static_cast<std::size_t>(second) << 7;
    return second < 0x80;
}

// What every sender writes, one field that fills the message, is read without a loop.
[[gnu::always_inline]] inline any_value read_any_value(std::string_view message, wire_fault& fault) noexcept
{
    if (message.size() < 3)
        return read_odd_any_value(message, fault);
    const char* at = message.data();
    const char* const end = at + message.size();
    const char tag = *at++;
    if (tag == bytes_tag(1) || tag == bytes_tag(6) || tag == bytes_tag(5)) {
        std::size_t length = 0;
        if (read_short_length(at, end, length) && length == static_cast<std::size_t>(end - at)) {
            const value_kind kind = tag == bytes_tag(1)   ? value_kind::text
                                    : tag == bytes_tag(6) ? value_kind::kvlist
                                                          : value_kind::array;
            return {kind, 0, {at, length}};
        }
    } else if (tag == varint_tag(3) && message.size() == 3) {
        const unsigned low = static_cast<unsigned char>(at[0]);
        const unsigned high = static_cast<unsigned char>(at[1]);
        if (low >= 0x80 && high < 0x80)
            return {value_kind::integer, (low & 0x7f) | high << 7, {}};
    } else if (tag == fixed64_tag(4) && message.size() == 9) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        return {value_kind::real, bits, {}};
    }
    return read_odd_any_value(message, fault);
}

[[gnu::always_inline]] inline key_value read_key_value(std::string_view message, wire_fault& fault) noexcept
{
    if (message.size() >= 4) {
        const char* at = message.data();
        const char* const end = at + message.size();
        const std::size_t key_bytes = static_cast<unsigned char>(at[1]);
        if (at[0] == bytes_tag(1) && key_bytes < 0x80 && key_bytes + 3 < message.size() &&
            at[2 + key_bytes] == bytes_tag(2)) {
            const std::string_view key(at + 2, key_bytes);
            std::size_t length = 0;
            at += 3 + key_bytes;
            if (read_short_length(at, end, length) && length == static_cast<std::size_t>(end - at))
                return {key, {at, length}};
        }
    }
    return read_odd_key_value(message, fault);
}

// Calls visit(key, value message) for each pair of a KeyValueList.
template <class Visit>
[[gnu::always_inline]] inline void for_each_pair(std::string_view kvlist, wire_fault& fault, Visit visit)
{
    wire_cursor cursor(kvlist, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag != bytes_tag(1))
            continue;
        const key_value pair = read_key_value(field.bytes, fault);
        visit(pair.key, pair.value);
    }
}

// The text itself, or the first text of an array (header values come as either).
inline std::string_view first_text(const any_value& value, wire_fault& fault) noexcept
{
    if (value.kind != value_kind::array)
        return value.text();
    wire_cursor cursor(value.bytes, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(1))
            return read_any_value(field.bytes, fault).text();
    }
    return {};
}

// With the length known at compile time, the comparison is a few instructions.
template <std::size_t Size>
[[gnu::always_inline]] inline bool is_key(std::string_view key, const char (&name)[Size]) noexcept
{
    return key.size() == Size - 1 && std::memcmp(key.data(), name, Size - 1) == 0;
}

// Header names come in any case; `name` is lower case.
inline bool is_same_name(std::string_view text, std::string_view name) noexcept
{
    if (text.size() != name.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != name[i])
            return false;
    }
    return true;
}

}  // namespace reprise::telemetry
