#include "log_event.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace reprise::ingest {
namespace {

namespace json = boost::json;

constexpr int depth_max = 16;
constexpr std::size_t id_digits = 40;

using label_list = std::vector<std::pair<std::string, std::string>>;

void add_labels(label_list& to, const json::value* from)
{
    if (from == nullptr || !from->is_object())
        return;
    for (const auto& [name, value] : from->get_object()) {
        if (value.is_string() && to.size() < model::alarm_labels_max)
            to.emplace_back(std::string(name), std::string(value.get_string()));
    }
}

// Sorted and with lengths, so that no two events share a text.
std::string id_of(const log_event& event)
{
    auto labels = event.labels;
    std::sort(labels.begin(), labels.end());
    std::string text = std::to_string(event.at_ns);
    for (const auto& [name, value] : labels)
        text += "\n" + std::to_string(name.size()) + " " + name + std::to_string(value.size()) + " " + value;
    return sha256_hex(text + "\n" + event.line).substr(0, id_digits);
}

// ["1700000000000000000", "line", {structured metadata}?]
std::optional<log_event> read_value(const json::value& value, const label_list& labels)
{
    if (!value.is_array() || value.get_array().size() < 2)
        return std::nullopt;
    const json::array& pair = value.get_array();
    if (!pair[0].is_string() || !pair[1].is_string())
        return std::nullopt;
    log_event event;
    const std::string_view at = pair[0].get_string();
    const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), event.at_ns);
    if (error != std::errc() || end != at.data() + at.size() || event.at_ns <= 0)
        return std::nullopt;
    event.labels = labels;
    if (pair.size() > 2)
        add_labels(event.labels, &pair[2]);
    event.line = std::string(pair[1].get_string());
    event.id = id_of(event);
    return event;
}

bool read_stream(const json::value& stream, std::vector<log_event>& events)
{
    if (!stream.is_object())
        return false;
    const json::value* values = stream.get_object().if_contains("values");
    if (values == nullptr || !values->is_array())
        return false;
    label_list labels;
    add_labels(labels, stream.get_object().if_contains("stream"));
    for (const json::value& value : values->get_array()) {
        auto event = read_value(value, labels);
        if (!event)
            return false;
        events.push_back(std::move(*event));
    }
    return true;
}

}  // namespace

result<std::vector<log_event>> parse_loki_answer(std::string_view body)
{
    json::parse_options options;
    options.max_depth = depth_max;
    options.allow_invalid_utf8 = true;  // Log lines hold anything.
    error_code failed;
    const json::value parsed = json::parse(body, failed, {}, options);
    if (failed || !parsed.is_object())
        return errc::corrupt;
    const json::value* data = parsed.get_object().if_contains("data");
    if (data == nullptr || !data->is_object())
        return errc::corrupt;
    const json::value* type = data->get_object().if_contains("resultType");
    const json::value* streams = data->get_object().if_contains("result");
    const bool are_streams = type != nullptr && type->is_string() && type->get_string() == "streams";
    if (!are_streams || streams == nullptr || !streams->is_array())
        return errc::corrupt;
    std::vector<log_event> events;
    for (const json::value& stream : streams->get_array()) {
        if (!read_stream(stream, events))
            return errc::corrupt;
    }
    std::sort(events.begin(), events.end(), [](const log_event& a, const log_event& b) {
        return std::tie(a.at_ns, a.id) < std::tie(b.at_ns, b.id);
    });
    return events;
}

}  // namespace reprise::ingest
