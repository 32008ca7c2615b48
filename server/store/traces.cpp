#include "reprise/store/traces.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::store {

template <> struct enum_names<model::trace_pattern> { static constexpr auto find = model::find_trace_pattern; };

namespace {

constexpr auto trace_names = sql_text(
    "trace_id, service, source, operation_kind, protocol, method, route, agent, started_ns, wall_ns, pattern,"
    " span_count, failed_count, service_count, is_complete, waiting_human, waiting_queue, waiting_backoff,"
    " waiting_tool, io, compute, untracked, findings, figures, kept_bytes"
);

constexpr auto insert_sql = "INSERT INTO traces (" + trace_names + ", saved_ns) VALUES (" +
                            placeholders<count_columns(trace_names) + 1>() + ")";
constexpr std::string_view insert_texts_sql =
    "INSERT INTO trace_texts (trace_id, report, spans) VALUES (:trace_id, :report, :spans)";
constexpr std::string_view delete_sql = "DELETE FROM traces WHERE trace_id = :trace_id";

constexpr auto select_sql = "SELECT " + trace_names + " FROM traces";
constexpr auto find_sql = select_sql + " WHERE trace_id = :trace_id";
constexpr std::string_view find_texts_sql = "SELECT report, spans FROM trace_texts WHERE trace_id = :trace_id";
constexpr std::string_view count_spans_sql =
    "SELECT COALESCE(MAX(span_count), 0) FROM traces WHERE trace_id = :trace_id";
constexpr std::string_view incomplete_sql = "UPDATE traces SET is_complete = 0 WHERE trace_id = :trace_id";
constexpr std::string_view newest_sql = " ORDER BY started_ns DESC, trace_id DESC LIMIT :limit";

constexpr auto group_columns =
    sql_text("SELECT service, agent, pattern, COUNT(*), MAX(started_ns) AS last_ns FROM traces");
constexpr auto group_order = sql_text(" GROUP BY service, agent, pattern ORDER BY last_ns DESC LIMIT :limit");
constexpr auto groups_sql = group_columns + " WHERE pattern <> 'none'" + group_order;
constexpr auto service_groups_sql = group_columns + " WHERE pattern <> 'none' AND service = :service" + group_order;

constexpr std::string_view count_sql = "SELECT COUNT(*) FROM traces";
constexpr std::string_view delete_oldest_sql =
    "DELETE FROM traces WHERE trace_id IN (SELECT trace_id FROM traces ORDER BY started_ns, trace_id LIMIT :rows)";
constexpr std::string_view list_opened_sql =
    "SELECT trace_id, kept_bytes FROM traces WHERE kept_bytes > 0 ORDER BY started_ns DESC, trace_id DESC";
constexpr std::string_view close_sql = "UPDATE traces SET kept_bytes = 0 WHERE trace_id = :trace_id";
constexpr std::string_view delete_texts_sql = "DELETE FROM trace_texts WHERE trace_id = :trace_id";

// A summary with the parts that a column cannot take as they are.
struct kept_summary {
    model::trace_summary summary;
    std::string id;
    std::vector<std::string> findings;
    std::string figures;
    std::int64_t kept_bytes = 0;
};

struct summary_row {
    using value_type = kept_summary;
    static auto columns(auto& row)
    {
        auto& s = row.summary;
        auto& key = s.operation;
        auto& t = s.times;
        return std::tie(
            row.id, s.service, key.source, key.kind, key.protocol, key.method, key.route, s.agent, s.started_ns,
            s.wall_ns, s.pattern, s.span_count, s.failed_count, s.service_count, s.is_complete, t[0], t[1], t[2], t[3],
            t[4], t[5], t[6], row.findings, row.figures, row.kept_bytes
        );
    }
};

struct group_row {
    using value_type = trace_group;
    static auto columns(auto& row)
    {
        return std::tie(row.service, row.agent, row.pattern, row.traces, row.last_started_ns);
    }
};

kept_summary kept(const stored_trace& trace)
{
    kept_summary row;
    row.summary = trace.summary;
    row.id = model::to_hex(trace.summary.id);
    for (const model::signal_kind kind : trace.summary.findings)
        row.findings.emplace_back(to_text(kind));
    row.figures = boost::json::serialize(model::to_json(trace.summary.figures));
    if (!trace.spans.empty())
        row.kept_bytes = static_cast<std::int64_t>(trace.report.size() + trace.spans.size());
    return row;
}

result<model::trace_summary> restored(kept_summary row)
{
    model::trace_summary summary = std::move(row.summary);
    summary.id = model::parse_trace_id(row.id);
    summary.operation.service = summary.service;
    summary.has_spans = row.kept_bytes > 0;
    for (const std::string& text : row.findings) {
        const auto kind = model::find_signal_kind(text);
        if (!kind)
            return reprise::errc::corrupt;
        summary.findings.push_back(*kind);
    }
    boost::system::error_code error;
    const boost::json::value json = boost::json::parse(row.figures, error);
    auto figures = !error && json.is_object() ? model::parse_trace_figures(json.get_object()) : std::nullopt;
    if (!summary.id || !figures)
        return reprise::errc::corrupt;
    summary.figures = std::move(*figures);
    return summary;
}

// The first two are in every statement, so that there are fewer of them.
conditions conditions_of(const trace_filter& filter)
{
    const bool is_first_page = filter.after_started_ns == 0;
    const std::int64_t before_ns = is_first_page ? INT64_MAX : filter.after_started_ns;
    conditions where;
    where.add("started_ns <= :after_ns", before_ns);
    where.add("trace_id < CASE started_ns WHEN :same_ns THEN :after_id ELSE 'g' END", before_ns, filter.after_id);
    where.add("wall_ns >= :wall_ns_min", filter.wall_ns_min);
    if (!filter.service.empty())
        where.add("service = :service", filter.service);
    if (filter.pattern)
        where.add("pattern = :pattern", to_text(*filter.pattern));
    if (!filter.agent.empty())
        where.add("agent = :agent", filter.agent);
    if (filter.finding) {
        where.add("findings <> '[]'");
        where.add("instr(findings, :finding) > 0", '"' + std::string(to_text(*filter.finding)) + '"');
    }
    if (filter.is_opened)
        where.add("kept_bytes > 0");
    return where;
}

result<std::size_t> delete_oldest(transaction& tx, std::size_t rows_max, std::int64_t keep)
{
    const auto rows = find_value<std::int64_t>(tx, count_sql);
    if (!rows)
        return rows.error();
    if (*rows <= keep)
        return std::size_t{0};
    const std::int64_t surplus = std::min(*rows - keep, static_cast<std::int64_t>(rows_max));
    const auto gone = execute(tx, delete_oldest_sql, surplus);
    if (!gone)
        return gone.error();
    return static_cast<std::size_t>(*gone);
}

// Beyond the limits, the oldest first.
result<std::vector<std::string>> list_surplus(const reader& from, std::size_t rows_max, const trace_retention& keep)
{
    std::vector<std::string> surplus;
    std::string id;
    std::int64_t bytes = 0;
    std::int64_t traces = 0;
    std::int64_t sum = 0;
    const auto take = [&] {
        ++traces;
        sum += bytes;
        if (traces > keep.opened_max || sum > keep.bytes_max)
            surplus.push_back(id);
    };
    if (const auto done = for_each_row(from, list_opened_sql, std::tie(id, bytes), take); !done)
        return done.error();
    std::reverse(surplus.begin(), surplus.end());
    surplus.resize(std::min(surplus.size(), rows_max));
    return surplus;
}

}  // namespace

