#pragma once

#include "work_error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace reprise::synth {

// One call of a tool. `seed` decides whether it fails.
struct tool_ask {
    tool_ask(std::string name_, int delay_ms_, double error_rate_, std::uint64_t seed_)
        : name(std::move(name_)), delay_ms(delay_ms_), error_rate(error_rate_), seed(seed_)
    {
    }

    std::string name;
    int delay_ms;
    double error_rate;
    std::uint64_t seed;
    int payload_kb = 0;
    int attempt = 0;
};

// The payload that was asked for.
using tool_result = boost::system::result<std::string, work_error>;

// Whatever answers tool calls: a service, or a test. `ask` stays alive until the call returns.
class tool_port {
public:
    virtual ~tool_port() = default;
    virtual boost::asio::awaitable<tool_result> call(const tool_ask& ask) = 0;
};

}  // namespace reprise::synth
