#pragma once

#include "pace.hpp"
#include "tracer.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/net/client.hpp"
#include "reprise/telemetry/otlp_span_write.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace reprise::synth {

// The batch processor of the OpenTelemetry specification, with its defaults.
struct batch_limits {
    std::size_t queue_max = 2048;                 // Spans that wait; what comes then is dropped.
    std::size_t batch_max = 512;                  // Spans of one request.
    std::chrono::milliseconds delay{5'000};       // Between two exports, unless a batch is full before.
    std::chrono::milliseconds timeout{30'000};    // For one batch, with all its attempts.
};

// Collects finished spans and sends them as OTLP/HTTP protobuf. What the receiver refuses, or does not take in time, is
// dropped, counted and told in the log once per export. start() first; finish() last. On the loop only.
class span_exporter final : public span_sink {
public:
    // Everything by reference outlives finish(). Requests go to `endpoint` + /v1/traces.
    span_exporter(
        boost::asio::any_io_executor loop, telemetry::span_sender from, net::url endpoint, batch_limits limits,
        pace& rests, const clock& time, metrics& numbers
    );

    void take(const telemetry::sent_span& one) override;
    void start();

    // Sends what is left, within `limit`. False when something had to be dropped.
    boost::asio::awaitable<bool> finish(std::chrono::milliseconds limit);

private:
    boost::asio::awaitable<void> run_exports();
    boost::asio::awaitable<void> wait_for_work();
    std::vector<std::string> next_batch();
    boost::asio::awaitable<void> send(std::vector<std::string> batch);
    boost::asio::awaitable<net::client_response> post(std::string body);
    void tell_drops();

    telemetry::span_sender from_;
    net::url endpoint_;
    batch_limits limits_;
    pace& rests_;
    const clock& time_;
    net::http_client client_;
    task_group tasks_;
    boost::asio::steady_timer wake_;
    std::deque<std::string> queue_;
    std::size_t queue_bytes_ = 0;
    bool finishing_ = false;
    std::string fault_;  // Of the last attempt that failed.
    counter& exported_;
    counter& overflowed_;
    counter& undelivered_;
    std::uint64_t told_overflowed_ = 0;
    std::uint64_t told_undelivered_ = 0;
};

}  // namespace reprise::synth
