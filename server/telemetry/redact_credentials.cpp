#include "call.hpp"
#include "redactor.hpp"
#include "secret_names.hpp"

#include <algorithm>
#include <array>

// Headers of credentials keep what is no secret (scheme, names and attributes of cookies), so that the token of a
// secret is the same there as in the answer that gave it.
namespace reprise::telemetry {
namespace {

constexpr std::array<std::string_view, 7> schemes = {"bearer", "basic", "token", "apikey", "jwt", "dpop", "negotiate"};
constexpr std::array<std::string_view, 9> cookie_attributes = {
    "domain", "expires", "httponly", "max-age", "partitioned", "path", "priority", "samesite", "secure"};

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& words, std::string_view word)
{
    return std::any_of(words.begin(), words.end(), [word](std::string_view one) { return is_same_text(one, word); });
}

bool may_be_cookie_name(std::string_view name)
{
    constexpr std::size_t bytes_max = 64;
    return !name.empty() && name.size() <= bytes_max && std::all_of(name.begin(), name.end(), [](char c) {
        constexpr std::string_view signs = "_-.$[]";
        return is_alnum(c) || signs.find(c) != std::string_view::npos;
    });
}

std::size_t blanks_before(std::string_view text)
{
    return run_from(text, 0, is_space);
}

}  // namespace

std::string redactor::authorization(std::string_view type, std::string_view value) const
{
    const std::size_t blank = std::min(value.find(' '), value.size());
    const std::string_view rest = value.substr(std::min(blank + 1, value.size()));
    const bool is_scheme = is_one_of(schemes, value.substr(0, blank));
    if (!is_scheme || rest.empty() || rest.find(' ') != std::string_view::npos)
        return token(type, value);
    return std::string(value.substr(0, blank + 1)) + token(type, rest);
}

// "sid=x": the name stays when it says nothing itself.
std::string redactor::cookie(std::string_view pair) const
{
    const std::size_t sign = pair.find('=');
    const std::string_view name = pair.substr(0, sign);
    if (sign == std::string_view::npos || !may_be_cookie_name(name) || clean(name) != name)
        return token("cookie", pair);
    return std::string(name) + "=" + token("cookie", percent_decoded(pair.substr(sign + 1), false));
}

// `is_answer`: what follows the first pair are attributes.
std::string redactor::cookies(std::string_view value, bool is_answer) const
{
    std::string out;
    for (bool first = true; first || !value.empty(); first = false) {
        const std::size_t end = std::min(value.find(';'), value.size());
        const std::string_view part = value.substr(0, end);
        const std::size_t blanks = blanks_before(part);
        const std::string_view said = part.substr(blanks);
        const bool is_attribute = is_answer && !first;
        out += part.substr(0, blanks);
        if (is_attribute && is_one_of(cookie_attributes, said.substr(0, said.find('='))))
            out += clean(said);
        else
            out += is_attribute ? token("cookie", said) : cookie(said);
        if (end < value.size())
            out += ';';
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return out;
}

std::string redactor::secret_header(std::string_view name, std::string_view value) const
{
    const std::string_view type = header_secret_type(name);
    if (is_same_text(name, "cookie") || is_same_text(name, "set-cookie"))
        return cookies(value, is_same_text(name, "set-cookie"));
    if (is_same_text(name, "authorization") || is_same_text(name, "proxy-authorization"))
        return authorization(type, value);
    return token(type, value);
}

}  // namespace reprise::telemetry
