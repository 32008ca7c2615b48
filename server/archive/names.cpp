#include "names.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"

#include <array>
#include <cstdio>

namespace reprise::archive {
namespace {

constexpr std::size_t component_bytes_max = 100;

bool is_kept(char one) noexcept
{
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '.'
        || one == '_' || one == '-';
}

// The nine digits after the second, also for times before 1970.
std::string nanoseconds(std::int64_t time_ns)
{
    const std::int64_t rest = time_ns % ns_per_s;
    std::array<char, 16> digits{};
    std::snprintf(
        digits.data(), digits.size(), "%09lld", static_cast<long long>(rest < 0 ? rest + ns_per_s : rest)
    );
    return digits.data();
}

}  // namespace

std::string exact_time(std::int64_t time_ns)
{
    const std::string text = format_rfc3339(time_ns);
    return text.substr(0, text.find('.') + 1) + nanoseconds(time_ns) + "Z";
}

std::string compact_time(std::int64_t time_ns)
{
    std::string compact;
    for (const char one : exact_time(time_ns)) {
        if (one != '-' && one != ':')
            compact += one;
    }
    return compact;
}

bool is_entry_name(std::string_view name, std::size_t bytes_max) noexcept
{
    if (name.empty() || name.size() > bytes_max)
        return false;
    for (const char one : name) {
        if (one <= ' ' || one > '~' || one == '\\')
            return false;
    }
    while (true) {
        const auto slash = name.find('/');
        const std::string_view part = name.substr(0, slash);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (slash == std::string_view::npos)
            return true;
        name.remove_prefix(slash + 1);
    }
}

std::string escape_name(std::string_view name)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    if (name.empty())
        return "%";
    std::string escaped;
    for (const char one : name) {
        if (is_kept(one) && !(one == '.' && escaped.empty())) {
            escaped += one;
            continue;
        }
        const auto byte = static_cast<unsigned char>(one);
        escaped += '%';
        escaped += digits[byte >> 4U];
        escaped += digits[byte & 0x0FU];
    }
    if (escaped.size() > component_bytes_max)
        escaped = escaped.substr(0, component_bytes_max - 17) + "~" + sha256_hex(name).substr(0, 16);
    return escaped;
}

std::string bundle_path(std::string_view service, std::string_view fingerprint, std::int64_t window_start_ns)
{
    return "evidence/" + escape_name(service) + "/" + escape_name(fingerprint) + "/" + compact_time(window_start_ns)
        + ".tar.gz";
}

std::string findings_path(std::string_view service, std::int64_t window_start_ns)
{
    return "findings/" + escape_name(service) + "/" + compact_time(window_start_ns) + ".json";
}

}  // namespace reprise::archive
