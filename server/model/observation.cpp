#include "reprise/model/observation.hpp"

namespace reprise::model {
namespace {

std::string hex64(std::uint64_t value)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; value >>= 4)
        text[i] = digits[value & 15];
    return text;
}

bool parse_hex64(std::string_view hex, std::uint64_t& value) noexcept
{
    value = 0;
    for (const char c : hex) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            digit = static_cast<unsigned>(c - 'A' + 10);
        else
            return false;
        value = value << 4 | digit;
    }
    return hex.size() == 16;
}

}  // namespace

std::string to_hex(const trace_id& id)
{
    return id ? hex64(id.high) + hex64(id.low) : std::string();
}

trace_id parse_trace_id(std::string_view hex) noexcept
{
    trace_id id;
    if (hex.size() != 32 || !parse_hex64(hex.substr(0, 16), id.high) || !parse_hex64(hex.substr(16), id.low))
        return {};
    return id;
}

std::string span_to_hex(std::uint64_t id)
{
    return id != 0 ? hex64(id) : std::string();
}

std::uint64_t parse_span_id(std::string_view hex) noexcept
{
    std::uint64_t id = 0;
    return parse_hex64(hex, id) ? id : 0;
}

}  // namespace reprise::model
