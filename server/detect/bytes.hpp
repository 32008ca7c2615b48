#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::detect {

// Little-endian base-128 numbers and fixed 32/64-bit values: the layout of stored sketches and baselines.
class byte_writer {
public:
    void put_byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
    void put_number(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7)
            put_byte(static_cast<std::uint8_t>(value | 0x80));
        put_byte(static_cast<std::uint8_t>(value));
    }
    template <class Bits>
    void put_fixed(Bits bits)
    {
        for (unsigned shift = 0; shift < 8 * sizeof(Bits); shift += 8)
            put_byte(static_cast<std::uint8_t>(bits >> shift));
    }
    void put_double(double value) { put_fixed(std::bit_cast<std::uint64_t>(value)); }
    void put_float(float value) { put_fixed(std::bit_cast<std::uint32_t>(value)); }
    void put_text(std::string_view text)
    {
        put_number(text.size());
        bytes_.append(text);
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Reads what byte_writer wrote. After the first thing that is not there every answer is zero and failed() is true.
class byte_reader {
public:
    explicit byte_reader(std::string_view bytes) : left_(bytes) {}

    bool failed() const noexcept { return failed_; }
    bool at_end() const noexcept { return left_.empty(); }

    std::uint8_t take_byte()
    {
        if (left_.empty()) {
            failed_ = true;
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return value;
    }
    std::uint64_t take_number(std::uint64_t max = UINT64_MAX)
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint8_t byte = take_byte();
            const std::uint64_t part = byte & 0x7fU;
            if (shift == 63 && part > 1)
                break;
            value |= part << shift;
            if (byte < 0x80)
                return value <= max && !failed_ ? value : fail();
        }
        return fail();
    }
    std::int64_t take_time() { return static_cast<std::int64_t>(take_number(INT64_MAX)); }
    template <class Bits>
    Bits take_fixed()
    {
        Bits bits = 0;
        for (unsigned shift = 0; shift < 8 * sizeof(Bits); shift += 8)
            bits |= static_cast<Bits>(static_cast<Bits>(take_byte()) << shift);
        return bits;
    }
    double take_double() { return std::bit_cast<double>(take_fixed<std::uint64_t>()); }
    float take_float() { return std::bit_cast<float>(take_fixed<std::uint32_t>()); }
    std::string_view take_text(std::size_t bytes_max)
    {
        const auto size = static_cast<std::size_t>(take_number(bytes_max));
        if (failed_ || size > left_.size()) {
            failed_ = true;
            return {};
        }
        const std::string_view text = left_.substr(0, size);
        left_.remove_prefix(size);
        return text;
    }

private:
    std::uint64_t fail() noexcept
    {
        failed_ = true;
        return 0;
    }

    std::string_view left_;
    bool failed_ = false;
};

}  // namespace reprise::detect
