#include "polling_input.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::array<std::string_view, 3> class_names = {"client_4xx", "server_5xx", "unhandled_exception"};
constexpr std::uint64_t min_occurrences_max = 1'000'000;

checked<std::vector<std::string>> read_classes(const json::value& value, std::string_view name)
{
    const refusal wrong =
        refuse(std::string(name) + " must be a list of client_4xx, server_5xx and unhandled_exception.");
    if (!value.is_array() || value.get_array().size() > class_names.size())
        return wrong;
    std::vector<std::string> classes;
    for (const json::value& one : value.get_array()) {
        const bool known = one.is_string() &&
                           std::find(class_names.begin(), class_names.end(), std::string_view(one.get_string())) !=
                               class_names.end();
        if (!known)
            return wrong;
        classes.emplace_back(one.get_string());
    }
    return classes;
}

checked<std::uint64_t> read_minimum(const json::value& value, std::string_view name)
{
    error_code not_whole;
    const auto number = value.is_number() ? value.to_number<std::uint64_t>(not_whole) : 0;
    if (not_whole || number < 1 || number > min_occurrences_max)
        return refuse(std::string(name) + " must be a whole number from 1 to 1000000.");
    return number;
}

}  // namespace

checked<store::service_polling> read_polling(
    const json::object& body, const polling_names& names, store::service_polling known
)
{
    const auto enabled = read_flag(body, names.enabled);
    if (!enabled)
        return enabled.error();
    known.enabled = enabled->value_or(known.enabled);
    if (const json::value* classes = body.if_contains(names.classes)) {
        auto list = read_classes(*classes, names.classes);
        if (!list)
            return list.error();
        known.error_classes = std::move(*list);
    }
    if (const json::value* minimum = body.if_contains(names.minimum)) {
        const auto number = read_minimum(*minimum, names.minimum);
        if (!number)
            return number.error();
        known.min_occurrences = *number;
    }
    return known;
}

}  // namespace reprise::http
