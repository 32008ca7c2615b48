#include "normalise_append.hpp"
#include "sql_lexer.hpp"
#include "text_class.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

// Beyond this only the cut mark could follow; keeps the cost of one statement bounded.
constexpr std::size_t read_bytes_max = 64 * 1024;
constexpr std::size_t verb_bytes_max = 16;
constexpr std::string_view cut_mark = " ...";

bool is_same_word(std::string_view word, std::string_view upper) noexcept
{
    return std::equal(word.begin(), word.end(), upper.begin(), upper.end(), [](char a, char b) {
        return to_upper(a) == b;
    });
}

// Writes tokens in one spelling: one blank or none between them, lists of ? collapsed.
class sql_writer {
public:
    explicit sql_writer(std::string& out) : out_(out), from_(out.size()) {}

    std::size_t size() const noexcept { return out_.size() - from_; }

    void add(const sql_token& token, const sql_token& ahead)
    {
        switch (token.kind) {
        case sql_kind::text:
        case sql_kind::number:
        case sql_kind::parameter: add_value(); break;
        case sql_kind::word: add_word(token.text); break;
        case sql_kind::quoted_name: add_plain(token.text, false); break;
        case sql_kind::sign: add_sign(token.text, ahead); break;
        case sql_kind::end: break;
        }
    }

    void finish()
    {
        while (size() > 0 && (out_.back() == ';' || out_.back() == ' '))
            out_.pop_back();
    }

private:
    bool ends_with(std::string_view text) const noexcept
    {
        return size() >= text.size() && std::string_view(out_).ends_with(text);
    }

    void add_plain(std::string_view text, bool keyword)
    {
        if (size() > 0 && !tight_)
            out_ += ' ';
        out_ += text;
        tight_ = false;
        after_operand_ = !keyword;
        after_keyword_ = keyword;
    }

    void add_word(std::string_view text)
    {
        // After a point it is a column, whatever it is called.
        const bool keyword = !ends_with(".") && is_sql_keyword(text);
        add_plain(text, keyword);
        if (keyword)
            std::transform(out_.end() - static_cast<std::ptrdiff_t>(text.size()), out_.end(),
                           out_.end() - static_cast<std::ptrdiff_t>(text.size()), to_upper);
    }

    void add_value()
    {
        if (ends_with("?,") && !tight_) {
            out_.pop_back();  // One ? stands for the whole list.
            after_operand_ = true;
            return;
        }
        add_plain("?", false);
    }

    void add_sign(std::string_view text, const sql_token& ahead)
    {
        const bool unary = (text == "-" || text == "+") && !after_operand_ && ahead.kind == sql_kind::number;
        if (unary)
            return;
        if (text == ".") {
            out_ += text;
            tight_ = true;
            after_operand_ = false;
        } else if (text == "," || text == ")" || text == ";" || text == "]") {
            close(text);
        } else if (text == "(" || text == "[") {
            if (size() > 0 && !tight_ && (after_keyword_ || !after_operand_))
                out_ += ' ';
            open_ = text == "(" ? out_.size() : open_;
            out_ += text;
            tight_ = true;
            after_operand_ = false;
            after_keyword_ = false;
        } else if (text == "::") {
            out_ += text;
            tight_ = true;
        } else {
            add_plain(text, false);
            after_operand_ = text == "*";
        }
    }

    void close(std::string_view text)
    {
        out_ += text;
        tight_ = false;
        after_operand_ = text == ")" || text == "]";
        after_keyword_ = false;
        if (text == ")")
            drop_repeated_row();
    }

    // "VALUES (?), (?)": the row just closed says the same as the one before it.
    void drop_repeated_row()
    {
        if (open_ < from_ || open_ >= out_.size())
            return;
        const std::string_view row = std::string_view(out_).substr(open_);
        const std::string_view before = std::string_view(out_).substr(from_, open_ - from_);
        if (row.find('?') == std::string_view::npos || before.size() < row.size() + 2 || !before.ends_with("), "))
            return;
        if (before.substr(0, before.size() - 2).ends_with(row))
            out_.resize(open_ - 2);
    }

    std::string& out_;
    const std::size_t from_;
    std::size_t open_ = std::string::npos;
    bool tight_ = true;            // Nothing stands between the last token and the next.
    bool after_operand_ = false;
    bool after_keyword_ = false;
};

bool is_main_verb(std::string_view word) noexcept
{
    for (const std::string_view verb : {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"}) {
        if (is_same_word(word, verb))
            return true;
    }
    return false;
}

void append_upper(std::string& out, std::string_view word)
{
    for (const char c : word.substr(0, verb_bytes_max))
        out += to_upper(c);
}

}  // namespace

void append_sql(std::string& out, std::string_view statement)
{
    sql_lexer lexer(statement.substr(0, read_bytes_max));
    sql_writer writer(out);
    sql_token token = lexer.next();
    while (token.kind != sql_kind::end) {
        const std::size_t before = out.size();
        const sql_token ahead = lexer.next();
        writer.add(token, ahead);
        if (writer.size() > sql_bytes_max) {
            out.resize(before);
            out += cut_mark;
            return;
        }
        token = ahead;
    }
    writer.finish();
}

void append_sql_verb(std::string& out, std::string_view statement)
{
    sql_lexer lexer(statement.substr(0, read_bytes_max));
    sql_token token = lexer.next();
    while (token.kind == sql_kind::sign)
        token = lexer.next();  // "(SELECT ...) UNION ..."
    if (token.kind != sql_kind::word || !is_letter(token.text[0])) {
        out += "OTHER";
        return;
    }
    if (!is_same_word(token.text, "WITH"))
        return append_upper(out, token.text);
    int depth = 0;
    for (token = lexer.next(); token.kind != sql_kind::end; token = lexer.next()) {
        if (token.text == "(")
            ++depth;
        else if (token.text == ")")
            --depth;
        else if (depth == 0 && token.kind == sql_kind::word && is_main_verb(token.text))
            return append_upper(out, token.text);
    }
    out += "WITH";
}

std::string normalise_sql(std::string_view statement)
{
    std::string out;
    append_sql(out, statement);
    return out;
}

std::string sql_verb(std::string_view statement)
{
    std::string out;
    append_sql_verb(out, statement);
    return out;
}

}  // namespace reprise::telemetry
