#include "reprise/telemetry/body_edit.hpp"

#include "json_cursor.hpp"
#include "text_class.hpp"
#include "utf8.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>

namespace reprise::telemetry {
namespace {

constexpr std::size_t text_piece_bytes_min = 8;

bool contains(std::string_view text, std::string_view part)
{
    const auto same = [](char a, char b) { return to_lower(a) == b; };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

// One member's name as one step of a JSON pointer.
std::string pointer_step(std::string_view raw_key)
{
    boost::json::error_code ec;
    const boost::json::value key = boost::json::parse("\"" + std::string(raw_key) + "\"", ec);
    const std::string_view name = ec ? raw_key : std::string_view(key.get_string());
    std::string step = "/";
    for (const char c : name) {
        if (c == '~')
            step += "~0";
        else if (c == '/')
            step += "~1";
        else
            step += c;
    }
    return step;
}

// Lists what is inside of valid JSON, level by level, so that a limit leaves out the deepest.
class json_lister {
public:
    json_lister(std::string_view body, body_outline& into) : body_(body), into_(into) {}

    void list()
    {
        for (std::size_t next = 0; next < into_.parts.size() && !into_.cut; ++next)
            list_children(static_cast<std::uint32_t>(next));
    }

private:
    void list_children(std::uint32_t parent)
    {
        const std::size_t base = value_begin(into_.parts[parent]);
        json_cursor cursor(body_.substr(base, into_.parts[parent].end - base));
        if (cursor.peek() == '{') {
            cursor.for_each_member([&](std::string_view key) {
                const auto key_begin = static_cast<std::size_t>(key.data() - body_.data()) - 1;
                add(parent, pointer_step(key), key_begin, cursor);
            });
        } else if (cursor.peek() == '[') {
            std::size_t index = 0;
            cursor.for_each_item([&] {
                add(parent, "/" + std::to_string(index++), std::nullopt, cursor);
            });
        }
    }

    void add(std::uint32_t parent, std::string step, std::optional<std::size_t> key_begin, json_cursor& cursor)
    {
        const auto value = cursor.take_value();
        if (!value)
            return;
        if (into_.parts.size() >= body_parts_max) {
            into_.cut = true;
            return;
        }
        const auto value_begin = static_cast<std::size_t>(value->data() - body_.data());
        body_part part;
        part.path = into_.parts[parent].path + step;
        part.depth = into_.parts[parent].depth + 1;
        part.parent = parent;
        part.begin = key_begin.value_or(value_begin);
        part.end = value_begin + value->size();
        into_.parts.push_back(std::move(part));
        value_begins_.push_back(value_begin);
    }

    std::size_t value_begin(const body_part& part) const
    {
        const auto index = static_cast<std::size_t>(&part - into_.parts.data());
        return index == 0 ? part.begin : value_begins_[index - 1];
    }

    std::string_view body_;
    body_outline& into_;
    std::vector<std::size_t> value_begins_;  // Of all parts but the first.
};

void add_flat(body_outline& into, std::string path, std::size_t begin, std::size_t end)
{
    body_part part;
    part.path = std::move(path);
    part.depth = 1;
    part.begin = begin;
    part.end = end;
    into.parts.push_back(std::move(part));
}

void list_fields(std::string_view body, body_outline& into)
{
    for (std::size_t begin = 0; begin <= body.size() && into.parts.size() < body_parts_max;) {
        const std::size_t end = std::min(body.find('&', begin), body.size());
        const std::string_view field = body.substr(begin, end - begin);
        add_flat(into, std::string(field.substr(0, field.find('='))), begin, end);
        begin = end + 1;
    }
}

void list_pieces(std::string_view body, body_outline& into)
{
    const auto lines = static_cast<std::size_t>(std::count(body.begin(), body.end(), '\n')) + 1;
    if (lines > 1) {
        const std::size_t lines_of_piece = (lines + text_pieces_max - 1) / text_pieces_max;
        std::size_t line = 1;
        for (std::size_t begin = 0; begin < body.size();) {
            std::size_t end = begin;
            for (std::size_t i = 0; i < lines_of_piece && end < body.size(); ++i)
                end = std::min(body.find('\n', end), body.size() - 1) + 1;
            add_flat(into, "line " + std::to_string(line), begin, end);
            line += lines_of_piece;
            begin = end;
        }
        return;
    }
    const std::size_t bytes = std::max((body.size() + text_pieces_max - 1) / text_pieces_max, text_piece_bytes_min);
    if (body.size() < 2 * bytes)
        return;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = begin + std::max<std::size_t>(cut_utf8(body.substr(begin), bytes).size(), 1);
        add_flat(into, "byte " + std::to_string(begin), begin, end);
        begin = end;
    }
}

outline_form form_of(std::string_view content_type, std::string_view content_encoding, std::string_view body)
{
    if (body.empty())
        return outline_form::none;
    if ((!content_encoding.empty() && content_encoding != "identity") || !is_utf8(body) ||
        body.find('\0') != std::string_view::npos)
        return outline_form::opaque;
    const auto first = body.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && (body[first] == '{' || body[first] == '[')) {
        boost::json::error_code ec;
        boost::json::parse_options options;
        options.max_depth = 64;
        boost::json::parse(body, ec, {}, options);
        if (!ec)
            return outline_form::json;
    }
    return contains(content_type, "x-www-form-urlencoded") ? outline_form::form : outline_form::text;
}

// Cuts `taken` of a container's children together with what separated them. Cuts come in order.
void cut_children(
    const body_outline& outline, const std::vector<std::uint32_t>& children, const std::vector<bool>& taken_out,
    std::vector<std::pair<std::size_t, std::size_t>>& cuts
)
{
    std::size_t last_left = children.size();
    for (std::size_t i = 0; i < children.size(); ++i)
        last_left = taken_out[children[i]] ? last_left : i;
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (!taken_out[children[i]])
            continue;
        const body_part& part = outline.parts[children[i]];
        const bool is_tail = last_left != children.size() && i > last_left;
        const bool has_next = i + 1 < children.size();
        const std::size_t begin = is_tail ? outline.parts[children[i - 1]].end : part.begin;
        cuts.emplace_back(begin, !is_tail && has_next ? outline.parts[children[i + 1]].begin : part.end);
    }
}

}  // namespace

