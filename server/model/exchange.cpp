#include "reprise/model/exchange.hpp"

#include <algorithm>

namespace reprise::model {
namespace {

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view find_header(const header_list& headers, std::string_view name) noexcept
{
    for (const auto& [key, value] : headers) {
        if (same_name(key, name))
            return value;
    }
    return {};
}

}  // namespace reprise::model
