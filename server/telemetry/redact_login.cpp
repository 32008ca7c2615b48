#include "redactor.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

bool is_number(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), is_digit);
}

// What stands before the '@' of an authority; 0 bytes for nothing. Passwords that hold a slash are written as they
// are, too: behind a colon stands a port or a password.
std::size_t login_bytes(std::string_view text)
{
    constexpr std::size_t word_bytes_max = 256;
    const auto is_inside = [](char c) { return !is_space(c) && !is_quote(c) && c != '<' && c != '>'; };
    const std::size_t authority = run_from(text, 0, [&is_inside](char c) {
        return is_inside(c) && c != '/' && c != '?' && c != '#';
    });
    const auto at = text.substr(0, authority).rfind('@');
    if (at != std::string_view::npos)
        return at;
    const auto colon = text.substr(0, authority).find(':');
    if (colon == std::string_view::npos || text[0] == '[' || is_number(text.substr(colon + 1, authority - colon - 1)))
        return 0;
    const std::string_view word = text.substr(0, run_from(text.substr(0, word_bytes_max), 0, is_inside));
    const auto later = word.rfind('@');
    return later == std::string_view::npos ? 0 : later;
}

}  // namespace

// scheme://user:password@host, and :\/\/ as JSON may write it.
bool redactor::take_login(std::string_view text, std::size_t& at, std::string& out) const
{
    const std::string_view rest = text.substr(at);
    const std::size_t mark = rest.starts_with("://") ? 3 : rest.starts_with(":\\/\\/") ? 5 : 0;
    if (mark == 0)
        return false;
    const std::size_t bytes = login_bytes(rest.substr(mark));
    if (bytes == 0)
        return false;
    out += rest.substr(0, mark);
    out += percent_encoded(token("login", percent_decoded(rest.substr(mark, bytes), false)));
    at += mark + bytes;
    return true;
}

// curl -u user:password, --user=user:password; "--user 1000:1000" are ids.
bool redactor::take_user_option(std::string_view text, std::size_t& at, std::string& out) const
{
    constexpr std::size_t name_bytes_max = 16;
    if (at == 0 || text[at - 1] != '-' || !is_letter(text[at]))
        return false;
    const std::size_t name_end = run_from(text.substr(0, at + name_bytes_max), at, is_name_char);
    const std::string_view name = text.substr(at, name_end - at);
    const bool is_short = name == "u" && (at == 1 || !is_name_char(text[at - 2]));
    const bool is_long = (name == "user" || name == "proxy-user") && at > 1 && text[at - 2] == '-';
    std::size_t begin = run_from(text, name_end, [](char c) { return c == ' ' || c == '='; });
    if ((!is_short && !is_long) || begin == name_end)
        return false;
    begin += begin < text.size() && is_quote(text[begin]) ? 1U : 0U;
    const std::size_t end = run_from(text, begin, [](char c) { return !is_space(c) && !is_quote(c); });
    const std::string_view login = text.substr(begin, end - begin);
    const auto colon = login.find(':');
    if (colon == std::string_view::npos || colon == 0 || login.find("://") != std::string_view::npos ||
        (is_number(login.substr(0, colon)) && is_number(login.substr(colon + 1))))
        return false;
    out += text.substr(at, begin - at);
    out += token("login", login);
    at = end;
    return true;
}

}  // namespace reprise::telemetry
