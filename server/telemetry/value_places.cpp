#include "value_places.hpp"

#include "call.hpp"
#include "flow_rules.hpp"
#include "redactor.hpp"
#include "secret_find.hpp"
#include "secret_names.hpp"
#include "text_class.hpp"

#include <algorithm>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::size_t pieces_max = 32;
constexpr std::size_t text_before_bytes = 32;
constexpr std::size_t word_bytes_min = 8;

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), to_lower);
    return out;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view signs)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(signs), text.size());
        if (end > 0)
            parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// "Bearer x": where x begins; 0 when it is no scheme and credentials.
std::size_t scheme_bytes(std::string_view value)
{
    constexpr std::size_t scheme_bytes_max = 16;
    const auto blank = value.find(' ');
    if (blank == 0 || blank > scheme_bytes_max || value.find(' ', blank + 1) != std::string_view::npos)
        return 0;
    return std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(blank), is_letter) ? blank + 1 : 0;
}

// "sid=x" of "sid=x; Path=/" or of one of "sid=x; theme=dark".
struct cookie_pair {
    std::string_view name;
    std::string_view value;
};

cookie_pair split_cookie(std::string_view text)
{
    const std::size_t sign = std::min(text.find('='), text.size());
    return {trimmed(text.substr(0, sign)), trimmed(text.substr(std::min(sign + 1, text.size())))};
}

void add_cookie(std::vector<placed_value>& out, const cookie_pair& cookie)
{
    const value_place place{value_part::cookie, std::string(cookie.name), std::nullopt};
    out.push_back({place, {}, std::string(cookie.value), {}, false});
    if (cookie.value.find('%') != std::string_view::npos && match_token(cookie.value) == 0)
        out.push_back({place, {}, percent_decoded(cookie.value, false), {}, true});
}

// The pieces of a path or URL, each with what stands around it.
void add_pieces(std::vector<placed_value>& out, const value_place& place, std::string_view text)
{
    const auto pieces = split_pieces(text);
    const std::size_t count = std::min(pieces.size(), pieces_max);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view piece = pieces[pieces.size() - 1 - i];
        const auto begin = static_cast<std::size_t>(piece.data() - text.data());
        value_place at = place;
        at.piece = static_cast<std::uint32_t>(i);
        out.push_back({at, std::string(text.substr(0, begin)), percent_decoded(piece, false),
                       std::string(text.substr(begin + piece.size())), false});
    }
}

void add_value(std::vector<placed_value>& out, value_place place, std::string_view value)
{
    if (value.size() > flow_value_bytes_max)
        return;
    if (looks_like_path(value)) {
        add_pieces(out, place, value);
        return;
    }
    const std::size_t scheme = scheme_bytes(value);
    out.push_back(
        {std::move(place), std::string(value.substr(0, scheme)), std::string(value.substr(scheme)), {}, false}
    );
}

bool may_flow(const body_field& field)
{
    return !field.cut && (field.type == field_type::text || field.type == field_type::number);
}

void add_fields(std::vector<placed_value>& out, value_part part, const body_fields& fields)
{
    for (const body_field& field : fields.fields) {
        if (may_flow(field))
            add_value(out, {part, field.path, std::nullopt}, field.value);
    }
}

bool is_in_word(char c)
{
    constexpr std::string_view ends = "\"'`<>&;,()[]{}\\";
    return !is_space(c) && ends.find(c) == std::string_view::npos;
}

// Of a token of ours or of a run without blanks, quotes and brackets.
std::size_t word_bytes(std::string_view text)
{
    if (const std::size_t token = match_token(text); token > 0)
        return token;
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_in_word) - text.begin());
}

// What stands in HTML, XML or a script, each with the text before it.
void add_words(std::vector<placed_value>& out, std::string_view text)
{
    std::size_t words = 0;
    for (std::size_t at = 0; at < text.size() && words < flow_words_max;) {
        const std::size_t bytes = word_bytes(text.substr(at));
        const std::string_view word = text.substr(at, bytes);
        if (bytes >= word_bytes_min && bytes <= flow_value_bytes_max && find_strength(word) == flow_strength::strong) {
            const std::size_t before = std::min(at, text_before_bytes);
            out.push_back({{value_part::text, std::string(text.substr(at - before, before)), std::nullopt}, {},
                           std::string(word), {}, false});
            ++words;
        }
        at += std::max<std::size_t>(bytes, 1);
    }
}

bool is_clean(std::string_view value)
{
    return std::none_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
}

