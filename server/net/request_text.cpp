#include "request_text.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>

namespace beast = boost::beast;

namespace reprise::net {

bool is_plain(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7F;
    });
}

bool is_token(std::string_view text) noexcept
{
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

bool is_framing(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 9> ours = {
        "host",    "content-length", "connection", "transfer-encoding", "keep-alive",
        "upgrade", "te",             "trailer",    "expect",
    };
    return std::any_of(ours.begin(), ours.end(), [name](std::string_view one) { return beast::iequals(one, name); });
}

bool tells_length(const client_request& req) noexcept
{
    const bool may_be_empty = req.method == "GET" || req.method == "HEAD" || req.method == "DELETE";
    return !req.body.empty() || !may_be_empty;
}

result<void> check_request(const client_request& req)
{
    if (!is_token(req.method) || !is_plain(req.url.target) || req.url.target.find(' ') != std::string::npos)
        return errc::bad_message;
    for (const auto& [name, value] : req.headers) {
        if (!is_token(name) || !is_plain(value))
            return errc::bad_message;
    }
    return {};
}

std::string request_head(const client_request& req)
{
    std::string out = req.method + " " + req.url.target + " HTTP/1.1\r\nHost: " + req.url.authority() + "\r\n";
    for (const auto& [name, value] : req.headers) {
        if (!is_framing(name))
            out += name + ": " + value + "\r\n";
    }
    if (tells_length(req))
        out += "Content-Length: " + std::to_string(req.body.size()) + "\r\n";
    if (req.fresh_connection)
        out += "Connection: close\r\n";
    out += "\r\n";
    return out;
}

}  // namespace reprise::net
