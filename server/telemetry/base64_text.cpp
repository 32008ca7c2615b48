#include "base64_text.hpp"

#include "text_class.hpp"

#include "reprise/base/hash.hpp"

namespace reprise::telemetry {

std::optional<std::string> find_base64(std::string_view text)
{
    std::string standard;
    standard.reserve(text.size() + 2);
    for (const char c : text) {
        if (!is_space(c))
            standard += c == '-' ? '+' : c == '_' ? '/' : c;
    }
    while (standard.ends_with('='))
        standard.pop_back();
    if (standard.empty())
        return standard;
    if (standard.size() % 4 == 1 || standard.find('=') != std::string::npos)
        return std::nullopt;
    standard.append((4 - standard.size() % 4) % 4, '=');
    std::string bytes = from_base64(standard);
    return bytes.empty() ? std::nullopt : std::optional(std::move(bytes));
}

}  // namespace reprise::telemetry