std::optional<std::string> find_cookie(const model::header_list& headers, std::string_view name)
{
    std::optional<std::string> found;
    for (const auto& [header, value] : headers) {
        const cookie_pair cookie = split_cookie(std::string_view(value).substr(0, value.find(';')));
        if (is_same_text(header, "set-cookie") && cookie.name == name)
            found = cookie.value;
    }
    return found;
}

std::optional<std::string> find_behind(std::string_view text, std::string_view before)
{
    const auto at = text.find(before);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = text.substr(at + before.size());
    return std::string(rest.substr(0, word_bytes(rest)));
}

auto find_named(model::header_list& headers, std::string_view name)
{
    return std::find_if(headers.begin(), headers.end(), [name](const auto& header) {
        return is_same_text(header.first, name);
    });
}

}  // namespace

std::vector<std::string_view> split_segments(std::string_view path)
{
    return split(path.substr(0, path.find('?')), "/");
}

std::vector<std::string_view> split_pieces(std::string_view text)
{
    return split(text, "/?&=#");
}

bool looks_like_path(std::string_view text)
{
    const bool begins = text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://");
    return begins && text.find_first_of(" \t\r\n") == std::string_view::npos;
}

std::vector<placed_value> list_sent_values(const model::exchange& exchange)
{
    std::vector<placed_value> out;
    const std::string_view target = path_and_query(exchange.path);
    std::size_t index = 0;
    for (const std::string_view segment : split_segments(target))
        out.push_back(
            {{value_part::path, std::to_string(index++), std::nullopt}, {}, percent_decoded(segment, false), {}, false}
        );
    if (const auto query = target.find('?'); query != std::string_view::npos)
        add_fields(out, value_part::query, flatten_body(target.substr(query + 1), form_type));
    for (const auto& [name, value] : exchange.request_headers) {
        const std::string lower = lowered(name);
        if (lower == "cookie") {
            for (const std::string_view pair : split(value, ";"))
                add_cookie(out, split_cookie(pair));
        } else if (is_target_header(lower) && is_secret_header(lower)) {
            // Nothing of the capture but the scheme may stand beside a value of this run.
            const std::size_t scheme = scheme_bytes(value);
            out.push_back({{value_part::header, lower, std::nullopt}, value.substr(0, scheme), value.substr(scheme), {},
                           false});
        } else if (is_target_header(lower)) {
            add_value(out, {value_part::header, lower, std::nullopt}, value);
        }
    }
    const std::string_view type = model::find_header(exchange.request_headers, "content-type");
    add_fields(out, value_part::body, flatten_body(exchange.request_body, type));
    return out;
}

std::vector<placed_value> list_answered_values(const model::exchange& exchange)
{
    std::vector<placed_value> out;
    for (const auto& [name, value] : exchange.response_headers) {
        const std::string lower = lowered(name);
        const value_place place{value_part::header, lower, std::nullopt};
        if (lower == "set-cookie")
            add_cookie(out, split_cookie(std::string_view(value).substr(0, value.find(';'))));
        else if (lower == "location" || lower == "content-location")
            add_pieces(out, place, value);
        else if (is_source_header(lower))
            add_value(out, place, value);
    }
    const std::string_view type = model::find_header(exchange.response_headers, "content-type");
    const body_fields fields = flatten_body(exchange.response_body, type);
    if (fields.form == body_form::text)
        add_words(out, exchange.response_body);
    else
        add_fields(out, value_part::body, fields);
    return out;
}

answer_reader::answer_reader(const answer_parts& answer) : answer_(answer) {}

std::optional<std::string> answer_reader::find_whole(const value_place& place) const
{
    switch (place.part) {
    case value_part::cookie: return find_cookie(answer_.headers, place.name);
    case value_part::text: return find_behind(answer_.body, place.name);
    case value_part::header: {
        const auto found = std::find_if(answer_.headers.begin(), answer_.headers.end(), [&place](const auto& header) {
            return is_same_text(header.first, place.name);
        });
        return found == answer_.headers.end() ? std::nullopt : std::optional(found->second);
    }
    case value_part::body: {
        if (!fields_)
            fields_ = flatten_body(answer_.body, model::find_header(answer_.headers, "content-type"));
        const body_field* field = find_field(*fields_, place.name);
        return field == nullptr || !may_flow(*field) ? std::nullopt : std::optional(field->value);
    }
    case value_part::path:
    case value_part::query: break;
    }
    return std::nullopt;
}

