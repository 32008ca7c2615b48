#pragma once

#include "reprise/forge/effect.hpp"

#include <optional>
#include <string>
#include <string_view>

// What no tracker may be asked for, whoever asks. Pure.
namespace reprise::forge {

constexpr std::size_t key_bytes_max = 120;
constexpr std::size_t branch_bytes_max = 200;
constexpr std::size_t path_bytes_max = 400;
constexpr std::size_t commit_message_bytes_max = 20'000;

// One sentence about what is wrong with it; nothing when it can be published.
std::optional<std::string> find_fault(const effect& wanted);

// The same for a branch below `prefix`, by git's rules for names.
std::optional<std::string> find_branch_fault(std::string_view branch, std::string_view prefix);

bool is_branch_name(std::string_view name);

// Relative, no "." or ".." or ".git" segment, no empty one, no control character, no backslash.
bool is_repository_path(std::string_view path);

}  // namespace reprise::forge
