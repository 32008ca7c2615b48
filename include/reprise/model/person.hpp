#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::model {

// What a person may do; a person has any set of them. admin does not imply approver.
struct roles {
    bool viewer = false;
    bool operator_ = false;
    bool approver = false;
    bool admin = false;

    bool operator==(const roles&) const = default;
};

struct person {
    std::string id;
    std::string name;
    model::roles roles;
    bool disabled = false;
    std::int64_t created_ns = 0;
};

// "viewer,operator" both ways; unknown words make parse_roles return false.
std::string to_text(const roles& value);
bool parse_roles(std::string_view text, roles& value);

}  // namespace reprise::model
