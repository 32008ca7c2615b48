#include "column.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::store {
namespace {

bool parse_array(std::string_view text, boost::json::array& array)
{
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    if (error || !value.is_array())
        return false;
    array = std::move(value.as_array());
    return true;
}

}  // namespace

std::string list_to_json(const std::vector<std::string>& list)
{
    boost::json::array array;
    for (const std::string& text : list)
        array.emplace_back(text);
    return boost::json::serialize(array);
}

std::string list_to_json(const std::vector<std::pair<std::string, double>>& list)
{
    boost::json::array array;
    for (const auto& [name, value] : list)
        array.push_back(boost::json::array{boost::json::value(name), boost::json::value(value)});
    return boost::json::serialize(array);
}

bool list_from_json(std::string_view text, std::vector<std::string>& list)
{
    boost::json::array array;
    if (!parse_array(text, array))
        return false;
    list.clear();
    for (const boost::json::value& item : array) {
        if (!item.is_string())
            return false;
        list.emplace_back(item.get_string());
    }
    return true;
}

bool list_from_json(std::string_view text, std::vector<std::pair<std::string, double>>& list)
{
    boost::json::array array;
    if (!parse_array(text, array))
        return false;
    list.clear();
    for (const boost::json::value& item : array) {
        if (!item.is_array() || item.get_array().size() != 2)
            return false;
        const auto& pair = item.get_array();
        if (!pair[0].is_string() || !pair[1].is_number())
            return false;
        list.emplace_back(std::string(pair[0].get_string()), pair[1].to_number<double>());
    }
    return true;
}

}  // namespace reprise::store
