#include "reprise/net/message.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace reprise::net {
namespace {

constexpr std::array<std::string_view, 7> method_texts = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
};

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_without_case(std::string_view a, std::string_view b) noexcept
{
    const auto same = [](char x, char y) { return lower(x) == lower(y); };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
}

}  // namespace

std::string_view to_text(method value) noexcept
{
    return method_texts[static_cast<std::size_t>(value)];
}

std::optional<method> find_method(std::string_view text) noexcept
{
    const auto* found = std::find(method_texts.begin(), method_texts.end(), text);
    if (found == method_texts.end())
        return std::nullopt;
    return static_cast<method>(found - method_texts.begin());
}

std::string_view request::param(std::string_view name) const noexcept
{
    for (const auto& [key, value] : params) {
        if (key == name)
            return value;
    }
    return {};
}

std::optional<std::string_view> request::find_query(std::string_view name) const noexcept
{
    for (const auto& [key, value] : query) {
        if (key == name)
            return std::string_view(value);
    }
    return std::nullopt;
}

std::string_view view(const body_bytes& body) noexcept
{
    if (const auto* text = std::get_if<std::string>(&body))
        return *text;
    if (const auto* fixed = std::get_if<std::string_view>(&body))
        return *fixed;
    const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&body);
    return *shared ? std::string_view(**shared) : std::string_view{};
}

void response::set_header(std::string_view name, std::string value)
{
    const auto same = [name](const auto& header) { return equal_without_case(header.first, name); };
    std::erase_if(headers, same);
    headers.emplace_back(name, std::move(value));
}

std::string_view status_text(int status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unknown";
    }
}

response problem(const request& req, int status, std::string_view code, std::string_view detail)
{
    boost::json::object body;
    body["type"] = "about:blank";
    body["title"] = status_text(status);
    body["status"] = status;
    body["detail"] = detail;
    body["code"] = code;
    body["request_id"] = req.id;
    return response(status, "application/problem+json", boost::json::serialize(body));
}

}  // namespace reprise::net
