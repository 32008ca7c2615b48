#pragma once

#include "idempotency.hpp"
#include "origins.hpp"
#include "passwords.hpp"
#include "rate_limit.hpp"

#include "reprise/http/api.hpp"
#include "reprise/net/message.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reprise::http {

// One embedded file as it is served.
struct asset {
    std::string_view bytes;
    std::string_view gzip;  // Empty when there is no .gz beside it.
    std::string_view content_type;
    std::string etag;
    bool immutable = false; // Its name holds a hash of its content.
};

// What all routes share. Built once, then only read, but for the parts that say otherwise.
class oidc_provider;

class api::context {
public:
    context(api_config config_, api_parts parts_);
    ~context();

    const api_config config;
    const api_parts parts;
    const origin_rules origins;
    const std::string cookie_name;
    const std::unordered_map<std::string, asset> assets;  // By path without the leading slash.
    const std::string openapi;
    idempotency_store answers;                            // Thread-safe, as what follows.
    password_hasher passwords;
    rate_limiter calls;                                   // Of a session or token.
    rate_limiter sign_ins_by_name;
    rate_limiter sign_ins_by_peer;
    rate_limiter refusals_audited;                        // So that guessing does not fill the audit.
    std::atomic<std::uint64_t> refusals_unwritten{0};
    rate_limiter slack_refusals;                          // The same for buttons of Slack.
    const std::unique_ptr<oidc_provider> oidc;            // Null without one.

    // Grows whenever a session may have ended or a role changed: open live channels look again.
    std::atomic<std::uint64_t> access_changes{0};

    const std::int64_t started_ns;
    pipeline::alarm_counters alarms;                      // Any thread.
    counter& sign_ins;
    counter& sign_ins_refused;
    counter& sign_ins_limited;
    counter& calls_limited;
    counter& access_refused;
    counter& slack_taken;
    counter& slack_refused;
    counter& slack_forged;
    std::atomic<bool> backtest_running{false};
    counter& backtests;
    counter& backtests_busy;
    counter& backtests_cut;
    counter& suppressions_refused;
    counter& detections_refused;
    counter& live_overflows;
    counter& live_messages;
    gauge& live_subscribers;
    gauge& store_wal_bytes;
    gauge& store_writes_queued;
};

using context = api::context;

}  // namespace reprise::http
