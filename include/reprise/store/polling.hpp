#pragma once

#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How far log stores were read, which of their events were seen, and what of each service is wanted.
namespace reprise::store {

struct poll_source {
    std::string name;
    std::optional<std::int64_t> position_ns;  // Everything before was seen.
    std::int64_t asked_ns = 0;
    std::int64_t succeeded_ns = 0;
    std::uint64_t failures = 0;               // In a row.
    std::string error;
    std::uint64_t events = 0;                 // Each once.
    std::uint64_t ignored = 0;
};

constexpr std::size_t poll_sources_max = 64;
constexpr std::uint64_t poll_counts_max = 10'000;  // Signatures below their minimum; more count as they come.

result<void> save_poll_source(transaction& tx, const poll_source& source);
result<std::optional<poll_source>> find_poll_source(const reader& from, std::string_view name);
result<std::vector<poll_source>> list_poll_sources(const reader& from);

// True the first time an event comes.
result<bool> note_poll_event(
    transaction& tx, std::string_view source, std::string_view event_id, std::int64_t at_ns
);
// Forgets events before `before_ns`, at most ten thousand a call.
result<void> prune_poll_events(transaction& tx, std::string_view source, std::int64_t before_ns);

// How often this signature came since it was first seen or last cleared; counts older than a day begin anew.
result<std::uint64_t> add_poll_count(
    transaction& tx, std::string_view signature, std::uint64_t by, std::int64_t now_ns
);

struct service_polling {
    std::string service;
    bool enabled = true;
    std::vector<std::string> error_classes;   // Empty: all.
    std::uint64_t min_occurrences = 1;
    std::string repository;
    std::string branch = "main";
    std::uint64_t interval_ms = 30'000;
    std::int64_t updated_ns = 0;
};

constexpr std::size_t service_polling_max = 1'000;

// errc::too_large beyond service_polling_max services.
result<void> save_service_polling(transaction& tx, const service_polling& settings);
result<std::optional<service_polling>> find_service_polling(const reader& from, std::string_view service);
result<std::vector<service_polling>> list_service_polling(const reader& from);

}  // namespace reprise::store