std::optional<std::string> answer_reader::find(const value_place& place, bool decodes) const
{
    auto whole = find_whole(place);
    if (!whole || whole->empty())
        return std::nullopt;
    if (place.piece) {
        const auto pieces = split_pieces(*whole);
        if (*place.piece >= pieces.size())
            return std::nullopt;
        return percent_decoded(pieces[pieces.size() - 1 - *place.piece], false);
    }
    if (decodes)
        return percent_decoded(*whole, false);
    const bool has_scheme = place.part == value_part::header || place.part == value_part::body;
    return has_scheme ? whole->substr(scheme_bytes(*whole)) : whole;
}

request_writer::request_writer(const request_parts& request) : request_(request) {}

std::string request_writer::write(const value_flow& flow, std::string_view value)
{
    const std::string text = flow.before + std::string(value) + flow.after;
    switch (flow.place.part) {
    case value_part::header: return write_header(flow, text);
    case value_part::cookie: return write_cookie(flow, flow.encodes ? percent_encoded(value) : text);
    case value_part::query: return write_query(flow, text);
    case value_part::body:
        changes_.push_back({flow.place.name, flow.before + flow.captured + flow.after, text});
        return {};
    case value_part::path: write_segment(flow, text); return {};
    case value_part::text: break;
    }
    return {};
}

std::string request_writer::finish()
{
    if (changes_.empty())
        return {};
    const std::string_view type = model::find_header(request_.headers, "content-type");
    const body_fields fields = flatten_body(request_.body, type);
    std::vector<field_change> wanted;
    for (body_change& change : changes_) {
        const body_field* field = find_field(fields, change.path);
        if (field != nullptr && field->value == change.captured)
            wanted.push_back({std::move(change.path), std::move(change.value)});
    }
    changes_.clear();
    if (wanted.empty())
        return {};
    auto changed = replace_fields(request_.body, type, wanted);
    if (!changed)
        return changed.error().reason;
    request_.body = std::move(*changed);
    return {};
}

void request_writer::write_segment(const value_flow& flow, std::string_view text)
{
    std::string& path = request_.path;
    std::size_t index = 0;
    for (const std::string_view segment : split_segments(path)) {
        if (std::to_string(index++) != flow.place.name)
            continue;
        if (percent_decoded(segment, false) != flow.captured)
            return;
        const auto begin = static_cast<std::size_t>(segment.data() - path.data());
        path.replace(begin, segment.size(), percent_encoded(text));
        return;
    }
}

std::string request_writer::write_query(const value_flow& flow, std::string_view text)
{
    const auto mark = request_.path.find('?');
    if (mark == std::string::npos)
        return {};
    const std::string query = request_.path.substr(mark + 1);
    const body_fields fields = flatten_body(query, form_type);
    const body_field* field = find_field(fields, flow.place.name);
    if (field == nullptr || field->value != flow.before + flow.captured + flow.after)
        return {};
    const auto changed = replace_field(query, form_type, flow.place.name, text);
    if (!changed)
        return changed.error().reason;
    request_.path.replace(mark + 1, std::string::npos, *changed);
    return {};
}

std::string request_writer::write_header(const value_flow& flow, std::string text)
{
    if (!is_clean(text))
        return "the value has control characters, which no header may carry";
    const auto found = find_named(request_.headers, flow.place.name);
    if (found == request_.headers.end())
        request_.headers.emplace_back(flow.place.name, std::move(text));
    else if (found->second == flow.before + flow.captured + flow.after)
        found->second = std::move(text);
    return {};
}

std::string request_writer::write_cookie(const value_flow& flow, std::string_view text)
{
    if (!is_clean(text) || text.find_first_of("; ,") != std::string_view::npos)
        return "the value has characters that no cookie may carry";
    const auto header = find_named(request_.headers, "cookie");
    const std::string pair = flow.place.name + "=" + std::string(text);
    if (header == request_.headers.end()) {
        request_.headers.emplace_back("Cookie", pair);
        return {};
    }
    std::string& cookies = header->second;
    for (const std::string_view one : split(cookies, ";")) {
        const cookie_pair cookie = split_cookie(one);
        if (cookie.name != flow.place.name)
            continue;
        const std::string said = flow.encodes ? percent_decoded(cookie.value, false) : std::string(cookie.value);
        if (said == flow.captured) {
            const auto begin = static_cast<std::size_t>(cookie.name.data() - cookies.data());
            const auto end = static_cast<std::size_t>(cookie.value.data() - cookies.data()) + cookie.value.size();
            cookies.replace(begin, end - begin, pair);
        }
        return {};
    }
    cookies += (cookies.empty() ? "" : "; ") + pair;
    return {};
}

}  // namespace reprise::telemetry
