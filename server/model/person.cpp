#include "reprise/model/person.hpp"

namespace reprise::model {

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
