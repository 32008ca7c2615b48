#include "snapshot_lines.hpp"

#include <streambuf>

namespace reprise::app {
namespace {

using traits = std::char_traits<char>;

}  // namespace

// By the character from the stream's buffer: a line over the limit is never kept whole.
bool line_reader::read_line(bool& too_long)
{
    line_.clear();
    too_long = false;
    std::streambuf& bytes = *from_.rdbuf();
    bool any = false;
    for (auto c = bytes.sbumpc(); !traits::eq_int_type(c, traits::eof()); c = bytes.sbumpc()) {
        any = true;
        if (traits::to_char_type(c) == '\n')
            return true;
        if (line_.size() < line_bytes_max_)
            line_ += traits::to_char_type(c);
        else
            too_long = true;
    }
    return any;
}

line_reader::step line_reader::next()
{
    for (bool too_long = false; read_line(too_long);) {
        ++number_;
        if (number_ == 1 && line_.starts_with("\xef\xbb\xbf"))
            line_.erase(0, 3);
        if (too_long)
            return step::too_long;
        if (line_.find_first_not_of(" \t\r") != std::string::npos)
            return step::line;
    }
    return step::end;
}

}  // namespace reprise::app
