#include "reprise/store/integrations.hpp"

#include "query.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace reprise::store {
namespace {

constexpr std::array<std::string_view, 5> kind_texts = {"webhook", "slack", "tracker", "hook", "log_store"};

constexpr std::string_view endpoints_sql =
    "SELECT e.kind, e.url, e.enabled, e.disabled_reason, COALESCE(e.failing_since_ns, 0), e.last_error,"
    " COALESCE((SELECT MAX(d.ended_ns) FROM (SELECT ended_ns, state FROM deliveries WHERE endpoint_id = e.id"
    " ORDER BY id DESC LIMIT :rows) d WHERE d.state = 'delivered'), 0)"
    " FROM notice_endpoints e ORDER BY e.id LIMIT :limit";

struct endpoint_facts {
    std::string kind;
    std::string url;
    bool enabled = false;
    std::string disabled_reason;
    std::int64_t failing_since_ns = 0;
    std::string last_error;
    std::int64_t delivered_ns = 0;
};

// Nothing: a person switched it off, as it should be.
std::optional<integration> endpoint_of(endpoint_facts row)
{
    const bool by_server = !row.enabled && !row.disabled_reason.starts_with("switched off by");
    if (!row.enabled && !by_server)
        return std::nullopt;
    integration one;
    one.kind = row.kind == "slack" ? integration_kind::slack : integration_kind::webhook;
    one.health.name = std::move(row.url);
    one.health.success_ns = row.delivered_ns;
    one.health.failing = by_server || row.failing_since_ns > 0;
    if (one.health.failing) {
        one.health.error_ns = row.failing_since_ns;
        one.health.error = by_server ? std::move(row.disabled_reason) : std::move(row.last_error);
    }
    return one;
}

result<void> add_endpoints(const reader& from, std::vector<integration>& all)
{
    endpoint_facts row;
    const auto columns = std::tie(
        row.kind, row.url, row.enabled, row.disabled_reason, row.failing_since_ns, row.last_error, row.delivered_ns
    );
    const auto take = [&] {
        if (auto one = endpoint_of(std::move(row)))
            all.push_back(std::move(*one));
        row = {};
    };
    constexpr auto rows = static_cast<std::int64_t>(integration_rows_max);
    return for_each_row(from, endpoints_sql, columns, take, rows, rows);
}

}  // namespace

std::string_view to_text(integration_kind value) noexcept
{
    return kind_texts[static_cast<std::size_t>(value)];
}

result<std::vector<integration>> list_integrations(const reader& from, std::size_t limit)
{
    std::vector<integration> all;
    if (auto added = add_endpoints(from, all); !added)
        return added.error();
    for (const auto& [kind, known] :
         {std::pair{integration_kind::tracker, list_tracker_health(from)},
          std::pair{integration_kind::hook, list_hook_health(from)},
          std::pair{integration_kind::log_store, list_log_store_health(from)}}) {
        if (!known)
            return known.error();
        for (const integration_health& health : *known)
            all.push_back({kind, health});
    }
    std::stable_sort(all.begin(), all.end(), [](const integration& a, const integration& b) {
        return std::tie(b.health.failing, a.kind, a.health.name) < std::tie(a.health.failing, b.kind, b.health.name);
    });
    all.resize(std::min({all.size(), limit, integrations_listed_max}));
    return all;
}

}  // namespace reprise::store
