#include "sendable.hpp"

#include "reprise/replay/target.hpp"

#include <utility>

namespace reprise::app {
namespace {

std::string role_text(model::evidence_role role)
{
    return role == model::evidence_role::trigger ? "failing" : std::string(model::to_text(role));
}

}  // namespace

sendable select_sendable(std::vector<model::evidence_item> items, bool allow_unsafe)
{
    sendable made;
    for (model::evidence_item& item : items) {
        const bool driven = item.role != model::evidence_role::context &&
                            item.exchange.direction == model::direction::in && item.exchange.complete;
        if (!driven || (!allow_unsafe && replay::is_unsafe_method(item.exchange.method)))
            continue;
        made.roles.push_back(role_text(item.role));
        made.has_failing = made.has_failing || made.roles.back() == "failing";
        made.exchanges.push_back(std::move(item.exchange));
    }
    return made;
}

replay::connection_policy policy_of(const std::string& text)
{
    return text == "fresh"  ? replay::connection_policy::fresh
           : text == "kept" ? replay::connection_policy::kept
                            : replay::connection_policy::recorded;
}

}  // namespace reprise::app
