#include "condition_names.hpp"

#include "reprise/replay/condition.hpp"

#include <boost/regex.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace reprise::replay {
namespace {

bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Reads one condition from left to right. After the first thing that is wrong nothing is read any more.
class condition_reader {
public:
    explicit condition_reader(std::string_view text) : text_(text) {}

    std::vector<condition_term> read()
    {
        std::vector<condition_term> terms;
        do {
            if (terms.size() == condition_terms_max)
                fail("at most " + std::to_string(condition_terms_max) + " terms");
            terms.push_back(read_term());
        } while (!failed_ && take_word("and"));
        skip_blanks();
        if (at_ < text_.size())
            fail("\"and\" or the end");
        return terms;
    }

    const std::optional<refusal>& failed() const noexcept { return failed_; }

private:
    void fail(const std::string& expected) { fail_at(at_, expected); }
    void fail_at(std::size_t at, const std::string& expected)
    {
        if (failed_)
            return;
        failed_ = refusal{
            errc::bad_condition, "The condition is wrong at column " + std::to_string(at + 1) + ": expected " +
                                     expected + (at >= text_.size() ? ", but the text ends" : "") + "."
        };
    }

    void skip_blanks()
    {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }

    std::string_view word()
    {
        skip_blanks();
        std::size_t end = at_;
        while (end < text_.size() && is_word(text_[end]))
            ++end;
        return text_.substr(at_, end - at_);
    }

    bool take_word(std::string_view wanted)
    {
        if (word() != wanted)
            return false;
        at_ += wanted.size();
        return true;
    }

    condition_term read_term()
    {
        const std::string_view name = word();
        const named_subject* const known = find_subject(name);
        condition_term term;
        if (known == nullptr) {
            fail("one of " + subject_list());
            return term;
        }
        at_ += name.size();
        term.what = known->what;
        if (term.what == subject::header)
            term.name = read_header_name();
        if (term.what == subject::json)
            term.name = read_pointer();
        if (!failed_)
            term.how = read_comparison(term.what);
        if (!failed_)
            read_operand(term);
        return term;
    }

    std::string read_header_name()
    {
        const std::string_view name = word();
        if (name.empty())
            fail("the name of a header");
        at_ += name.size();
        return std::string(name);
    }

    // Up to a blank or a comparison sign, or in quotes.
    std::string read_pointer()
    {
        skip_blanks();
        const std::size_t begin = at_;
        std::string pointer;
        if (at_ < text_.size() && is_quote(text_[at_])) {
            pointer = read_quoted();
        } else {
            const std::size_t end = std::min(text_.find_first_of(" \t=!<>", at_), text_.size());
            pointer = text_.substr(at_, end - at_);
            at_ = end;
        }
        if (!pointer.starts_with('/'))
            fail_at(begin, "a JSON pointer like /error/code");
        return pointer;
    }

    comparison read_comparison(subject of)
    {
        skip_blanks();
        for (const named_comparison& one : comparisons) {
            if (!text_.substr(at_).starts_with(one.name) || !may_compare(of, one.how))
                continue;
            if (is_word(one.name.front()) && word() != one.name)
                continue;
            at_ += one.name.size();
            return one.how;
        }
        fail("a comparison that " + std::string(to_text(of)) + " allows: " + comparison_list(of));
        return comparison::equal;
    }

    void read_operand(condition_term& term)
    {
        skip_blanks();
        switch (term.what) {
        case subject::status:
        case subject::calls:
        case subject::peak:
        case subject::arrivals: return read_number(term, "");
        case subject::failing:
        case subject::unanswered: return read_number(term, "%");
        case subject::latency:
        case subject::p50:
        case subject::p90:
        case subject::p95:
        case subject::p99: return read_duration(term);
        case subject::body:
        case subject::header: return read_text(term);
        case subject::json: break;
        }
        read_json_operand(term);
    }

