#pragma once

#include "reprise/model/signal.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where notices go. Rows only: who may change them, and that secrets come sealed, is the caller's rule.
namespace reprise::store {

enum class endpoint_kind : std::uint8_t { webhook, slack };

constexpr std::string_view slack_endpoint_id = "slack";  // There is at most one, made from the configuration.
constexpr std::size_t webhooks_max = 100;                // One more is errc::too_large.

struct notice_endpoint {
    std::string id;                       // ULID, or slack_endpoint_id.
    endpoint_kind kind = endpoint_kind::webhook;
    std::string url;                      // Slack: the channel.
    std::string description;
    std::vector<std::string> types;       // Event types; empty: all.
    model::severity severity_from = model::severity::low;  // Notices about lesser incidents are not sent.
    bool enabled = true;
    std::string disabled_reason;          // One sentence; empty while enabled.
    std::string secret;                   // Sealed.
    std::string previous_secret;          // Sealed; empty: none. Signs, too, until ...
    std::int64_t previous_until_ns = 0;
    std::optional<std::int64_t> failing_since_ns;  // The first failure after the last success.
    std::string last_error;               // Of the last attempt; empty after a success.
    std::uint64_t dropped = 0;            // Deliveries given up because the queue was full.
    std::int64_t created_ns = 0;
    std::int64_t updated_ns = 0;
    std::int64_t version = 1;
};

std::string_view to_text(endpoint_kind value) noexcept;
std::optional<endpoint_kind> find_endpoint_kind(std::string_view text) noexcept;

// errc::conflict when the id is taken, errc::too_large beyond webhooks_max.
result<void> insert_endpoint(transaction& tx, const notice_endpoint& value);
// What people set, the secrets and `enabled` with its reason; failures and drops stay. Compare and set: errc::stale,
// errc::not_found. The version grows, in `value` too. Disabling gives up what waits.
result<void> save_endpoint(transaction& tx, notice_endpoint& value, std::int64_t expected_version);
// With its deliveries. errc::not_found.
result<void> delete_endpoint(transaction& tx, std::string_view id);

result<std::optional<notice_endpoint>> find_endpoint(const reader& from, std::string_view id);
// Webhooks by id, oldest first: all of them.
result<std::vector<notice_endpoint>> list_webhooks(const reader& from);
// Of either kind: disabled by the system ("switched off by ..." is somebody's will), or failing since before
// `failing_before_ns`.
result<std::vector<notice_endpoint>> list_ailing_endpoints(const reader& from, std::int64_t failing_before_ns);
result<std::uint64_t> count_disabled_endpoints(const reader& from);
result<std::uint64_t> sum_dropped_deliveries(const reader& from);

// The configured Slack channel, or none: it is made, changed or disabled, whatever stood there before.
result<void> set_slack_endpoint(
    transaction& tx, std::string_view channel, model::severity severity_from, const std::vector<std::string>& types,
    std::int64_t now_ns
);
result<void> unset_slack_endpoint(transaction& tx, std::int64_t now_ns);

// How the last attempt went.
result<void> note_endpoint_success(transaction& tx, std::string_view id);
// Returns since when it has been failing.
result<std::int64_t> note_endpoint_failure(
    transaction& tx, std::string_view id, std::string_view error, std::int64_t now_ns
);
// By the system: no version is expected. What waits is given up with the reason.
result<void> disable_endpoint(transaction& tx, std::string_view id, std::string_view reason, std::int64_t now_ns);

}  // namespace reprise::store
