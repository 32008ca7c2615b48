#include "config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace reprise::app {
namespace {

std::string place(const std::string& path, const YAML::Mark& mark)
{
    return path + ":" + std::to_string(mark.line + 1);
}

// A list in the file is the same as its items joined by commas.
std::optional<std::string> scalar_text(const YAML::Node& node)
{
    if (node.IsNull())
        return std::string();
    if (node.IsScalar())
        return node.Scalar();
    if (!node.IsSequence())
        return std::nullopt;
    std::string joined;
    for (const YAML::Node& item : node) {
        if (!item.IsScalar())
            return std::nullopt;
        joined += (joined.empty() ? "" : ",") + item.Scalar();
    }
    return joined;
}

// "server.tls" is one: there are keys below it.
bool is_section(const std::string& name)
{
    const auto keys = config_keys();
    return std::any_of(keys.begin(), keys.end(), [&name](const config_key& key) {
        return key.name.starts_with(name + ".");
    });
}

std::optional<config_error> read_section(
    config& target, const std::string& path, const std::string& section, const YAML::Node& keys
)
{
    if (!keys.IsMap())
        return config_error{
            place(path, keys.Mark()) + ": section '" + section + "' must hold 'key: value' lines, like 'server: "
            "{listen: 127.0.0.1:4380}'"};
    for (const auto& entry : keys) {
        const std::string name = section + "." + entry.first.Scalar();
        if (entry.second.IsMap() && is_section(name)) {
            if (auto wrong = read_section(target, path, name, entry.second))
                return wrong;
            continue;
        }
        const auto value = scalar_text(entry.second);
        const std::string where = place(path, entry.first.Mark());
        if (!value)
            return config_error{where + ": " + name + " must be one value or a list of values"};
        if (auto wrong = set_key(target, name, *value, where))
            return wrong;
    }
    return std::nullopt;
}

}  // namespace

std::optional<config_error> read_config_text(config& target, std::string_view text, const std::string& name)
{
    // yaml-cpp reports by exception; they end here.
    try {
        const YAML::Node root = YAML::Load(std::string(text));
        if (root.IsNull())
            return std::nullopt;
        if (!root.IsMap())
            return config_error{name + ": must hold sections, like 'server:' with its keys below it"};
        for (const auto& section : root) {
            if (auto wrong = read_section(target, name, section.first.Scalar(), section.second))
                return wrong;
        }
    } catch (const YAML::Exception& bad) {
        return config_error{place(name, bad.mark) + ": not YAML: " + bad.msg};
    }
    return std::nullopt;
}

std::optional<config_error> read_config_file(config& target, const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad())
        return config_error{path + ": cannot be read; give another file with --config, or none for the defaults"};
    return read_config_text(target, text, path);
}

}  // namespace reprise::app
