#include "call.hpp"
#include "redactor.hpp"
#include "secret_find.hpp"
#include "secret_names.hpp"
#include "text_class.hpp"
#include "utf8.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/redact.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

constexpr std::size_t token_hash_bytes = 4;
constexpr std::size_t token_bytes_max = 256;
constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t bracket_bytes_max = 4096;
constexpr std::size_t again_bytes_max = 4096;
constexpr std::size_t place_bytes_max = 200;
constexpr int percent = 1;
constexpr int base64 = 2;

// The dashes before an option's name are no part of it.
bool begins_name(std::string_view text, std::size_t at)
{
    while (at > 0 && text[at - 1] == '-')
        --at;
    return at == 0 || !is_name_char(text[at - 1]);
}

bool is_base64(char c)
{
    return is_base64url(c) || c == '+' || c == '/';
}

bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

// Of variables as "env" prints them: their values hold commas and the like.
bool is_variable_name(std::string_view name)
{
    return std::all_of(name.begin(), name.end(), [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

// How many backslashes end at `end`.
std::size_t backslashes_before(std::string_view text, std::size_t end)
{
    std::size_t begin = end;
    while (begin > 0 && text[begin - 1] == '\\')
        --begin;
    return end - begin;
}

// `escapes`: backslashes before the opening quote, of a value in a text that is quoted itself. A quote with more
// of them is a part of the value.
std::size_t quoted_value_end(std::string_view text, std::size_t at, char quote, std::size_t escapes)
{
    while (escapes == 0 && at < text.size() && text[at] != quote)
        at += text[at] == '\\' ? 2U : 1U;
    if (escapes == 0)
        return std::min(at, text.size());
    for (std::size_t end = text.find(quote, at); end != std::string_view::npos; end = text.find(quote, end + 1)) {
        const std::size_t before = backslashes_before(text.substr(at), end - at);
        if (before <= escapes)
            return end - before;
    }
    return text.size();
}

// ["a", "b"] and {"a": "b"} to their last bracket; cut off, to the limit.
std::size_t bracket_end(std::string_view text, std::size_t at)
{
    text = text.substr(0, std::min(text.size(), at + bracket_bytes_max));
    std::size_t depth = 0;
    bool quoted = false;
    std::size_t escapes = std::string_view::npos;  // Before the first quote.
    for (std::size_t end = at; end < text.size(); ++end) {
        const char c = text[end];
        if (c == '"') {
            const std::size_t before = backslashes_before(text.substr(at), end - at);
            escapes = std::min(escapes, before);
            quoted = before <= escapes ? !quoted : quoted;
        } else if (!quoted && (c == '[' || c == '{')) {
            ++depth;
        } else if (!quoted && (c == ']' || c == '}') && --depth == 0) {
            return end + 1;
        }
    }
    return text.size();
}

bool is_escape(std::string_view text)
{
    return text.size() >= 3 && text[0] == '%' && is_hex(text[1]) && is_hex(text[2]);
}

std::string decode_base64_loosely(std::string_view text)
{
    std::string standard(text.substr(0, text.size() - (text.size() % 4 == 1 ? 1 : 0)));
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    standard.append((4 - standard.size() % 4) % 4, '=');
    return from_base64(standard);
}

// Names come from outside: as text and of bounded length.
std::string shown_place(std::string_view place)
{
    return repair_utf8(cut_utf8(place, place_bytes_max));
}

bool is_readable(std::string_view text)
{
    return !text.empty() && is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' && !is_space(c);
    });
}

}  // namespace

redactor::redactor(
    std::string_view key, const redaction_rules& rules, const model::operation_key& operation,
    std::vector<redaction_change>* changes
)
    : key_(key), secret_names_(rules.secret_names), allow_headers_(rules.allow_headers), changes_(changes)
{
    for (const field_pattern& one : rules.allow_fields) {
        if (matches(one.where, operation))
            allow_fields_.push_back(one.field);
    }
}

