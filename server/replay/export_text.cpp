#include "export_text.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/embedded.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace reprise {

std::span<const embedded_file> reproducer_files();

}  // namespace reprise

namespace reprise::replay {
namespace {

constexpr std::size_t comment_columns_max = 110;
constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || token_marks.find(c) != std::string_view::npos;
    });
}

bool is_one_line(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool is_plain_path(std::string_view path)
{
    return path.starts_with('/') && std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

refusal unsendable(const scenario_request& one, std::string_view what)
{
    return {
        errc::not_exportable, "Request " + std::to_string(one.exchange + 1) + " cannot be exported: " +
                                  std::string(what) + "; take it out or export har or rrpair."
    };
}

void replace_place(std::string& in, std::string_view place, std::string_view with)
{
    if (const auto at = in.find(place); at != std::string::npos)
        in.replace(at, place.size(), with);
}

// Long lines are broken at blanks.
void append_comment(std::string& into, std::string_view comment, std::string_view line)
{
    std::string text = in_comment(line);
    while (!text.empty()) {
        std::size_t end = text.size();
        if (end > comment_columns_max) {
            const auto blank = text.rfind(' ', comment_columns_max);
            end = blank == std::string::npos || blank == 0 ? comment_columns_max : blank;
        }
        into.append(into.empty() ? "" : "\n").append(comment).append(" ").append(text, 0, end);
        text.erase(0, std::min(text.find_first_not_of(' ', end), text.size()));
    }
}

}  // namespace

std::string_view template_of(std::string_view name)
{
    for (const embedded_file& file : reproducer_files()) {
        if (file.path == name)
            return file.bytes;
    }
    return {};
}

std::optional<refusal> find_unsendable(const reproducer& from)
{
    for (const scenario_request& one : from.what.requests) {
        if (!is_token(one.method))
            return unsendable(one, "its method is no word of HTTP");
        if (!is_plain_path(one.path))
            return unsendable(one, "its path holds bytes that cannot stand in a request line");
        for (const auto& [name, value] : one.headers) {
            if (!is_token(name))
                return unsendable(one, "the name of a header is no word of HTTP");
            if (!is_one_line(value))
                return unsendable(one, "header " + name + " holds a line break or NUL");
        }
    }
    if (from.what.requests.empty() || !is_watching(from.what))
        return refusal{errc::not_exportable, "There is nothing to export: no request whose answer is judged."};
    if (!is_one_line(from.target) || from.target.find("://") == std::string::npos)
        return refusal{errc::not_exportable, "The target of the reproducer is no URL."};
    return std::nullopt;
}

std::optional<refusal> find_unobservable(const reproducer& from, std::string_view language)
{
    if (!needs_telemetry(from.still))
        return std::nullopt;
    return refusal{
        errc::not_exportable, "Only the service itself knows its calls (calls, peak, arrivals), and a " +
                                  std::string(language) + " cannot receive its spans; export pytest, which can."
    };
}

std::string fill_template(
    std::string_view name, const reproducer& from, std::string_view comment, std::string_view data,
    std::string_view needs
)
{
    std::string head;
    append_comment(head, comment, from.title);
    append_comment(head, comment, "Made by reprise minimize. Fails while this holds: " + from.still.text);
    for (const std::string& fact : from.facts)
        append_comment(head, comment, fact);
    // Data last: it may hold anything, the names of places, too.
    std::string made(template_of(name));
    replace_place(made, "@@HEAD@@", head);
    replace_place(made, "@@NEEDS@@", needs);
    const auto at = made.find("@@DATA@@", made.find(head) + head.size());
    return at == std::string::npos ? made : made.replace(at, 8, data);
}

std::string in_comment(std::string_view text)
{
    std::string made;
    for (const char c : text)
        made += c >= ' ' && c <= '~' ? c : '?';
    // A backslash at the end would take in the next line, "@@" be taken for a place.
    std::replace(made.begin(), made.end(), '\\', '/');
    for (std::size_t at = made.find("@@"); at != std::string::npos; at = made.find("@@"))
        made.replace(at, 2, "@ ");
    return made;
}

std::size_t place_of(const scenario& what, const carried_value& value)
{
    const auto found = std::find_if(what.requests.begin(), what.requests.end(), [&](const scenario_request& one) {
        return one.exchange == value.from;
    });
    return static_cast<std::size_t>(found - what.requests.begin());
}

std::string number_text(double value)
{
    std::array<char, 40> text{};
    const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
    std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.17g", value);
    return text.data();
}

std::string seconds_text(std::int64_t ns)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.6f", static_cast<double>(ns) / static_cast<double>(ns_per_s));
    return text.data();
}

std::string_view to_text(answer_part part) noexcept
{
    switch (part) {
    case answer_part::json: return "json";
    case answer_part::header: return "header";
    case answer_part::cookie: return "cookie";
    case answer_part::text: break;
    }
    return "text";
}

}  // namespace reprise::replay
