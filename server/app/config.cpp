#include "config.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cctype>
#include <numeric>

namespace reprise::app {
namespace {

struct unit {
    std::string_view name;
    std::int64_t factor;
};

// Largest first: a value is shown in the largest unit that divides it.
constexpr std::array duration_units = {
    unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"min", 60'000}, unit{"s", 1'000}, unit{"ms", 1}};
constexpr std::array byte_units = {
    unit{"GiB", 1LL << 30}, unit{"MiB", 1LL << 20}, unit{"KiB", 1LL << 10}, unit{"B", 1}};

template <std::size_t Count>
std::optional<std::int64_t> parse_quantity(std::string_view text, const std::array<unit, Count>& units)
{
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || value < 0)
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (text.starts_with(' '))
        text.remove_prefix(1);
    for (const unit& one : units) {
        if (text != one.name)
            continue;
        std::int64_t scaled = 0;
        if (__builtin_mul_overflow(value, one.factor, &scaled))
            return std::nullopt;
        return scaled;
    }
    return std::nullopt;
}

template <std::size_t Count>
std::string show_quantity(std::int64_t value, const std::array<unit, Count>& units)
{
    for (const unit& one : units) {
        if (value != 0 && value % one.factor == 0)
            return std::to_string(value / one.factor) + " " + std::string(one.name);
    }
    return std::to_string(value) + " " + std::string(units.back().name);
}

// Edits that turn one word into the other, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::string_view nearest_key(std::string_view name)
{
    const auto keys = config_keys();
    return std::min_element(keys.begin(), keys.end(), [name](const auto& a, const auto& b) {
               return distance(name, a.name) < distance(name, b.name);
           })->name;
}

bool is_choice(std::string_view choices, std::string_view value)
{
    while (!choices.empty()) {
        const auto comma = choices.find(',');
        if (choices.substr(0, comma) == value)
            return true;
        choices = comma == std::string_view::npos ? std::string_view() : choices.substr(comma + 1);
    }
    return false;
}

std::string show_number(const config_key& key, std::int64_t value)
{
    if (key.kind == value_kind::bytes)
        return show_bytes(value);
    if (key.kind == value_kind::duration)
        return show_duration(milliseconds(value));
    return std::to_string(value);
}

std::optional<std::int64_t> parse_number(const config_key& key, std::string_view value)
{
    if (key.kind == value_kind::bytes)
        return parse_bytes(value);
    if (key.kind == value_kind::duration) {
        const auto duration = parse_duration(value);
        return duration ? std::optional(duration->count()) : std::nullopt;
    }
    std::int64_t count = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), count);
    return code == std::errc() && end == value.data() + value.size() ? std::optional(count) : std::nullopt;
}

std::string_view number_form(const config_key& key)
{
    if (key.kind == value_kind::bytes)
        return "a size like 20 MiB";
    return key.kind == value_kind::duration ? "a duration like 500 ms, 60 s or 24 h" : "a whole number";
}

std::vector<std::string> split_list(std::string_view text)
{
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto comma = text.find(',');
        std::string_view item = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        while (item.starts_with(' '))
            item.remove_prefix(1);
        while (item.ends_with(' '))
            item.remove_suffix(1);
        if (!item.empty())
            items.emplace_back(item);
    }
    return items;
}

std::optional<std::string> set_value(config& target, const config_key& key, std::string_view value)
{
    if (const auto* text = std::get_if<std::string config::*>(&key.member)) {
        if (key.kind == value_kind::choice && !is_choice(key.choices, value))
            return "must be one of " + std::string(key.choices);
        target.*(*text) = value;
        return std::nullopt;
    }
    if (const auto* list = std::get_if<std::vector<std::string> config::*>(&key.member)) {
        target.*(*list) = split_list(value);
        return std::nullopt;
    }
    const auto number = parse_number(key, value);
    if (!number)
        return "must be " + std::string(number_form(key));
    if (*number < key.min || *number > key.max)
        return "must lie between " + show_number(key, key.min) + " and " + show_number(key, key.max);
    if (const auto* count = std::get_if<std::int64_t config::*>(&key.member))
        target.*(*count) = *number;
    else
        target.*std::get<milliseconds config::*>(key.member) = milliseconds(*number);
    return std::nullopt;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text)
{
    const auto value = parse_quantity(text, duration_units);
    return value ? std::optional(milliseconds(*value)) : std::nullopt;
}

