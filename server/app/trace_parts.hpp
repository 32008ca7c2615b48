#pragma once

#include "config.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/pipeline/trace_committer.hpp"
#include "reprise/pipeline/trace_stream.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>

namespace reprise::pipeline {
class detection_book;
}
namespace reprise::store {
class database;
}

namespace reprise::app {

// What traces are put together on. Everything by reference must outlive it.
struct trace_needs {
    const config& settings;
    const clock& time;
    boost::asio::any_io_executor io;
    boost::asio::any_io_executor blocking;
    store::database& database;
    const pipeline::detection_book& detection;
    metrics& numbers;
    pipeline::committer_config commit;  // As for windows.
    std::size_t lanes = 1;
};

// From spans to stored traces: the lanes, their clock and the committer. start() and finish() are called by the thread
// that owns it; finish() blocks, and is called once nothing is taken any more.
class trace_parts {
public:
    explicit trace_parts(trace_needs needs);

    pipeline::trace_stream& stream() noexcept { return stream_; }
    void start();
    // Closes what is open, and returns when it is stored.
    void finish();

private:
    boost::asio::any_io_executor io_;
    pipeline::trace_committer committer_;
    pipeline::trace_stream stream_;
    task_group clock_tasks_;
    task_group commit_tasks_;
    bool started_ = false;
};

}  // namespace reprise::app
