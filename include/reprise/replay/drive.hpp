#pragma once

#include "reprise/replay/http_port.hpp"
#include "reprise/replay/schedule.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

// Sends captured requests again at planned times and accounts for each of them. Decisions (schedule, values) are
// pure and elsewhere; here is what runs.
namespace reprise::replay {

// The time a driver lives by, so that tests need none.
class time_port {
public:
    virtual ~time_port() = default;
    virtual std::int64_t steady_ns() const noexcept = 0;
    // Returns at or after that time of steady_ns(); at once when it has passed.
    virtual boost::asio::awaitable<void> wait_until(std::int64_t steady_ns) = 0;
};

// The machine's own; wakes up within some 50 us on an idle core.
std::unique_ptr<time_port> make_steady_time();

enum class connection_policy : std::uint8_t {
    recorded,  // A connection of its own for what was sent with "Connection: close", else a kept one.
    kept,
    fresh,     // Each request opens its own.
};

struct drive_limits {
    // An open loop's due request is dropped (and counted) when so many are under way; a closed loop keeps
    // so many under way at once.
    std::uint32_t in_flight_max = 1'000;
    std::chrono::milliseconds request{10'000};
};

struct drive_plan {
    std::span<const model::exchange> exchanges;   // What is sent; outlives the drive.
    std::span<const planned_send> sends;          // Sorted by due time within a round.
    timing when;
    connection_policy connections = connection_policy::recorded;
    model::header_list headers;                   // Replace those of the capture by name, or are added.
    const telemetry::value_flows* flows = nullptr;  // Null: every request as captured.
    std::string run_id;
    std::uint64_t mark = 0;   // Upper half of every trace id.
    std::uint64_t nonce = 0;  // Makes the trace ids of each drive fresh.
    drive_limits limits;
};

enum class send_end : std::uint8_t {
    answered,
    failed,   // Sent, or tried to; no answer. The record says why.
    dropped,  // Never sent: too many were under way when it was due.
};

struct send_record {
    planned_send planned;
    send_end end = send_end::dropped;
    error_code error;
    int status = 0;
    bool waited = false;          // For a value of another answer, beyond its time.
    std::uint32_t unlearned = 0;  // Values that did not come: what was captured went out instead.
    model::trace_id trace;
    // Since the drive began. A closed loop plans a request when it has a free place: due_ns is that time then.
    std::int64_t due_ns = 0;
    std::int64_t begun_ns = 0;  // Handed to the port.
    std::int64_t sent_ns = 0;
    std::int64_t done_ns = 0;
};

// Told of each request as it ends, in that order, on the drive's executor; must not block.
class send_observer {
public:
    virtual ~send_observer() = default;
    // `answer` is null when there was none.
    virtual void ended(const send_record& record, const sent_response* answer) = 0;
};

struct drive_result {
    std::uint64_t planned = 0;
    std::uint64_t sent = 0;      // answered + failed.
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
    std::uint64_t dropped = 0;
    std::uint64_t waited = 0;
    std::uint64_t unlearned = 0;
    std::uint64_t not_begun = 0;  // Cancelled before their time came.
    std::map<std::string, std::uint64_t> failures;  // By reason.
    std::int64_t duration_ns = 0;
    std::vector<send_record> records;  // In the order they ended.
};

// Returns when the last answer is there or given up. The executor must be a strand or one thread: what is given by
// reference is used from it alone. Cancellable: nothing more is sent, and those under way are given up.
boost::asio::awaitable<drive_result> run_drive(
    const drive_plan& plan, http_port& http, time_port& time, send_observer* observer
);

}  // namespace reprise::replay
