#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The queue of notices on their way out: see notices.hpp for what comes in. A row is claimed before it is sent, so
// that nobody sends it at the same time; a claim whose process died expires and the notice is sent again, under the
// same message id.
namespace reprise::store {

enum class delivery_state : std::uint8_t {
    pending,    // To be sent, or being sent.
    delivered,
    failed,     // Given up: refused, the ladder's end, or its endpoint was disabled.
    dropped,    // Given up because too many waited.
};

struct delivery {
    std::string id;          // ULID.
    std::string endpoint_id;
    std::string message_id;  // "msg_<ULID>": the same for every attempt and every endpoint.
    std::string notice_key;
    std::string type;        // "approval.opened"
    std::string subject;     // "approval/<id>"
    std::string data;        // JSON object.
    std::int64_t at_ns = 0;  // When it happened.
    delivery_state state = delivery_state::pending;
    std::uint32_t attempts = 0;        // Counted by the claim; the claim's token.
    std::uint32_t attempts_known = 0;  // Of these, how many ended so that we know how.
    std::uint32_t rung = 0;            // Steps of the ladder used up since it was last started.
    std::int64_t due_ns = 0;           // Next attempt, or when the current claim expires.
    int status = 0;                    // HTTP status of the last attempt, 0 for none.
    std::string error;
    std::string snippet;               // The beginning of the last answer.
    std::int64_t created_ns = 0;
    std::optional<std::int64_t> ended_ns;
    std::int64_t version = 1;
};

constexpr std::size_t deliveries_listed_max = 500;
constexpr std::size_t delivery_text_bytes_max = 1024;  // Error and snippet are cut here.
constexpr std::int64_t deliveries_kept_ns = 30LL * 24 * 3600 * 1'000'000'000;  // After their end.

std::string_view to_text(delivery_state value) noexcept;
std::optional<delivery_state> find_delivery_state(std::string_view text) noexcept;

struct delivery_filter {
    std::string endpoint_id;
    std::optional<delivery_state> state;
    std::string after;  // Cursor: the last id of the page before; empty: from the newest.
    std::size_t limit = 50;
};

// Newest first.
result<std::vector<delivery>> list_deliveries(const reader& from, const delivery_filter& filter);
result<std::optional<delivery>> find_delivery(const reader& from, std::string_view id);

// Endpoints with something due.
result<std::vector<std::string>> list_due_endpoints(const reader& from, std::int64_t now_ns);

// Up to `limit` due rows of an endpoint, the one due for longest first: attempts + 1, rung + 1, hidden until
// now + lease.
result<std::vector<delivery>> claim_deliveries(
    transaction& tx, std::string_view endpoint_id, std::int64_t now_ns, std::int64_t lease_ns, std::size_t limit
);

// How an attempt ended.
struct delivery_end {
    delivery_state state = delivery_state::pending;
    std::int64_t due_ns = 0;   // When pending.
    bool known = true;         // False: sent, but nobody knows what came of it.
    bool uses_rung = true;     // False: put off, not tried.
    int status = 0;
    std::string error;
    std::string snippet;
};

// `attempt` is delivery::attempts of the claim. errc::stale when a later claim exists or it is not pending any more.
result<void> end_attempt(
    transaction& tx, std::string_view id, std::uint32_t attempt, const delivery_end& end, std::int64_t now_ns
);

// Back to the foot of the ladder, due now. errc::not_found; errc::conflict while it is pending.
result<delivery> replay_delivery(transaction& tx, std::string_view id, std::int64_t now_ns);

struct delivery_queue {
    std::uint64_t waiting = 0;
    std::optional<std::int64_t> oldest_ns;  // When the oldest waiting one happened.
};
result<delivery_queue> look_at_deliveries(const reader& from);

// Ended longer than deliveries_kept_ns ago; at most `delete_max`. Returns how many went.
result<std::uint64_t> prune_deliveries(transaction& tx, std::int64_t now_ns, std::uint64_t delete_max = 1'000);

}  // namespace reprise::store
