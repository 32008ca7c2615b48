#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/notice_endpoints.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reprise::forge {
class sealed_secrets;
class slack_api;
class webhook_sender;
}
namespace reprise::store {
class database;
}

// Notices on their way out: takes what is due from the queue and sends it, each endpoint at its own pace.
namespace reprise::runs {

class delivery_lanes;
class slack_notices;
struct delivery_report;

struct delivery_policy {
    std::string public_url;                       // For links.
    std::size_t at_once_max = 32;                 // Attempts under way, all endpoints together ...
    std::size_t endpoint_at_once_max = 4;         // ... of one endpoint ...
    std::uint32_t endpoint_per_s = 10;            // ... and how many of one begin in a second.
    std::chrono::milliseconds slack_pause{1'100}; // Slack takes a message a second for a channel: one at a time.
    std::int64_t lease_ns = 90 * ns_per_s;        // Longer than any attempt.
    std::int64_t disable_after_ns = 5LL * 24 * 3600 * ns_per_s;  // Of nothing but failures.
    std::chrono::milliseconds poll{250};
};

// How long an endpoint that says "not now" is left alone: what it asked for, within these.
constexpr std::chrono::seconds endpoint_pause_default{5};
constexpr std::chrono::seconds endpoint_pause_max{3600};

struct deliverer_parts {
    store::database& database;
    const clock& time;
    metrics& numbers;
    const forge::sealed_secrets& secrets;
    forge::webhook_sender& webhooks;
    forge::slack_api* slack;  // Null: Slack is not configured.
    task_group& tasks;        // The attempts run there; an attempt that is stopped is made again after its lease.
};

// All of the parts must outlive it and its tasks. run_deliveries() and begin_due() from one strand.
class deliverer {
public:
    deliverer(const deliverer_parts& parts, delivery_policy policy);
    ~deliverer();
    deliverer(const deliverer&) = delete;
    deliverer& operator=(const deliverer&) = delete;

    // Begins attempts as they fall due, until cancelled.
    boost::asio::awaitable<void> run_deliveries();

    // One look at the queue: how many attempts it began.
    boost::asio::awaitable<std::size_t> begin_due();

    // Queue length, ages and endpoints that are off, as metrics.
    boost::asio::awaitable<void> show_queue();

private:
    boost::asio::awaitable<void> forget_old();
    boost::asio::awaitable<std::size_t> begin_endpoint(std::string endpoint_id, std::size_t room);
    boost::asio::awaitable<void> attempt(store::delivery one, store::notice_endpoint to);
    boost::asio::awaitable<delivery_report> send_webhook(const store::delivery& one, const store::notice_endpoint& to);
    boost::asio::awaitable<delivery_report> send_slack(const store::delivery& one);
    boost::asio::awaitable<void> settle(
        const store::delivery& one, const store::notice_endpoint& to, const delivery_report& came
    );
    void count(const store::notice_endpoint& to, const delivery_report& came, const store::delivery_end& end);

    deliverer_parts parts_;
    delivery_policy policy_;
    std::shared_ptr<delivery_lanes> lanes_;
    std::unique_ptr<slack_notices> slack_;
    std::array<std::array<counter*, 4>, 2> results_;  // By kind of endpoint and how it ended.
    gauge& waiting_;
    gauge& oldest_s_;
    gauge& disabled_;
    gauge& dropped_;
};

}  // namespace reprise::runs
