#include "reprise/store/operations.hpp"

#include "query.hpp"
#include "window_row.hpp"

namespace reprise::store {
namespace {

constexpr auto key_names = sql_text("source, kind, service, protocol, method, route");

constexpr auto upsert_sql = "INSERT INTO operations (id, first_seen_ns, " + key_names +
                            ") VALUES (:id, :first_seen_ns, " + placeholders<6>() + ") ON CONFLICT (id) DO NOTHING";

constexpr auto find_sql = "SELECT " + key_names + " FROM operations WHERE id = :id";

constexpr auto list_sql = "SELECT id, last_window_ns, " + key_names +
                          " FROM operations WHERE service = :service ORDER BY kind, route, method LIMIT :limit";

constexpr std::string_view save_baseline_sql =
    "INSERT INTO baselines (operation, updated_ns, state) VALUES (:operation, :updated_ns, :state)"
    " ON CONFLICT (operation) DO UPDATE SET updated_ns = excluded.updated_ns, state = excluded.state";

constexpr std::string_view load_baselines_sql =
    "SELECT b.operation, b.updated_ns, b.state FROM operations o JOIN baselines b ON b.operation = o.id"
    " WHERE o.service = :service ORDER BY o.kind, o.route, o.method LIMIT :limit";

constexpr std::string_view find_baseline_sql =
    "SELECT operation, updated_ns, state FROM baselines WHERE operation = :operation";

auto key_columns(auto& key)
{
    return std::tie(key.source, key.kind, key.service, key.protocol, key.method, key.route);
}

struct key_row {
    using value_type = model::operation_key;
    static auto columns(auto& key) { return key_columns(key); }
};

// An operation and where its newest window is.
struct listed_operation {
    operation_state state;
    std::optional<std::int64_t> last_window_ns;
};

struct listed_row {
    using value_type = listed_operation;
    static auto columns(auto& row)
    {
        return std::tuple_cat(std::tie(row.state.id, row.last_window_ns), key_columns(row.state.key));
    }
};

struct baseline_row {
    using value_type = baseline;
    static auto columns(auto& row)
    {
        return std::tuple_cat(std::tie(row.operation, row.updated_ns), std::tuple(blob{row.state}));
    }
};

}  // namespace

result<void> upsert_operations(transaction& tx, std::span<const model::operation_key> keys, std::int64_t now_ns)
{
    repeated_change upsert(tx, upsert_sql);
    for (const model::operation_key& key : keys) {
        const auto done = upsert.run(model::operation_id(key.view()), now_ns, key_columns(key));
        if (!done)
            return done.error();
    }
    return {};
}

result<std::optional<model::operation_key>> find_operation(const reader& from, std::uint64_t operation)
{
    return find_one<key_row>(from, find_sql, operation);
}

result<std::vector<operation_state>> list_operations(const reader& from, std::string_view service, std::size_t limit)
{
    auto listed = list_all<listed_row>(from, list_sql, service, capped(limit, operations_listed_max));
    if (!listed)
        return listed.error();
    std::vector<operation_state> states;
    states.reserve(listed->size());
    for (listed_operation& one : *listed) {
        states.push_back(std::move(one.state));
        if (!one.last_window_ns)
            continue;
        auto latest = find_window(from, states.back().id, *one.last_window_ns);
        if (!latest)
            return latest.error();
        states.back().latest = std::move(*latest);
    }
    return states;
}

result<void> save_baselines(transaction& tx, std::span<const baseline> baselines)
{
    repeated_change save(tx, save_baseline_sql);
    for (const baseline& one : baselines) {
        const auto done = save.run(baseline_row::columns(one));
        if (!done)
            return done.error();
    }
    return {};
}

result<std::vector<baseline>> load_baselines(const reader& from, std::string_view service, std::size_t limit)
{
    return list_all<baseline_row>(from, load_baselines_sql, service, capped(limit, operations_listed_max));
}

result<std::optional<baseline>> find_baseline(const reader& from, std::uint64_t operation)
{
    return find_one<baseline_row>(from, find_baseline_sql, operation);
}

}  // namespace reprise::store
