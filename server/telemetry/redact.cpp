#include "reprise/telemetry/redact.hpp"

#include "call.hpp"
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

bool is_text(std::string_view body)
{
    return body.find('\0') == std::string_view::npos && is_utf8(body);
}

std::string redact_body(
    redactor& redactor, std::string_view body, std::string_view content_type, std::string_view place
)
{
    if (!is_text(body))
        return redactor.settle(place, body, redactor.digest("binary", body));
    const auto first = std::find_if_not(body.begin(), body.end(), is_space);
    if (first != body.end() && (*first == '{' || *first == '['))
        return redactor.json(body, place);
    const auto boundary_in = [content_type](std::string_view text) {
        const std::string_view declared = multipart_boundary(content_type);
        return declared.empty() ? multipart_boundary_of_body(text) : declared;
    };
    if (!boundary_in(body).empty()) {
        // A replacement may take away what made it look like one.
        return until_stable(body, [&](std::string_view text) {
            const std::string_view boundary = boundary_in(text);
            return boundary.empty() ? redactor.text(text, place)
                                    : redact_multipart(redactor, text, boundary, place);
        });
    }
    return is_form(body, content_type) ? redactor.form(body, place) : redactor.text(body, place);
}

// Where double quotes hold a text, as MySQL has it, and no name: VALUES ("x"), IN ("x"), LIKE "x", BY "x" of a user,
// and what functions that are compared get, f("x").
class sql_values {
public:
    bool holds_text(bool after_sign) const { return after_sign || after_word_ || depth_ > 0; }

    void see(const sql_token& token)
    {
        const bool opens = token.kind == sql_kind::sign && token.text.starts_with('(');
        if (opens && (begins_list_ || depth_ > 0))
            ++depth_;
        else if (token.kind == sql_kind::sign && token.text.starts_with(')') && depth_ > 0)
            --depth_;
        const bool is_sign = token.kind == sql_kind::sign;
        const bool is_compared = is_sign && token.text.find_first_of("=<>~") != std::string_view::npos;
        const bool is_word = token.kind == sql_kind::word;
        const auto is = [&](std::string_view word) { return is_word && is_same_text(token.text, word); };
        if (is("SELECT") || is("FROM"))
            depth_ = 0;
        in_values_ = (in_values_ && !(is_word && is_sql_keyword(token.text))) || is("VALUES") || is("VALUE");
        const bool is_function = is_word && compared_ && !is_sql_keyword(token.text);
        begins_list_ = in_values_ || is("IN") || is_function;
        after_word_ = is("LIKE") || is("ILIKE") || is("RLIKE") || is("REGEXP") || (is("BY") && identified_);
        identified_ = is("IDENTIFIED");
        compared_ = is_compared;
    }

private:
    std::size_t depth_ = 0;     // Of parentheses in a list of values.
    bool in_values_ = false;    // Rows follow: VALUES (...), (...)
    bool begins_list_ = false;
    bool after_word_ = false;
    bool identified_ = false;
    bool compared_ = false;
};

void redact_headers(redactor& redactor, model::header_list& headers, std::string_view place)
{
    for (auto& [name, value] : headers)
        value = redactor.header(name, value, std::string(place) + name);
}

void redact_parts(redactor& redactor, model::exchange& exchange, bool keeps_bodies)
{
    const auto take_body = [&](std::string& body, const model::header_list& headers, std::string_view place) {
        body = keeps_bodies ? redact_body(redactor, body, model::find_header(headers, "content-type"), place)
                            : redactor.settle(place, body, redactor.digest("body", body));
    };
    redact_headers(redactor, exchange.request_headers, "request.header.");
    redact_headers(redactor, exchange.response_headers, "response.header.");
    take_body(exchange.request_body, exchange.request_headers, "request.body");
    take_body(exchange.response_body, exchange.response_headers, "response.body");
    exchange.path = redactor.path(exchange.path);
    exchange.host = redactor.text(exchange.host, "host");
    exchange.method = redactor.text(exchange.method, "method");
    exchange.message = redactor.text(exchange.message, "message");
    exchange.statement = exchange.operation.protocol == "sql"
                             ? redactor.sql(exchange.statement, "statement")
                             : redact_body(redactor, exchange.statement, {}, "statement");
    exchange.operation.route = redactor.text(exchange.operation.route, "route");
}

