#pragma once

#include "agent_run.hpp"

#include "reprise/net/response_stream.hpp"

#include <boost/system/result.hpp>

#include <cstdint>

namespace reprise::synth {

// The agent without its sockets. On the loop only; outlives what it does.
class agent {
public:
    // `seed` draws the seeds of requests that bring none.
    agent(const agent_parts& parts, std::uint64_t seed) : parts_(parts), next_run_(seed) {}

    // False when so many workers, branches and tasks more would be too many at once.
    bool has_room(int tasks) const noexcept;

    // How long the scenario took, in nanoseconds.
    using run_result = boost::system::result<std::int64_t, work_error>;
    boost::asio::awaitable<run_result> run(run_parameters want);

    // Writes a line every 50 ms, then waits for the work in the background; what fails there shows at the end only.
    // When the reader leaves, the background goes on.
    boost::asio::awaitable<void> stream(stream_parameters want, net::response_stream& out);

private:
    run_ptr make_run(const extras& more);
    boost::asio::awaitable<void> write_tokens(
        const stream_parameters& want, active_span& span, net::response_stream& out
    );

    agent_parts parts_;
    draws next_run_;
    std::uint64_t runs_ = 0;
};

}  // namespace reprise::synth
