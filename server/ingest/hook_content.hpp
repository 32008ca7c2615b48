#pragma once

#include "reprise/model/alarm.hpp"
#include "reprise/store/hook_deliveries.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a delivery says, whatever its source. The functions are pure, and their input is hostile: it was signed by
// the right sender, but everybody whose errors the sender reports may have written in it.
namespace reprise::ingest {

// A verified delivery.
struct hook_body {
    std::string_view source;  // "github", "generic/<name>".
    std::string_view event;   // What the sender calls its kind.
    std::string_view key;     // The delivery's dedup key.
    std::string_view body;
    std::int64_t received_ns = 0;
};

// A subscription that waits to be confirmed.
struct hook_subscription {
    std::string topic;
    std::string url;
};

struct hook_content {
    std::vector<model::alarm> alarms;
    std::vector<store::hook_event> events;  // Their ids and hook ids are given when they are stored.
    std::optional<hook_subscription> subscription;
    std::string note;  // For people: why there is nothing in it, or what was left out.
};

// Why a delivery cannot be read: one sentence that names the place.
struct hook_fault {
    std::string reason;
};

using read_hook = boost::system::result<hook_content, hook_fault>;

// Reading the value of a delivery that could not be read is a bug.
[[noreturn]] void throw_exception_from_error(const hook_fault& what, const boost::source_location& where);

// Alarms taken from one delivery; those behind are left out, and `note` says how many.
constexpr std::size_t hook_alarms_max = 500;

// By the source of `hook`.
read_hook read_content(const hook_body& hook);

// One per source, each in its own file.
read_hook read_sns(const hook_body& hook);
read_hook read_alertmanager(const hook_body& hook);
read_hook read_grafana(const hook_body& hook);
read_hook read_sentry(const hook_body& hook);
read_hook read_pagerduty(const hook_body& hook);
read_hook read_github(const hook_body& hook);
read_hook read_gitlab(const hook_body& hook);
read_hook read_generic(const hook_body& hook);

}  // namespace reprise::ingest
