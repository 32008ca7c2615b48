#include "trial_observer.hpp"

#include "drain.hpp"
#include "listener.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/ingest/door.hpp"
#include "reprise/ingest/otlp_routes.hpp"
#include "reprise/ingest/senders.hpp"
#include "reprise/net/router.hpp"
#include "reprise/net/server.hpp"
#include "reprise/pipeline/intake.hpp"
#include "reprise/replay/observed_calls.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds look_every{50};
// After the first complete trial: a service that reports spans and RRPairs sends them at different times.
constexpr std::chrono::milliseconds learn_sources{1'000};

// Where the door puts what it decoded. Any thread.
class call_intake final : public pipeline::intake {
public:
    explicit call_intake(std::uint64_t mark) : calls_(mark) {}

    void offer(pipeline::arrival what, pipeline::taken_handler done) override
    {
        {
            const std::lock_guard lock(mutex_);
            calls_.take(*what.batch);
        }
        came_.notify_all();
        done(pipeline::taken_as::counted);
    }

    void begin()
    {
        const std::lock_guard lock(mutex_);
        calls_.begin();
    }

    // True when all is there.
    bool wait(
        std::span<const model::trace_id> traces, std::chrono::steady_clock::time_point deadline,
        const std::function<bool()>& stop
    )
    {
        std::unique_lock lock(mutex_);
        while (!calls_.complete(traces)) {
            const auto now = std::chrono::steady_clock::now();
            if (now >= deadline || stop())
                return false;
            came_.wait_until(lock, std::min(deadline, now + look_every));
        }
        return true;
    }

    std::optional<replay::call_figures> find(const model::trace_id& trace) const
    {
        const std::lock_guard lock(mutex_);
        return calls_.find(trace);
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable came_;
    replay::observed_calls calls_;
};

}  // namespace

// Declared in the order of building; destroyed in the opposite one.
struct trial_observer::parts {
    parts(const endpoint& at, std::uint64_t mark)
        : listen(at), intake(mark), door({}, intake, numbers), senders(numbers),
          server(io.get_executor(), listener_config("observer", at), routes, time, numbers)
    {
        ingest::add_otlp_routes(routes, door, senders, io.get_executor());
    }

    ~parts()
    {
        if (thread.joinable()) {
            drain(io.get_executor(), server);
            idle.reset();
            thread.join();
        }
    }

    endpoint listen;
    metrics numbers;
    system_clock time;
    call_intake intake;
    ingest::door door;
    ingest::sender_check senders;
    net::router routes;
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> idle = asio::make_work_guard(io);
    net::server server;
    std::thread thread;
    bool learned = false;  // By which sources the service reports.
};

trial_observer::trial_observer(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

trial_observer::~trial_observer() = default;

std::variant<std::unique_ptr<trial_observer>, std::string> trial_observer::start(
    const endpoint& at, std::uint64_t mark
)
{
    auto made = std::make_unique<parts>(at, mark);
    if (const auto bound = made->server.listen(); !bound)
        return bound.error().message();
    made->server.start();
    made->thread = std::thread([&io = made->io] { io.run(); });
    return std::unique_ptr<trial_observer>(new trial_observer(std::move(made)));
}

std::string trial_observer::address() const
{
    const bool v6 = parts_->listen.host.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + parts_->listen.host + "]" : parts_->listen.host;
    return host + ":" + std::to_string(parts_->server.port());
}

void trial_observer::begin_trial()
{
    parts_->intake.begin();
}

void trial_observer::wait(
    std::span<const model::trace_id> traces, std::chrono::milliseconds limit, const std::function<bool()>& stop
)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    const bool complete = parts_->intake.wait(traces, deadline, stop);
    if (!complete || parts_->learned)
        return;
    parts_->learned = true;
    const auto learned_at = std::chrono::steady_clock::now() + learn_sources;
    while (std::chrono::steady_clock::now() < learned_at && !stop())
        std::this_thread::sleep_for(look_every);
    parts_->intake.wait(traces, deadline, stop);
}

std::optional<replay::call_figures> trial_observer::find(const model::trace_id& trace) const
{
    return parts_->intake.find(trace);
}

}  // namespace reprise::app
