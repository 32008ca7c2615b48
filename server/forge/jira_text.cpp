#include "jira_text.hpp"

#include "dialect.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace reprise::forge {
namespace {

namespace json = boost::json;

constexpr std::string_view zero_width_space = "\xE2\x80\x8B";

// What plain() put in against links: nodes make none of their own.
std::string without_breaks(std::string text)
{
    for (auto at = text.find(zero_width_space); at != std::string::npos; at = text.find(zero_width_space, at))
        text.erase(at, zero_width_space.size());
    return text;
}

json::object node(std::string_view type)
{
    json::object made;
    made["type"] = type;
    return made;
}

json::object text_node(const span& one)
{
    json::object made = node("text");
    made["text"] = without_breaks(one.text);
    json::object mark;
    switch (one.kind) {
    case span_kind::text: return made;
    case span_kind::code: mark["type"] = "code"; break;
    case span_kind::strong: mark["type"] = "strong"; break;
    case span_kind::link:
        mark["type"] = "link";
        mark["attrs"] = json::object{{"href", one.text}};
        break;
    }
    json::array marks;
    marks.push_back(std::move(mark));
    made["marks"] = std::move(marks);
    return made;
}

// Empty text nodes are refused by Jira.
json::object inline_node(std::string_view type, const spans& line)
{
    json::object made = node(type);
    json::array content;
    for (const span& one : line) {
        if (!one.text.empty())
            content.push_back(text_node(one));
    }
    made["content"] = std::move(content);
    return made;
}

json::object wrapped(std::string_view type, json::object inner)
{
    json::object made = node(type);
    json::array content;
    content.push_back(std::move(inner));
    made["content"] = std::move(content);
    return made;
}

json::object list_node(const block& from)
{
    json::object made = node("bulletList");
    json::array items;
    for (const spans& line : from.lines)
        items.push_back(wrapped("listItem", inline_node("paragraph", line)));
    made["content"] = std::move(items);
    return made;
}

json::object table_node(const block& from)
{
    json::object made = node("table");
    json::array rows;
    for (std::size_t i = 0; i < from.rows.size(); ++i) {
        json::object row = node("tableRow");
        json::array cells;
        for (const spans& cell : from.rows[i])
            cells.push_back(wrapped(i == 0 ? "tableHeader" : "tableCell", inline_node("paragraph", cell)));
        row["content"] = std::move(cells);
        rows.push_back(std::move(row));
    }
    made["content"] = std::move(rows);
    return made;
}

json::object code_node(const block& from)
{
    json::object made = node("codeBlock");
    if (!from.language.empty())
        made["attrs"] = json::object{{"language", from.language}};
    json::array content;
    if (!from.code.empty())
        content.push_back(json::object{{"type", "text"}, {"text", from.code}});
    made["content"] = std::move(content);
    return made;
}

json::object block_node(const block& from)
{
    switch (from.kind) {
    case block_kind::heading: {
        json::object made = inline_node("heading", from.lines.front());
        made["attrs"] = json::object{{"level", from.level}};
        return made;
    }
    case block_kind::list: return list_node(from);
    case block_kind::table: return table_node(from);
    case block_kind::code: return code_node(from);
    case block_kind::rule: return node("rule");
    case block_kind::paragraph: break;
    }
    return inline_node("paragraph", from.lines.front());
}

json::array nodes_of(std::string_view markdown)
{
    json::array content;
    for (const block& one : parse_markdown(markdown))
        content.push_back(block_node(one));
    return content;
}

// "{code}" within code would end it.
std::string code_text(std::string text)
{
    for (const std::string_view word : {"{code", "{noformat"}) {
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 2))
            text.insert(at + 1, " ");
    }
    return text;
}

