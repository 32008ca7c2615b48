#include "reprise/detect/headline.hpp"

namespace reprise::detect {
namespace {

struct words {
    std::string_view before;
    std::string_view after;
};

words words_of(const model::signal& signal)
{
    const bool is_known = signal.baseline > 0;
    switch (signal.kind) {
    case model::signal_kind::error_rate: return {"", is_known ? " fails more often" : " fails"};
    case model::signal_kind::latency: return {"", is_known ? " slowed down" : " is slow"};
    case model::signal_kind::slow_query: return {"", " is slow"};
    case model::signal_kind::n_plus_one: return {"N+1 calls: ", ""};
    case model::signal_kind::rate_limit_burst: return {"", " is throttled (429)"};
    case model::signal_kind::fanout_straggler: return {"", " waits for a straggler"};
    case model::signal_kind::blocking_chain: return {"", " waits for one call after the other"};
    case model::signal_kind::retry_storm: return {"", " retries more than it works"};
    case model::signal_kind::agent_loop: return {"", " makes the same call again and again"};
    case model::signal_kind::payload_latency: return {"", " slows down with its payload"};
    case model::signal_kind::stream_stall: return {"", " stalls while it streams"};
    }
    return {"", " changed"};
}

}  // namespace

std::string headline_of(const model::signal& signal)
{
    const words said = words_of(signal);
    std::string made(said.before);
    made += operation_name(signal.operation.view());
    made += said.after;
    return made;
}

}  // namespace reprise::detect
