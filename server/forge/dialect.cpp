#include "dialect.hpp"

#include "markdown.hpp"
#include "marker.hpp"

#include "reprise/forge/ticket.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace reprise::forge {
namespace {

constexpr std::string_view zero_width_space = "\xE2\x80\x8B";
constexpr std::size_t commit_title_bytes_max = 200;
constexpr std::size_t commit_text_bytes_max = 16'000;

bool is_word(char one) noexcept
{
    const auto byte = static_cast<unsigned char>(one);
    return std::isalnum(byte) != 0 || one == '_';
}

bool is_digit(char one) noexcept
{
    return one >= '0' && one <= '9';
}

bool begins_reference(std::string_view text, std::size_t at) noexcept
{
    if (at + 1 >= text.size())
        return false;
    const char next = text[at + 1];
    switch (text[at]) {
    case '@': return is_word(next);
    case '#':
    case '!': return is_digit(next);
    case ':': return text.substr(at + 1, 2) == "//";
    default: return joins_key(text, at);
    }
}

// Runs of backquotes that begin or end a code block; 0 when the line is none.
std::size_t fence_length(std::string_view line) noexcept
{
    std::size_t count = 0;
    while (count < line.size() && line[count] == '`')
        ++count;
    return count >= 3 ? count : 0;
}

// Goes through the lines of a Markdown text as our templates write it, and tells which are code.
class line_reader {
public:
    explicit line_reader(std::string_view text) : rest_(text) {}

    bool next()
    {
        if (rest_.empty())
            return false;
        const auto end = rest_.find('\n');
        line_ = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        const std::size_t length = fence_length(line_);
        inside_ = fence_ > 0;
        if (fence_ == 0 && length > 0) {
            fence_ = length;
        } else if (fence_ > 0 && length >= fence_ && length == line_.size()) {
            fence_ = 0;
            inside_ = false;
        }
        return true;
    }

    std::string_view line() const noexcept { return line_; }
    bool in_code() const noexcept { return inside_; }
    std::size_t open_fence() const noexcept { return fence_; }

private:
    std::string_view rest_;
    std::string_view line_;
    std::size_t fence_ = 0;
    bool inside_ = false;
};

// How many bytes from `at` on stay as they are: a code span, or an address with its path. 0: none.
std::size_t kept_length(std::string_view line, std::size_t at) noexcept
{
    const std::string_view rest = line.substr(at);
    if (rest.starts_with('`')) {
        const auto ticks = std::min(rest.find_first_not_of('`'), rest.size());
        const auto end = rest.find(rest.substr(0, ticks), ticks);
        return end == std::string_view::npos ? ticks : end + ticks;
    }
    if (!rest.starts_with("http://") && !rest.starts_with("https://"))
        return 0;
    return std::min(rest.find_first_of(" >)\"'|"), rest.size());
}

std::string quiet_running_line(std::string_view line)
{
    std::string out;
    out.reserve(line.size() + 16);
    for (std::size_t i = 0; i < line.size();) {
        if (const std::size_t kept = kept_length(line, i); kept > 0) {
            out += line.substr(i, kept);
            i += kept;
            continue;
        }
        out += line[i];
        if (begins_reference(line, i))
            out += zero_width_space;
        ++i;
    }
    return out;
}

// A line that begins with '/' is a command to GitLab and to bots of GitHub, in code blocks too when a tracker finds
// their ends in another place than Markdown does. Mentions and references act in running text only.
std::string quiet_body(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 64);
    line_reader lines(text);
    while (lines.next()) {
        const std::string_view line = lines.line();
        const auto first = line.find_first_not_of(" \t");
        const bool commands = first != std::string_view::npos && line[first] == '/';
        if (lines.in_code()) {
            out.append(commands ? " " : "").append(line);
        } else if (commands) {
            out.append(line.substr(0, first)).append("\\").append(quiet_running_line(line.substr(first)));
        } else {
            out += quiet_running_line(line);
        }
        out += '\n';
    }
    return out;
}

std::string footer(const effect& wanted)
{
    return "\n---\n\nPublished by Reprise once; it is found again by `" + marker_of(wanted) + "`.\n";
}

bool equals_folded(std::string_view text, std::string_view lower) noexcept
{
    return text.size() >= lower.size() &&
           std::equal(lower.begin(), lower.end(), text.begin(), [](char wanted, char one) {
               return std::tolower(static_cast<unsigned char>(one)) == wanted;
           });
}

// "[skip ci]" and its kin, and the trailer "skip-checks: true".
bool switches_ci(std::string_view rest) noexcept
{
    constexpr std::array<std::string_view, 6> words = {"[skip ", "[ci skip", "[no ci",
                                                       "[actions skip", "[ci-skip", "skip-checks"};
    return std::any_of(words.begin(), words.end(), [rest](std::string_view one) { return equals_folded(rest, one); });
}

std::string without_switches(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (switches_ci(text.substr(i)))
            out += zero_width_space;
    }
    return out;
}

}  // namespace

std::string without_references(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (begins_reference(text, i))
            out += zero_width_space;
    }
    return out;
}

std::string quiet_line(std::string_view text, std::size_t bytes_max)
{
    return without_references(clean_line(text, bytes_max));
}

std::string markdown_body(const effect& wanted)
{
    std::string out = quiet_body(without_markers(wanted.body)) + footer(wanted);
    return out + "\n<!-- " + marker_of(wanted) + " -->\n";
}

std::string linear_body(const effect& wanted)
{
    return quiet_body(without_markers(wanted.body)) + footer(wanted);
}

std::string commit_message(const effect& wanted)
{
    const auto end = wanted.commit_message.find('\n');
    const std::string_view all = wanted.commit_message;
    std::string out = quiet_line(all.substr(0, end), commit_title_bytes_max);
    if (end != std::string::npos) {
        const std::string rest = clean_text(all.substr(end + 1), commit_text_bytes_max);
        out += '\n';
        out += without_references(rest);
    }
    out = without_markers(without_switches(out));
    while (out.ends_with('\n'))
        out.pop_back();
    return out + "\n\n" + marker_of(wanted) + "\n";
}

std::string cut_markdown(std::string_view text, std::size_t bytes_max)
{
    if (text.size() <= bytes_max)
        return std::string(text);
    std::string out;
    std::size_t fence = 0;
    line_reader lines(text);
    while (lines.next()) {
        if (out.size() + lines.line().size() + 1 > bytes_max)
            break;
        out.append(lines.line()).append("\n");
        fence = lines.open_fence();
    }
    if (fence > 0)
        out += std::string(fence, '`') + "\n";
    return out + "\nThe text was longer than this tracker takes; Reprise shows all of it.\n";
}

}  // namespace reprise::forge