std::string redactor::token(std::string_view type, std::string_view value) const
{
    if (value.empty() || match_token(value) == value.size())
        return std::string(value);
    const sha256_digest digest = hmac_sha256(key_, value);
    std::string out = "<" + std::string(type) + ":" + to_hex({digest.data(), token_hash_bytes});
    const std::size_t wanted = std::min(value.size(), token_bytes_max);
    if (out.size() + 1 < wanted)
        out.append(wanted - out.size() - 1, '.');
    out += ">";
    tell(type, value, out);
    return out;
}

std::string redactor::digest(std::string_view type, std::string_view bytes) const
{
    if (bytes.empty() || match_token(bytes) == bytes.size())
        return std::string(bytes);
    const sha256_digest digest = hmac_sha256(key_, bytes);
    const std::string out = "<" + std::string(type) + ":" + to_hex({digest.data(), token_hash_bytes}) + ":" +
                            std::to_string(bytes.size()) + ">";
    tell(type, bytes, out);
    return out;
}

std::string_view redactor::secret_name(std::string_view name) const
{
    const std::string_view type = find_secret_name(name);
    if (!type.empty() || secret_names_.empty())
        return type;
    const std::string flat = squeezed_name(name);
    const bool named = std::any_of(secret_names_.begin(), secret_names_.end(), [&flat](const std::string& one) {
        return flat.find(one) != std::string::npos;
    });
    return named ? "named" : "";
}

bool redactor::is_allowed(std::string_view place) const
{
    return std::any_of(allow_fields_.begin(), allow_fields_.end(), [place](std::string_view field) {
        const bool below = place.size() == field.size() || (place.size() > field.size() &&
                           (place[field.size()] == '.' || place[field.size()] == '['));
        return below && is_same_text(place.substr(0, field.size()), field);
    });
}

void redactor::note(std::string_view place)
{
    if (fields_.size() < redacted_fields_max && std::find(fields_.begin(), fields_.end(), place) == fields_.end())
        fields_.emplace_back(place);
}

std::string redactor::settle(std::string_view place, std::string_view said, std::string kept)
{
    if (kept == said)
        return kept;
    std::size_t first = mark();
    while (first > 0 && (*changes_)[first - 1].place.empty())
        --first;
    if (is_allowed(place)) {
        forget(first);
        return std::string(said);
    }
    const std::string shown = shown_place(place);
    for (; first < mark(); ++first)
        (*changes_)[first].place = shown;
    note(shown);
    return kept;
}

void redactor::tell(std::string_view type, std::string_view value, std::string_view becomes) const
{
    if (changes_ != nullptr)
        changes_->push_back({{}, std::string(type), std::string(value), std::string(becomes)});
}

void redactor::forget(std::size_t mark) const
{
    if (changes_ != nullptr)
        changes_->resize(std::min(mark, changes_->size()));
}

std::string redactor::text(std::string_view text, std::string_view place)
{
    return settle(place, text, clean(text));
}

// Undoing an escape joins words that stood apart; a token may end what looked like something longer.
// Long texts without escapes are looked at once: a second look would double their cost for the rarest case.
std::string redactor::clean(std::string_view text) const
{
    std::string out = scan(text, 0);
    if (out == text || (text.size() > again_bytes_max && text.find('%') == std::string_view::npos))
        return out;
    return until_stable(out, [this](std::string_view once) { return scan(once, 0); });
}

