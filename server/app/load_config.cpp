#include "auth_parts.hpp"
#include "forge_parts.hpp"
#include "settings.hpp"

#include <filesystem>

#include <unistd.h>

extern char** environ;

namespace reprise::app {
namespace {

constexpr std::string_view default_file = "reprise.yaml";

std::vector<std::string> list_environment()
{
    std::vector<std::string> entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    return entries;
}

}  // namespace

config_result<config> load_config(const settings& from)
{
    config made;
    if (!from.file.empty() || std::filesystem::exists(default_file)) {
        const std::string file = from.file.empty() ? std::string(default_file) : from.file;
        if (auto wrong = read_config_file(made, file))
            return std::move(*wrong);
    }
    const auto environment = list_environment();
    if (auto wrong = read_environment(made, environment))
        return std::move(*wrong);
    for (const auto& [key, value] : from.flags) {
        if (auto wrong = set_key(made, key, value, "flag --" + key))
            return std::move(*wrong);
    }
    for (const auto& check : {check_config, check_auth, check_forge}) {
        if (auto wrong = check(made))
            return std::move(*wrong);
    }
    return made;
}

}  // namespace reprise::app
