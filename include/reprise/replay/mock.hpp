#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/net/raw_message.hpp"
#include "reprise/replay/mock_options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Recorded calls that answer for the systems they were made to. No sockets: mock_server brings those. Safe from any
// thread; nothing blocks but for a mutex held for look-ups.
//
// A request is answered by the first recording, in recorded order, that was not served yet and agrees with it in
// method, host, path, query, chosen headers and body fields; if there is none, by the first that agrees in all of that
// but the fields a rule was learned for. What was served once is not served again, unless mock_repeat says so.
namespace reprise::replay {

enum class rule_reason : std::uint8_t {
    asked,          // By --ignore.
    redacted,       // The recordings hold a token instead of the value.
    secret,         // Credentials are never required to match.
    made_then,      // The value was made while the traffic was captured: it is another one in each run.
    no_difference,  // Recordings that differ in this field alone have the same answer.
};

struct ignore_rule {
    std::string endpoint;  // "POST api.test/orders/{id}"; empty for all.
    std::string field;     // "body/items/*/id"
    rule_reason reason = rule_reason::asked;
    std::string cause;     // What kind of value it is: "uuidv7", "datetime", "token"; may be empty.
    std::uint64_t used = 0;  // Requests that were answered only because of it.
};

std::string_view to_text(rule_reason value) noexcept;

enum class mock_label : std::uint8_t {
    hit,
    miss,       // No recording agrees.
    exhausted,  // A miss: the recordings that agree were all served.
    fault,      // A fault rule answered.
    refused,    // Not HTTP as the server takes it, or cut before it was complete.
};

std::string_view to_text(mock_label value) noexcept;

constexpr std::uint32_t no_recording = UINT32_MAX;

struct mock_decision {
    mock_label label = mock_label::miss;
    std::uint32_t recording = no_recording;  // Whose answer it is.
    bool relaxed = false;                    // A learned rule was needed.
    std::int32_t fault = -1;                 // Index of the fault rule that struck; a delayed hit has one, too.
};

// One field in which a request and a recording differ.
struct mock_difference {
    std::string field;
    std::string recorded;  // Cut and redacted; empty and `recorded_absent` when it has none.
    std::string received;
    bool recorded_absent = false;
    bool received_absent = false;
    std::string cause;     // "uuid", "datetime", ...: why; empty when nothing says so.
    std::string fix;       // "--ignore body/nonce"
};

struct near_recording {
    std::uint32_t recording = 0;
    std::string name;      // "GET api.test/x?page=2"
    bool served = false;
    std::uint64_t difference_count = 0;
    std::vector<mock_difference> differences;  // The first few.
};

constexpr std::size_t nearest_max = 3;
constexpr std::size_t differences_max = 8;
constexpr std::size_t distinct_misses_max = 1000;  // Explained; further ones are counted only.

struct miss_report {
    mock_label label = mock_label::miss;
    std::string request;  // "GET api.test/x?page=3", redacted.
    std::uint64_t count = 0;
    bool ignorable = false;  // An ignore rule for fields with a named cause would make it a hit.
    std::vector<near_recording> nearest;
};

struct endpoint_report {
    std::string name;
    std::uint64_t recorded = 0;
    std::uint64_t served = 0;   // Of those, at least once.
    std::uint64_t hits = 0;
};

struct mock_report {
    std::uint64_t recordings = 0;
    std::uint64_t served = 0;
    std::uint64_t hits = 0;
    std::uint64_t relaxed_hits = 0;  // Of the hits.
    std::uint64_t repeated_hits = 0; // Of the hits: --repeat served a recording again.
    std::uint64_t misses = 0;        // With the exhausted ones.
    std::uint64_t exhausted = 0;
    std::uint64_t faults = 0;        // Answered by a fault rule; delayed hits are hits.
    std::uint64_t without_host = 0;  // Requests that named no recorded host: matched as if sent to any.
    std::uint64_t ignorable = 0;     // Misses that the suggested rules would have made hits.
    std::vector<ignore_rule> rules;
    std::vector<endpoint_report> endpoints;
    std::vector<miss_report> miss_list;
    std::uint64_t unexplained_misses = 0;
    std::vector<std::uint64_t> fault_counts;  // Of each rule.

    // Hits over hits and misses; 1 when nothing was asked.
    double match_rate() const noexcept;
    // What it would have been with the suggested rules.
    double projected_rate() const noexcept;
};

class mock {
public:
    // Of `recorded`, HTTP calls are taken in the order of their start; direction is the caller's choice. Incomplete
    // ones (spans, which have no bodies) are taken only where there is no complete one. Refused:
    // errc::nothing_to_mock when none is left or there are too many.
    static checked<std::shared_ptr<mock>> make(std::vector<model::exchange> recorded, mock_options options);

    ~mock();
    mock(const mock&) = delete;
    mock& operator=(const mock&) = delete;

    mock_decision answer(const net::raw_request& request, net::raw_answer& into);

    std::size_t size() const noexcept;
    // Exchanges that are no HTTP calls, or incomplete beside complete ones, and were left out.
    std::uint64_t left_out() const noexcept;
    // "GET api.test/x?page=2"
    std::string_view name_of(std::uint32_t recording) const noexcept;
    std::int64_t recorded_at_ns(std::uint32_t recording) const noexcept;
    // "GET api.test/x"
    std::string_view endpoint_of(std::uint32_t recording) const noexcept;
    // Status, headers and body as they are served; empty where the recorded call had no answer.
    std::string_view answer_of(std::uint32_t recording) const noexcept;
    mock_report report() const;
    // The numbers of the report alone, without its lists: cheap.
    mock_report counts() const;

private:
    struct state;
    explicit mock(std::unique_ptr<state> made);

    std::unique_ptr<state> state_;
};

}  // namespace reprise::replay
