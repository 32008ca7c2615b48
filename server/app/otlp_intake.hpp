#pragma once

#include "config.hpp"
#include "running_server.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace reprise::store {
class database;
}
namespace reprise::pipeline {
class detection_book;
class trial_sink;
}

namespace reprise::app {

// What the intake is built on. Everything by reference must outlive it.
struct intake_needs {
    const config& settings;
    const clock& time;
    boost::asio::any_io_executor io;
    boost::asio::any_io_executor blocking;
    store::database& database;
    pipeline::trial_sink& trials;
    pipeline::detection_book& detection;  // Filled by build().
    metrics& numbers;
    std::uint32_t reproduce_attempts_max = 0;
};

// From the OTLP ports to the store: listeners, door, journal, shards, window clock and committer. build(),
// listen(), start(), close_listeners() and finish() are called in this order by the thread that owns
// it, and block; the rest is safe from any thread. Each failure says what, where and the way out.
class otlp_intake {
public:
    explicit otlp_intake(intake_needs needs);
    ~otlp_intake();
    otlp_intake(const otlp_intake&) = delete;
    otlp_intake& operator=(const otlp_intake&) = delete;

    // Also restores what the last process knew, and takes in what it had kept but not yet committed.
    std::optional<config_error> build();

    // gRPC serves once this returns, HTTP from start() on.
    std::optional<config_error> listen();
    void start();
    std::uint16_t grpc_port() const noexcept;
    std::uint16_t http_port() const noexcept;

    // Takes nothing new and returns when every request in progress has its answer.
    void close_listeners();
    // Commits the windows that are closed; the journal keeps what the open ones were made from. Does
    // nothing if start() was never called.
    void finish();

    // False while the journal cannot write.
    bool healthy() const noexcept;
    // Records taken since the start, and the arrival of the newest (0: none).
    std::uint64_t records() const noexcept;
    std::int64_t last_record_ns() const noexcept;
    // Requests refused as a whole, and records that came after their window had closed.
    std::uint64_t refused() const noexcept;
    std::uint64_t late() const noexcept;

private:
    struct parts;

    std::unique_ptr<parts> parts_;
};

}  // namespace reprise::app
