#include "trace_parts.hpp"

#include "drain.hpp"
#include "limits_of.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <utility>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

// A quarter of the memory is for traces that wait to be analysed.
constexpr std::size_t waiting_part = 4;

pipeline::trace_committer_config committer_config_of(const trace_needs& needs)
{
    pipeline::trace_committer_config made;
    made.commit = needs.commit;
    made.detection = &needs.detection;
    made.keeping = trace_keeping_of(needs.settings);
    made.retention = trace_retention_of(needs.settings);
    made.waiting_bytes_max = static_cast<std::size_t>(needs.settings.traces_memory_bytes_max) / waiting_part;
    return made;
}

pipeline::trace_stream_config stream_config_of(const trace_needs& needs)
{
    pipeline::trace_stream_config made;
    made.limits = assembly_limits_of(needs.settings);
    made.limits.memory_bytes_max -= made.limits.memory_bytes_max / waiting_part;
    made.lanes = needs.lanes;
    return made;
}

}  // namespace

trace_parts::trace_parts(trace_needs needs)
    : io_(needs.io),
      committer_(needs.io, needs.blocking, needs.database, needs.time, needs.numbers, committer_config_of(needs)),
      stream_(
          needs.io, stream_config_of(needs), needs.time, needs.numbers,
          [this](pipeline::trace_news news) { committer_.submit(std::move(news)); }
      ),
      clock_tasks_(needs.io),
      commit_tasks_(needs.io)
{
}

void trace_parts::start()
{
    started_ = true;
    commit_tasks_.spawn("trace committer", committer_.run_committer());
    clock_tasks_.spawn("trace clock", stream_.run_clock());
}

void trace_parts::finish()
{
    if (!started_)
        return;
    clock_tasks_.stop();
    drain(io_, clock_tasks_, "the trace clock");
    asio::co_spawn(io_, stream_.flush(), asio::use_future).get();
    committer_.finish();
    drain(io_, commit_tasks_, "the trace committer");
    commit_tasks_.stop();
    drain(io_, commit_tasks_, "the trace committer");
}

}  // namespace reprise::app