std::string show_duration(milliseconds value)
{
    return show_quantity(value.count(), duration_units);
}

std::optional<std::int64_t> parse_bytes(std::string_view text)
{
    return parse_quantity(text, byte_units);
}

std::string show_bytes(std::int64_t value)
{
    return show_quantity(value, byte_units);
}

std::optional<config_error> set_key(
    config& target, std::string_view key, std::string_view value, std::string_view where
)
{
    const auto keys = config_keys();
    const auto found = std::find_if(keys.begin(), keys.end(), [key](const auto& one) { return one.name == key; });
    if (found == keys.end())
        return config_error{
            std::string(where) + ": unknown key '" + std::string(key) + "', did you mean '" +
            std::string(nearest_key(key)) + "'?"};
    if (const auto wrong = set_value(target, *found, value))
        return config_error{
            std::string(where) + ": " + std::string(key) + " = '" + std::string(value) + "' " + *wrong};
    return std::nullopt;
}

std::string show_key(const config& source, const config_key& key)
{
    if (const auto* text = std::get_if<std::string config::*>(&key.member))
        return source.*(*text);
    if (const auto* count = std::get_if<std::int64_t config::*>(&key.member))
        return show_number(key, source.*(*count));
    if (const auto* duration = std::get_if<milliseconds config::*>(&key.member))
        return show_duration(source.*(*duration));
    std::string joined;
    for (const std::string& item : source.*std::get<std::vector<std::string> config::*>(key.member))
        joined += (joined.empty() ? "" : ", ") + item;
    return joined;
}

std::string environment_name(std::string_view key)
{
    std::string name = "REPRISE_";
    for (const char c : key)
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

std::optional<config_error> read_environment(config& target, std::span<const std::string> environment)
{
    for (const std::string& entry : environment) {
        const auto equals = entry.find('=');
        if (!entry.starts_with("REPRISE_") || equals == std::string::npos)
            continue;
        const std::string name = entry.substr(0, equals);
        const auto secrets = secret_variables();
        if (std::find(secrets.begin(), secrets.end(), name) != secrets.end())
            continue;
        const auto keys = config_keys();
        const auto found = std::find_if(keys.begin(), keys.end(), [&name](const auto& one) {
            return environment_name(one.name) == name;
        });
        if (found == keys.end()) {
            std::string word;
            for (const char c : name.substr(8))
                word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            return config_error{
                "environment: unknown " + name + ", did you mean " + environment_name(nearest_key(word)) + "?"};
        }
        if (auto wrong = set_key(target, found->name, entry.substr(equals + 1), "environment " + name))
            return wrong;
    }
    return std::nullopt;
}

std::string render_config_docs()
{
    std::string out =
        "# Configuration\n\n"
        "Made by `reprise config docs`; a test keeps this page equal to the program.\n\n"
        "A flag (`--windows.length '10 s'`) wins over the environment (`REPRISE_WINDOWS_LENGTH`), which wins over\n"
        "the file (`--config reprise.yaml`), which wins over the default. Unknown keys and bad values stop the "
        "start.\n";
    std::string_view section;
    const config defaults;
    for (const config_key& key : config_keys()) {
        const std::string_view own = key.name.substr(0, key.name.find('.'));
        if (own != section) {
            section = own;
            out += "\n## " + std::string(section) + "\n\n| key | default | what it is |\n|---|---|---|\n";
        }
        const std::string value = show_key(defaults, key);
        out += "| `" + std::string(key.name) + "` | " + (value.empty() ? "(empty)" : "`" + value + "`") + " | " +
               std::string(key.help);
        if (key.kind == value_kind::choice)
            out += " One of `" + std::string(key.choices) + "`.";
        else if (key.max != 0)
            out += " From " + show_number(key, key.min) + " to " + show_number(key, key.max) + ".";
        out += " |\n";
    }
    return out;
}

}  // namespace reprise::app
