#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/net/url.hpp"
#include "reprise/pipeline/alarms.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Asks a log store for errors and makes alarms of them. The services themselves are never asked. Everything an
// answer changes (which events were seen, the alarms, how far it was read) is one transaction per two hundred
// events, so that a crash neither loses nor repeats one.
namespace reprise::net {
class http_client;
}
namespace reprise::store {
class database;
}

namespace reprise::ingest {

// Nanoseconds. The overlap is measured from what was read, not from now: however long the log store or we were
// away, the next window begins before the last event that was processed.
struct poll_timing {
    std::int64_t interval_ns = 30 * ns_per_s;
    std::int64_t lookback_ns = 60 * ns_per_s;  // Of the first round; and how late an event may come and be seen.
    std::int64_t overlap_ns = 15 * ns_per_s;
    std::int64_t window_ns_max = 3600 * ns_per_s;    // One question spans at most this.
    std::int64_t backoff_ns_max = 600 * ns_per_s;    // Between rounds that fail.
};

struct poll_config {
    std::string name;                   // "production": alarms come from "poll/production".
    net::url base;                      // http://loki.internal:3100
    std::string query;                  // LogQL: {app="shop"} |= "error"
    std::string token;                  // Bearer; empty: none.
    std::string tenant;                 // X-Scope-OrgID; empty: none.
    std::vector<std::string> classes;   // client_4xx, server_5xx, unhandled_exception; empty: all.
    std::uint64_t min_occurrences = 1;  // Both for services that say nothing themselves.
    std::size_t page_events = 1'000;    // Per question.
    std::size_t pages_max = 20;         // Per round; the next goes on from there.
    poll_timing timing;
};

constexpr std::size_t poll_answer_bytes_max = 32U << 20;

// One round. `error` says what the log store answered instead.
struct poll_report {
    std::size_t pages = 0;
    std::uint64_t events = 0;     // New ones.
    std::uint64_t alarms = 0;     // Handed to the pipeline.
    std::uint64_t repeated = 0;   // Seen in an overlapping window before.
    std::uint64_t ignored = 0;    // No error, a class or a service that is not wanted, or too rare yet.
    bool complete = false;        // Read up to now.
    std::string error;            // Empty when it went well.
};

// One source, polled by one coroutine. Everything by reference must outlive it.
class log_poller {
public:
    log_poller(
        poll_config config, pipeline::alarm_policy policy, store::database& database, net::http_client& client,
        const clock& time, metrics& numbers, pipeline::alarm_counters& alarms
    );
    ~log_poller();
    log_poller(const log_poller&) = delete;
    log_poller& operator=(const log_poller&) = delete;

    // A round now and after every interval, later when rounds fail, until cancelled.
    boost::asio::awaitable<void> run_poller();

    boost::asio::awaitable<poll_report> poll_once();

private:
    struct round;
    boost::asio::awaitable<result<void>> read_pages(round& now);
    boost::asio::awaitable<result<void>> begin_round(round& now);
    boost::asio::awaitable<result<void>> end_round(round& now);

    struct numbers_of;

    const poll_config config_;
    const pipeline::alarm_policy policy_;
    store::database& database_;
    net::http_client& client_;
    const clock& time_;
    pipeline::alarm_counters& alarms_;
    std::unique_ptr<numbers_of> numbers_;
    std::optional<std::int64_t> resume_ns_;  // A round ended before it came to now: go on here, without overlap.
};

// The list of sources as a file has it: [{"name", "kind": "loki", "url", "query", "classes", "min_occurrences",
// "token_file", "tenant", "networks"}]. `problem` says which entry is wrong and how. Tokens are read by the caller.
struct poll_source_text {
    poll_config config;
    std::string token_file;
    std::vector<std::string> networks;  // That the name may resolve to, beside public addresses.
};
result<std::vector<poll_source_text>> parse_poll_sources(std::string_view json, std::string& problem);

}  // namespace reprise::ingest
