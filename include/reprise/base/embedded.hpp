#pragma once

#include <span>
#include <string_view>

namespace reprise {

// A file that was made part of the binary (cmake/embed.cmake).
struct embedded_file {
    std::string_view path;
    std::string_view bytes;
};

}  // namespace reprise
