#pragma once

#include "reprise/base/error.hpp"
#include "reprise/forge/effect.hpp"

#include <string>
#include <string_view>
#include <vector>

// What a fix run was given, as it is kept in run.input.
namespace reprise::runs {

struct fix_input {
    std::string title;
    std::string body;
    std::string base_branch;
    std::string comment;
    std::vector<forge::changed_file> files;
};

std::string to_json(const fix_input& input);
// corrupt when it is none.
result<fix_input> parse_fix_input(std::string_view text);

}  // namespace reprise::runs