    double read_plain_number()
    {
        std::size_t end = at_;
        while (end < text_.size() && (std::string_view("0123456789.-+eE").find(text_[end]) != std::string_view::npos))
            ++end;
        const std::string digits(text_.substr(at_, end - at_));
        char* stop = nullptr;
        const double value = std::strtod(digits.c_str(), &stop);
        if (digits.empty() || stop != digits.c_str() + digits.size() || !std::isfinite(value)) {
            fail("a number");
            return 0;
        }
        at_ = end;
        return value;
    }

    void read_number(condition_term& term, std::string_view unit)
    {
        const std::size_t begin = at_;
        term.number = read_plain_number();
        if (term.what == subject::status && (term.number < 100 || term.number > 999))
            fail_at(begin, "a status from 100 to 999");
        if (term.number < 0)
            fail_at(begin, "a number that is not negative");
        if (text_.substr(at_).starts_with(unit))
            at_ += unit.size();
        else
            fail("the unit " + std::string(unit));
        if (at_ < text_.size() && is_word(text_[at_]))
            fail("a blank behind the number");
    }

    void read_duration(condition_term& term)
    {
        const std::size_t begin = at_;
        term.number = read_plain_number();
        if (term.number < 0)
            fail_at(begin, "a number that is not negative");
        const std::string_view unit = word_here();
        if (unit == "s")
            term.number *= 1000;
        else if (unit != "ms")
            fail("the unit ms or s");
        at_ += unit.size();
    }

    std::string_view word_here()
    {
        return at_ < text_.size() && is_word(text_[at_]) ? word() : std::string_view();
    }

    static bool is_quote(char c) { return c == '"' || c == '\''; }

    // Between two equal quotes; a backslash takes the quote or the backslash behind it as it is.
    std::string read_quoted()
    {
        const std::size_t begin = at_;
        const char quote = text_[at_++];
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote) {
            const bool escaped = text_[at_] == '\\' && at_ + 1 < text_.size() &&
                                 (text_[at_ + 1] == quote || text_[at_ + 1] == '\\');
            at_ += escaped ? 1 : 0;
            value += text_[at_++];
        }
        if (at_ >= text_.size())
            fail_at(begin, "a closing quote for this one");
        else
            ++at_;
        return value;
    }

    void read_text(condition_term& term)
    {
        const std::size_t begin = at_;
        if (at_ >= text_.size() || !is_quote(text_[at_]))
            return fail("a text in quotes");
        term.kind = operand_kind::text;
        term.text = read_quoted();
        if (term.text.find('\0') != std::string::npos)
            fail_at(begin, "a text without NUL");
        if (term.how != comparison::matches)
            return;
        try {
            const boost::regex compiled(term.text, boost::regex::perl);
        } catch (const boost::regex_error& wrong) {
            fail_at(begin, "a regular expression (" + std::string(wrong.what()) + ")");
        }
    }

    void read_json_operand(condition_term& term)
    {
        const std::size_t begin = at_;
        if (at_ < text_.size() && is_quote(text_[at_]))
            read_text(term);
        else if (take_word("true"))
            term.kind = operand_kind::yes;
        else if (take_word("false"))
            term.kind = operand_kind::no;
        else if (take_word("null"))
            term.kind = operand_kind::null;
        else
            term.number = read_plain_number();
        const bool by_order = term.how != comparison::equal && term.how != comparison::not_equal &&
                              term.how != comparison::contains && term.how != comparison::matches;
        const bool by_text = term.how == comparison::contains || term.how == comparison::matches;
        if (by_order && term.kind != operand_kind::number)
            fail_at(begin, "a number to compare by size");
        if (by_text && term.kind != operand_kind::text)
            fail_at(begin, "a text in quotes");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::optional<refusal> failed_;
};

}  // namespace

checked<condition> parse_condition(std::string_view text)
{
    if (text.size() > condition_bytes_max)
        return refusal{
            errc::bad_condition, "The condition is longer than " + std::to_string(condition_bytes_max) + " bytes."
        };
    condition made;
    condition_reader reader(text);
    made.terms = reader.read();
    made.text = text;
    if (reader.failed())
        return *reader.failed();
    return made;
}

}  // namespace reprise::replay
