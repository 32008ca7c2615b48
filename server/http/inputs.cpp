#include "inputs.hpp"

#include "reprise/base/time_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

bool is_listed(std::string_view known, std::string_view name)
{
    while (!known.empty()) {
        const std::string_view word = known.substr(0, known.find(' '));
        if (word == name)
            return true;
        known.remove_prefix(std::min(word.size() + 1, known.size()));
    }
    return false;
}

std::optional<std::int64_t> find_integer(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

}  // namespace

void throw_exception_from_error(const refusal& what, const boost::source_location&)
{
    throw std::logic_error("the value of a refused input was read: " + what.reason);
}

net::response problem_of(const net::request& req, const refusal& why)
{
    return net::problem(req, why.status, why.status == 400 ? "bad_request" : "refused", why.reason);
}

checked<std::int64_t> read_number(const net::request& req, std::string_view name, std::int64_t fallback)
{
    const auto text = req.find_query(name);
    if (!text)
        return fallback;
    const auto value = find_integer(*text);
    if (!value)
        return refuse(std::string(name) + " must be a whole number.");
    return *value;
}

checked<page_query> read_page(const net::request& req)
{
    page_query page;
    const auto limit = read_number(req, "limit", static_cast<std::int64_t>(page_limit_default));
    if (!limit)
        return limit.error();
    if (*limit < 1 || *limit > static_cast<std::int64_t>(page_limit_max))
        return refuse("limit must be between 1 and " + std::to_string(page_limit_max) + ".");
    page.limit = static_cast<std::size_t>(*limit);
    page.after = std::string(req.find_query("after").value_or(std::string_view()));
    if (page.after.size() > cursor_bytes_max)
        return refuse("after is no cursor of ours.");
    return page;
}

std::optional<std::string> find_unknown_query(const net::request& req, std::string_view known)
{
    for (const auto& [name, value] : req.query) {
        if (known != "*" && !is_listed(known, name))
            return name;
    }
    return std::nullopt;
}

checked<std::optional<bool>> read_choice(const net::request& req, std::string_view name)
{
    const auto text = req.find_query(name);
    if (!text || text->empty())
        return std::optional<bool>();
    if (*text != "true" && *text != "false")
        return refuse(std::string(name) + " must be true or false.");
    return std::optional(*text == "true");
}

checked<bool> read_all_wanted(const net::request& req)
{
    const auto text = req.find_query("all");
    if (text && *text != "true" && *text != "false")
        return checked<bool>(boost::system::in_place_error, refuse("all must be true or false."));
    return text && *text == "true";
}

std::optional<std::uint64_t> find_operation_id(std::string_view text)
{
    constexpr std::size_t digits = 16;
    std::uint64_t id = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
    if (failed != std::errc() || end != text.data() + text.size() || text.size() != digits)
        return std::nullopt;
    return id;
}

checked<std::optional<std::int64_t>> read_if_match(const net::request& req)
{
    std::string_view text = req.header("if-match");
    if (text.empty() || text == "*")
        return std::optional<std::int64_t>();
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    const auto version = find_integer(text);
    if (!version)
        return refuse("If-Match must be the version in quotes, as ETag gave it.");
    return version;
}

checked<json::object> read_object(const net::request& req)
{
    if (req.body.empty())
        return json::object();
    json::parse_options options;
    options.max_depth = json_depth_max;
    error_code ec;
    json::value value = json::parse(req.body, ec, {}, options);
    if (ec)
        return refuse("The body is no JSON: " + ec.message() + ".");
    if (!value.is_object())
        return refuse("The body must be a JSON object.");
    return std::move(value.get_object());
}

checked<std::string> read_text(const json::object& body, std::string_view name, std::size_t bytes_max)
{
    const json::value* value = body.if_contains(name);
    if (!value || value->is_null())
        return std::string();
    if (!value->is_string())
        return refuse(std::string(name) + " must be text.");
    if (value->get_string().size() > bytes_max)
        return refuse(std::string(name) + " is limited to " + std::to_string(bytes_max) + " bytes.");
    return std::string(value->get_string());
}

checked<std::string> read_sentence(const json::object& body, std::string_view name, std::size_t bytes_max)
{
    auto text = read_text(body, name, bytes_max);
    if (!text)
        return text;
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(text->begin(), text->end(), is_control))
        return refuse(std::string(name) + " has a control character.");
    if (text->find_first_not_of(' ') == std::string::npos)
        return refuse(std::string(name) + " must be given.");
    return text;
}

checked<std::optional<std::int64_t>> read_time(const json::object& body, std::string_view name)
{
    constexpr std::size_t time_bytes_max = 64;
    const auto text = read_text(body, name, time_bytes_max);
    if (!text)
        return text.error();
    if (text->empty())
        return std::optional<std::int64_t>();
    const auto at_ns = parse_rfc3339(*text);
    if (!at_ns)
        return refuse(std::string(name) + " must be a date-time as 2026-11-21T03:59:35Z.");
    return std::optional(*at_ns);
}

checked<std::optional<bool>> read_flag(const json::object& body, std::string_view name)
{
    const json::value* value = body.if_contains(name);
    if (!value)
        return std::optional<bool>();
    if (!value->is_bool())
        return refuse(std::string(name) + " must be true or false.");
    return std::optional<bool>(value->get_bool());
}

checked<void> check_members(const json::object& body, std::string_view what, std::string_view known)
{
    for (const auto& member : body) {
        if (is_listed(known, member.key()))
            continue;
        std::string text(what);
        text += " has no member \"" + std::string(member.key()) + "\"; known: ";
        for (const char c : known)
            text += c == ' ' ? std::string(", ") : std::string(1, c);
        return refuse(text + ".");
    }
    return {};
}

checked<json::object> read_members(const net::request& req, std::string_view what, std::string_view known)
{
    auto body = read_object(req);
    if (!body)
        return body;
    if (const auto listed = check_members(*body, what, known); !listed)
        return listed.error();
    return body;
}

}  // namespace reprise::http
