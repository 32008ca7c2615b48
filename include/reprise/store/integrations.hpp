#pragma once

#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How the systems outside have been doing, by what is kept about them. Bounded reads: what is older than the rows
// looked at is not told.
namespace reprise::store {

constexpr std::size_t publications_looked_at_max = 200;
constexpr std::size_t hooks_looked_at_max = 2'000;  // Of each state.

struct integration_health {
    std::string name;             // "github", "generic/backup", "production".
    std::int64_t success_ns = 0;  // The newest time that it worked; 0: not among the rows looked at.
    std::int64_t error_ns = 0;    // The newest time that it did not. Of a tracker: when what failed was asked for.
    std::string error;            // Why; empty when error_ns is 0.
    bool failing = false;         // The newest of both is the error.
};

// By name, each once; what is not among the rows looked at is not in it.
result<std::vector<integration_health>> list_tracker_health(const reader& from);
result<std::vector<integration_health>> list_hook_health(const reader& from);
// Log stores that were asked.
result<std::vector<integration_health>> list_log_store_health(const reader& from);

enum class integration_kind : std::uint8_t { webhook, slack, tracker, hook, log_store };

constexpr std::size_t integration_rows_max = 200;  // Newest deliveries that are looked at, of each endpoint.
constexpr std::size_t integrations_listed_max = 50;

struct integration {
    integration_kind kind = integration_kind::webhook;
    integration_health health;
};

std::string_view to_text(integration_kind value) noexcept;

// What is connected to this server, as far as something is kept of it: the three above, and where notices go. Failing
// ones first, then by kind and name.
result<std::vector<integration>> list_integrations(const reader& from, std::size_t limit = integrations_listed_max);

}  // namespace reprise::store
