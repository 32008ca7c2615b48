#pragma once

#include <optional>
#include <string_view>

// Which files of a repository a change may only touch at CRITICAL risk. Pure; paths are compared without case.
namespace reprise::lifecycle {

constexpr std::size_t change_files_max = 5;
constexpr std::size_t change_path_bytes_max = 240;
constexpr std::size_t change_bytes_max = 256 * 1024;  // Of all new contents together.

// Why a path may be in no change at all, as half a sentence: absolute, outside of the repository, ".git", control
// characters. Empty when it may.
std::optional<std::string_view> find_path_fault(std::string_view path) noexcept;

// What kind of protected file it is: "database migration", "authentication", "CI workflow", "lock file",
// "secret or environment file", "code owners". Empty for every other.
std::optional<std::string_view> find_protection(std::string_view path);

// "*" is any run of characters but "/", "**" any run, "?" one character but "/"; all else is itself.
bool matches_glob(std::string_view glob, std::string_view path) noexcept;

}  // namespace reprise::lifecycle
