#include "commands.hpp"
#include "exit_code.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace reprise::app {

int run_config_show(const config& settings, const output_style& style)
{
    if (style.json) {
        boost::json::object out;
        for (const config_key& key : config_keys())
            out[key.name] = show_key(settings, key);
        std::printf("%s\n", boost::json::serialize(out).c_str());
        return exit_ok;
    }
    const config defaults;
    std::vector<std::vector<std::string>> rows = {{"KEY", "VALUE", "FROM"}};
    for (const config_key& key : config_keys()) {
        const std::string value = show_key(settings, key);
        rows.push_back({std::string(key.name), value, value == show_key(defaults, key) ? "default" : "set"});
    }
    std::printf("%s", render_table(rows).c_str());
    return exit_ok;
}

int run_config_check(const config&, const output_style& style)
{
    // Loading the configuration was the check; a bad one never gets here.
    if (!style.quiet)
        std::printf("configuration is good (%zu keys)\n", config_keys().size());
    return exit_ok;
}

int run_config_docs()
{
    std::printf("%s", render_config_docs().c_str());
    return exit_ok;
}

}  // namespace reprise::app
