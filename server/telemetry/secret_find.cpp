#include "secret_find.hpp"

#include "text_class.hpp"
#include "text_match.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace reprise::telemetry {
namespace {

constexpr std::size_t hash_digits = 8;
constexpr std::size_t random_chars_min = 20;
// Forms that may be tried at every word of a text look no further ahead than this.
constexpr std::size_t look_ahead_bytes = 320;

template <class Is>
std::size_t run(std::string_view text, Is is) noexcept
{
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

struct key_form {
    std::string_view prefix;
    std::size_t rest_min = 0;
};

// Keys that say what they are.
constexpr key_form key_forms[] = {
    {"AKIA", 16},    {"ASIA", 16},       {"ABIA", 16},    {"ACCA", 16},     {"AIza", 30},  {"ghp_", 16},
    {"gho_", 16},    {"ghu_", 16},       {"ghs_", 16},    {"ghr_", 16},     {"github_pat_", 16}, {"glpat-", 16},
    {"xoxa-", 8},    {"xoxb-", 8},       {"xoxe-", 8},    {"xoxo-", 8},     {"xoxp-", 8},  {"xoxr-", 8},
    {"xoxs-", 8},    {"sk-", 16},        {"sk_live_", 8}, {"sk_test_", 8},  {"rk_live_", 8}, {"pk_live_", 8},
    {"npm_", 30},    {"hf_", 24},        {"ya29.", 20},   {"dop_v1_", 32},  {"whsec_", 16},
};

std::size_t match_key(std::string_view text) noexcept
{
    for (const key_form& form : key_forms) {
        if (!text.starts_with(form.prefix))
            continue;
        const std::size_t rest = run(text.substr(form.prefix.size()), is_base64url);
        if (rest >= form.rest_min)
            return form.prefix.size() + rest;
    }
    return 0;
}

// A JWT, also one that was cut off: '{"' in base64 and points.
std::size_t match_cut_jwt(std::string_view text) noexcept
{
    constexpr std::size_t bytes_min = 16;
    if (!text.starts_with("eyJ"))
        return 0;
    const std::size_t size = run(text, [](char c) { return is_base64url(c) || c == '.' || c == '='; });
    return size >= bytes_min ? size : 0;
}

std::size_t match_pem(std::string_view text) noexcept
{
    if (!text.starts_with("-----BEGIN "))
        return 0;
    const auto end = text.find("-----END ");
    if (end == std::string_view::npos)
        return text.size();
    const auto close = text.find("-----", end + 9);
    return close == std::string_view::npos ? text.size() : close + 5;
}

bool passes_luhn(std::string_view digits) noexcept
{
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int digit = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return sum % 10 == 0;
}

// Card brands by prefix and length: else one in ten time stamps would be a card.
bool is_card_number(std::string_view digits) noexcept
{
    const std::size_t size = digits.size();
    const int two = size >= 2 ? (digits[0] - '0') * 10 + digits[1] - '0' : 0;
    const bool brand = (digits[0] == '4' && (size == 13 || size == 16 || size == 19)) ||
                       (size == 16 && ((two >= 51 && two <= 55) || (two >= 22 && two <= 27) || two == 35)) ||
                       (size == 15 && (two == 34 || two == 37)) ||
                       (size == 14 && (two == 30 || two == 36 || two == 38)) ||
                       (digits[0] == '6' && size >= 16);
    return brand && passes_luhn(digits);
}

// 13 to 19 digits, single blanks or dashes between them.
std::size_t match_card(std::string_view text) noexcept
{
    std::array<char, 19> digits{};
    std::size_t count = 0;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (is_digit(text[at])) {
            if (count == digits.size())
                return 0;
            digits[count++] = text[at];
        } else if ((text[at] != ' ' && text[at] != '-') || at + 1 >= text.size() || !is_digit(text[at + 1])) {
            break;
        }
    }
    constexpr std::size_t digits_min = 13;
    const bool whole = at == text.size() || !is_alnum(text[at]);
    return whole && count >= digits_min && is_card_number({digits.data(), count}) ? at : 0;
}

bool passes_iban(std::string_view text) noexcept
{
    int rest = 0;
    const auto feed = [&rest](char c) {
        const int value = is_digit(c) ? c - '0' : to_upper(c) - 'A' + 10;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    };
    for (const char c : text.substr(4))
        feed(c);
    for (const char c : text.substr(0, 4))
        feed(c);
    return rest == 1;
}

// Letters and digits, with or without blanks; the longest stretch whose check digits are right.
std::size_t match_iban(std::string_view text) noexcept
{
    constexpr std::size_t chars_min = 15;
    constexpr std::size_t chars_max = 34;
    if (text.size() < chars_min || !is_letter(text[0]) || !is_letter(text[1]))
        return 0;
    if (!is_digit(text[2]) || !is_digit(text[3]))
        return 0;
    std::array<char, chars_max> chars{};
    std::size_t count = 0;
    std::size_t best = 0;
    for (std::size_t at = 0; at < text.size() && count < chars_max; ++at) {
        if (text[at] == ' ' && at + 1 < text.size() && is_alnum(text[at + 1]))
            continue;
        if (!is_alnum(text[at]))
            break;
        chars[count++] = text[at];
        const bool whole = at + 1 == text.size() || !is_alnum(text[at + 1]);
        if (whole && count >= chars_min && passes_iban({chars.data(), count}))
            best = at + 1;
    }
    return best;
}

// +49 (0) 30 1234-567, or the same with %2B.
std::size_t match_international_phone(std::string_view text) noexcept
{
    std::size_t at = text.starts_with("+") ? 1 : text.starts_with("%2B") || text.starts_with("%2b") ? 3 : 0;
    if (at == 0 || at >= text.size() || !is_digit(text[at]))
        return 0;
    constexpr std::string_view between = " -.()/";
    constexpr std::size_t digits_min = 8;
    constexpr std::size_t digits_max = 15;
    std::size_t digits = 0;
    std::size_t first_end = 0;
    std::size_t last_end = 0;
    for (; at < text.size() && (is_digit(text[at]) || between.find(text[at]) != std::string_view::npos); ++at) {
        digits += is_digit(text[at]) ? 1U : 0U;
        if (digits > digits_max)
            return first_end;  // Another number follows.
        const bool group_ends = is_digit(text[at]) && (at + 1 == text.size() || !is_digit(text[at + 1]));
        if (group_ends && digits >= digits_min) {
            first_end = first_end == 0 ? at + 1 : first_end;
            last_end = at + 1;
        }
    }
    return last_end;
}

bool has_digit_form(std::string_view text, std::string_view form) noexcept
{
    if (text.size() < form.size() || (text.size() > form.size() && is_alnum(text[form.size()])))
        return false;
    return std::equal(form.begin(), form.end(), text.begin(), [](char f, char c) {
        return f == '0' ? is_digit(c) : f == '-' ? c == '-' || c == '.' || c == ' ' : f == c;
    });
}

std::size_t match_local_phone(std::string_view text) noexcept
{
    for (const std::string_view form : {"(000) 000-0000", "(000)000-0000", "000-000-0000"}) {
        if (has_digit_form(text, form))
            return form.size();
    }
    return 0;
}

std::size_t match_ssn(std::string_view text) noexcept
{
    constexpr std::string_view form = "000-00-0000";
    return has_digit_form(text, form) && text[0] != '9' && !text.starts_with("000") ? form.size() : 0;
}

std::size_t match_near_email(std::string_view text) noexcept
{
    return match_email(text.substr(0, look_ahead_bytes));
}

// alice%40example.com, as it stands in URLs.
std::size_t match_encoded_email(std::string_view text) noexcept
{
    const std::size_t size = run(text.substr(0, look_ahead_bytes), [](char c) {
        return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '-';
    });
    const auto at = text.substr(0, size).find("%40");
    if (at == std::string_view::npos || at == 0)
        return 0;
    const std::string plain = "x@" + std::string(text.substr(at + 3, size - at - 3));
    const std::size_t domain = match_email(plain);
    return domain > 2 ? at + 3 + domain - 2 : 0;
}

bool is_random(std::string_view text) noexcept
{
    const auto class_of = [](char c) -> std::size_t { return is_digit(c) ? 0 : is_lower(c) ? 1 : is_upper(c) ? 2 : 3; };
    std::array<std::size_t, 4> counts{};
    std::size_t changes = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        ++counts[class_of(text[i])];
        changes += i > 0 && class_of(text[i]) != class_of(text[i - 1]) ? 1U : 0U;
    }
    const bool mixed = counts[0] >= 2 && counts[1] >= 2 && counts[2] >= 2;
    return mixed && changes * 100 >= (text.size() - 1) * 43;
}

