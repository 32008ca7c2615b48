#include "redact_multipart.hpp"

#include "secret_names.hpp"
#include "text_class.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

// What programs write as one ("----=_Part_7.1"). A line of it is kept as it is, so that "--password=x" and the
// first line of a PEM must be none.
bool may_be_boundary(std::string_view text)
{
    constexpr std::size_t bytes_max = 70;  // RFC 2046 5.1.1.
    if (text.empty() || text.size() > bytes_max)
        return false;
    char before = '-';
    for (const char c : text) {
        const bool fits = is_alnum(c) || c == '-' || c == '_' || c == '.' || (c == '=' && before == '-');
        if (!fits)
            return false;
        before = c;
    }
    return true;
}

std::string redact_part(redactor& redactor, std::string_view part, std::string_view place)
{
    std::size_t blank = part.find("\r\n\r\n");
    std::size_t blank_bytes = 4;
    if (blank == std::string_view::npos) {
        blank = part.find("\n\n");
        blank_bytes = 2;
    }
    if (blank == std::string_view::npos)
        return redactor.text(part, place);
    const std::string headers = redactor.text(part.substr(0, blank + blank_bytes), place);
    std::string_view content = part.substr(blank + blank_bytes);
    std::string_view line_end = content.ends_with("\r\n") ? "\r\n" : content.ends_with("\n") ? "\n" : "";
    content.remove_suffix(line_end.size());
    const std::string_view name = multipart_field_name(headers);
    const std::string where = std::string(place) + "." + std::string(name);
    const std::string_view type = redactor.secret_name(without_tokens(name));

    std::string kept;
    if (!type.empty())
        kept = redactor.settle(where, content, redactor.token(type, content));
    else if (content.starts_with('{') || content.starts_with('['))
        kept = redactor.json(content, where);
    else
        kept = redactor.text(content, where);
    return headers + kept + std::string(line_end);
}

}  // namespace

std::string_view multipart_field_name(std::string_view headers)
{
    constexpr std::string_view mark = "name=";
    for (auto at = headers.find(mark); at != std::string_view::npos; at = headers.find(mark, at + 1)) {
        if (at > 0 && headers[at - 1] != ' ' && headers[at - 1] != ';' && headers[at - 1] != '\t')
            continue;  // Of "filename".
        const std::string_view rest = headers.substr(at + mark.size());
        if (rest.starts_with('"'))
            return rest.substr(1, rest.find('"', 1) - 1);
        return rest.substr(0, rest.find_first_of("; \t\r\n"));
    }
    return {};
}

std::string_view multipart_boundary(std::string_view content_type)
{
    constexpr std::string_view mark = "boundary=";
    const auto at = content_type.find(mark);
    if (!content_type.starts_with("multipart/") || at == std::string_view::npos)
        return {};
    std::string_view boundary = content_type.substr(at + mark.size());
    boundary = boundary.substr(0, boundary.find(';'));
    if (boundary.starts_with('"') && boundary.ends_with('"') && boundary.size() > 2)
        boundary = boundary.substr(1, boundary.size() - 2);
    return boundary;
}

std::string_view multipart_boundary_of_body(std::string_view body)
{
    const std::size_t line_end = body.find_first_of("\r\n");
    if (!body.starts_with("--") || line_end == std::string_view::npos || body.find("name=\"") == std::string_view::npos)
        return {};
    const std::string_view boundary = body.substr(2, line_end - 2);
    return may_be_boundary(boundary) ? boundary : std::string_view();
}

std::string redact_multipart(
    redactor& redactor, std::string_view body, std::string_view boundary, std::string_view place
)
{
    const std::string line = "--" + std::string(boundary);
    std::string out;
    while (!body.empty()) {
        const std::size_t end = std::min(body.find(line), body.size());
        out += redact_part(redactor, body.substr(0, end), place);
        const std::size_t line_bytes = std::min(line.size(), body.size() - end);
        out += body.substr(end, line_bytes);
        body.remove_prefix(end + line_bytes);
    }
    return out;
}

}  // namespace reprise::telemetry
