#pragma once

#include "steps.hpp"

#include "reprise/archive/bundle.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

// The gate before a replay that would send requests which change data at the target.
namespace reprise::runs {

struct unsafe_call {
    std::string method;
    std::string path;          // Without the query.
    std::uint64_t captured = 0;  // So many of the captured requests are like this.

    bool operator==(const unsafe_call&) const = default;
};

constexpr std::size_t unsafe_calls_shown_max = 50;

// What of a bundle would be driven and change data, most frequent first.
std::vector<unsafe_call> list_unsafe_calls(const archive::bundle& bundle);

// Next: nothing unsafe, the service allows it, or people have released exactly this. Finished: people are asked.
boost::asio::awaitable<step_answer> pass_unsafe_gate(run_context& context, const archive::bundle& bundle);

// The same for a replay that was prepared earlier: what was released then may be something else by now. Reads the
// evidence itself.
boost::asio::awaitable<step_answer> repeat_unsafe_gate(run_context& context);

// Whether people released the requests of this run that change data.
boost::asio::awaitable<result<bool>> is_unsafe_released(run_context& context);

}  // namespace reprise::runs