// Long, of all three kinds of characters, and changing between them more often than words do.
std::size_t match_random(std::string_view text) noexcept
{
    const auto is_inside = [](char c) { return is_base64url(c) || c == '+' || c == '/' || c == '='; };
    const std::size_t seen = run(text.substr(0, look_ahead_bytes), is_inside);
    return seen >= random_chars_min && is_random(text.substr(0, seen)) ? run(text, is_inside) : 0;
}

// "Bearer x", "Basic x": the scheme stays readable in the type.
std::size_t match_authorization(std::string_view text) noexcept
{
    for (const std::string_view scheme : {"Bearer ", "bearer ", "Basic ", "basic "}) {
        if (!text.starts_with(scheme))
            continue;
        const std::size_t rest = run(text.substr(scheme.size()), [](char c) {
            return is_base64url(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
        });
        if (rest >= 6)
            return scheme.size() + rest;
    }
    return 0;
}

using matcher = std::size_t (*)(std::string_view) noexcept;
struct named_matcher {
    std::string_view type;
    matcher match;
};

constexpr named_matcher at_words[] = {
    {"auth", match_authorization},
    {"jwt", match_cut_jwt},
    {"key", match_key},
    {"email", match_near_email},
    {"email", match_encoded_email},
    {"card", match_card},
    {"ssn", match_ssn},
    {"phone", match_local_phone},
    {"iban", match_iban},
    {"random", match_random},
};

}  // namespace

