#pragma once

#include "reprise/base/error.hpp"
#include "reprise/net/message.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What comes with a request, checked. Each function says "no" with a sentence for the problem document.
namespace reprise::http {

// Why an input is refused: one sentence that names the field and what it may be.
struct refusal {
    int status = 400;
    std::string reason;

    refusal() = default;  // result<void, refusal> holds one even when there is nothing to say.
    refusal(int status_, std::string reason_) : status(status_), reason(std::move(reason_)) {}
};

inline refusal refuse(std::string reason)
{
    return {400, std::move(reason)};
}

net::response problem_of(const net::request& req, const refusal& why);

template <class T>
using checked = boost::system::result<T, refusal>;

// Reading the value of a refused input is a bug.
[[noreturn]] void throw_exception_from_error(const refusal& what, const boost::source_location& where);

constexpr std::size_t page_limit_default = 50;
constexpr std::size_t page_limit_max = 200;
constexpr std::size_t cursor_bytes_max = 512;
constexpr int json_depth_max = 16;

struct page_query {
    std::string after;
    std::size_t limit = page_limit_default;
};

// `limit` (1 to page_limit_max) and `after`.
checked<page_query> read_page(const net::request& req);
// A whole number of a query parameter, `fallback` when absent.
checked<std::int64_t> read_number(const net::request& req, std::string_view name, std::int64_t fallback);
// The name of the first query parameter that is not in the space separated list `known`;
// "*" knows them all.
std::optional<std::string> find_unknown_query(const net::request& req, std::string_view known);

// The word of a query parameter, looked up by `find` (one of the model's find_x); nothing when absent.
template <class Find>
auto read_word(const net::request& req, std::string_view name, Find find) -> checked<decltype(find(std::string_view()))>
{
    const auto text = req.find_query(name);
    if (!text || text->empty())
        return decltype(find(std::string_view()))(std::nullopt);
    const auto value = find(*text);
    if (!value)
        return refuse("\"" + std::string(*text) + "\" is no value of " + std::string(name) + ".");
    return value;
}

// "true" or "false" of a query parameter; nothing when absent.
checked<std::optional<bool>> read_choice(const net::request& req, std::string_view name);

// `all=true`, for lists that are one's own otherwise.
checked<bool> read_all_wanted(const net::request& req);

// An operation's id as the API writes it: 16 hex digits.
std::optional<std::uint64_t> find_operation_id(std::string_view text);

// If-Match: "7", 7 or absent; anything else is refused. `*` counts as absent.
checked<std::optional<std::int64_t>> read_if_match(const net::request& req);

// An object, at most json_depth_max deep; an empty body is an empty object.
checked<boost::json::object> read_object(const net::request& req);

// Members of a body. Text up to `bytes_max`, valid UTF-8 already; absent is empty.
checked<std::string> read_text(const boost::json::object& body, std::string_view name, std::size_t bytes_max);
// The same, and more than spaces: what a person must say. No control characters.
checked<std::string> read_sentence(const boost::json::object& body, std::string_view name, std::size_t bytes_max);
// A date-time; absent or empty is nothing.
checked<std::optional<std::int64_t>> read_time(const boost::json::object& body, std::string_view name);
checked<std::optional<bool>> read_flag(const boost::json::object& body, std::string_view name);
// Refused when the body has a member that is not in the space separated list `known`: a misspelt one must not pass as
// an absent one. `what` is called so in the refusal: "A token".
checked<void> check_members(const boost::json::object& body, std::string_view what, std::string_view known);
// read_object() and check_members().
checked<boost::json::object> read_members(const net::request& req, std::string_view what, std::string_view known);

}  // namespace reprise::http