// `undone` tells which encodings were undone on the way here: each once is enough.
std::string redactor::scan(std::string_view text, int undone) const
{
    std::string out;
    out.reserve(text.size());
    tried_words tried;
    for (std::size_t at = 0; at < text.size();) {
        // Nothing begins inside a word or with a blank.
        const bool in_word = at > 0 && is_alnum(text[at - 1]);
        const std::size_t plain = in_word ? run_from(text, at, is_alnum) : run_from(text, at, is_space);
        out += text.substr(at, plain - at);
        at = plain;
        if (at >= text.size())
            break;
        const std::size_t kept = match_token(text.substr(at));
        out += text.substr(at, kept);
        at += kept;
        if (kept == 0 && !take_login(text, at, out) && !take_element(text, at, out) &&
            !take_tag(text, at, out) && !take_secret(text, at, out) && !take_user_option(text, at, out) &&
            !take_named_value(text, at, out) && !take_encoded(text, at, out, undone, tried) &&
            !take_base64(text, at, out, undone, tried)) {
            const bool escape = is_escape(text.substr(at));
            out += text.substr(at, escape ? 3 : 1);
            at += escape ? 3 : 1;
            if (!escape)
                continue;
        }
        // What follows a token or %20 begins a word, as it will when the result is looked at again.
        text.remove_prefix(at);
        at = 0;
    }
    return out;
}

bool redactor::take_secret(std::string_view text, std::size_t& at, std::string& out) const
{
    const secret_match found = match_secret(text, at);
    if (found.bytes == 0)
        return false;
    out += token(found.type, text.substr(at, found.bytes));
    at += found.bytes;
    return true;
}

// name=value, name: value, "name": "value", name="value", --name=value, --name value, (name)=(value): where the
// sign ends, or npos.
std::size_t redactor::find_sign_end(std::string_view text, std::size_t at, std::size_t name_end)
{
    if (text.substr(name_end).starts_with(")=("))
        return name_end + 3;
    std::size_t sign = name_end;
    if (sign < text.size() && (is_quote(text[sign]) || text[sign] == '\\'))
        sign = run_from(text, sign, [](char c) { return is_quote(c) || c == '\\'; });
    sign = run_from(text, sign, [](char c) { return c == ' '; });
    const bool is_option = sign == name_end + 1 && text.substr(0, at).ends_with("--");
    if (is_option && sign < text.size() && text[sign] != '-')
        return sign;
    const bool is_sign = sign < text.size() && (text[sign] == '=' || text[sign] == ':');
    return is_sign && !text.substr(sign).starts_with("://") ? sign + 1 : std::string_view::npos;
}

// The value without its quotes, from `sign_end` on.
redactor::value_span redactor::find_value(
    std::string_view text, std::size_t sign_end, std::string_view type, std::string_view name
)
{
    if (text[sign_end - 1] == '(')
        return {sign_end, std::min(text.find(')', sign_end), text.size())};
    std::size_t at = run_from(text, sign_end, [](char c) { return c == ' ' || c == '\\' || c == '=' || c == '>'; });
    constexpr std::string_view prefixes = "bBuUrR";  // b'x', as Python prints bytes.
    if (at + 1 < text.size() && is_quote(text[at + 1]) && prefixes.find(text[at]) != std::string_view::npos)
        ++at;
    if (at < text.size() && is_quote(text[at]))
        return {at + 1, quoted_value_end(text, at + 1, text[at], backslashes_before(text, at))};
    if (at < text.size() && (text[at] == '[' || text[at] == '{'))
        return {at, bracket_end(text, at)};
    // A header's secret may hold blanks: it goes on to the line end.
    const bool whole_line = type == "auth" || type == "cookie";
    const std::size_t name_end = static_cast<std::size_t>(name.data() - text.data()) + name.size();
    const bool begins_line = name.data() == text.data() || is_space(name.data()[-1]);
    const bool is_variable = begins_line && sign_end == name_end + 1 && text[name_end] == '=' && is_variable_name(name);
    return {at, run_from(text, at, [whole_line, is_variable](char c) {
        constexpr std::string_view ends = " \t,;&<>\"')]}";
        if (c == '\n' || c == '\r')
            return false;
        return whole_line || (is_variable ? !is_space(c) && !is_quote(c) : ends.find(c) == std::string_view::npos);
    })};
}

