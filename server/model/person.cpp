#include "reprise/model/person.hpp"

namespace reprise::model {

std::string_view to_text(person_kind value) noexcept
{
    return value == person_kind::service ? "service" : "person";
}

std::optional<person_kind> find_person_kind(std::string_view text) noexcept
{
    for (const person_kind kind : {person_kind::person, person_kind::service}) {
        if (text == to_text(kind))
            return kind;
    }
    return std::nullopt;
}

std::string to_text(const roles& value)
{
    std::string text;
    const auto add = [&text](bool has, std::string_view name) {
        if (!has)
            return;
        if (!text.empty())
            text += ',';
        text += name;
    };
    add(value.viewer, "viewer");
    add(value.operator_, "operator");
    add(value.approver, "approver");
    add(value.admin, "admin");
    return text;
}

bool parse_roles(std::string_view text, roles& value)
{
    value = {};
    while (!text.empty()) {
        const auto comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        if (word == "viewer")
            value.viewer = true;
        else if (word == "operator")
            value.operator_ = true;
        else if (word == "approver")
            value.approver = true;
        else if (word == "admin")
            value.admin = true;
        else
            return false;
    }
    return true;
}

}  // namespace reprise::model