result<void> save_trace(transaction& tx, const stored_trace& trace, std::int64_t now_ns)
{
    if (trace.report.size() > trace_text_bytes_max || trace.spans.size() > trace_text_bytes_max)
        return reprise::errc::too_large;
    const kept_summary row = kept(trace);
    if (const auto gone = execute(tx, delete_sql, row.id); !gone)
        return gone.error();
    if (const auto added = execute(tx, insert_sql, summary_row::columns(row), now_ns); !added)
        return added.error();
    if (trace.spans.empty())
        return {};
    return without_count(execute(tx, insert_texts_sql, row.id, trace.report, trace.spans));
}

result<void> announce_traces(transaction& tx, std::string_view service, std::int64_t now_ns)
{
    const auto seq = append_event(tx, "traces", "traces", service, now_ns, now_ns);
    if (!seq)
        return seq.error();
    return {};
}

result<std::uint32_t> count_trace_spans(const reader& from, const model::trace_id& id)
{
    return find_value<std::uint32_t>(from, count_spans_sql, model::to_hex(id));
}

result<void> mark_trace_incomplete(transaction& tx, const model::trace_id& id)
{
    return without_count(execute(tx, incomplete_sql, model::to_hex(id)));
}

result<std::size_t> prune_traces(transaction& tx, std::size_t rows_max, const trace_retention& keep)
{
    const auto gone = delete_oldest(tx, rows_max, keep.rows_max);
    if (!gone)
        return gone.error();
    const auto surplus = list_surplus(tx, rows_max, keep);
    if (!surplus)
        return surplus.error();
    repeated_change close(tx, close_sql);
    repeated_change remove(tx, delete_texts_sql);
    for (const std::string& id : *surplus) {
        if (const auto closed = close.run(id); !closed)
            return closed.error();
        if (const auto removed = remove.run(id); !removed)
            return removed.error();
    }
    return *gone + surplus->size();
}

result<std::optional<stored_trace>> find_trace(const reader& from, const model::trace_id& id)
{
    const std::string hex = model::to_hex(id);
    auto row = find_one<summary_row>(from, find_sql, hex);
    if (!row)
        return row.error();
    if (!*row)
        return std::optional<stored_trace>();
    auto summary = restored(std::move(**row));
    if (!summary)
        return summary.error();
    stored_trace trace;
    trace.summary = std::move(*summary);
    const auto opened = find_into(from, find_texts_sql, std::tie(trace.report, trace.spans), hex);
    if (!opened)
        return opened.error();
    return std::optional<stored_trace>(std::move(trace));
}

result<std::vector<model::trace_summary>> list_traces(const reader& from, const trace_filter& filter)
{
    const conditions where = conditions_of(filter);
    auto rows = list_all<summary_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(filter.limit, traces_listed_max)
    );
    if (!rows)
        return rows.error();
    std::vector<model::trace_summary> traces;
    traces.reserve(rows->size());
    for (kept_summary& row : *rows) {
        auto summary = restored(std::move(row));
        if (!summary)
            return summary.error();
        traces.push_back(std::move(*summary));
    }
    return traces;
}

result<std::vector<trace_group>> list_trace_groups(const reader& from, std::string_view service)
{
    const std::int64_t limit = capped(trace_groups_max, trace_groups_max);
    if (service.empty())
        return list_all<group_row>(from, groups_sql, limit);
    return list_all<group_row>(from, service_groups_sql, service, limit);
}

}  // namespace reprise::store
