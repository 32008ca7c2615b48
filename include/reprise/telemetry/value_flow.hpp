#pragma once

#include "reprise/model/exchange.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Values that one answer gave and later requests carry (tokens, ids, CSRF, cursors), found in captured traffic, and
// carried on in a replay, where the answers give other ones. Pure. Plans are read by any thread; one flow_values per
// pass over the exchanges, on one thread or strand.
namespace reprise::telemetry {

constexpr std::size_t flow_exchanges_max = 20'000;      // Later ones are not looked at.
constexpr std::size_t flow_values_max = 500'000;        // Values of answers that are remembered.
constexpr std::size_t flow_value_bytes_max = 8192;      // A longer value is content, no name of anything.
constexpr std::size_t flows_per_request_max = 256;
constexpr std::size_t flow_words_max = 4096;            // Of one answer's text (HTML, XML).

enum class value_part : std::uint8_t { path, query, header, cookie, body, text };

// Where in a request or an answer.
struct value_place {
    value_part part = value_part::body;
    // path: number of the segment, from 0. query, body: as body_field::path. header: lower case. cookie: its name.
    // text: what stands just before the value.
    std::string name;
    // Of a value that is a path or a URL: which of its parts, from its end (Location: /orders/17 has 17 as 0).
    std::optional<std::uint32_t> piece;

    bool operator==(const value_place&) const = default;
};

// "cookie sid", "body /items/0/id", "part 0 of header location"; "text" says no more: what stands before may be
// anything.
std::string to_text(const value_place& place);

struct value_source {
    std::uint32_t exchange = 0;
    value_place place;
    bool decodes = false;  // Percent-encoded there, and not where it goes.
};

// One value on its way.
struct value_flow {
    std::uint32_t source = 0;    // Into value_flows::sources.
    std::uint32_t exchange = 0;  // That sends it.
    value_place place;
    std::string before;          // What stands around it there: "Bearer ".
    std::string after;
    std::string captured;        // The value of the capture. May be a secret: never logged.
    bool encodes = false;        // Stands there percent-encoded, where that is no matter of course.
};

struct value_flows {
    std::vector<value_source> sources;  // By exchange, as the flows are.
    std::vector<value_flow> flows;  // By exchange that sends.
    std::uint64_t left_out = 0;     // Exchanges and values over a limit that were not looked at.
};

// Taken in the order of their start (as given, where one has none); an answer is a source only for requests that
// began after it ended.
// A value flows when it is unlikely to be equal by chance: random forms, redaction tokens, words of 8 characters with
// 4 digits, 6 and more digits; shorter numbers from 10 on when both ends are ids of the same thing by their names
// ("orders", "orderId") and the answer is none to a GET. What was sent before the first answer that holds it does not
// flow. Of several answers the last before the request counts.
value_flows find_value_flows(std::span<const model::exchange> exchanges);

// Equal, or both what redaction made of one secret: "<token:9f86d081....>" and "<auth:9f86d081>".
bool are_same_value(std::string_view a, std::string_view b);

// A request that others need, and why: "its answer gives cookie sid, which request 5 sends".
struct needed_request {
    std::uint32_t exchange = 0;
    std::uint32_t flow = 0;  // Into value_flows::flows: the first that was found to need it.
    std::string reason;
};

constexpr std::size_t session_requests_max = 200;

// The earlier requests without whose answers the `wanted` ones cannot be sent, and those these need in turn, in
// their order. At most session_requests_max; `cut` gets how many more there are.
std::vector<needed_request> close_session(
    const value_flows& flows, std::span<const std::uint32_t> wanted, std::size_t* cut = nullptr
);

// What a flow did not get and what stays in the request for it.
struct unlearned_value {
    std::uint32_t flow = 0;  // Into value_flows::flows.
    std::string reason;      // A sentence without values.
};

// An answer of the replay, and a request before it goes out.
struct answer_parts {
    int status = 0;
    const model::header_list& headers;
    std::string_view body;
};
struct request_parts {
    std::string& path;
    model::header_list& headers;
    std::string& body;
};

// This pass's values. `plan` must outlive it.
class flow_values {
public:
    explicit flow_values(const value_flows& plan);

    // Whether the answer of an exchange, or the request, has to be shown at all.
    bool gives(std::uint32_t exchange) const noexcept;
    bool takes(std::uint32_t exchange) const noexcept;

    void learn(std::uint32_t exchange, const answer_parts& answer);
    // Puts the learned values in. A header or cookie that was stripped is added again with them (and with nothing
    // captured but its scheme: "Bearer "). What the request has no place for any more is skipped.
    std::vector<unlearned_value> rewrite(std::uint32_t exchange, const request_parts& request) const;

private:
    struct learned_value {
        std::string value;
        std::string reason;  // Why there is none.
        bool known = false;
    };

    const value_flows& plan_;
    std::vector<learned_value> learned_;  // By source.
};

}  // namespace reprise::telemetry
