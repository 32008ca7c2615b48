#include "reprise/store/integrations.hpp"

#include "query.hpp"

#include "reprise/store/hook_deliveries.hpp"
#include "reprise/store/polling.hpp"

#include <map>
#include <utility>

namespace reprise::store {
namespace {

using health_by_name = std::map<std::string, integration_health, std::less<>>;

constexpr std::string_view publications_sql =
    "SELECT target, error, created_ns, COALESCE(published_ns, 0) FROM publications ORDER BY id DESC LIMIT :limit";
// The source stands before the body in a row: what is skipped is never read.
constexpr std::string_view hooks_sql =
    "SELECT source, MAX(id) FROM (SELECT source, id FROM inbound_hooks WHERE state = :state ORDER BY id DESC"
    " LIMIT :limit) GROUP BY source";

std::string tracker_of(std::string_view target)
{
    return std::string(target.substr(0, target.find(':')));
}

integration_health& health_of(health_by_name& all, const std::string& name)
{
    integration_health& one = all[name];
    one.name = name;
    return one;
}

std::vector<integration_health> values_of(health_by_name all)
{
    std::vector<integration_health> list;
    for (auto& [name, one] : all)
        list.push_back(std::move(one));
    return list;
}

// The newest hook of each source in that state.
result<std::vector<hook_delivery>> list_newest_hooks(const reader& from, hook_state state)
{
    std::vector<std::string> ids;
    std::string source;
    std::string id;
    const auto listed = for_each_row(
        from, hooks_sql, std::tie(source, id), [&] { ids.push_back(id); }, state,
        static_cast<std::int64_t>(hooks_looked_at_max)
    );
    if (!listed)
        return listed.error();
    std::vector<hook_delivery> hooks;
    for (const std::string& each : ids) {
        auto found = find_hook(from, each);
        if (!found)
            return found.error();
        if (*found)
            hooks.push_back(std::move(**found));
    }
    return hooks;
}

}  // namespace

result<std::vector<integration_health>> list_tracker_health(const reader& from)
{
    health_by_name all;
    std::string target;
    std::string error;
    std::int64_t created_ns = 0;
    std::int64_t published_ns = 0;
    const auto take = [&] {
        integration_health& one = health_of(all, tracker_of(target));
        if (published_ns > 0 && one.success_ns == 0)
            one.success_ns = published_ns;
        if (published_ns > 0 || error.empty() || one.error_ns > 0)
            return;
        one.error_ns = created_ns;
        one.error = error;
        one.failing = one.success_ns == 0;
    };
    const auto done = for_each_row(
        from, publications_sql, std::tie(target, error, created_ns, published_ns), take,
        static_cast<std::int64_t>(publications_looked_at_max)
    );
    if (!done)
        return done.error();
    return values_of(std::move(all));
}

result<std::vector<integration_health>> list_hook_health(const reader& from)
{
    health_by_name all;
    const auto done = list_newest_hooks(from, hook_state::done);
    if (!done)
        return done.error();
    for (const hook_delivery& each : *done)
        health_of(all, each.source).success_ns = each.processed_ns.value_or(each.received_ns);
    const auto failed = list_newest_hooks(from, hook_state::failed);
    if (!failed)
        return failed.error();
    for (const hook_delivery& each : *failed) {
        integration_health& one = health_of(all, each.source);
        one.error_ns = each.processed_ns.value_or(each.received_ns);
        one.error = each.reason;
        one.failing = one.error_ns > one.success_ns;
    }
    return values_of(std::move(all));
}

result<std::vector<integration_health>> list_log_store_health(const reader& from)
{
    const auto sources = list_poll_sources(from);
    if (!sources)
        return sources.error();
    health_by_name all;
    for (const poll_source& each : *sources) {
        integration_health& one = health_of(all, each.name);
        one.success_ns = each.succeeded_ns;
        if (each.failures == 0)
            continue;
        one.error_ns = each.asked_ns;
        one.error = each.error;
        one.failing = true;
    }
    return values_of(std::move(all));
}

}  // namespace reprise::store
