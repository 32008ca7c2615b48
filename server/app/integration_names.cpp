#include "integration_names.hpp"

#include "alarm_parts.hpp"
#include "hook_intake.hpp"

#include "reprise/forge/tracker_set.hpp"

namespace reprise::app {

http::configured_integrations integrations_of(
    const forge::tracker_set& trackers, const alarm_parts& alarms, const hook_intake& hooks
)
{
    http::configured_integrations all;
    all.trackers.emplace_back("file");  // Needs no configuration.
    for (const auto& [name, one] : trackers.list_remote())
        all.trackers.push_back(name);
    all.log_stores = alarms.list_sources();
    all.hook_sources = hooks.list_sources();
    return all;
}

}  // namespace reprise::app
