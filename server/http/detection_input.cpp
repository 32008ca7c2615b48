#include "detection_input.hpp"

#include "reprise/detect/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::string_view kinds_name = "kinds_off";

json::value number_value(double value, bool whole)
{
    return whole ? json::value(static_cast<std::int64_t>(std::llround(value))) : json::value(value);
}

// For people: 0.5, 300.
std::string number_text(double value)
{
    std::array<char, 32> text{};
    const auto [end, failed] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return failed == std::errc() ? std::string(text.data(), end) : std::string();
}

std::string list_fields()
{
    std::string list;
    for (const detect::setting_field& field : detect::setting_fields())
        list += std::string(field.name) + ", ";
    return list + std::string(kinds_name);
}

std::string list_kinds()
{
    std::string list;
    for (const model::signal_kind kind : detect::all_signal_kinds())
        list += (list.empty() ? "" : ", ") + std::string(model::to_text(kind));
    return list;
}

checked<void> read_number(const detect::setting_field& field, const json::value& value, model::detection_settings& into)
{
    if (value.is_null())
        return {};
    const std::string range = std::string(field.name) + " must be a " + (field.is_whole() ? "whole " : "") +
                              "number from " + number_text(field.min) + " to " + number_text(field.max) + ".";
    if (!value.is_number())
        return refuse(range);
    const auto number = value.to_number<double>();
    if (field.is_whole() && number != std::floor(number))
        return refuse(range);
    if (!field.takes(number))
        return refusal{422, range};
    field.set(into, number);
    return {};
}

checked<void> read_kinds(const json::value& value, model::detection_settings& into)
{
    if (value.is_null())
        return {};
    const auto wrong = [](const std::string& what) {
        return refuse(std::string(kinds_name) + what + "; there are " + list_kinds() + ".");
    };
    if (!value.is_array() || value.get_array().size() > model::signal_kind_count)
        return wrong(" must be a list of signal kinds, each once");
    for (const json::value& one : value.get_array()) {
        if (!one.is_string())
            return wrong(" must be a list of signal kinds, each once");
        const auto kind = model::find_signal_kind(one.get_string());
        if (!kind)
            return wrong(": \"" + std::string(one.get_string()) + "\" is no signal kind");
        into.kinds_off.push_back(*kind);
    }
    auto& kinds = into.kinds_off;
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    return {};
}

checked<void> read_member(std::string_view name, const json::value& value, model::detection_settings& into)
{
    if (name == kinds_name)
        return read_kinds(value, into);
    const detect::setting_field* const field = detect::find_setting_field(name);
    if (field == nullptr)
        return refuse("settings has no field \"" + std::string(name) + "\"; there are " + list_fields() + ".");
    return read_number(*field, value, into);
}

}  // namespace

checked<model::detection_settings> read_detection_settings(const json::object& body)
{
    const json::value* const settings = body.if_contains("settings");
    if (settings == nullptr || !settings->is_object())
        return refuse("settings must be an object of what is set; an empty one sets everything back.");
    model::detection_settings made;
    for (const auto& member : settings->get_object()) {
        if (const auto taken = read_member(member.key(), member.value(), made); !taken)
            return taken.error();
    }
    return made;
}

json::object render_detection_settings(const model::detection_settings& settings)
{
    json::object out;
    for (const detect::setting_field& field : detect::setting_fields()) {
        if (const auto value = field.find(settings))
            out[field.name] = number_value(*value, field.is_whole());
    }
    if (settings.kinds_off.empty())
        return out;
    json::array kinds;
    for (const model::signal_kind kind : settings.kinds_off)
        kinds.emplace_back(model::to_text(kind));
    out[kinds_name] = std::move(kinds);
    return out;
}

json::object render_inherited_detection(const detect::detection_limits& own)
{
    json::object out;
    for (const detect::setting_field& field : detect::setting_fields())
        out[field.name] = number_value(field.inherited(own), field.is_whole());
    out[kinds_name] = json::array();
    return out;
}

json::object render_detection_ranges()
{
    json::object out;
    for (const detect::setting_field& field : detect::setting_fields()) {
        json::object range;
        range["min"] = number_value(field.min, field.is_whole());
        range["max"] = number_value(field.max, field.is_whole());
        range["whole"] = field.is_whole();
        out[field.name] = std::move(range);
    }
    return out;
}

json::array render_signal_kinds()
{
    json::array out;
    for (const model::signal_kind kind : detect::all_signal_kinds())
        out.emplace_back(model::to_text(kind));
    return out;
}

checked<std::optional<model::signal_kind>> read_signal_kind(const json::object& body, std::string_view name)
{
    constexpr std::size_t kind_bytes_max = 64;
    const auto text = read_text(body, name, kind_bytes_max);
    if (!text)
        return text.error();
    if (text->empty())
        return std::optional<model::signal_kind>();
    const auto kind = model::find_signal_kind(*text);
    if (!kind)
        return refuse(std::string(name) + ": \"" + *text + "\" is no signal kind; there are " + list_kinds() + ".");
    return kind;
}

}  // namespace reprise::http
