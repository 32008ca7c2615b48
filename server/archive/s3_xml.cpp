#include "s3_xml.hpp"

#include "reprise/net/url.hpp"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace reprise::archive {
namespace {

namespace pt = boost::property_tree;

constexpr std::size_t code_bytes_max = 64;
constexpr std::size_t message_bytes_max = 300;
constexpr std::size_t upload_id_bytes_max = 1'024;

// The parser descends by recursion: how deep is not for a stranger to decide. Never says less than the depth.
bool is_shallow(std::string_view xml)
{
    std::size_t depth = 0;
    for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
        const char next = at + 1 < xml.size() ? xml[at + 1] : '\0';
        if (next == '?')
            continue;
        if (next == '!')
            return false;  // No answer of S3 has a comment, a document type or CDATA.
        if (next == '/')
            depth -= std::min<std::size_t>(depth, 1);
        else if (++depth > xml_depth_max)
            return false;
        const auto end = xml.find('>', at);
        if (next != '/' && end != std::string_view::npos && xml[end - 1] == '/')
            --depth;
    }
    return true;
}

std::optional<pt::ptree> read_tree(std::string_view xml)
{
    if (xml.empty() || xml.find('\0') != std::string_view::npos || !is_shallow(xml))
        return std::nullopt;
    try {
        std::istringstream in{std::string(xml)};
        pt::ptree tree;
        pt::read_xml(in, tree, pt::xml_parser::trim_whitespace);
        return tree;
    } catch (const pt::xml_parser_error&) {
        return std::nullopt;
    }
}

std::string text_at(const pt::ptree& tree, const char* name)
{
    return tree.get<std::string>(name, "");
}

std::string letters(std::string text)
{
    std::erase_if(text, [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-');
    });
    return text.substr(0, code_bytes_max);
}

std::string one_line(std::string text)
{
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return text.substr(0, message_bytes_max);
}

result<object_info> read_object(const pt::ptree& from, bool is_escaped)
{
    object_info info;
    info.key = text_at(from, "Key");
    const auto bytes = parse_size(text_at(from, "Size"));
    // A zero byte, which the parser makes of "&#;", ends a name wherever it goes next.
    if (info.key.empty() || info.key.find('\0') != std::string::npos || !bytes)
        return errc::answer_malformed;
    info.bytes = *bytes;
    if (!is_escaped)
        return info;
    auto plain = net::percent_decode(info.key, true);
    if (!plain)
        return errc::answer_malformed;
    info.key = std::move(*plain);
    return info;
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

}  // namespace

std::optional<s3_error> find_error(std::string_view xml)
{
    const auto tree = read_tree(xml);
    const auto error = tree ? tree->get_child_optional("Error") : boost::none;
    if (!error)
        return std::nullopt;
    s3_error found;
    found.code = letters(text_at(*error, "Code"));
    found.message = one_line(text_at(*error, "Message"));
    found.region = letters(text_at(*error, "Region"));
    return found;
}

result<object_page> parse_list(std::string_view xml)
{
    const auto tree = read_tree(xml);
    const auto list = tree ? tree->get_child_optional("ListBucketResult") : boost::none;
    if (!list)
        return errc::answer_malformed;
    const bool is_escaped = text_at(*list, "EncodingType") == "url";
    object_page page;
    for (const auto& [name, child] : *list) {
        if (name != "Contents")
            continue;
        auto object = read_object(child, is_escaped);
        if (!object || page.objects.size() == object_page_max)
            return errc::answer_malformed;
        page.objects.push_back(std::move(*object));
    }
    if (text_at(*list, "IsTruncated") != "true")
        return page;
    page.next = text_at(*list, "NextContinuationToken");
    // A page that says there is more and leads nowhere, or holds nothing, would be asked for ever.
    if (page.next.empty() || page.objects.empty())
        return errc::answer_malformed;
    return page;
}

result<std::string> parse_upload_id(std::string_view xml)
{
    const auto tree = read_tree(xml);
    std::string id = tree ? tree->get<std::string>("InitiateMultipartUploadResult.UploadId", "") : std::string();
    if (id.empty() || id.size() > upload_id_bytes_max)
        return errc::answer_malformed;
    return id;
}

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::string write_parts(const std::vector<std::string>& tags)
{
    std::string out = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (std::size_t i = 0; i < tags.size(); ++i)
        out += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + escaped(tags[i]) +
               "</ETag></Part>";
    return out + "</CompleteMultipartUpload>";
}

}  // namespace reprise::archive
