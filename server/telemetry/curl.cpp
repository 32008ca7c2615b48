#include "reprise/telemetry/curl.hpp"

#include "text_class.hpp"
#include "wire_value.hpp"

#include <algorithm>
#include <array>

namespace reprise::telemetry {
namespace {

// What curl works out by itself, and what only one connection understands.
constexpr std::array<std::string_view, 5> own_headers = {
    "host", "content-length", "connection", "transfer-encoding", "accept-encoding"};

std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else if (c != '\0')
            out += c;
    }
    return out + "'";
}

bool is_sendable(std::string_view name, std::string_view value)
{
    const bool own = std::any_of(own_headers.begin(), own_headers.end(), [name](std::string_view header) {
        return is_same_name(name, header);
    });
    const auto breaks = [](std::string_view text) {
        return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    };
    return !own && !name.empty() && name.find(':') == std::string_view::npos && !breaks(name) && !breaks(value);
}

// For printf: octal escapes of exactly three digits, so that no following byte is taken in.
std::string escaped_octal(std::string_view bytes)
{
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_alnum(c) || c == ' ') {
            out += c;
            continue;
        }
        out += '\\';
        for (int shift = 6; shift >= 0; shift -= 3)
            out += static_cast<char>('0' + ((byte >> shift) & 7));
    }
    return out;
}

// Path and query as they may stand in a URL: curl refuses blanks and control characters.
std::string url_text(std::string_view path)
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && byte != 0x7f) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}  // namespace

std::string to_curl(const model::exchange& exchange, std::string_view base_url)
{
    if (exchange.operation.protocol != "http" || exchange.method.empty())
        return {};
    while (base_url.ends_with('/'))
        base_url.remove_suffix(1);
    const bool binary = exchange.request_body.find('\0') != std::string::npos;

    std::string out;
    if (binary)
        out = "printf " + quoted(escaped_octal(exchange.request_body)) + " | ";
    // --globoff: brackets and braces in the URL are meant; --path-as-is: so are dots.
    out += "curl --globoff --path-as-is";
    out += exchange.method == "HEAD" ? " --head" : " --request " + quoted(exchange.method);
    for (const auto& [name, value] : exchange.request_headers) {
        if (!is_sendable(name, value))
            continue;
        // "name;" is how curl sends an empty value, "name:" would remove the header.
        out += " --header " + quoted(value.empty() ? name + ";" : name + ": " + value);
    }
    if (binary)
        out += " --data-binary @-";
    else if (!exchange.request_body.empty())
        out += " --data-raw " + quoted(exchange.request_body);
    return out + " " + quoted(std::string(base_url) + url_text(exchange.path));
}

}  // namespace reprise::telemetry
