#include "replay_headers.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace reprise::app {
namespace {

constexpr std::size_t value_bytes_max = 16 * 1024;

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::optional<std::pair<std::string, std::string>> split(const std::string& text)
{
    const auto colon = text.find(": ");
    if (colon == std::string::npos || colon == 0 || colon + 2 == text.size())
        return std::nullopt;
    return std::pair(text.substr(0, colon), text.substr(colon + 2));
}

bool is_ours(std::string_view name)
{
    return equal_ignoring_case(name, "X-Replay") || equal_ignoring_case(name, "traceparent");
}

std::optional<std::string> read_value(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::string value((std::istreambuf_iterator<char>(stream)), {});
    if (!stream || value.size() > value_bytes_max)
        return std::nullopt;
    while (value.ends_with('\n') || value.ends_with('\r'))
        value.pop_back();
    const bool clean = std::all_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
    });
    return clean && !value.empty() ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace

std::variant<model::header_list, std::string> parse_headers(
    const std::vector<std::string>& headers, const std::vector<std::string>& header_files
)
{
    model::header_list made;
    for (const std::string& text : headers) {
        auto header = split(text);
        if (!header)
            return "--header '" + text + "' must be 'Name: value'";
        made.push_back(std::move(*header));
    }
    for (const std::string& text : header_files) {
        auto header = split(text);
        if (!header)
            return "--header-file '" + text + "' must be 'Name: FILE'";
        auto value = read_value(header->second);
        if (!value)
            return "--header-file: " + header->second +
                   " must hold one line of at most 16 KiB and be readable by this user";
        made.emplace_back(std::move(header->first), std::move(*value));
    }
    for (const auto& [name, value] : made) {
        if (is_ours(name))
            return "--header " + name + " cannot be set: it marks replayed requests, which must not count as traffic";
    }
    return made;
}

}  // namespace reprise::app
