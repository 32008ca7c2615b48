#pragma once

#include "reprise/base/embedded.hpp"

namespace reprise {

// The files of web/dist, made part of the program by cmake/embed.cmake; empty when the dashboard was not built.
std::span<const embedded_file> web_assets();

}  // namespace reprise
