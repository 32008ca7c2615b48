#include "reprise/store/signals.hpp"

#include "id_times.hpp"
#include "query.hpp"

#include "reprise/store/events.hpp"

namespace reprise::store {
namespace {

constexpr auto signal_names = sql_text(
    "id, kind, severity, source, operation_kind, service, protocol, method, route, operation, window_start_ns,"
    " window_end_ns, metric, unit, observed, observed_k, observed_n, baseline, baseline_k, baseline_n,"
    " baseline_windows, baseline_age_ns, effect, p_value, rule, explanation, sensitivity, numbers, message,"
    " fingerprint, confirm_with, gate, trace_ids, evidence_id, incident_id, suppressed_by"
);

constexpr auto insert_sql = "INSERT INTO signals (rev, " + signal_names + ") VALUES (1, " +
                            placeholders<count_columns(signal_names)>() + ")";

constexpr auto select_sql = "SELECT " + signal_names + " FROM signals";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";
constexpr auto list_incident_sql = select_sql + " WHERE incident_id = :incident_id ORDER BY id DESC LIMIT :limit";

constexpr auto list_unplaced_sql = select_sql + " WHERE fingerprint = :fingerprint AND incident_id = ''"
                                                " AND suppressed_by = '' AND window_end_ns >= :since_ns"
                                                " ORDER BY window_end_ns LIMIT :limit";

// The plus keeps SQLite from walking all of the service by id when only recent ones are wanted.
constexpr std::string_view newest_recent_sql = " ORDER BY +id DESC LIMIT :limit";

constexpr std::string_view set_evidence_sql =
    "UPDATE signals SET evidence_id = :evidence_id, rev = rev + 1 WHERE id = :id RETURNING rev";
constexpr std::string_view set_incident_sql =
    "UPDATE signals SET incident_id = :incident_id, rev = rev + 1 WHERE id = :id RETURNING rev";

constexpr std::string_view kinds_sql =
    "SELECT DISTINCT kind FROM signals WHERE incident_id = :incident_id LIMIT 100";

struct signal_row {
    using value_type = model::signal;
    static auto columns(auto& s)
    {
        auto& key = s.operation;
        return std::tie(
            s.id, s.kind, s.severity, key.source, key.kind, key.service, key.protocol, key.method, key.route,
            s.operation_id, s.window_start_ns, s.window_end_ns, s.metric, s.unit, s.observed, s.observed_k,
            s.observed_n, s.baseline, s.baseline_k, s.baseline_n, s.baseline_windows, s.baseline_age_ns, s.effect,
            s.p_value, s.rule, s.explanation, s.sensitivity, s.numbers, s.message, s.fingerprint, s.confirm_with,
            s.gate, s.trace_ids, s.evidence_id, s.incident_id, s.suppressed_by
        );
    }
};

result<void> announce(transaction& tx, std::string_view id, std::int64_t rev, std::int64_t now_ns)
{
    const auto seq = append_event(tx, "signals", "signal", id, rev, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

result<void> set_link(
    transaction& tx, std::string_view sql, std::string_view id, std::string_view value, std::int64_t now_ns
)
{
    std::int64_t rev = 0;
    const auto set = find_into(tx, sql, std::tie(rev), value, id);
    if (!set)
        return set.error();
    if (!*set)
        return reprise::errc::not_found;
    return announce(tx, id, rev, now_ns);
}

}  // namespace

result<void> insert_signal(transaction& tx, const model::signal& signal, std::int64_t now_ns)
{
    const auto inserted = execute(tx, insert_sql, signal_row::columns(signal));
    if (!inserted)
        return inserted.error();
    return announce(tx, signal.id, 1, now_ns);
}

result<void> set_signal_evidence(
    transaction& tx, std::string_view signal_id, std::string_view evidence_id, std::int64_t now_ns
)
{
    return set_link(tx, set_evidence_sql, signal_id, evidence_id, now_ns);
}

result<void> set_signal_incident(
    transaction& tx, std::string_view signal_id, std::string_view incident_id, std::int64_t now_ns
)
{
    return set_link(tx, set_incident_sql, signal_id, incident_id, now_ns);
}

result<std::optional<model::signal>> find_signal(const reader& from, std::string_view id)
{
    return find_one<signal_row>(from, find_sql, id);
}

result<std::vector<model::signal>> list_signals(const reader& from, const signal_filter& filter)
{
    conditions where;
    if (!filter.service.empty())
        where.add("service = :service", filter.service);
    if (filter.kind)
        where.add("kind = :kind", to_text(*filter.kind));
    if (filter.suppressed)
        where.add(*filter.suppressed ? "suppressed_by <> ''" : "suppressed_by = ''");
    if (filter.ended_since_ns > 0)
        where.add("window_end_ns >= :since_ns", filter.ended_since_ns);
    add_id_times(where, filter.raised_from_ns, filter.raised_to_ns);
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    const std::string sql = where.statement(select_sql, filter.ended_since_ns > 0 ? newest_recent_sql : newest_sql);
    return list_all<signal_row>(from, sql, where.values(), capped(filter.limit, signals_listed_max));
}

result<std::vector<model::signal>> list_incident_signals(
    const reader& from, std::string_view incident_id, std::size_t limit
)
{
    return list_all<signal_row>(from, list_incident_sql, incident_id, capped(limit, signals_listed_max));
}

result<std::vector<model::signal>> list_unplaced_signals(
    const reader& from, std::string_view fingerprint, std::int64_t since_ns, std::size_t limit
)
{
    return list_all<signal_row>(
        from, list_unplaced_sql, fingerprint, since_ns, capped(limit, signals_listed_max)
    );
}

result<std::vector<model::signal_kind>> list_incident_kinds(const reader& from, std::string_view incident_id)
{
    std::vector<model::signal_kind> kinds;
    model::signal_kind kind{};
    const auto done = for_each_row(from, kinds_sql, std::tie(kind), [&] { kinds.push_back(kind); }, incident_id);
    if (!done)
        return done.error();
    std::sort(kinds.begin(), kinds.end());
    return kinds;
}

}  // namespace reprise::store
