#include "log_fields.hpp"

#include "reprise/base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>

namespace reprise::ingest {
namespace {

namespace json = boost::json;

constexpr int depth_max = 16;
constexpr int nested_max = 3;

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(c < 0x80 ? std::tolower(c) : c);
    });
    return out;
}

void flatten(const json::object& object, const std::string& prefix, int depth, log_fields& into)
{
    for (const auto& [name, value] : object) {
        if (into.size() >= log_fields_max)
            return;
        const std::string path = prefix + lower(name);
        if (value.is_object() && depth < nested_max)
            flatten(value.get_object(), path + ".", depth + 1, into);
        else if (value.is_string())
            into.emplace(path, std::string(value.get_string()));
        else if (value.is_number() || value.is_bool())
            into.emplace(path, json::serialize(value));
    }
}

bool is_key_byte(char one) noexcept
{
    return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '_' || one == '.' || one == '-';
}

// "value" with its escapes, or up to the next blank. `at` stands behind it afterwards.
std::string read_value(std::string_view line, std::size_t& at)
{
    std::string value;
    if (at < line.size() && line[at] == '"') {
        for (++at; at < line.size() && line[at] != '"'; ++at) {
            if (line[at] == '\\' && at + 1 < line.size()) {
                ++at;
                value += line[at] == 'n' ? '\n' : line[at];
            } else {
                value += line[at];
            }
        }
        at = std::min(at + 1, line.size());
        return value;
    }
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    value = line.substr(at, end - at);
    at = end;
    return value;
}

log_fields read_logfmt(std::string_view line)
{
    log_fields fields;
    std::size_t at = 0;
    while (at < line.size() && fields.size() < log_fields_max) {
        const std::size_t begin = at;
        while (at < line.size() && is_key_byte(line[at]))
            ++at;
        if (at > begin && at < line.size() && line[at] == '=') {
            std::string name = lower(line.substr(begin, at - begin));
            ++at;
            fields.emplace(std::move(name), read_value(line, at));
        } else {
            at = std::max(std::min(line.find_first_of(" \t", at), line.size()), begin + 1);
        }
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t'))
            ++at;
    }
    return fields;
}

}  // namespace

log_fields read_log_fields(std::string_view line)
{
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    line.remove_prefix(begin);
    if (!line.starts_with('{'))
        return read_logfmt(line);
    json::parse_options options;
    options.max_depth = depth_max;
    options.allow_invalid_utf8 = true;
    error_code failed;
    const json::value parsed = json::parse(line, failed, {}, options);
    log_fields fields;
    if (!failed && parsed.is_object())
        flatten(parsed.get_object(), {}, 0, fields);
    return fields;
}

std::string_view find_field(const log_fields& fields, std::initializer_list<std::string_view> names) noexcept
{
    for (const std::string_view name : names) {
        const auto found = fields.find(name);
        if (found != fields.end() && !found->second.empty())
            return found->second;
    }
    return {};
}

}  // namespace reprise::ingest
