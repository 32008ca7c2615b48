#pragma once

#include "reprise/model/service.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

struct service_sight {
    std::string name;
    std::int64_t last_seen_ns = 0;
    std::uint64_t records = 0;  // Added to what is stored.
    // End of the window the sight is from; only moves forward.
    std::optional<std::int64_t> closed_through_ns = std::nullopt;
};

// Up to where the windows of a service are stored.
struct closed_service {
    std::string name;
    std::int64_t through_ns = 0;
};

constexpr std::size_t services_listed_max = 1000;

// Creates what is new, moves last_seen forward, adds the records. Call it batched, once per closed
// window; each service of the batch appends one live event.
result<void> touch_services(transaction& tx, std::span<const service_sight> seen, std::int64_t now_ns);

// Those of which a window was stored, by name, at most `limit`.
result<std::vector<closed_service>> list_closed_services(const reader& from, std::size_t limit);

result<std::optional<model::service>> find_service(const reader& from, std::string_view name);

// By name, after `after` (empty: from the start).
result<std::vector<model::service>> list_services(const reader& from, std::string_view after, std::size_t limit);

// Writes both replay targets, replay_unsafe_methods, owner, tracker and repository; the version becomes
// expected_version + 1, in `service` too. errc::not_found, errc::stale.
result<void> save_service_settings(
    transaction& tx, model::service& service, std::int64_t expected_version, std::int64_t now_ns
);

// Tells live readers that something of the service changed. errc::not_found.
result<void> announce_service(transaction& tx, std::string_view name, std::int64_t now_ns);

// Open incidents of one service.
result<std::uint64_t> count_open_incidents(const reader& from, std::string_view service);

}  // namespace reprise::store
