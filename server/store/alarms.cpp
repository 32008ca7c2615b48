#include "reprise/store/alarms.hpp"

#include "alarm_row.hpp"
#include "query.hpp"

#include "reprise/store/events.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::store {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * 1'000'000'000;

constexpr std::array<std::string_view, alarm_fates> fate_texts = {
    "opened", "counted", "held", "ignored_non_alarm", "stale", "dismissed_signature", "duplicate_event",
};
constexpr std::array<std::string_view, 5> layer_texts = {"none", "fingerprint", "exact", "lexical", "correlated"};
constexpr std::array<std::string_view, 3> event_state_texts = {"pending", "approved", "dismissed"};

template <class Enum, std::size_t Count>
std::optional<Enum> find_named(const std::array<std::string_view, Count>& texts, std::string_view text) noexcept
{
    for (std::size_t index = 0; index < Count; ++index) {
        if (texts[index] == text)
            return static_cast<Enum>(index);
    }
    return std::nullopt;
}

constexpr std::string_view claim_key_sql =
    "INSERT INTO alarm_keys (event_key, alarm_id) VALUES (:event_key, :alarm_id) ON CONFLICT (event_key) DO NOTHING";
constexpr std::string_view find_key_sql = "SELECT alarm_id FROM alarm_keys WHERE event_key = :event_key";
constexpr std::string_view prune_keys_sql =
    "DELETE FROM alarm_keys WHERE number <= (SELECT MAX(number) FROM alarm_keys) - :kept";

constexpr auto insert_sql =
    "INSERT INTO alarms (" + alarm_row::names + ") VALUES (" + placeholders<count_columns(alarm_row::names)>() + ")";
constexpr std::string_view prune_sql =
    "DELETE FROM alarms WHERE number <= (SELECT MAX(number) FROM alarms) - :kept";

constexpr std::string_view settle_held_sql =
    "UPDATE alarms SET fate = :fate, layer = :layer, incident_id = :incident_id WHERE event_id = :event_id"
    " AND event_id <> '' AND fate = 'held'";

constexpr std::string_view settle_stale_sql =
    "UPDATE alarms SET fate = :fate, layer = :layer, incident_id = :incident_id WHERE id = :id AND fate = 'stale'";

constexpr auto select_sql = "SELECT " + alarm_row::names + " FROM alarms";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto of_group_sql = select_sql + " WHERE source = :source AND group_key = :group_key AND group_key <> ''"
                                           " AND incident_id <> '' ORDER BY id DESC LIMIT 1";
constexpr auto of_event_sql =
    select_sql + " WHERE event_id = :event_id AND event_id <> '' ORDER BY id LIMIT 1";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";

constexpr std::string_view add_total_sql =
    "INSERT INTO alarm_totals (day_ns, name, count) VALUES (:day_ns, :name, 1)"
    " ON CONFLICT (day_ns, name) DO UPDATE SET count = count + 1";
constexpr std::string_view prune_totals_sql = "DELETE FROM alarm_totals WHERE day_ns < :before_ns";
constexpr std::string_view totals_sql =
    "SELECT name, SUM(count) FROM alarm_totals WHERE day_ns >= :since_ns GROUP BY name ORDER BY name";

struct total_row {
    using value_type = alarm_total;
    static auto columns(auto& row) { return std::tie(row.name, row.count); }
};

std::int64_t day_of(std::int64_t at_ns)
{
    return at_ns - at_ns % day_ns;
}

}  // namespace

std::string labels_to_json(const alarm_labels& labels)
{
    boost::json::array array;
    for (const auto& [name, value] : labels)
        array.push_back(boost::json::array{boost::json::value(name), boost::json::value(value)});
    return boost::json::serialize(array);
}

bool labels_from_json(std::string_view text, alarm_labels& labels)
{
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(text, error);
    if (error || !value.is_array())
        return false;
    labels.clear();
    for (const boost::json::value& item : value.get_array()) {
        if (!item.is_array() || item.get_array().size() != 2)
            return false;
        const auto& pair = item.get_array();
        if (!pair[0].is_string() || !pair[1].is_string())
            return false;
        labels.emplace_back(std::string(pair[0].get_string()), std::string(pair[1].get_string()));
    }
    return true;
}

