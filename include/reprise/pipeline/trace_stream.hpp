#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/trace_assembler.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace reprise::pipeline {

struct trace_stream_config {
    assembly_limits limits;  // memory_bytes_max is of all lanes together.
    std::size_t lanes = 2;
};

// What a lane has to tell: traces that are done, and those of which more came afterwards.
struct trace_news {
    std::vector<assembled_trace> done;
    std::vector<model::trace_id> late;
};

// Called on a lane's strand, must not block. The trace committer's door.
using trace_sink = std::function<void(trace_news)>;

// The assemblers behind the intake: each has a strand of its own and the traces of some ids. take() is safe from any
// thread and copies what it keeps before it lets the batch go; everything by reference must outlive flush(), and the
// pool.
class trace_stream {
public:
    trace_stream(
        boost::asio::any_io_executor pool, const trace_stream_config& config, const clock& time, metrics& numbers,
        trace_sink sink
    );
    ~trace_stream();

    // The batch of an ExportTraceServiceRequest that arrived at `time_ns`, by the wall clock. `held` goes once its
    // spans are copied.
    void take(
        std::shared_ptr<const model::observation_batch> batch, std::shared_ptr<const replay_filter> replays,
        std::int64_t time_ns, std::shared_ptr<void> held
    );

    // Closes what is done until cancelled.
    boost::asio::awaitable<void> run_clock();

    // Closes every trace and returns when the sink has all of them. Nothing may be taken any more.
    boost::asio::awaitable<void> flush();

private:
    struct lane;

    void look_at_clock(lane& at);
    void tell(lane& from, std::vector<assembled_trace> done);

    const clock& time_;
    trace_sink sink_;
    std::vector<std::unique_ptr<lane>> lanes_;
    counter& completed_;
    counter& late_;
    counter& truncated_;
    counter& dropped_;
    counter& dropped_traces_;
    gauge& open_;
    gauge& memory_;
};

}  // namespace reprise::pipeline
