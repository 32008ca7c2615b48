#pragma once

#include "column.hpp"
#include "sql_text.hpp"

#include "reprise/store/alarms.hpp"

#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace reprise::store {

template <> struct enum_names<model::alarm_state> { static constexpr auto find = model::find_alarm_state; };
template <> struct enum_names<model::handling_class> { static constexpr auto find = model::find_handling_class; };
template <> struct enum_names<alarm_fate> { static constexpr auto find = find_alarm_fate; };
template <> struct enum_names<dedup_layer> { static constexpr auto find = find_dedup_layer; };
template <> struct enum_names<event_state> { static constexpr auto find = find_event_state; };

// [[name, value], ...]
using alarm_labels = std::vector<std::pair<std::string, std::string>>;
std::string labels_to_json(const alarm_labels& labels);
bool labels_from_json(std::string_view text, alarm_labels& labels);

template <>
struct column<alarm_labels> {
    static constexpr cell_kind kind = cell_kind::text;
    static void put(cell& to, const alarm_labels& value) { to.text = labels_to_json(value); }
    static bool get(const cell& from, alarm_labels& value) { return labels_from_json(from.text, value); }
};

struct alarm_row {
    using value_type = stored_alarm;

    static constexpr auto names = sql_text(
        "id, source, event_key, group_key, state, service, error_type, title, description, route, frames,"
        " status_code, severity, resource, link, labels, occurred_ns, received_ns, fingerprint, signature, handling,"
        " handling_text, fate, layer, incident_id, event_id"
    );

    static auto columns(auto& row)
    {
        auto& alarm = row.alarm;
        return std::tie(
            alarm.id, alarm.source, alarm.event_key, alarm.group_key, alarm.state, alarm.service, alarm.error_type,
            alarm.title, alarm.description, alarm.route, alarm.frames, alarm.status_code, alarm.severity,
            alarm.resource, alarm.link, alarm.labels, alarm.occurred_ns, alarm.received_ns, row.fingerprint,
            row.signature, row.handling, row.handling_text, row.fate, row.layer, row.incident_id, row.event_id
        );
    }
};

struct held_event_row {
    using value_type = held_event;

    static constexpr auto fixed_names =
        sql_text("id, signature, service, error_type, title, source, handling, handling_text, first_seen_ns");
    static constexpr auto changing_names =
        sql_text("state, occurrences, last_seen_ns, incident_id, decided_by, decided_ns");
    static constexpr auto names = fixed_names + ", " + changing_names + ", version";

    static auto fixed(auto& row)
    {
        return std::tie(
            row.id, row.signature, row.service, row.error_type, row.title, row.source, row.handling,
            row.handling_text, row.first_seen_ns
        );
    }
    static auto changing(auto& row)
    {
        return std::tie(
            row.state, row.occurrences, row.last_seen_ns, row.incident_id, row.decided_by, row.decided_ns
        );
    }
    static auto columns(auto& row) { return std::tuple_cat(fixed(row), changing(row), std::tie(row.version)); }
};

struct dismissal_row {
    using value_type = event_dismissal;

    static constexpr auto names =
        sql_text("id, signature, service, error_type, title, dismissed_by, dismissed_ns, dropped");

    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.signature, row.service, row.error_type, row.title, row.dismissed_by, row.dismissed_ns,
            row.dropped
        );
    }
};

}  // namespace reprise::store