void redact_with(redactor redactor, model::exchange& exchange, const redaction_rules& rules)
{
    redact_parts(redactor, exchange, keeps_bodies(rules, exchange.operation));
    for (std::string& field : redactor.take_fields()) {
        auto& fields = exchange.redacted_fields;
        if (fields.size() < redacted_fields_max && std::find(fields.begin(), fields.end(), field) == fields.end())
            fields.push_back(std::move(field));
    }
}

}  // namespace

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
    constexpr std::string_view plain = "-._~:!$'()*,";
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

std::string redactor::form_value(std::string_view name, std::string_view raw, bool plus_is_blank) const
{
    const std::string said = percent_decoded(raw, plus_is_blank);
    const std::string_view type = secret_name(without_tokens(percent_decoded(name, true)));
    const std::string kept = type.empty() ? clean(said) : token(type, said);
    if (kept != said)
        return percent_encoded(kept);
    // Many senders do not encode the sign of a number.
    if (plus_is_blank && raw.find('+') != std::string_view::npos)
        return form_value(name, raw, false);
    return std::string(raw);
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
        std::string kept_pair = kept_name;
        if (sign < pair.size())
            kept_pair += "=";
        kept_pair += kept;
        out += settle(std::string(place) + "." + percent_decoded(kept_name, true), pair, std::move(kept_pair));
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
        out += settle("request.path", segment, form_value({}, segment, false));
        if (end < segments.size())
            out += '/';
        segments.remove_prefix(std::min(end + 1, segments.size()));
    }
    if (query == path.size())
        return out;
    return out + "?" + form(path.substr(query + 1), "request.query");
}

// A replacement may end a comment or begin a literal, so that what follows reads otherwise.
std::string redactor::sql(std::string_view statement, std::string_view place)
{
    return settle(place, statement, until_stable(statement, [this](std::string_view text) { return sql_once(text); }));
}

// Every text literal goes; what stands between literals is looked at in one piece.
std::string redactor::sql_once(std::string_view statement) const
{
    std::string out;
    sql_lexer lexer(statement);
    std::size_t done = 0;
    bool after_sign = false;
    sql_values values;
    const auto copy_to = [&](std::size_t end) {
        out += scan(statement.substr(done, end - done), 0);
        done = end;
    };
    std::size_t token_end = 0;  // Of a token that an earlier redaction left.
    for (sql_token token = lexer.next(); token.kind != sql_kind::end; token = lexer.next()) {
        const auto begin = static_cast<std::size_t>(token.text.data() - statement.data());
        std::size_t end = begin + token.text.size();
        if (begin < token_end)
            continue;
        if (const std::size_t bytes = match_token(statement.substr(begin)); bytes > 0) {
            token_end = begin + bytes;
            after_sign = false;
            continue;
        }
        // Whether \' ends a text depends on the dialect: after one, nothing is sure any more.
        const bool unsure = token.kind == sql_kind::text && token.text.find("\\'") != std::string_view::npos;
        if (unsure)
            end = statement.size();
        const bool qualified = statement.substr(end).starts_with('.');
        const bool compared = token.kind == sql_kind::quoted_name && values.holds_text(after_sign) && !qualified;
        const std::string_view text = statement.substr(begin, end - begin);
        if (token.kind == sql_kind::text || compared) {
            copy_to(begin);
            out += quoted_token(text);
            done = end;
        } else if (token.kind == sql_kind::number && is_secret_number(text)) {
            copy_to(begin);
            out += number(text);
            done = end;
        }
        values.see(token);
        after_sign = token.kind == sql_kind::sign && token.text.find_first_of("=<>~") != std::string_view::npos;
        if (unsure)
            break;
    }
    copy_to(statement.size());
    return out;
}

std::string redactor::header(std::string_view name, std::string_view value, std::string_view place)
{
    const bool allowed = is_allowed_header(name) ||
                         std::find_if(allow_headers_.begin(), allow_headers_.end(), [name](const std::string& one) {
                             return is_same_text(one, name);
                         }) != allow_headers_.end();
    if (allowed && !is_secret_header(name))
        return text(value, place);
    return settle(place, value, secret_header(name, value));
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

void redact(model::exchange& exchange, std::string_view key, const redaction_rules& rules)
{
    redact_with(redactor(key, rules, exchange.operation, nullptr), exchange, rules);
}

std::vector<redaction_change> redact_and_tell(
    model::exchange& exchange, std::string_view key, const redaction_rules& rules
)
{
    std::vector<redaction_change> changes;
    redact_with(redactor(key, rules, exchange.operation, &changes), exchange, rules);
    return changes;
}

}  // namespace reprise::telemetry
