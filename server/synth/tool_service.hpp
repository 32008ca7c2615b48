#pragma once

#include "draws.hpp"
#include "pace.hpp"
#include "parameters.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/net/router.hpp"

#include <cstdint>
#include <optional>

namespace reprise::synth {

// The tools: they wait, fail as often as they are told to, and answer as much as they are told to. On the loop only;
// outlives the server whose routes it fills.
class tool_service {
public:
    // `seed` decides about calls that bring none.
    tool_service(const tool_defaults& defaults, std::uint64_t seed, pace& rests, const metrics& numbers)
        : defaults_(defaults), next_call_(seed), rests_(rests), numbers_(numbers)
    {
    }

    void add_routes(net::router& routes);

private:
    boost::asio::awaitable<std::optional<net::response>> answer_tool(net::request& req, net::response_stream& out);
    boost::asio::awaitable<void> write_chunks(std::string name, int delay_ms, net::response_stream& out);
    boost::asio::awaitable<void> write_payload(std::string name, tool_parameters want, net::response_stream& out);
    bool draw_failure(const tool_parameters& want);

    tool_defaults defaults_;
    draws next_call_;
    pace& rests_;
    const metrics& numbers_;
    std::uint64_t calls_ = 0;
};

// Whether a call with this seed fails.
bool fails(std::uint64_t seed, double error_rate) noexcept;

}  // namespace reprise::synth
