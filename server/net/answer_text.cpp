#include "answer_text.hpp"

#include "reprise/base/clock.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace reprise::net {
namespace {

constexpr std::array<const char*, 7> day_names = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> month_names = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

std::string format_date(std::time_t seconds)
{
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
        day_names[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
        month_names[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
        parts.tm_sec
    );
    return {text.data(), static_cast<std::size_t>(size)};
}

// The text changes once a second, the answers come faster.
const std::string& http_date(std::int64_t now_ns)
{
    thread_local std::time_t last = -1;
    thread_local std::string text;
    const auto seconds = static_cast<std::time_t>(now_ns / ns_per_s);
    if (seconds != last) {
        text = format_date(seconds);
        last = seconds;
    }
    return text;
}

void add(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += ": ";
    for (const char c : value)
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '_' : c;
    out += "\r\n";
}

}  // namespace

std::string answer_head(const response& reply, const std::string& request_id, const answer_frame& frame)
{
    std::string out;
    out.reserve(1024);
    out += "HTTP/1.1 ";
    out += std::to_string(reply.status);
    out += ' ';
    out += status_text(reply.status);
    out += "\r\n";
    add(out, "Date", http_date(frame.now_ns));
    if (!reply.content_type.empty())
        add(out, "Content-Type", reply.content_type);
    if (frame.body == body_frame::chunks)
        add(out, "Transfer-Encoding", "chunked");
    else if (frame.body == body_frame::length && has_body(reply.status))
        add(out, "Content-Length", std::to_string(view(reply.body).size()));
    if (!frame.keep_alive)
        add(out, "Connection", "close");
    else if (frame.http_1_0)
        add(out, "Connection", "keep-alive");
    add(out, "X-Request-Id", request_id);
    for (const auto& [name, value] : reply.headers)
        add(out, name, value);
    if (frame.defaults) {
        for (const auto& [name, value] : *frame.defaults) {
            if (reply.header(name).empty())
                add(out, name, value);
        }
    }
    out += "\r\n";
    return out;
}

}  // namespace reprise::net
