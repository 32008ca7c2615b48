#include "query_reader.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace reprise::synth {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text)
{
    if (text.starts_with('+'))
        text.remove_prefix(1);
    Number value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

// A limit as people write it: whole where it is whole.
boost::json::value limit_value(double limit)
{
    if (std::floor(limit) == limit)
        return static_cast<std::int64_t>(limit);
    return limit;
}

std::string list_words(std::span<const std::string_view> words)
{
    std::string text;
    for (const std::string_view word : words)
        text.append(text.empty() ? "'" : ", '").append(word).append("'");
    return text;
}

}  // namespace

std::optional<std::string_view> query_reader::find(std::string_view name) const noexcept
{
    for (auto it = req_.query.rbegin(); it != req_.query.rend(); ++it) {
        if (it->first == name)
            return std::string_view(it->second);
    }
    return std::nullopt;
}

int query_reader::integer(std::string_view name, int fallback, int low, int high)
{
    const auto text = find(name);
    if (!text)
        return fallback;
    const auto value = parse_number<std::int64_t>(*text);
    if (!value) {
        add("int_parsing", name, "must be a whole number");
        return fallback;
    }
    check_range(name, static_cast<double>(*value), low, high);
    return *value >= low && *value <= high ? static_cast<int>(*value) : fallback;
}

double query_reader::real(std::string_view name, double fallback, double low, double high)
{
    const auto text = find(name);
    if (!text)
        return fallback;
    const auto value = parse_number<double>(*text);
    if (!value) {
        add("float_parsing", name, "must be a number");
        return fallback;
    }
    if (!std::isfinite(*value)) {
        add("finite_number", name, "must be a finite number");
        return fallback;
    }
    check_range(name, *value, low, high);
    return *value;
}

std::optional<std::uint64_t> query_reader::seed(std::string_view name)
{
    const auto text = find(name);
    if (!text)
        return std::nullopt;
    const auto value = parse_number<std::uint64_t>(*text);
    if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        add("int_parsing", name, "must be a whole number from 0 to 2^63 - 1");
        return std::nullopt;
    }
    return value;
}

bool query_reader::flag(std::string_view name)
{
    return integer(name, 0, 0, 1) == 1;
}

std::size_t query_reader::word(std::string_view name, std::span<const std::string_view> words)
{
    const auto text = find(name);
    if (!text)
        return 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == *text)
            return i;
    }
    const std::string expected = list_words(words);
    add("literal_error", name, "must be one of " + expected, {{"expected", expected}});
    return 0;
}

void query_reader::refuse(std::string_view name, std::string_view message)
{
    add("value_error", name, std::string(message));
}

void query_reader::check_range(std::string_view name, double value, double low, double high)
{
    const auto say = [](const boost::json::value& limit) { return boost::json::serialize(limit); };
    if (value < low) {
        const auto limit = limit_value(low);
        add("greater_than_equal", name, "must be at least " + say(limit), {{"ge", limit}});
    } else if (value > high) {
        const auto limit = limit_value(high);
        add("less_than_equal", name, "must be at most " + say(limit), {{"le", limit}});
    }
}

void query_reader::add(
    std::string_view type, std::string_view name, std::string message, boost::json::object context
)
{
    boost::json::object fault;
    fault["type"] = type;
    fault["loc"] = boost::json::array{"query", name};
    fault["msg"] = std::move(message);
    if (const auto input = find(name))
        fault["input"] = *input;
    else
        fault["input"] = nullptr;
    if (!context.empty())
        fault["ctx"] = std::move(context);
    faults_.push_back(std::move(fault));
}

net::response query_reader::refusal() const
{
    boost::json::object body;
    body["detail"] = faults_;
    return {422, "application/json", boost::json::serialize(body)};
}

}  // namespace reprise::synth
