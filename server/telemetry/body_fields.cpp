#include "reprise/telemetry/body_fields.hpp"

#include "field_list.hpp"
#include "json_fields.hpp"
#include "redact_multipart.hpp"
#include "redactor.hpp"
#include "text_class.hpp"
#include "utf8.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// "application/vnd.api+json; charset=utf-8" -> "application/vnd.api+json"
std::string media_type(std::string_view content_type)
{
    std::string out;
    for (const char c : content_type.substr(0, content_type.find(';'))) {
        if (!is_space(c))
            out += to_lower(c);
    }
    return out;
}

bool is_text(std::string_view body)
{
    return body.find('\0') == std::string_view::npos && is_utf8(body);
}

std::string digest_text(std::string_view bytes)
{
    return "sha256:" + sha256_hex(bytes);
}

bool looks_like_json(std::string_view body)
{
    if (body.starts_with(byte_order_mark))
        body.remove_prefix(byte_order_mark.size());
    const auto first = std::find_if_not(body.begin(), body.end(), is_space);
    return first != body.end() && (*first == '{' || *first == '[');
}

// Types that say nothing about what is inside.
bool says_no_form(std::string_view media)
{
    return media.empty() || media == "text/plain" || media == "application/octet-stream" || media == "*/*";
}

body_form find_form(std::string_view body, std::string_view content_type)
{
    const std::string media = media_type(content_type);
    if (body.empty())
        return body_form::empty;
    if (body.size() > body_bytes_max)
        return body_form::binary;
    if (media.starts_with("multipart/") && !multipart_boundary(content_type).empty())
        return body_form::multipart;  // Parts may be binary, the whole is not.
    if (!is_text(body))
        return body_form::binary;
    if (media.ends_with("/json") || media.ends_with("+json"))
        return body_form::json;
    if (media == "application/x-www-form-urlencoded")
        return body_form::form;
    if (!says_no_form(media))
        return body_form::text;
    if (looks_like_json(body))
        return body_form::json;
    if (!multipart_boundary_of_body(body).empty())
        return body_form::multipart;
    return is_form(body, {}) ? body_form::form : body_form::text;
}

std::string_view boundary_of(std::string_view body, std::string_view content_type)
{
    const std::string_view declared = multipart_boundary(content_type);
    return declared.empty() ? multipart_boundary_of_body(body) : declared;
}

void list_form_fields(std::string_view body, field_list& out)
{
    repeated_names names;
    while (!body.empty()) {
        const std::string_view pair = body.substr(0, body.find('&'));
        const std::size_t sign = std::min(pair.find('='), pair.size());
        const std::string_view raw = pair.substr(std::min(sign + 1, pair.size()));
        if (!pair.empty())
            out.add(
                names.path_of(percent_decoded(pair.substr(0, sign), true)), raw, percent_decoded(raw, true),
                field_type::text
            );
        body.remove_prefix(std::min(pair.size() + 1, body.size()));
    }
}

// Where the next line that is a boundary begins, or the end.
std::size_t find_boundary_line(std::string_view body, std::string_view line, std::size_t from)
{
    for (auto at = body.find(line, from); at != std::string_view::npos; at = body.find(line, at + 1)) {
        if (at == 0 || body[at - 1] == '\n')
            return at;
    }
    return body.size();
}

struct part_content {
    std::string_view headers;
    std::string_view content;
};

std::optional<part_content> split_part(std::string_view part)
{
    for (const std::string_view blank : {"\r\n\r\n", "\n\n"}) {
        const auto at = part.find(blank);
        if (at == std::string_view::npos)
            continue;
        std::string_view content = part.substr(at + blank.size());
        if (content.ends_with('\n'))
            content.remove_suffix(content.ends_with("\r\n") ? 2 : 1);
        return part_content{part.substr(0, at), content};
    }
    return std::nullopt;
}

void list_part_fields(std::string_view body, std::string_view boundary, field_list& out)
{
    const std::string line = "--" + std::string(boundary);
    repeated_names names;
    std::size_t at = find_boundary_line(body, line, 0);
    while (at < body.size()) {
        const std::size_t begin = at + line.size();
        const std::size_t end = find_boundary_line(body, line, begin);
        if (const auto part = split_part(body.substr(begin, end - begin))) {
            const bool text = is_text(part->content);
            out.add(
                names.path_of(multipart_field_name(part->headers)), part->content,
                text ? std::string(part->content) : digest_text(part->content),
                text ? field_type::text : field_type::binary
            );
        }
        at = end;
    }
}