body_outline outline_body(std::string_view content_type, std::string_view content_encoding, std::string_view body)
{
    body_outline outline;
    outline.form = form_of(content_type, content_encoding, body);
    if (outline.form == outline_form::none)
        return outline;
    body_part whole;
    whole.end = body.size();
    outline.parts.push_back(whole);
    if (outline.form == outline_form::json)
        json_lister(body, outline).list();
    else if (outline.form == outline_form::form)
        list_fields(body, outline);
    else if (outline.form == outline_form::text)
        list_pieces(body, outline);
    return outline;
}

std::string without_parts(std::string_view body, const body_outline& outline, const std::vector<bool>& taken_out)
{
    if (outline.parts.empty())
        return std::string(body);
    if (taken_out[0])
        return {};
    std::vector<std::vector<std::uint32_t>> children(outline.parts.size());
    for (std::uint32_t i = 1; i < outline.parts.size(); ++i)
        children[outline.parts[i].parent].push_back(i);
    std::vector<std::pair<std::size_t, std::size_t>> cuts;
    for (const auto& of_one : children)
        cut_children(outline, of_one, taken_out, cuts);
    std::sort(cuts.begin(), cuts.end());
    std::string out;
    std::size_t at = 0;
    for (const auto& [begin, end] : cuts) {
        if (begin > at)
            out += body.substr(at, begin - at);
        at = std::max(at, end);
    }
    return out += body.substr(at);
}

}  // namespace reprise::telemetry
