#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The rules of the house that a compiler does not know, as pure functions over one file's text.
namespace reprise::tidy {

struct finding {
    std::size_t line = 0;  // From 1.
    std::string what;
};

struct function_length {
    std::size_t line = 0;
    std::size_t lines = 0;
};

std::vector<std::string_view> split_lines(std::string_view text);

// The room a path belongs to ("server/store/x.cpp", "include/reprise/store/x.hpp" -> "store"), or "".
std::string_view room_of(std::string_view path);

// Arrows that go up or sideways, private headers of other rooms, third-party headers in a room that
// does not own them.
std::vector<finding> check_includes(std::string_view path, std::string_view text);

// What GCC 12 compiles into a double free, and coroutines nobody waits for.
std::vector<finding> check_coroutines(std::string_view path, std::string_view text);

// Long lines, tabs, trailing space, unfinished work, tests that are off or sleep.
std::vector<finding> check_text(std::string_view path, std::string_view text);

// Bodies whose braces stand on lines of their own.
std::vector<function_length> measure_functions(std::string_view text);

}  // namespace reprise::tidy
