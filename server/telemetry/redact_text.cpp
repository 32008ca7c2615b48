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
constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t again_bytes_max = 4096;
constexpr int percent = 1;
constexpr int base64 = 2;

template <class Is>
std::size_t run_from(std::string_view text, std::size_t at, Is is)
{
    while (at < text.size() && is(text[at]))
        ++at;
    return at;
}

bool is_name_char(char c)
{
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

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

// The end of a value that no quote ends. A header's secret may hold blanks: it goes on to the line end.
std::size_t bare_value_end(std::string_view text, std::size_t at, std::string_view type)
{
    const bool whole_line = type == "auth" || type == "cookie";
    return run_from(text, at, [whole_line](char c) {
        constexpr std::string_view ends = " \t,;&<>\"')]}";
        return c != '\n' && c != '\r' && (whole_line || ends.find(c) == std::string_view::npos);
    });
}

// `escaped`: the value stands in a text that is quoted itself, so that its quotes are \".
std::size_t quoted_value_end(std::string_view text, std::size_t at, char quote, bool escaped)
{
    if (escaped)
        return std::min(text.find(std::string("\\") + quote, at), text.size());
    while (at < text.size() && text[at] != quote)
        at += text[at] == '\\' ? 2U : 1U;
    return std::min(at, text.size());
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
    for (; first < mark(); ++first)
        (*changes_)[first].place = place;
    note(place);
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
        if (kept == 0 && !take_login(text, at, out) && !take_element(text, at, out) && !take_secret(text, at, out) &&
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

// name=value, name: value, "name": "value", name="value", --name=value, --name value.
bool redactor::take_named_value(std::string_view text, std::size_t& at, std::string& out) const
{
    if (!is_alnum(text[at]) || !begins_name(text, at))
        return false;
    const std::size_t name_end = run_from(text, at, is_name_char);
    if (name_end - at > name_bytes_max)
        return false;
    std::size_t sign = name_end;
    if (sign < text.size() && (text[sign] == '"' || text[sign] == '\'' || text[sign] == '\\'))
        sign = run_from(text, sign, [](char c) { return c == '"' || c == '\'' || c == '\\'; });
    sign = run_from(text, sign, [](char c) { return c == ' '; });
    const bool is_option = sign == name_end + 1 && text.substr(0, at).ends_with("--");
    if (is_option && sign < text.size() && text[sign] != '-')
        sign = name_end;
    else if (sign >= text.size() || (text[sign] != '=' && text[sign] != ':') || text.substr(sign).starts_with("://"))
        return false;
    const std::string_view type = secret_name(text.substr(at, name_end - at));
    if (type.empty())
        return false;
    std::size_t value = run_from(text, sign + 1, [](char c) { return c == ' ' || c == '\\' || c == '=' || c == '>'; });
    const bool quoted = value < text.size() && (text[value] == '"' || text[value] == '\'');
    value += quoted ? 1 : 0;
    const bool escaped = quoted && text[value - 2] == '\\';
    const std::size_t end =
        quoted ? quoted_value_end(text, value, text[value - 1], escaped) : bare_value_end(text, value, type);
    // What an earlier redaction left there is read as the same pair again.
    const std::size_t done = match_token(text.substr(std::min(value, text.size())));
    if (end <= value && done == 0)
        return false;
    out += scan(text.substr(at, name_end - at), 0);
    out += text.substr(name_end, value - name_end);
    out += done > 0 ? std::string(text.substr(value, done)) : token(type, text.substr(value, end - value));
    at = done > 0 ? value + done : end;
    return true;
}

// <password>x</password>, with name space and attributes.
bool redactor::take_element(std::string_view text, std::size_t& at, std::string& out) const
{
    constexpr std::size_t tag_bytes_max = 512;
    if (text[at] != '<' || at + 1 >= text.size() || !is_letter(text[at + 1]))
        return false;
    std::size_t name_end = run_from(text, at + 1, [](char c) { return c == ':' || (is_name_char(c) && c != '.'); });
    std::string_view name = text.substr(at + 1, name_end - at - 1);
    name = name.substr(name.rfind(':') + 1);
    const auto close = text.substr(0, std::min(text.size(), at + tag_bytes_max)).find('>', name_end);
    if (close == std::string_view::npos || text[close - 1] == '/' || !(close == name_end || is_space(text[name_end])))
        return false;
    const std::string_view type = secret_name(name);
    if (type.empty())
        return false;
    const std::string_view attributes = text.substr(name_end, close + 1 - name_end);
    const std::size_t done = match_token(text.substr(close + 1));
    const std::size_t end = done > 0 ? close + 1 + done : std::min(text.find('<', close), text.size());
    if (end == close + 1 || attributes.find('<') != std::string_view::npos)
        return false;
    out += '<';
    out += scan(text.substr(at + 1, close - at - 1), 0);
    out += '>';
    out += token(type, text.substr(close + 1, end - close - 1));
    at = end;
    return true;
}

// scheme://user:password@host
bool redactor::take_login(std::string_view text, std::size_t& at, std::string& out) const
{
    if (!text.substr(at).starts_with("://"))
        return false;
    const std::size_t end = run_from(text, at + 3, [](char c) {
        constexpr std::string_view ends = "/?#\"'<>";
        return !is_space(c) && ends.find(c) == std::string_view::npos;
    });
    const std::string_view authority = text.substr(at + 3, end - at - 3);
    const auto login_bytes = authority.rfind('@');
    if (login_bytes == std::string_view::npos || login_bytes == 0)
        return false;
    out += "://";
    out += percent_encoded(token("login", percent_decoded(authority.substr(0, login_bytes), false)));
    at += 3 + login_bytes;
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