secret_match match_secret(std::string_view text, std::size_t at)
{
    const std::string_view rest = text.substr(at);
    const char c = rest[0];
    const bool word_before = at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '_');
    if (c == '-')
        return {match_pem(rest), "pem"};
    if (c == '+' || c == '%')
        return {word_before ? 0 : match_international_phone(rest), "phone"};
    if (c == '(')
        return {match_local_phone(rest), "phone"};
    if (!is_alnum(c) || word_before)
        return {};
    for (const named_matcher& one : at_words) {
        if (const std::size_t bytes = one.match(rest))
            return {bytes, one.type};
    }
    return {};
}

std::size_t match_token(std::string_view text) noexcept
{
    const std::size_t begin = text.starts_with('<') ? 1 : text.starts_with("%3C") ? 3 : 0;
    if (begin == 0)
        return 0;
    std::size_t at = begin + run(text.substr(begin), is_lower);
    if (at == begin || at >= text.size() || text[at] != ':')
        return 0;
    const std::size_t digits = run(text.substr(at + 1), is_hex);
    at += 1 + digits;
    if (digits != hash_digits || at >= text.size())
        return 0;
    if (text[at] == ':')
        at += 1 + run(text.substr(at + 1), is_digit);
    at += run(text.substr(at), [](char c) { return c == '.'; });
    const std::string_view close = begin == 1 ? ">" : "%3E";
    return text.substr(std::min(at, text.size())).starts_with(close) ? at + close.size() : 0;
}

}  // namespace reprise::telemetry
