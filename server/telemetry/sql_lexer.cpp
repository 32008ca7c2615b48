#include "sql_lexer.hpp"

#include "text_class.hpp"

#include <algorithm>
#include <array>

namespace reprise::telemetry {
namespace {

constexpr std::size_t keyword_bytes_max = 12;

// Sorted, for binary search. Functions are no keywords: no blank stands before their parenthesis.
constexpr std::array<std::string_view, 93> keywords = {
    "ADD", "ALL", "ALTER", "ANALYZE", "AND", "ANY", "AS", "ASC", "BEGIN", "BETWEEN", "BY", "CASE", "CAST", "COLLATE",
    "COMMIT", "CONFLICT", "CREATE", "CROSS", "DELETE", "DESC", "DISTINCT", "DO", "DROP", "ELSE", "END", "ESCAPE",
    "EXCEPT", "EXISTS", "EXPLAIN", "FALSE", "FETCH", "FIRST", "FOR", "FROM", "FULL", "GROUP", "HAVING", "IF", "IGNORE",
    "ILIKE", "IN", "INDEX", "INNER", "INSERT", "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN", "KEY", "LAST", "LEFT",
    "LIKE", "LIMIT", "LOCK", "MERGE", "NATURAL", "NEXT", "NOT", "NOTHING", "NULL", "NULLS", "OFFSET", "ON", "ONLY",
    "OR", "ORDER", "OUTER", "OVER", "PARTITION", "PRIMARY", "RECURSIVE", "REPLACE", "RETURNING", "RIGHT", "ROLLBACK",
    "ROW", "ROWS", "SELECT", "SET", "TABLE", "THEN", "TRUE", "TRUNCATE", "UNION", "UNIQUE", "UPDATE", "USING", "VALUES",
    "WHEN", "WHERE", "WINDOW", "WITH"};
static_assert(std::is_sorted(keywords.begin(), keywords.end()));

bool is_word_start(char c) noexcept
{
    return is_letter(c) || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool is_word_char(char c) noexcept
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

bool is_plain_name(std::string_view text) noexcept
{
    constexpr std::size_t name_bytes_max = 63;
    return !text.empty() && text.size() <= name_bytes_max && is_word_start(text[0]) &&
           std::all_of(text.begin(), text.end(), is_word_char);
}

}  // namespace

bool is_sql_keyword(std::string_view word) noexcept
{
    if (word.size() > keyword_bytes_max)
        return false;
    std::array<char, keyword_bytes_max> upper{};
    std::transform(word.begin(), word.end(), upper.begin(), to_upper);
    return std::binary_search(keywords.begin(), keywords.end(), std::string_view(upper.data(), word.size()));
}

sql_lexer::sql_lexer(std::string_view statement) noexcept
    : sql_(statement), double_quotes_hold_text_(statement.find('`') != std::string_view::npos)
{
}

sql_token sql_lexer::next() noexcept
{
    while (skip_blank()) {
    }
    if (at_ >= sql_.size())
        return {};
    const char c = peek();
    const char after = peek(1);
    if (c == '\'')
        return take_quoted(0);
    if (after == '\'' && (c == 'E' || c == 'e' || c == 'N' || c == 'n' || c == 'X' || c == 'x' || c == 'B' || c == 'b'))
        return take_quoted(1);
    if (c == '"')
        return take_double_quoted();
    if (c == '`' || (c == '[' && is_word_start(after))) {
        const auto close = sql_.find(c == '`' ? '`' : ']', at_ + 1);
        return take(sql_kind::quoted_name, close == std::string_view::npos ? sql_.size() : close + 1);
    }
    if (c == '$')
        return take_dollar();
    if (is_digit(c) || (c == '.' && is_digit(after)))
        return take_number();
    if (is_word_start(c))
        return take_word();
    return take_sign();
}

// One stretch of white space or one comment; false when there was none.
bool sql_lexer::skip_blank() noexcept
{
    if (at_ >= sql_.size())
        return false;
    const std::string_view rest = sql_.substr(at_);
    std::size_t size = 0;
    if (is_space(rest[0])) {
        size = 1;
    } else if (rest.starts_with("--") || rest.starts_with("# ")) {
        size = std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
        const auto close = rest.find("*/", 2);
        size = close == std::string_view::npos ? rest.size() : close + 2;
    }
    at_ += size;
    return size > 0;
}

sql_token sql_lexer::take(sql_kind kind, std::size_t end) noexcept
{
    const sql_token token{kind, sql_.substr(at_, end - at_)};
    at_ = end;
    return token;
}

sql_token sql_lexer::take_word() noexcept
{
    std::size_t end = at_;
    while (end < sql_.size() && is_word_char(sql_[end]))
        ++end;
    return take(sql_kind::word, end);
}

sql_token sql_lexer::take_number() noexcept
{
    std::size_t end = at_;
    while (end < sql_.size()) {
        const char c = sql_[end];
        const bool after_e = end > at_ && to_lower(sql_[end - 1]) == 'e' && !sql_.substr(at_).starts_with("0x");
        const bool exponent_sign = after_e && (c == '-' || c == '+');
        if (!is_alnum(c) && c != '.' && c != '_' && !exponent_sign)
            break;
        ++end;
    }
    return take(sql_kind::number, end);
}

// '' inside is a quote. So is \' in some dialects and not in others: it is taken as one unless what
// follows looks like SQL again.
sql_token sql_lexer::take_quoted(std::size_t prefix) noexcept
{
    const bool escapes = prefix > 0 && to_lower(peek()) == 'e';
    std::size_t end = at_ + prefix + 1;
    for (; end < sql_.size(); ++end) {
        if (sql_[end] == '\\' && end + 1 < sql_.size()) {
            constexpr std::string_view goes_on_after = " ,);\n";
            const bool last = end + 2 >= sql_.size() || goes_on_after.find(sql_[end + 2]) != std::string_view::npos;
            if (sql_[end + 1] != '\'' || escapes || double_quotes_hold_text_ || !last)
                ++end;
            continue;
        }
        if (sql_[end] != '\'')
            continue;
        if (end + 1 < sql_.size() && sql_[end + 1] == '\'')
            ++end;
        else
            return take(sql_kind::text, end + 1);
    }
    return take(sql_kind::text, sql_.size());
}

// A name by the standard; text where it cannot be a name.
sql_token sql_lexer::take_double_quoted() noexcept
{
    std::size_t end = at_ + 1;
    for (; end < sql_.size() && sql_[end] != '"'; ++end) {
        if (sql_[end] == '\\')
            ++end;
    }
    end = std::min(end, sql_.size());
    const std::string_view inside = sql_.substr(at_ + 1, end - at_ - 1);
    const bool is_name = !double_quotes_hold_text_ && is_plain_name(inside);
    return take(is_name ? sql_kind::quoted_name : sql_kind::text, std::min(end + 1, sql_.size()));
}

// $1, $$text$$ and $tag$text$tag$.
sql_token sql_lexer::take_dollar() noexcept
{
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_word_char(sql_[end]) && sql_[end] != '$')
        ++end;
    if (end < sql_.size() && sql_[end] == '$') {
        const std::string_view tag = sql_.substr(at_, end + 1 - at_);
        const auto close = sql_.find(tag, end + 1);
        return take(sql_kind::text, close == std::string_view::npos ? sql_.size() : close + tag.size());
    }
    return take(end == at_ + 1 ? sql_kind::sign : sql_kind::parameter, end);
}

bool sql_lexer::is_parameter(std::size_t at) const noexcept
{
    const std::string_view rest = sql_.substr(at);
    const char after = rest.size() > 1 ? rest[1] : '\0';
    if (rest[0] == '?')
        return true;
    if (rest[0] == ':' || rest[0] == '@')
        return is_word_start(after) && (at == 0 || sql_[at - 1] != rest[0]);
    const bool whole = rest.size() < 3 || !is_word_char(rest[2]);
    return rest[0] == '%' && ((after == 's' && whole) || after == '(');
}

sql_token sql_lexer::take_sign() noexcept
{
    constexpr std::string_view operators = "<>=!~|&^*/%@#:";
    const std::string_view rest = sql_.substr(at_);
    if (rest.starts_with("..."))
        return take(sql_kind::word, at_ + 3);  // What a cut leaves behind.
    if (is_parameter(at_)) {
        std::size_t end = at_ + 1;
        if (peek() == '%')
            end = peek(1) == '(' ? std::min(sql_.find(')', at_), sql_.size() - 1) + 2 : at_ + 2;
        while (peek() != '%' && end < sql_.size() && is_word_char(sql_[end]))
            ++end;
        return take(sql_kind::parameter, std::min(end, sql_.size()));
    }
    if (rest.starts_with("->"))
        return take(sql_kind::sign, at_ + (rest.starts_with("->>") ? 3 : 2));
    std::size_t end = at_ + 1;
    if (operators.find(rest[0]) != std::string_view::npos) {
        while (end < sql_.size() && operators.find(sql_[end]) != std::string_view::npos &&
               !sql_.substr(end).starts_with("/*") && !is_parameter(end))
            ++end;
    }
    return take(sql_kind::sign, end);
}

}  // namespace reprise::telemetry
