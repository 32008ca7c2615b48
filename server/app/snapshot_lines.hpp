#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

namespace reprise::app {

// Lines of a file of any length, one at a time in memory. Blocks on the stream.
class line_reader {
public:
    line_reader(std::istream& from, std::size_t line_bytes_max) : from_(from), line_bytes_max_(line_bytes_max) {}

    enum class step : unsigned char { line, too_long, end };

    // The next line that holds more than white space, without its line end; it stays until the next call.
    // too_long: a line over the limit was passed over.
    step next();

    std::string_view line() const noexcept { return line_; }
    std::size_t number() const noexcept { return number_; }    // Of the line, from 1.

private:
    bool read_line(bool& too_long);

    std::istream& from_;
    std::size_t line_bytes_max_;
    std::string line_;
    std::size_t number_ = 0;
};

}  // namespace reprise::app
