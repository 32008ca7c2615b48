#include "trace_announcements.hpp"

#include <algorithm>

namespace reprise::pipeline {

bool trace_announcements::note(std::string_view service)
{
    const auto known = services_.find(service);
    if (known != services_.end()) {
        known->second.waits = true;
        return true;
    }
    if (services_.size() >= services_max)
        return false;
    services_.emplace(std::string(service), place{true, std::nullopt});
    return true;
}

std::vector<std::string> trace_announcements::due(std::int64_t now_ns) const
{
    std::vector<std::string> found;
    for (const auto& [service, at] : services_) {
        if (at.waits && at.due_ns() <= now_ns)
            found.push_back(service);
    }
    return found;
}

void trace_announcements::told(const std::vector<std::string>& services, std::int64_t now_ns)
{
    for (const std::string& service : services) {
        const auto known = services_.find(service);
        if (known != services_.end())
            known->second = place{false, now_ns};
    }
    // Whose second is over needs no place any more.
    std::erase_if(services_, [now_ns](const auto& one) { return !one.second.waits && one.second.due_ns() <= now_ns; });
}

std::vector<std::string> trace_announcements::waiting() const
{
    std::vector<std::string> found;
    for (const auto& [service, at] : services_) {
        if (at.waits)
            found.push_back(service);
    }
    return found;
}

std::optional<std::int64_t> trace_announcements::next_due_ns() const
{
    std::optional<std::int64_t> next;
    for (const auto& [service, at] : services_) {
        if (at.waits)
            next = std::min(next.value_or(at.due_ns()), at.due_ns());
    }
    return next;
}

}  // namespace reprise::pipeline
