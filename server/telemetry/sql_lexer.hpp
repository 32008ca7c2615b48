#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reprise::telemetry {

enum class sql_kind : std::uint8_t { word, quoted_name, text, number, parameter, sign, end };

struct sql_token {
    sql_kind kind = sql_kind::end;
    std::string_view text;
};

// Cuts SQL of any common dialect into tokens; comments are skipped. Total: whatever is not understood
// is a sign, an unfinished text ends with the statement.
class sql_lexer {
public:
    explicit sql_lexer(std::string_view statement) noexcept;

    sql_token next() noexcept;
    std::size_t position() const noexcept { return at_; }

private:
    char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
    bool skip_blank() noexcept;
    sql_token take(sql_kind kind, std::size_t end) noexcept;
    sql_token take_word() noexcept;
    sql_token take_number() noexcept;
    sql_token take_quoted(std::size_t prefix) noexcept;
    sql_token take_double_quoted() noexcept;
    sql_token take_dollar() noexcept;
    sql_token take_sign() noexcept;
    bool is_parameter(std::size_t at) const noexcept;

    std::string_view sql_;
    std::size_t at_ = 0;
    bool double_quotes_hold_text_;  // MySQL: names stand in backticks.
};

// By name, without case.
bool is_sql_keyword(std::string_view word) noexcept;

}  // namespace reprise::telemetry
