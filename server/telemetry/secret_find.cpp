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
    {"rk_test_", 8}, {"pk_test_", 8},    {"shpat_", 32},  {"shpss_", 32},   {"shpca_", 32}, {"glptt-", 16},
    {"gldt-", 16},   {"glsa_", 24},      {"pypi-", 32},   {"xapp-", 16},    {"GOCSPX-", 20}, {"dapi", 32},
    {"lin_api_", 32}, {"NRAK-", 20},     {"AGE-SECRET-KEY-", 32}, {"SG.", 32}, {"hvs.", 20}, {"hvb.", 20},
};

std::size_t match_key(std::string_view text) noexcept
{
    for (const key_form& form : key_forms) {
        if (!text.starts_with(form.prefix))
            continue;
        const bool has_points = form.prefix.ends_with('.');
        std::size_t size = form.prefix.size() + run(text.substr(form.prefix.size()), [has_points](char c) {
            return is_base64url(c) || (has_points && c == '.');
        });
        while (text[size - 1] == '.' && size > form.prefix.size())
            --size;
        if (size >= form.prefix.size() + form.rest_min)
            return size;
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

// 13 to 19 digits, single blanks or dashes between them; the longest stretch of whole groups that is a
// card, as another number may follow.
std::size_t match_card(std::string_view text) noexcept
{
    std::array<char, 19> digits{};
    std::size_t count = 0;
    std::size_t best = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_digit(text[at])) {
            if (count == digits.size())
                break;
            digits[count++] = text[at];
            const bool whole = at + 1 == text.size() || !is_alnum(text[at + 1]);
            if (whole && is_card_number({digits.data(), count}))
                best = at + 1;
        } else if ((text[at] != ' ' && text[at] != '-') || at + 1 >= text.size() || !is_digit(text[at + 1])) {
            break;
        }
    }
    return best;
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
    // In small letters only with digits: else one in two thousand hex ids would be one.
    const bool small = is_lower(text[0]) || is_lower(text[1]);
    std::array<char, chars_max> chars{};
    std::size_t count = 0;
    std::size_t best = 0;
    for (std::size_t at = 0; at < text.size() && count < chars_max; ++at) {
        if (small && at > 1 && is_letter(text[at]))
            break;
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

// What holds an escape is looked at when it is undone.
std::size_t match_near_email(std::string_view text) noexcept
{
    const std::size_t size = match_email(text.substr(0, look_ahead_bytes));
    return text.substr(0, size).find('%') == std::string_view::npos ? size : 0;
}

// alice%40example.com, as it stands in URLs.
std::size_t match_encoded_email(std::string_view text) noexcept
{
    const std::size_t size = run(text.substr(0, look_ahead_bytes), [](char c) {
        return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '-';
    });
    const auto at = text.substr(0, size).find("%40");
    if (at == std::string_view::npos || at == 0 || text.substr(0, at).find('%') != std::string_view::npos)
        return 0;
    const std::string plain = "x@" + std::string(text.substr(at + 3, size - at - 3));
    const std::size_t domain = match_email(plain);
    return domain > 2 ? at + 3 + domain - 2 : 0;
}

// Neighbours of different kinds in words are few; in what a generator wrote, three of five. One digit
// may end a camelCase name, so that it needs more.
bool is_random(std::string_view text) noexcept
{
    constexpr std::size_t pairs_min = 14;
    constexpr std::size_t changes_min_percent = 40;
    constexpr std::size_t changes_min_percent_one_digit = 50;
    enum kind : std::size_t { digit, lower, upper, sign };
    const auto kind_of = [](char c) { return is_digit(c) ? digit : is_lower(c) ? lower : is_upper(c) ? upper : sign; };
    std::array<std::size_t, 4> counts{};
    std::size_t pairs = 0;
    std::size_t changes = 0;
    kind before = sign;
    for (const char c : text) {
        const kind now = kind_of(c);
        ++counts[now];
        pairs += now != sign && before != sign ? 1U : 0U;
        changes += now != sign && before != sign && now != before ? 1U : 0U;
        before = now;
    }
    if (counts[digit] == 0 || counts[lower] < 2 || counts[upper] < 2 || pairs < pairs_min)
        return false;
    return changes * 100 >= pairs * (counts[digit] > 1 ? changes_min_percent : changes_min_percent_one_digit);
}

// Long, of all three kinds of characters, and changing between them more often than words do; with its
// padding.
std::size_t match_random(std::string_view text) noexcept
{
    const auto is_inside = [](char c) { return is_base64url(c) || c == '+' || c == '/'; };
    const auto word_bytes = [&is_inside](std::string_view in) {
        const std::size_t whole = run(in, is_inside);
        return std::min(in.substr(0, whole).find("--"), whole);  // Of PEM and multipart.
    };
    std::size_t size = word_bytes(text.substr(0, look_ahead_bytes));
    if (size < random_chars_min || !is_random(text.substr(0, size)))
        return 0;
    if (size + 1 >= look_ahead_bytes)
        size = word_bytes(text);
    return size + run(text.substr(size), [](char c) { return c == '='; });
}

// Four numbers up to 255. Not this machine and no machine: they are nobody's.
std::size_t match_address(std::string_view text) noexcept
{
    const std::size_t size = match_ipv4(text);
    if (size == 0 || text.starts_with("127.") || text.substr(0, size) == "0.0.0.0")
        return 0;
    int part = 0;
    for (const char c : text.substr(0, size)) {
        part = c == '.' ? 0 : part * 10 + (c - '0');
        if (part > 255)
            return 0;
    }
    return size;
}

// With the four numbers that "::ffff:" may carry.
std::size_t match_long_address(std::string_view text) noexcept
{
    const std::size_t size = match_ipv6(text);
    if (size < text.size() && text[size] == '.') {
        const std::size_t last = text.substr(0, size).rfind(':') + 1;
        const std::size_t embedded = size == 0 ? 0 : match_ipv4(text.substr(last));
        return embedded == 0 ? size : last + embedded;
    }
    return text.substr(0, size) == "::1" ? 0 : size;
}

// "Chrome/120.0.0.0", "lib-1.2.3.4" and "1.2.3.4.5" are versions. Paths ("/clients/10.0.0.1") and URLs are not.
bool is_in_version(std::string_view text, std::size_t at) noexcept
{
    if (at == 0)
        return false;
    if (text[at - 1] == '.' || (text[at - 1] == '-' && at > 1 && is_letter(text[at - 2])))
        return true;
    if (text[at - 1] != '/')
        return false;
    std::size_t word = at - 1;
    while (word > 0 && is_alnum(text[word - 1]))
        --word;
    return word < at - 1 && (word == 0 || is_space(text[word - 1]) || text[word - 1] == '(');
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

// root:secret@tcp(127.0.0.1:3306)/shop, as drivers for Go name a database.
std::size_t match_source_login(std::string_view text) noexcept
{
    constexpr std::size_t user_bytes_max = 64;
    constexpr std::size_t password_bytes_max = 128;
    const std::size_t user = run(text.substr(0, user_bytes_max), [](char c) { return is_base64url(c) || c == '.'; });
    if (user == 0 || user + 1 >= text.size() || text[user] != ':' || is_space(text[user + 1]))
        return 0;
    const std::string_view rest = text.substr(user + 1, password_bytes_max);
    const std::string_view word = rest.substr(0, run(rest, [](char c) { return !is_space(c) && c != '"'; }));
    for (const std::string_view mark : {"@tcp(", "@unix("}) {
        if (const auto at = word.find(mark); at != std::string_view::npos)
            return user + 1 + at;
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
    {"login", match_source_login},
    {"email", match_near_email},
    {"email", match_encoded_email},
    {"card", match_card},
    {"ssn", match_ssn},
    {"phone", match_local_phone},
    {"ip", match_long_address},
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
    if (c == ':')
        return {word_before || !rest.starts_with("::") ? 0 : match_long_address(rest), "ip"};
    if (!is_alnum(c) || word_before)
        return {};
    if (const std::size_t bytes = is_digit(c) && !is_in_version(text, at) ? match_address(rest) : 0)
        return {bytes, "ip"};
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
