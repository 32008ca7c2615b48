#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What came by webhooks: kept before the sender is told so, then worked on, once each.
namespace reprise::store {

enum class hook_state : std::uint8_t {
    waiting,  // To be worked on, or being worked on.
    done,
    failed,   // Cannot be read, or given up; `reason` says why. It can be replayed.
};

struct hook_delivery {
    std::string id;          // ULID; the order of arrival.
    std::string source;      // "github", "generic/<name>".
    std::string dedup_key;   // The sender's name for the delivery.
    std::optional<std::string> body_key;  // SHA-256 of the body, where equal bodies are one event.
    std::string event;       // What the sender calls its kind.
    std::uint64_t body_bytes = 0;  // Kept; 0 once the body was dropped.
    hook_state state = hook_state::waiting;
    std::uint32_t attempts = 0;    // Counted by the claim; the claim's token.
    std::int64_t due_ns = 0;
    std::string reason;
    std::uint32_t alarms = 0;      // Taken from it.
    std::uint32_t repeats = 0;     // Deliveries of the same after the first.
    std::int64_t received_ns = 0;
    std::optional<std::int64_t> processed_ns;
    std::int64_t version = 1;
};

// A delivery with its body as it is kept.
struct kept_hook {
    hook_delivery delivery;
    std::string body;
};

struct hook_receipt {
    std::string id;       // Of the first delivery.
    bool is_new = false;
};

struct hook_filter {
    std::optional<hook_state> state;
    std::string source;  // Empty: all.
};

struct hook_end {
    hook_state state = hook_state::done;
    std::string reason;
    std::uint32_t alarms = 0;
};

struct hook_totals {
    std::uint64_t waiting = 0;
    std::uint64_t failed = 0;
    std::uint64_t done_body_bytes = 0;  // Of those that are done: what may be dropped.
};

enum class hook_event_kind : std::uint8_t { pull_request_merged, pull_request_closed, deployed };

// What a hook said about something that exists outside. Kept for the incident's life cycle.
struct hook_event {
    std::string id;       // ULID.
    std::string hook_id;
    std::string source;
    hook_event_kind kind = hook_event_kind::deployed;
    std::string subject;  // URL of the pull request; of a deployment its repository.
    std::string detail;   // JSON.
    std::int64_t at_ns = 0;
};

constexpr std::size_t hooks_listed_max = 500;
constexpr std::size_t hooks_claimed_max = 64;
constexpr std::size_t hook_reason_bytes_max = 512;

std::string_view to_text(hook_state value) noexcept;
std::string_view to_text(hook_event_kind value) noexcept;
std::optional<hook_state> find_hook_state(std::string_view text) noexcept;
std::optional<hook_event_kind> find_hook_event_kind(std::string_view text) noexcept;

// A delivery that is there already, by its key or by its body, only counts a repeat.
result<hook_receipt> insert_hook(transaction& tx, const kept_hook& hook);

// The oldest that are due and were never tried; failing these, the oldest one that was tried before: what brings a
// process down does so alone. Nobody else gets them before `until_ns`.
result<std::vector<kept_hook>> claim_hooks(
    transaction& tx, std::int64_t now_ns, std::int64_t until_ns, std::size_t limit
);
// Those that were being worked on when a process ended are due again.
result<std::uint64_t> release_hooks(transaction& tx);
// errc::stale when the claim is not the current one.
result<void> finish_hook(transaction& tx, const hook_delivery& claimed, const hook_end& end, std::int64_t now_ns);
// Later again. `counts` tells whether this attempt was one.
result<void> put_back_hook(transaction& tx, const hook_delivery& claimed, std::int64_t due_ns, bool counts);

// Works on it once more. errc::not_found; errc::conflict while it waits, or when its body was dropped.
result<hook_delivery> replay_hook(transaction& tx, std::string_view id);

result<std::optional<hook_delivery>> find_hook(const reader& from, std::string_view id);
// Newest first, older than `after`.
result<std::vector<hook_delivery>> list_hooks(
    const reader& from, const hook_filter& filter, std::string_view after, std::size_t limit
);
result<hook_totals> sum_hooks(const reader& from);

// Rows of that state that arrived before `before_ns`, the oldest first.
result<std::uint64_t> prune_hooks(
    transaction& tx, hook_state state, std::int64_t before_ns, std::uint64_t delete_max
);
// The oldest bodies that are done with, until `bytes` are given back. Their rows stay. Returns rows changed.
result<std::uint64_t> drop_hook_bodies(transaction& tx, std::uint64_t bytes, std::uint64_t rows_max);

result<void> insert_hook_event(transaction& tx, const hook_event& event);
// Newest first.
result<std::vector<hook_event>> list_hook_events(const reader& from, std::string_view subject, std::size_t limit);
result<std::uint64_t> prune_hook_events(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max);

}  // namespace reprise::store