std::string written_in_json(field_type old, std::string_view value)
{
    const bool was_literal = old == field_type::number || old == field_type::boolean || old == field_type::null;
    return was_literal && is_json_literal(value) ? std::string(value) : quoted_json(value);
}

// How `value` is written in place of `field`; an error when it cannot be.
decode_result<std::string> written_value(
    const body_field& field, body_form form, std::string_view boundary, std::string_view value
)
{
    switch (form) {
    case body_form::json: return written_in_json(field.type, value);
    case body_form::form: return percent_encoded(value);
    case body_form::multipart:
        if (find_boundary_line("\n" + std::string(value), "--" + std::string(boundary), 0) <= value.size())
            return decode_error{field.offset, "the value of \"" + field.path + "\" holds the boundary of its body"};
        return std::string(value);
    case body_form::empty:
    case body_form::text:
    case body_form::binary: break;
    }
    return std::string(value);
}

const field_change* find_change(std::span<const field_change> changes, std::string_view path)
{
    const auto found = std::find_if(changes.begin(), changes.end(), [path](const field_change& one) {
        return one.path == path;
    });
    return found == changes.end() ? nullptr : &*found;
}

}  // namespace

body_fields flatten_body(std::string_view body, std::string_view content_type)
{
    field_list list(body);
    switch (const body_form form = find_form(body, content_type)) {
    case body_form::empty: return {};
    case body_form::binary: {
        list.add({}, body, digest_text(body), field_type::binary);
        body_fields whole = list.take(form);
        if (body.size() > body_bytes_max)
            whole.note = "the body is longer than " + std::to_string(body_bytes_max) + " bytes";
        return whole;
    }
    case body_form::multipart: list_part_fields(body, boundary_of(body, content_type), list); return list.take(form);
    case body_form::form: list_form_fields(body, list); return list.take(form);
    case body_form::text: break;
    case body_form::json: {
        const std::size_t mark = body.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
        auto fault = list_json_fields(body.substr(mark), list);
        if (!fault)
            return list.take(form);
        fault->offset += mark;
        list.clear();
        list.add({}, body, std::string(body), field_type::text);
        body_fields whole = list.take(body_form::text);
        whole.note = "not JSON: " + to_text(*fault);
        return whole;
    }
    }
    list.add({}, body, std::string(body), field_type::text);
    return list.take(body_form::text);
}

const body_field* find_field(const body_fields& body, std::string_view path) noexcept
{
    const auto found = std::find_if(body.fields.begin(), body.fields.end(), [path](const body_field& field) {
        return field.path == path;
    });
    return found == body.fields.end() ? nullptr : &*found;
}

decode_result<std::string> replace_fields(
    std::string_view body, std::string_view content_type, std::span<const field_change> changes
)
{
    const body_fields fields = flatten_body(body, content_type);
    for (const field_change& change : changes) {
        if (find_field(fields, change.path) == nullptr)
            return decode_error{0, "the body has no field \"" + change.path + "\""};
    }
    const std::string_view boundary = boundary_of(body, content_type);
    std::string out;
    std::size_t done = 0;
    for (const body_field& field : fields.fields) {
        const field_change* change = find_change(changes, field.path);
        if (change == nullptr)
            continue;
        const auto written = written_value(field, fields.form, boundary, change->value);
        if (!written)
            return written.error();
        out += body.substr(done, field.offset - done);
        if (fields.form == body_form::form && (field.offset == 0 || body[field.offset - 1] != '='))
            out += '=';  // "a&b" has names alone.
        out += *written;
        done = field.offset + field.bytes;
    }
    out += body.substr(done);
    return out;
}

decode_result<std::string> replace_field(
    std::string_view body, std::string_view content_type, std::string_view path, std::string_view value
)
{
    const field_change change{std::string(path), std::string(value)};
    return replace_fields(body, content_type, {&change, 1});
}

std::string shown_text(std::string_view value, std::size_t bytes_max)
{
    std::string out = repair_utf8(cut_utf8(value, bytes_max));
    return value.size() > bytes_max ? out + "..." : out;
}

std::string_view to_text(body_form value) noexcept
{
    switch (value) {
    case body_form::empty: return "empty";
    case body_form::json: return "json";
    case body_form::form: return "form";
    case body_form::multipart: return "multipart";
    case body_form::text: return "text";
    case body_form::binary: return "binary";
    }
    return "";
}

std::string_view to_text(field_type value) noexcept
{
    switch (value) {
    case field_type::text: return "text";
    case field_type::number: return "number";
    case field_type::boolean: return "boolean";
    case field_type::null: return "null";
    case field_type::object: return "object";
    case field_type::array: return "array";
    case field_type::binary: return "binary";
    }
    return "";
}

}  // namespace reprise::telemetry
