#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace reprise::store {

// SQL put together while compiling, so that a column list is written once and a statement is still one
// constant:  constexpr auto find_sql = "SELECT " + run_row::names + " FROM runs WHERE id = :id";
template <std::size_t Size>
struct sql_text {
    std::array<char, Size> text{};

    constexpr sql_text() = default;
    consteval sql_text(const char (&literal)[Size + 1])
    {
        for (std::size_t i = 0; i < Size; ++i)
            text[i] = literal[i];
    }
    constexpr operator std::string_view() const { return {text.data(), Size}; }
};

template <std::size_t Chars>
sql_text(const char (&)[Chars]) -> sql_text<Chars - 1>;

template <std::size_t Left, std::size_t Right>
consteval sql_text<Left + Right> operator+(const sql_text<Left>& left, const sql_text<Right>& right)
{
    sql_text<Left + Right> both;
    for (std::size_t i = 0; i < Left; ++i)
        both.text[i] = left.text[i];
    for (std::size_t i = 0; i < Right; ++i)
        both.text[Left + i] = right.text[i];
    return both;
}

template <std::size_t Left, std::size_t Chars>
consteval auto operator+(const sql_text<Left>& left, const char (&right)[Chars])
{
    return left + sql_text<Chars - 1>(right);
}

template <std::size_t Chars, std::size_t Right>
consteval auto operator+(const char (&left)[Chars], const sql_text<Right>& right)
{
    return sql_text<Chars - 1>(left) + right;
}

// ":v10, :v11, ...", one for each column of a list "a, b, ...". Two digits, so that the length is known.
template <std::size_t Count>
consteval sql_text<Count * 6 - 2> placeholders()
{
    static_assert(Count >= 1 && Count <= 90);
    sql_text<Count * 6 - 2> list;
    for (std::size_t i = 0; i < Count; ++i) {
        const std::size_t at = i * 6;
        list.text[at] = ':';
        list.text[at + 1] = 'v';
        list.text[at + 2] = static_cast<char>('0' + (i + 10) / 10);
        list.text[at + 3] = static_cast<char>('0' + (i + 10) % 10);
        if (i + 1 < Count) {
            list.text[at + 4] = ',';
            list.text[at + 5] = ' ';
        }
    }
    return list;
}

consteval std::size_t count_columns(std::string_view list)
{
    std::size_t count = 1;
    for (const char c : list)
        count += c == ',' ? 1 : 0;
    return count;
}

}  // namespace reprise::store
