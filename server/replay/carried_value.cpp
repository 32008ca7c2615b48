#include "reprise/replay/scenario.hpp"

#include "header_name.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace reprise::replay {
namespace {

constexpr std::string_view piece_signs = "/?&=#";
constexpr std::string_view text_signs = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._~+/=-";

std::optional<std::string> find_member(std::string_view body, std::string_view pointer)
{
    boost::json::error_code ec;
    const boost::json::value parsed = boost::json::parse(body, ec);
    if (ec)
        return std::nullopt;
    const boost::json::value* const found = parsed.find_pointer(pointer, ec);
    if (found == nullptr || found->is_structured() || found->is_null())
        return std::nullopt;
    if (found->is_string())
        return std::string(found->get_string());
    return boost::json::serialize(*found);
}

std::optional<std::string> find_cookie(const model::header_list& headers, std::string_view name)
{
    for (const auto& [header, value] : headers) {
        if (is_same_name(header, "set-cookie") && value.starts_with(name) && value.substr(name.size()).starts_with('='))
            return value.substr(name.size() + 1, value.find(';') - name.size() - 1);
    }
    return std::nullopt;
}

std::optional<std::string> find_text(std::string_view body, std::string_view before)
{
    const auto at = body.find(before);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = body.substr(at + before.size());
    return std::string(rest.substr(0, rest.find_first_not_of(text_signs)));
}

std::optional<std::string> piece_of(std::string_view text, std::uint32_t from_end)
{
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        const std::string_view piece = text.substr(0, text.find_first_of(piece_signs));
        if (!piece.empty())
            pieces.push_back(piece);
        text.remove_prefix(std::min(piece.size() + 1, text.size()));
    }
    if (from_end >= pieces.size())
        return std::nullopt;
    return std::string(pieces[pieces.size() - 1 - from_end]);
}

}  // namespace

std::optional<std::string> find_carried(
    const carried_value& value, const model::header_list& headers, std::string_view body
)
{
    std::optional<std::string> found;
    switch (value.part) {
    case answer_part::json: found = find_member(body, value.name); break;
    case answer_part::header: found = std::string(model::find_header(headers, value.name)); break;
    case answer_part::cookie: found = find_cookie(headers, value.name); break;
    case answer_part::text: found = find_text(body, value.name); break;
    }
    if (found && value.piece)
        found = piece_of(*found, *value.piece);
    // What would break a request apart is no value.
    if (found && (found->empty() || found->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos))
        return std::nullopt;
    return found;
}

}  // namespace reprise::replay
