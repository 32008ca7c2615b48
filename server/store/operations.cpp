#include "reprise/store/operations.hpp"

#include "query.hpp"
#include "window_row.hpp"

namespace reprise::store {
namespace {

constexpr auto key_names = sql_text("source, kind, service, protocol, method, route");

constexpr auto upsert_sql = "INSERT INTO operations (id, first_seen_ns, " + key_names +
                            ") VALUES (:id, :first_seen_ns, " + placeholders<6>() + ") ON CONFLICT (id) DO NOTHING";

constexpr auto find_sql = "SELECT " + key_names + " FROM operations WHERE id = :id";

constexpr auto list_sql = "SELECT id, " + key_names +
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

struct state_row {
    using value_type = operation_state;
    static auto columns(auto& row) { return std::tuple_cat(std::tie(row.id), key_columns(row.key)); }
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
    for (const model::operation_key& key : keys) {
        const auto done = execute(tx, upsert_sql, model::operation_id(key.view()), now_ns, key_columns(key));
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
    auto states = list_all<state_row>(from, list_sql, service, capped(limit, operations_listed_max));
    if (!states)
        return states.error();
    for (operation_state& state : *states) {
        auto latest = find_latest_window(from, state.id);
        if (!latest)
            return latest.error();
        state.latest = std::move(*latest);
    }
    return states;
}

result<void> save_baselines(transaction& tx, std::span<const baseline> baselines)
{
    for (const baseline& one : baselines) {
        const auto done = execute(tx, save_baseline_sql, baseline_row::columns(one));
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
