#pragma once

#include "run_result.hpp"

#include <string>
#include <string_view>

// What a ticket says about a replay.
namespace reprise::forge {

// "Reproduced"
std::string_view verdict_words(model::verdict verdict);

// Verdict, trials, method and numbers below a heading.
std::string replay_section(std::string_view title, const run_result& replay);

}  // namespace reprise::forge
