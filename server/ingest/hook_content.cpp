#include "hook_content.hpp"

#include "hook_source.hpp"

namespace reprise::ingest {

read_hook read_content(const hook_body& hook)
{
    const auto source = find_hook_source(hook.source);
    if (!source)
        return hook_fault{"no source is called " + std::string(hook.source)};
    switch (*source) {
    case hook_source::sns: return read_sns(hook);
    case hook_source::alertmanager: return read_alertmanager(hook);
    case hook_source::grafana: return read_grafana(hook);
    case hook_source::sentry: return read_sentry(hook);
    case hook_source::pagerduty: return read_pagerduty(hook);
    case hook_source::github: return read_github(hook);
    case hook_source::gitlab: return read_gitlab(hook);
    case hook_source::generic: return read_generic(hook);
    }
    return hook_fault{"no source is called " + std::string(hook.source)};
}

}  // namespace reprise::ingest
