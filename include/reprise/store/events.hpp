#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The live outbox: one row per visible change, written in the change's own transaction, numbered
// without gaps in commit order. The repositories append their events themselves:
//   topic "incidents"  type "incident"     by insert_incident, save_incident
//   topic "signals"    type "signal"       by insert_signal, set_signal_evidence, set_signal_incident
//   topic "runs" and "runs/<id>"  type "run"        by enqueue_run, claim_run, save_run...
//   topic "runs/<id>"  type "run_event"    by append_run_event; rev = its sequence, id = the run's
//   topic "approvals"  type "approval"     by insert_approval, save_approval, add_decision
//   topic "services"   type "service"      by touch_services, save_service_settings,
//                                       announce_service, report_deployment, save_service_detection
//   topic "services"   type "suppression"  by insert_suppression, count_suppressed, lift_suppression
//   topic "incidents" and "runs/<id>"  type "publication"  by the publications that change
//   topic "alarms"     type "alarm"        by insert_alarm
//   topic "alarms"     type "held_event"   by insert_held_event, save_held_event
//   topic "traces"     type "traces"       by announce_traces; id = service, rev = its time
//   topic "overview"   type "traffic"      by add_traffic; id = rev = window start in ns
//   topic "overview"   type "run_pause"    by insert_run_pause, delete_run_pause
namespace reprise::store {

struct live_event {
    std::int64_t seq = 0;
    std::int64_t at_ns = 0;
    std::string topic;
    std::string type;
    std::string entity_id;
    std::int64_t rev = 0;  // Grows with every change of the entity.
};

constexpr std::size_t events_listed_max = 1000;

result<std::int64_t> append_event(
    transaction& tx, std::string_view topic, std::string_view type, std::string_view entity_id, std::int64_t rev,
    std::int64_t now_ns
);

// After `after` (exclusive), oldest first; at most events_listed_max.
result<std::vector<live_event>> list_events(const reader& from, std::int64_t after, std::size_t limit);

// The last event of this snapshot: "as_of_seq". first_seq is the oldest still kept (last_seq + 1 when
// none is): a client that asks for less must resync.
result<std::int64_t> last_seq(const reader& from);
result<std::int64_t> first_seq(const reader& from);

// Keeps the newest `keep`, deletes at most `delete_max` of the older; returns how many it deleted.
result<std::uint64_t> prune_events(transaction& tx, std::uint64_t keep, std::uint64_t delete_max = 10'000);

}  // namespace reprise::store
