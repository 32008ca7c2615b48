#include "span_exporter.hpp"

#include "export_retry.hpp"
#include "limits.hpp"

#include "reprise/base/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace reprise::synth {
namespace {

constexpr auto dropped_name = "reprise_synth_spans_dropped_total";
constexpr auto dropped_help = "Spans that nobody will see.";

net::client_limits limits_of_export(const batch_limits& limits)
{
    net::client_limits out;
    out.write = limits.timeout;
    out.answer = limits.timeout;
    out.idle_connections_max = 1;
    return out;
}

// A batch on its way: lost until it is known to have arrived, since any wait may be the last.
struct loss {
    counter& lost;
    std::size_t count;
    ~loss() { lost.add(count); }
};

net::url traces_url(net::url endpoint)
{
    if (endpoint.target.ends_with('/'))
        endpoint.target.pop_back();
    endpoint.target += "/v1/traces";
    return endpoint;
}

}  // namespace

span_exporter::span_exporter(
    asio::any_io_executor loop, telemetry::span_sender from, net::url endpoint, batch_limits limits, pace& rests,
    const clock& time, metrics& numbers
)
    : from_(std::move(from)), endpoint_(traces_url(std::move(endpoint))), limits_(limits), rests_(rests), time_(time),
      client_(net::target_guard::allow_all(), limits_of_export(limits)), tasks_(loop), wake_(loop),
      exported_(numbers.add_counter("reprise_synth_spans_exported_total", "Spans that the receiver took.")),
      overflowed_(numbers.add_counter(dropped_name, dropped_help, "reason=\"queue_full\"")),
      undelivered_(numbers.add_counter(dropped_name, dropped_help, "reason=\"undelivered\""))
{
    limits_.batch_max = std::min(limits_.batch_max, limits_.queue_max);
}

void span_exporter::take(const telemetry::sent_span& one)
{
    if (queue_.size() >= limits_.queue_max) {
        overflowed_.add();
        return;
    }
    std::string bytes = telemetry::encode_span(one);
    if (queue_bytes_ + bytes.size() > queue_bytes_max) {
        overflowed_.add();
        return;
    }
    queue_bytes_ += bytes.size();
    queue_.push_back(std::move(bytes));
    if (queue_.size() == limits_.batch_max)
        wake_.cancel();
}

void span_exporter::start()
{
    tasks_.spawn("span exporter", run_exports());
}

asio::awaitable<bool> span_exporter::finish(std::chrono::milliseconds limit)
{
    const std::uint64_t lost_before = overflowed_.value() + undelivered_.value();
    finishing_ = true;
    wake_.cancel();
    const bool ended = co_await tasks_.drain(limit);
    if (!ended) {
        tasks_.stop();
        co_await tasks_.drain(std::chrono::seconds(1));
    }
    undelivered_.add(queue_.size());
    queue_.clear();
    queue_bytes_ = 0;
    tell_drops();
    co_return overflowed_.value() + undelivered_.value() == lost_before;
}

asio::awaitable<void> span_exporter::run_exports()
{
    for (;;) {
        co_await wait_for_work();
        // What comes while this is sent has its own turn, so that small batches do not follow each other closely.
        std::size_t due = queue_.size();
        while (due > 0) {
            auto batch = next_batch();
            due -= std::min(due, batch.size());
            co_await send(std::move(batch));
        }
        tell_drops();
        if (finishing_ && queue_.empty())
            co_return;
    }
}

// Until a batch is full, the delay is over or the end has come.
asio::awaitable<void> span_exporter::wait_for_work()
{
    if (finishing_ || queue_.size() >= limits_.batch_max)
        co_return;
    wake_.expires_after(limits_.delay);
    error_code ignored;  // Woken or not, the queue tells what is to do.
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

std::vector<std::string> span_exporter::next_batch()
{
    std::vector<std::string> batch;
    std::size_t bytes = 0;
    while (!queue_.empty() && batch.size() < limits_.batch_max) {
        bytes += queue_.front().size();
        if (!batch.empty() && bytes > batch_bytes_max)
            break;
        batch.push_back(std::move(queue_.front()));
        queue_bytes_ -= batch.back().size();
        queue_.pop_front();
    }
    return batch;
}

asio::awaitable<void> span_exporter::send(std::vector<std::string> batch)
{
    loss unless_delivered{undelivered_, batch.size()};
    const std::string body = telemetry::encode_traces_request(from_, batch);
    const std::int64_t deadline_ns = time_.steady_ns() + std::chrono::nanoseconds(limits_.timeout).count();
    for (int attempt = 0;; ++attempt) {
        const net::client_response answer = co_await post(body);
        const std::chrono::nanoseconds left(deadline_ns - time_.steady_ns());
        const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left);
        const export_step step =
            judge_export(answer.status, model::find_header(answer.headers, "retry-after"), attempt, left_ms);
        if (step.verdict == export_verdict::delivered) {
            exported_.add(batch.size());
            unless_delivered.count = 0;
            co_return;
        }
        if (step.verdict == export_verdict::refused)
            co_return;
        co_await rests_.rest(step.wait);
    }
}

// Status 0 when none came.
asio::awaitable<net::client_response> span_exporter::post(std::string body)
{
    net::client_request request("POST", endpoint_);
    request.headers.emplace_back("Content-Type", "application/x-protobuf");
    request.headers.emplace_back("User-Agent", "reprise-synth");
    request.body = std::move(body);
    auto answer = co_await client_.send(std::move(request));
    if (!answer) {
        fault_ = answer.error().message();
        co_return net::client_response();
    }
    if (answer->status >= 300)
        fault_ = "status " + std::to_string(answer->status);
    co_return std::move(*answer);
}

void span_exporter::tell_drops()
{
    const std::uint64_t overflowed = overflowed_.value() - told_overflowed_;
    const std::uint64_t undelivered = undelivered_.value() - told_undelivered_;
    if (overflowed > 0) {
        const auto limit = std::to_string(limits_.queue_max);
        log_warn("synth.export", std::to_string(overflowed) + " spans dropped: the queue of " + limit + " is full");
    }
    if (undelivered > 0) {
        const std::string target = endpoint_.origin() + endpoint_.target;
        const std::string why = fault_.empty() ? "no time was left" : fault_;
        log_warn("synth.export", std::to_string(undelivered) + " spans not delivered to " + target + ": " + why);
    }
    told_overflowed_ += overflowed;
    told_undelivered_ += undelivered;
}

}  // namespace reprise::synth
