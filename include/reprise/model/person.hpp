#pragma once

#include <cstdint>
#include <optional>
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

// A service account works through API tokens only: it has no sessions, no password and never approves.
enum class person_kind : std::uint8_t { person, service };

std::string_view to_text(person_kind value) noexcept;
std::optional<person_kind> find_person_kind(std::string_view text) noexcept;

struct person {
    std::string id;
    std::string name;
    model::roles roles;
    bool disabled = false;
    std::int64_t created_ns = 0;
    person_kind kind = person_kind::person;
};

// "viewer,operator" both ways; unknown words make parse_roles return false.
std::string to_text(const roles& value);
bool parse_roles(std::string_view text, roles& value);

}  // namespace reprise::model
