#include "terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace reprise::app {
namespace {

constexpr std::size_t note_columns_max = 34;  // Together with bar and name less than 80.

// Columns a terminal needs: bytes that do not continue a UTF-8 character.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

}  // namespace

std::string printable(std::string_view text)
{
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?'
    );
    return out;
}

void print_error(std::string_view text)
{
    std::fprintf(stderr, "reprise: %s\n", printable(text).c_str());
}

progress_bar::progress_bar(std::string what, std::uint64_t total, const output_style& style)
    : what_(std::move(what)), total_(total), shown_(!style.quiet && total > 0 && isatty(STDERR_FILENO) == 1)
{
}

progress_bar::~progress_bar()
{
    if (shown_)
        std::fprintf(stderr, "\r\033[K");
}

void progress_bar::advance(std::uint64_t by, std::string_view note)
{
    done_ += by;
    if (!note.empty() && note != note_) {
        note_ = note;
        drawn_percent_ = -1;
    }
    draw();
}

void progress_bar::draw()
{
    if (!shown_)
        return;
    const int percent = static_cast<int>(std::min<std::uint64_t>(done_ * 100 / total_, 100));
    if (percent == drawn_percent_)
        return;
    drawn_percent_ = percent;
    std::string bar(static_cast<std::size_t>(percent) / 4, '#');
    bar.resize(25, '.');
    const std::string note = printable(note_.substr(0, note_columns_max));
    std::fprintf(stderr, "\r%s [%s] %3d %% %s\033[K", what_.c_str(), bar.c_str(), percent, note.c_str());
}

std::string render_table(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += printable(row[i]);
            if (i + 1 < row.size())
                out.append(widths[i] - width(row[i]) + 2, ' ');
        }
        out += '\n';
    }
    return out;
}

}  // namespace reprise::app
