#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::app {

// What --quiet, --json and NO_COLOR mean for a command.
struct output_style {
    bool json = false;
    bool quiet = false;
};

// Control characters of captured text as '?'.
std::string printable(std::string_view text);

// One line on stderr: what, where and the way out.
void print_error(std::string_view text);

// A bar on stderr for long work; silent when stderr is no terminal or --quiet is given.
class progress_bar {
public:
    progress_bar(std::string what, std::uint64_t total, const output_style& style);
    ~progress_bar();
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    // `note`: what is being done, behind the bar; the old one stays when it is empty.
    void advance(std::uint64_t by = 1, std::string_view note = {});

private:
    void draw();

    std::string what_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    int drawn_percent_ = -1;
    std::string note_;
    bool shown_;
};

// Columns aligned by spaces; control characters of captured text are shown as '?'.
std::string render_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace reprise::app
