#pragma once

#include <boost/json/object.hpp>

#include <span>
#include <string_view>

namespace reprise::http {

// One shape of the API, written once. `members` is a list "name type, name? type": `?` may be absent;
// a type is string, time, integer, number, boolean, object, a choice a|b|c, another schema's name, and
// any of these followed by [] for a list.
struct schema {
    std::string_view name;
    std::string_view base;     // Whose members it has, too; empty for none.
    std::string_view members;
};

std::span<const schema> schemas();

// The JSON Schema of all of them: {"Signal": {...}, ...}.
boost::json::object render_schemas();

}  // namespace reprise::http
