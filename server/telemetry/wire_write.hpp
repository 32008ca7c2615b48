#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Protobuf written by appending. `field` is the field number.
namespace reprise::telemetry {

inline void append_varint(std::string& out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

inline void append_varint_field(std::string& out, std::uint32_t field, std::uint64_t value)
{
    append_varint(out, field << 3);
    append_varint(out, value);
}

template <class Word>
void append_word(std::string& out, Word value)
{
    char bytes[sizeof(Word)];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof bytes);
}

template <class Word>
void append_fixed_field(std::string& out, std::uint32_t field, Word value)
{
    append_varint(out, field << 3 | (sizeof(Word) == 8 ? 1 : 5));
    append_word(out, value);
}

inline void append_bytes_field(std::string& out, std::uint32_t field, std::string_view bytes)
{
    append_varint(out, field << 3 | 2);
    append_varint(out, bytes.size());
    out.append(bytes);
}

// An AnyValue with text, and a KeyValue around a finished AnyValue.
inline std::string text_value(std::string_view text)
{
    std::string value;
    append_bytes_field(value, 1, text);
    return value;
}

inline std::string key_value_message(std::string_view key, std::string_view value)
{
    std::string pair;
    append_bytes_field(pair, 1, key);
    append_bytes_field(pair, 2, value);
    return pair;
}

}  // namespace reprise::telemetry
