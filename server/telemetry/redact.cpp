#include "reprise/telemetry/redact.hpp"

#include "redact_multipart.hpp"
#include "redactor.hpp"
#include "secret_find.hpp"
#include "secret_names.hpp"
#include "sql_lexer.hpp"
#include "text_class.hpp"
#include "utf8.hpp"
#include "wire_value.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

int hex_digit(char c)
{
    return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

bool is_form(std::string_view body, std::string_view content_type)
{
    if (content_type.find("x-www-form-urlencoded") != std::string_view::npos)
        return true;
    const auto sign = body.find('=');
    return content_type.empty() && sign != std::string_view::npos && sign > 0 &&
           std::all_of(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(sign), [](char c) {
               constexpr std::string_view in_names = "_-.%+[]";
               return is_alnum(c) || in_names.find(c) != std::string_view::npos;
           }) && body.find_first_of(" \n<") == std::string_view::npos;
}

bool is_text(std::string_view body)
{
    return body.find('\0') == std::string_view::npos && is_utf8(body);
}

std::string redact_body(
    redactor& redactor, std::string_view body, std::string_view content_type, std::string_view place
)
{
    if (!is_text(body)) {
        redactor.note(place);
        return redactor.digest(body);
    }
    const auto first = std::find_if_not(body.begin(), body.end(), is_space);
    if (first != body.end() && (*first == '{' || *first == '['))
        return redactor.json(body, place);
    const std::string_view boundary = multipart_boundary(content_type);
    if (!boundary.empty())
        return redact_multipart(redactor, body, boundary, place);
    return is_form(body, content_type) ? redactor.form(body, place) : redactor.text(body, place);
}

void redact_headers(redactor& redactor, model::header_list& headers, std::string_view place)
{
    for (auto& [name, value] : headers) {
        const std::string where = std::string(place) + name;
        if (is_allowed_header(name)) {
            value = redactor.text(value, where);
            continue;
        }
        std::string kept = redactor.token(header_secret_type(name), value);
        if (kept != value)
            redactor.note(where);
        value = std::move(kept);
    }
}

}  // namespace

std::string percent_decoded(std::string_view text, bool plus_is_blank)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
        }
    }
    return out;
}

std::string percent_encoded(std::string_view text)
{
    constexpr char digits[] = "0123456789ABCDEF";
    constexpr std::string_view plain = "-._~:@!$'()*,";
    std::string out;
    for (const char c : text) {
        if (is_alnum(c) || plain.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string redactor::form_value(std::string_view name, std::string_view raw) const
{
    const std::string said = percent_decoded(raw, true);
    const std::string_view type = find_secret_name_around_tokens(percent_decoded(name, true));
    if (!is_utf8(said))
        return type.empty() ? std::string(raw) : percent_encoded(token(type, said));
    const std::string kept = type.empty() ? scan(said, 0) : token(type, said);
    return kept == said ? std::string(raw) : percent_encoded(kept);
}

std::string redactor::form(std::string_view text, std::string_view place)
{
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        const std::size_t sign = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, sign);
        const std::string_view value = pair.substr(std::min(sign + 1, pair.size()));
        const std::string kept_name = form_value({}, name);
        const std::string kept = form_value(kept_name, value);
        out += kept_name;
        if (sign < pair.size())
            out += "=";
        out += kept;
        if (kept != value || kept_name != name)
            note(std::string(place) + "." + percent_decoded(kept_name, true));
        if (end < text.size())
            out += '&';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string redactor::path(std::string_view path)
{
    const std::size_t query = std::min(path.find('?'), path.size());
    std::string out;
    std::string_view segments = path.substr(0, query);
    while (!segments.empty()) {
        const std::size_t end = std::min(segments.find('/'), segments.size());
        const std::string_view segment = segments.substr(0, end);
        const std::string kept = form_value({}, segment);
        if (kept != segment)
            note("request.path");
        out += kept;
        if (end < segments.size())
            out += '/';
        segments.remove_prefix(std::min(end + 1, segments.size()));
    }
    if (query == path.size())
        return out;
    return out + "?" + form(path.substr(query + 1), "request.query");
}

// Every text literal goes; between the tokens stand blanks and comments.
std::string redactor::sql(std::string_view statement, std::string_view place)
{
    std::string out;
    sql_lexer lexer(statement);
    std::size_t done = 0;
    bool after_sign = false;
    for (sql_token token = lexer.next(); token.kind != sql_kind::end; token = lexer.next()) {
        const auto begin = static_cast<std::size_t>(token.text.data() - statement.data());
        out += scan(statement.substr(done, begin - done), 0);
        done = begin + token.text.size();
        // Whether \' ends a text depends on the dialect: after one, nothing is sure any more.
        const bool unsure = token.kind == sql_kind::text && token.text.find("\\'") != std::string_view::npos;
        if (unsure)
            done = statement.size();
        const std::string_view text = statement.substr(begin, done - begin);
        const bool qualified = statement.substr(done).starts_with('.');
        const bool compared = token.kind == sql_kind::quoted_name && after_sign && !qualified;
        if (token.kind == sql_kind::text || compared)
            out += quoted_token(text);
        else if (token.kind == sql_kind::number)
            out += is_secret_number(text) ? nines(text) : std::string(text);
        else
            out += scan(text, 0);
        after_sign = token.kind == sql_kind::sign && token.text.find_first_of("=<>~") != std::string_view::npos;
        if (unsure)
            break;
    }
    out += scan(statement.substr(done), 0);
    if (out != statement)
        note(place);
    return out;
}

// The literal keeps its prefix and quotes.
std::string redactor::quoted_token(std::string_view literal) const
{
    const std::size_t quote = literal.find_first_of("'\"$`[");
    if (quote == std::string_view::npos)
        return token("text", literal);
    const char close = literal[quote] == '[' ? ']' : literal[quote];
    std::string_view inside = literal.substr(quote + 1);
    if (inside.ends_with(close))
        inside.remove_suffix(1);
    if (close == '$')
        return "'" + token("text", literal) + "'";
    return std::string(literal.substr(0, quote + 1)) + token("text", inside) + close;
}

std::string redact_sql(std::string_view statement, std::string_view key)
{
    return redactor(key).sql(statement, "statement");
}

void redact(model::exchange& exchange, std::string_view key)
{
    redactor redactor(key);
    redact_headers(redactor, exchange.request_headers, "request.header.");
    redact_headers(redactor, exchange.response_headers, "response.header.");
    const auto type_of = [](const model::header_list& headers) { return model::find_header(headers, "content-type"); };
    exchange.request_body =
        redact_body(redactor, exchange.request_body, type_of(exchange.request_headers), "request.body");
    exchange.response_body =
        redact_body(redactor, exchange.response_body, type_of(exchange.response_headers), "response.body");
    exchange.path = redactor.path(exchange.path);
    exchange.host = redactor.text(exchange.host, "host");
    exchange.method = redactor.text(exchange.method, "method");
    exchange.message = redactor.text(exchange.message, "message");
    exchange.operation.route = redactor.text(exchange.operation.route, "route");
    exchange.statement = exchange.operation.protocol == "sql"
                             ? redactor.sql(exchange.statement, "statement")
                             : redact_body(redactor, exchange.statement, {}, "statement");
    for (std::string& field : redactor.take_fields()) {
        auto& fields = exchange.redacted_fields;
        if (fields.size() < redacted_fields_max && std::find(fields.begin(), fields.end(), field) == fields.end())
            fields.push_back(std::move(field));
    }
}

}  // namespace reprise::telemetry