std::string wiki_spans(const spans& line)
{
    std::string out;
    for (const span& one : line) {
        switch (one.kind) {
        case span_kind::text: out += wiki_plain(one.text); break;
        case span_kind::code: out.append("{{").append(wiki_plain(one.text)).append("}}"); break;
        case span_kind::strong: out.append("*").append(wiki_plain(one.text)).append("*"); break;
        case span_kind::link: out.append("[").append(one.text).append("]"); break;
        }
    }
    return out;
}

std::string wiki_table(const block& from)
{
    std::string out;
    for (std::size_t i = 0; i < from.rows.size(); ++i) {
        const std::string_view border = i == 0 ? "||" : "|";
        out += border;
        for (const spans& cell : from.rows[i]) {
            const std::string text = wiki_spans(cell);
            // Two borders without anything between them are a header's.
            out.append(text.empty() ? " " : text).append(border);
        }
        out += '\n';
    }
    return out;
}

std::string wiki_block(const block& from)
{
    std::string out;
    switch (from.kind) {
    case block_kind::heading: return "h" + std::to_string(from.level) + ". " + wiki_spans(from.lines.front()) + "\n";
    case block_kind::list:
        for (const spans& line : from.lines)
            out += "* " + wiki_spans(line) + "\n";
        return out;
    case block_kind::table: return wiki_table(from);
    case block_kind::code: return "{noformat}\n" + code_text(from.code) + "\n{noformat}\n";
    case block_kind::rule: return "----\n";
    case block_kind::paragraph: break;
    }
    return wiki_spans(from.lines.front()) + "\n";
}

std::string wiki_of(std::string_view markdown)
{
    std::string out;
    for (const block& one : parse_markdown(markdown)) {
        if (!out.empty())
            out += '\n';
        out += wiki_block(one);
    }
    return out;
}

// What `render` makes of as much of the text as fits.
template <class Render, class Size>
auto fit(std::string_view markdown, Render render, Size size)
{
    std::size_t bytes = std::min(markdown.size(), jira_text_bytes_max);
    auto made = render(cut_markdown(markdown, bytes));
    while (size(made) > jira_text_bytes_max && bytes > 1'000) {
        bytes = bytes * 3 / 4;
        made = render(cut_markdown(markdown, bytes));
    }
    return made;
}

std::size_t text_bytes(const json::array& nodes)
{
    std::size_t sum = 0;
    for (const json::value& one : nodes) {
        const json::object& object = one.get_object();
        if (const json::value* text = object.if_contains("text"))
            sum += text->get_string().size();
        if (const json::value* content = object.if_contains("content"))
            sum += text_bytes(content->get_array()) + 1;
    }
    return sum;
}

}  // namespace

json::object to_adf(std::string_view markdown, std::string_view marker)
{
    json::array content = fit(markdown, nodes_of, [](const json::array& made) { return text_bytes(made); });
    block last;
    last.kind = block_kind::code;
    last.code = std::string(marker);
    content.push_back(node("rule"));
    content.push_back(code_node(last));
    json::object made = node("doc");
    made["version"] = 1;
    made["content"] = std::move(content);
    return made;
}

std::string wiki_plain(std::string_view text)
{
    constexpr std::string_view markup = "*_-+^~?{}[]!|#:(&";
    std::string out;
    out.reserve(text.size() * 2);
    for (const char one : text) {
        // Entities are shown as what they are in every place; a backslash only escapes some characters in some.
        if (one == '\\')
            out += "&#92;";
        else if (markup.find(one) != std::string_view::npos)
            out.append("&#").append(std::to_string(static_cast<int>(one))).append(";");
        else
            out += one;
    }
    // "bq. " and "h1. " at the start of a line.
    const auto dot = out.find(". ");
    if (dot != std::string::npos && dot <= 2)
        out.replace(dot, 1, "&#46;");
    return out;
}

std::string to_wiki(std::string_view markdown, std::string_view marker)
{
    std::string out = fit(markdown, wiki_of, [](const std::string& made) { return made.size(); });
    return out + "\n----\n{noformat}\n" + std::string(marker) + "\n{noformat}\n";
}

}  // namespace reprise::forge
