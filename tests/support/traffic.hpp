#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/model/observation.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

// Captured traffic made by hand, for tests: it goes through the product's own encoder and decoder.
namespace reprise::support {

constexpr std::int64_t start_ns = 1'700'000'000LL * 1'000'000'000;

struct call {
    std::string service = "shop";
    std::string method = "POST";
    std::string path = "/orders";
    int status = 200;
    std::int64_t start_ns = support::start_ns;
    std::int64_t duration_ns = 20'000'000;
    std::uint64_t trace = 0;  // 0: none.
    std::uint64_t span = 0;
    std::uint64_t parent = 0;
    model::direction direction = model::direction::in;
    std::string statement = {};  // Set: a database call.
    std::string body = R"({"sku":"A-1"})";
    bool replayed = false;
};

inline model::exchange to_exchange(const call& from)
{
    model::exchange made;
    const bool is_sql = !from.statement.empty();
    made.operation.service = from.service;
    made.operation.protocol = is_sql ? "sql" : "http";
    made.operation.kind = is_sql                                      ? model::operation_kind::db
                          : from.direction == model::direction::in ? model::operation_kind::server
                                                                    : model::operation_kind::client;
    made.direction = from.direction;
    made.status = is_sql ? 0 : from.status;
    made.start_ns = from.start_ns;
    made.duration_ns = from.duration_ns;
    made.host = is_sql ? "db" : "shop.test";
    made.method = is_sql ? "Query" : from.method;
    made.path = is_sql ? "" : from.path;
    made.statement = from.statement;
    made.request_headers = {{"content-type", "application/json"}};
    if (from.replayed)
        made.request_headers.emplace_back("x-replay", "run");
    made.request_body = is_sql ? "" : from.body;
    made.response_headers = {{"content-type", "application/json"}};
    made.response_body = is_sql ? "" : "{}";
    if (from.trace != 0)
        made.trace = {7, from.trace};
    made.span = from.span;
    made.parent_span = from.parent;
    made.complete = !is_sql;
    if (from.status >= 500)
        made.outcome = model::outcome::server_error;
    else if (from.status == 429)
        made.outcome = model::outcome::throttled;
    else if (from.status >= 400)
        made.outcome = model::outcome::client_error;
    return made;
}

std::vector<model::exchange> to_exchanges(std::span<const call> calls);

// An export request with these calls, decoded as the intake does.
std::shared_ptr<const model::observation_batch> to_batch(std::span<const call> calls);

// `count` requests a second for `seconds` from `from_ns` on, each with a trace of its own; `change` may
// edit each.
template <class Change>
std::vector<call> make_calls(std::int64_t from_ns, int seconds, int count, std::uint64_t& next_trace, Change change)
{
    std::vector<call> calls;
    for (int second = 0; second < seconds; ++second) {
        for (int i = 0; i < count; ++i) {
            call one;
            one.start_ns = from_ns + second * 1'000'000'000LL + i * (1'000'000'000LL / count);
            // Durations that spread as real ones do, the same in every run.
            one.duration_ns = 15'000'000 + static_cast<std::int64_t>((next_trace * 2'654'435'761U) % 10'000'000);
            one.trace = ++next_trace;
            one.span = next_trace * 16;
            change(one, i);
            calls.push_back(std::move(one));
        }
    }
    return calls;
}

}  // namespace reprise::support
