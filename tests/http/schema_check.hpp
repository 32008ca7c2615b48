#pragma once

#include "../../server/http/schemas.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

// As much of JSON Schema as our own schemas use.
namespace reprise::http::test {

inline std::string find_misfit(
    const boost::json::value& value, const boost::json::object& schema, const boost::json::object& all,
    const std::string& where
);

inline std::string find_object_misfit(
    const boost::json::object& value, const boost::json::object& schema, const boost::json::object& all,
    const std::string& where
)
{
    const auto* properties = schema.if_contains("properties");
    if (!properties)
        return {};
    for (const auto& name : schema.at("required").as_array()) {
        if (!value.contains(name.as_string()))
            return where + " lacks " + std::string(name.as_string());
    }
    for (const auto& member : value) {
        const auto* known = properties->as_object().if_contains(member.key());
        if (!known)
            return where + " has the undocumented member " + std::string(member.key());
        const std::string place = where + "." + std::string(member.key());
        if (std::string misfit = find_misfit(member.value(), known->as_object(), all, place); !misfit.empty())
            return misfit;
    }
    return {};
}

inline std::string find_misfit(
    const boost::json::value& value, const boost::json::object& schema, const boost::json::object& all,
    const std::string& where
)
{
    if (const auto* reference = schema.if_contains("$ref")) {
        const std::string_view path = reference->as_string();
        return find_misfit(value, all.at(path.substr(path.rfind('/') + 1)).as_object(), all, where);
    }
    const std::string_view type = schema.at("type").as_string();
    if (type == "object")
        return value.is_object() ? find_object_misfit(value.as_object(), schema, all, where) : where + " is no object";
    if (type == "array") {
        if (!value.is_array())
            return where + " is no list";
        for (const auto& each : value.as_array()) {
            if (std::string misfit = find_misfit(each, schema.at("items").as_object(), all, where + "[]");
                !misfit.empty())
                return misfit;
        }
        return {};
    }
    if (type == "boolean")
        return value.is_bool() ? std::string() : where + " is no boolean";
    if (type == "integer")
        return value.is_int64() || value.is_uint64() ? std::string() : where + " is no integer";
    if (type == "number")
        return value.is_number() ? std::string() : where + " is no number";
    if (!value.is_string())
        return where + " is no text";
    if (const auto* choices = schema.if_contains("enum")) {
        for (const auto& choice : choices->as_array()) {
            if (choice == value)
                return {};
        }
        return where + " is " + std::string(value.as_string()) + ", which is no choice";
    }
    return {};
}

// Empty when the value is what the schema of that name says.
inline std::string find_misfit(const boost::json::value& value, std::string_view name)
{
    const boost::json::object all = render_schemas();
    return find_misfit(value, all.at(name).as_object(), all, std::string(name));
}

}  // namespace reprise::http::test