bool redactor::take_named_value(std::string_view text, std::size_t& at, std::string& out) const
{
    if (!is_alnum(text[at]) || !begins_name(text, at))
        return false;
    const std::size_t name_end = run_from(text, at, is_name_char);
    if (name_end - at > name_bytes_max)
        return false;
    const std::size_t sign_end = find_sign_end(text, at, name_end);
    if (sign_end == std::string_view::npos)
        return false;
    const std::string_view name = text.substr(at, name_end - at);
    const std::string_view type = secret_name(name);
    if (type.empty())
        return false;
    const auto [value, end] = find_value(text, sign_end, type, name);
    // What an earlier redaction left there is read as the same pair again.
    const std::size_t done = match_token(text.substr(std::min(value, text.size())));
    if (end <= value && done == 0)
        return false;
    if (text[value] == '{' && type == "key" && is_loose_name(name))
        return false;  // As in JSON.
    out += scan(name, 0);
    out += text.substr(name_end, value - name_end);
    out += done > 0 ? std::string(text.substr(value, done)) : token(type, text.substr(value, end - value));
    at = done > 0 ? value + done : end;
    return true;
}

// alice%40example%2Ecom: decoded once and looked at again.
bool redactor::take_encoded(
    std::string_view text, std::size_t& at, std::string& out, int undone, tried_words& tried
) const
{
    const auto is_inside = [](char c) { return is_name_char(c) || c == '%' || c == '+' || c == '~' || c == '@'; };
    const bool was_tried = text.data() + at < tried.encoded_end;
    if ((undone & percent) != 0 || was_tried || !is_inside(text[at]) || (at > 0 && is_inside(text[at - 1])))
        return false;
    std::size_t end = run_from(text, at, is_inside);
    while (end < text.size() && text[end] == ':') {
        // The point of a token in the middle, which began before it.
        const auto begin = text.substr(at, end - at).rfind("%3C");
        const std::size_t token = begin == std::string_view::npos ? 0 : match_token(text.substr(at + begin));
        if (token == 0 || at + begin + token <= end)
            break;
        end = run_from(text, at + begin + token, is_inside);
    }
    const std::string_view raw = text.substr(at, end - at);
    tried.encoded_end = text.data() + end;
    if (raw.find('%') == std::string_view::npos)
        return false;
    const std::string said = percent_decoded(raw, false);
    const std::size_t before = mark();
    const std::string kept = scan(said, undone | percent);
    if (said == raw || kept == said) {
        forget(before);
        return false;
    }
    out += percent_encoded(kept);
    at = end;
    return true;
}

// A secret in base64 is a secret still. Slashes are signs of paths, too: where all of a word says nothing, what
// stands between them is undone.
bool redactor::take_base64(
    std::string_view text, std::size_t& at, std::string& out, int undone, tried_words& tried
) const
{
    constexpr std::size_t bytes_min = 12;
    const bool is_part = text.data() + at < tried.base64_end;
    const auto is_inside = [is_part](char c) { return is_base64(c) && !(is_part && c == '/'); };
    const bool was_tried = text.data() + at < tried.part_end;
    if ((undone & base64) != 0 || was_tried || !is_inside(text[at]) || (at > 0 && is_inside(text[at - 1])))
        return false;
    std::size_t end = run_from(text, at, is_inside);
    (is_part ? tried.part_end : tried.base64_end) = text.data() + end;
    end = std::min(text.substr(0, end).find("--", at), end);  // Of PEM and multipart.
    if (end - at < bytes_min)
        return false;
    const std::string decoded = decode_base64_loosely(text.substr(at, end - at));
    const std::size_t before = mark();
    if (!is_readable(decoded) || scan(decoded, undone | base64) == decoded)
        return false;
    forget(before);  // The whole goes, not its parts.
    end = run_from(text, end, [](char c) { return c == '='; });
    out += token("encoded", text.substr(at, end - at));
    at = end;
    return true;
}

std::string redact_text(std::string_view text, std::string_view key)
{
    return redactor(key).text(text, "text");
}

}  // namespace reprise::telemetry
