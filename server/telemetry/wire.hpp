#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Protobuf on the wire, read in place. Everything here stays inside the bytes it was given.
namespace reprise::telemetry {

// The first thing that was wrong. Shared by all cursors over one message, so that a walk need not
// hand errors up by hand: a cursor that meets one ends, and so do its owners.
struct wire_fault {
    const char* at = nullptr;
    const char* reason = nullptr;

    explicit operator bool() const noexcept { return reason != nullptr; }
};

// A tag as it stands on the wire: field number and wire type in one number, for switches.
constexpr std::uint32_t varint_tag(std::uint32_t field) { return field << 3; }
constexpr std::uint32_t fixed64_tag(std::uint32_t field) { return field << 3 | 1; }
constexpr std::uint32_t bytes_tag(std::uint32_t field) { return field << 3 | 2; }
constexpr std::uint32_t fixed32_tag(std::uint32_t field) { return field << 3 | 5; }

struct wire_field {
    std::uint32_t tag = 0;
    std::uint64_t number = 0;    // Of varint and fixed fields.
    std::string_view bytes;      // Of length-delimited ones.
};

class wire_cursor {
public:
    wire_cursor(std::string_view bytes, wire_fault& fault) noexcept
        : at_(bytes.data()), end_(bytes.data() + bytes.size()), fault_(&fault)
    {
    }

    // The next field, or false at the end and after a fault.
    [[gnu::always_inline]] bool next(wire_field& field) noexcept
    {
        if (at_ == end_ || *fault_)
            return false;
        const auto first = static_cast<unsigned char>(*at_);
        if (first >= 8 && first < 0x80) {
            field.tag = first;
            ++at_;
        } else if (!read_long_tag(field.tag)) {
            return false;
        }
        return read_value(field);
    }

private:
    [[gnu::always_inline]] bool read_value(wire_field& field) noexcept
    {
        switch (field.tag & 7) {
        case 0: return read_varint(field.number);
        case 1: return read_fixed<std::uint64_t>(field.number);
        case 2: return read_bytes(field.bytes);
        case 5: return read_fixed<std::uint32_t>(field.number);
        case 3:
        case 4: return fail(at_, "groups are not part of OTLP");
        default: return fail(at_, "unknown wire type");
        }
    }

    [[gnu::always_inline]] bool read_varint(std::uint64_t& value) noexcept
    {
        if (end_ - at_ >= 2) {
            const auto first = static_cast<unsigned char>(at_[0]);
            const auto second = static_cast<unsigned char>(at_[1]);
            if (first < 0x80) {
                value = first;
                ++at_;
                return true;
            }
            if (second < 0x80) {
                value = (first & 0x7fU) | static_cast<unsigned>(second) << 7;
                at_ += 2;
                return true;
            }
        }
        return read_long_varint(value);
    }

    [[gnu::noinline]] bool read_long_tag(std::uint32_t& tag) noexcept
    {
        std::uint64_t value = 0;
        if (!read_long_varint(value))
            return false;
        if ((value >> 3) == 0 || value > 0xffffffff)
            return fail(at_, "field number out of range");
        tag = static_cast<std::uint32_t>(value);
        return true;
    }

    [[gnu::noinline]] bool read_long_varint(std::uint64_t& value) noexcept
    {
        value = 0;
        const char* const from = at_;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            if (at_ == end_)
                return fail(from, "varint is cut off");
            const auto byte = static_cast<unsigned char>(*at_++);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << (shift & 63);
            if (byte < 0x80)
                return true;
        }
        return fail(from, "varint is longer than ten bytes");
    }

    [[gnu::always_inline]] bool read_bytes(std::string_view& bytes) noexcept
    {
        std::uint64_t size = 0;
        const char* const from = at_;
        if (!read_varint(size))
            return false;
        if (size > static_cast<std::uint64_t>(end_ - at_))
            return fail(from, "length runs past the end");
        bytes = {at_, static_cast<std::size_t>(size)};
        at_ += size;
        return true;
    }

    template <class Word>
    [[gnu::always_inline]] bool read_fixed(std::uint64_t& value) noexcept
    {
        if (static_cast<std::size_t>(end_ - at_) < sizeof(Word))
            return fail(at_, "fixed-width number is cut off");
        Word word = 0;
        std::memcpy(&word, at_, sizeof word);
        at_ += sizeof word;
        value = word;
        return true;
    }

    [[gnu::noinline]] bool fail(const char* at, const char* reason) noexcept
    {
        at_ = end_;
        if (!*fault_)
            *fault_ = {at, reason};
        return false;
    }

    const char* at_;
    const char* end_;
    wire_fault* fault_;
};

}  // namespace reprise::telemetry
