#include "log_event.hpp"
#include "log_fields.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace reprise::ingest {
namespace {

constexpr std::size_t stack_lines_max = 200;

bool is_word(char one) noexcept
{
    return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '_';
}

// "TypeError", "java.io.IOException" -> the last part; a capital, then letters, then an ending that names an error.
std::string_view find_error_name(std::string_view text) noexcept
{
    constexpr std::array<std::string_view, 3> endings = {"Error", "Exception", "Fault"};
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = at;
        while (at < text.size() && is_word(text[at]))
            ++at;
        const std::string_view word = text.substr(begin, at - begin);
        const bool named = !word.empty() && word[0] >= 'A' && word[0] <= 'Z' &&
                           std::any_of(endings.begin(), endings.end(), [word](std::string_view ending) {
                               return word.size() > ending.size() && word.ends_with(ending);
                           });
        if (named)
            return word;
        at = std::max(at, begin + 1);
    }
    return {};
}

std::optional<int> read_status(std::string_view text) noexcept
{
    int status = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && status >= 100 && status <= 599 ? std::optional(status) : std::nullopt;
}

bool is_error_level(std::string_view level)
{
    std::string low(level);
    std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    constexpr std::array<std::string_view, 8> worse = {
        "error", "err", "fatal", "critical", "crit", "alert", "emergency", "panic",
    };
    return std::find(worse.begin(), worse.end(), low) != worse.end();
}

// The level of plain text, as a word in capitals.
bool has_error_word(std::string_view line)
{
    for (const std::string_view word : {"ERROR", "FATAL", "CRITICAL", "PANIC"}) {
        const auto at = line.find(word);
        if (at == std::string_view::npos)
            continue;
        const bool begins = at == 0 || !is_word(line[at - 1]);
        const bool ends = at + word.size() >= line.size() || !is_word(line[at + word.size()]);
        if (begins && ends)
            return true;
    }
    return false;
}

std::vector<std::string> frames_of(std::string_view stack)
{
    std::vector<std::string> frames;
    for (std::size_t lines = 0; !stack.empty() && lines < stack_lines_max; ++lines) {
        const std::size_t end = std::min(stack.find('\n'), stack.size());
        std::string_view line = stack.substr(0, end);
        stack.remove_prefix(std::min(end + 1, stack.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        const bool is_frame = line.starts_with("at ") || line.starts_with("File \"");
        if (is_frame && frames.size() < model::alarm_frames_max)
            frames.emplace_back(line);
    }
    return frames;
}

std::string_view find_label(const log_event& event, std::string_view name) noexcept
{
    for (const auto& [known, value] : event.labels) {
        if (known == name && !value.empty())
            return value;
    }
    return {};
}

std::string service_of(const log_event& event, const log_fields& fields)
{
    for (const std::string_view name : {"service_name", "service", "app", "container", "job"}) {
        if (const auto found = find_label(event, name); !found.empty())
            return std::string(found);
    }
    const auto named = find_field(fields, {"service", "service.name", "servicename", "service_name", "app"});
    return named.empty() ? "unknown" : std::string(named);
}

std::string route_of(const log_fields& fields)
{
    const auto path = find_field(
        fields, {"route", "triggerroute", "http.route", "path", "url", "http.target", "url.path", "request.path",
                 "request.url", "req.url"}
    );
    if (path.empty())
        return {};
    const auto method =
        find_field(fields, {"method", "http.method", "http.request.method", "request.method", "req.method"});
    return method.empty() ? std::string(path) : std::string(method) + " " + std::string(path);
}

}  // namespace

std::optional<logged_error> read_logged_error(const log_event& event, std::string_view source)
{
    const log_fields fields = read_log_fields(event.line);
    const auto stack = find_field(
        fields, {"stack", "stacktrace", "stack_trace", "exception.stacktrace", "error.stack", "err.stack", "traceback"}
    );
    const auto message = find_field(
        fields, {"errormessage", "error.message", "err.message", "exception.message", "message", "msg", "error", "err"}
    );
    const std::string_view text = message.empty() ? std::string_view(event.line) : message;
    auto type = find_field(fields, {"exception.type", "error.type", "err.type", "error.name", "err.name"});
    if (type.empty())
        type = find_error_name(text);
    if (type.empty())
        type = find_error_name(stack.substr(0, stack.find('\n')));
    const auto status = read_status(find_field(
        fields, {"status", "status_code", "statuscode", "http.status_code", "http.response.status_code",
                 "response.status", "res.statuscode"}
    ));
    const auto level = find_field(fields, {"level", "severity", "lvl", "loglevel", "severity_text"});
    const bool is_bad_level = level.empty() ? has_error_word(event.line) : is_error_level(level);
    const bool is_exception = !stack.empty() || !type.empty() || (is_bad_level && !status);
    if (!is_exception && (!status || *status < 400))
        return std::nullopt;

    logged_error found;
    found.error_class = is_exception ? "unhandled_exception" : *status >= 500 ? "server_5xx" : "client_4xx";
    model::alarm& alarm = found.alarm;
    alarm.source = source;
    alarm.event_key = event.id;
    alarm.service = service_of(event, fields);
    alarm.error_type = type.empty() ? (is_exception ? "LOGGED_ERROR" : "HTTP_" + std::to_string(*status)) : type;
    alarm.description = text;
    alarm.route = route_of(fields);
    alarm.frames = frames_of(stack.empty() ? std::string_view(event.line) : stack);
    alarm.status_code = status;
    alarm.labels = event.labels;
    alarm.occurred_ns = event.at_ns;
    return found;
}

}  // namespace reprise::ingest