std::string_view to_text(alarm_fate value) noexcept
{
    return fate_texts[static_cast<std::size_t>(value)];
}

std::string_view to_text(dedup_layer value) noexcept
{
    return layer_texts[static_cast<std::size_t>(value)];
}

std::string_view to_text(event_state value) noexcept
{
    return event_state_texts[static_cast<std::size_t>(value)];
}

std::optional<alarm_fate> find_alarm_fate(std::string_view text) noexcept
{
    return find_named<alarm_fate>(fate_texts, text);
}

std::optional<dedup_layer> find_dedup_layer(std::string_view text) noexcept
{
    return find_named<dedup_layer>(layer_texts, text);
}

std::optional<event_state> find_event_state(std::string_view text) noexcept
{
    return find_named<event_state>(event_state_texts, text);
}

result<std::string> claim_alarm_key(
    transaction& tx, std::string_view source, std::string_view event_key, std::string_view alarm_id
)
{
    const std::string key = std::string(source) + "/" + std::string(event_key);
    const auto claimed = execute(tx, claim_key_sql, key, alarm_id);
    if (!claimed)
        return claimed.error();
    if (*claimed == 0)
        return find_value<std::string>(tx, find_key_sql, key);
    if (auto pruned = execute(tx, prune_keys_sql, alarm_keys_kept_max); !pruned)
        return pruned.error();
    return std::string();
}

result<void> insert_alarm(transaction& tx, const stored_alarm& alarm)
{
    if (auto inserted = execute(tx, insert_sql, alarm_row::columns(alarm)); !inserted)
        return inserted.error();
    if (auto pruned = execute(tx, prune_sql, alarms_kept_max); !pruned)
        return pruned.error();
    const auto seq = append_event(tx, "alarms", "alarm", alarm.alarm.id, 1, alarm.alarm.received_ns);
    if (!seq)
        return seq.error();
    return {};
}

result<void> settle_held_alarms(
    transaction& tx, std::string_view event_id, alarm_fate fate, dedup_layer layer, std::string_view incident_id
)
{
    return without_count(execute(tx, settle_held_sql, fate, layer, incident_id, event_id));
}

result<void> settle_stale_alarm(
    transaction& tx, std::string_view id, alarm_fate fate, dedup_layer layer, std::string_view incident_id
)
{
    return changed_or(execute(tx, settle_stale_sql, fate, layer, incident_id, id), reprise::errc::conflict);
}

result<std::optional<stored_alarm>> find_alarm(const reader& from, std::string_view id)
{
    return find_one<alarm_row>(from, find_sql, id);
}

result<std::optional<stored_alarm>> find_alarm_of_group(
    const reader& from, std::string_view source, std::string_view group_key
)
{
    return find_one<alarm_row>(from, of_group_sql, source, group_key);
}

result<std::optional<stored_alarm>> find_alarm_of_event(const reader& from, std::string_view event_id)
{
    return find_one<alarm_row>(from, of_event_sql, event_id);
}

result<std::vector<stored_alarm>> list_alarms(const reader& from, const alarm_filter& filter)
{
    conditions where;
    if (filter.fate)
        where.add("fate = :fate", to_text(*filter.fate));
    if (!filter.service.empty())
        where.add("service = :service", filter.service);
    if (!filter.source.empty())
        where.add("source = :source", filter.source);
    if (!filter.incident_id.empty())
        where.add("incident_id = :incident_id", filter.incident_id);
    if (!filter.after.empty())
        where.add("id < :after", filter.after);
    return list_all<alarm_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(filter.limit, alarms_listed_max)
    );
}

result<void> add_alarm_total(transaction& tx, std::string_view name, std::int64_t now_ns)
{
    if (auto added = execute(tx, add_total_sql, day_of(now_ns), name); !added)
        return added.error();
    return without_count(execute(tx, prune_totals_sql, day_of(now_ns) - alarm_days_kept_max * day_ns));
}

result<std::vector<alarm_total>> list_alarm_totals(const reader& from, std::int64_t since_ns)
{
    return list_all<total_row>(from, totals_sql, day_of(since_ns));
}

}  // namespace reprise::store
