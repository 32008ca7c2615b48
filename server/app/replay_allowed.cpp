#include "replay_allowed.hpp"

namespace reprise::app {

config_result<std::vector<replay::target>> replay_targets_of(const config& settings)
{
    std::vector<replay::target> targets;
    for (const std::string& text : settings.replay_targets) {
        auto target = replay::parse_target(text);
        if (!target)
            return config_error{"replay.targets: '" + text + "': " + target.error().reason};
        targets.push_back(std::move(*target));
    }
    return targets;
}

config_result<net::target_guard> replay_guard_of(const config& settings)
{
    auto named = replay_targets_of(settings);
    if (auto* wrong = std::get_if<config_error>(&named))
        return std::move(*wrong);
    auto guard = net::target_guard::parse(settings.replay_targets, {});
    if (!guard)
        return config_error{"replay.targets: " + guard.error().message()};
    return std::move(*guard);
}

}  // namespace reprise::app
