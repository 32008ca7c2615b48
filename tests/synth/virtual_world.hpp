#pragma once

#include "../../server/synth/agent.hpp"
#include "../../server/synth/tool_service.hpp"
#include "seen_spans.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// An agent in a world where nothing takes time but rests, and rests take exactly what they say: twenty seconds pass
// in no time, to the nanosecond.
namespace reprise::synth::test {

namespace asio = boost::asio;

class virtual_pace final : public pace {
public:
    virtual_pace(asio::io_context& io, manual_clock& time) : io_(io), time_(time) {}

    asio::awaitable<void> rest(std::chrono::nanoseconds length) override
    {
        const auto one = std::make_shared<sleeper>(io_);
        const auto place = sleepers_.emplace(time_.steady_ns() + length.count(), one);
        boost::system::error_code ignored;
        co_await one->alarm.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!one->rested) {
            sleepers_.erase(place);
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }

    // Wakes whoever is due next; false when nobody rests.
    bool advance()
    {
        if (sleepers_.empty())
            return false;
        const auto first = sleepers_.begin();
        if (first->first > time_.steady_ns())
            time_.advance_ns(first->first - time_.steady_ns());
        first->second->rested = true;
        first->second->alarm.cancel();
        sleepers_.erase(first);
        return true;
    }

private:
    struct sleeper {
        explicit sleeper(asio::io_context& io) : alarm(io, asio::steady_timer::time_point::max()) {}
        asio::steady_timer alarm;
        bool rested = false;
    };

    asio::io_context& io_;
    manual_clock& time_;
    std::multimap<std::int64_t, std::shared_ptr<sleeper>> sleepers_;
};

// Tools as the tool service would be, without a network.
class virtual_tools final : public tool_port {
public:
    explicit virtual_tools(pace& rests) : rests_(rests) {}

    asio::awaitable<tool_result> call(const tool_ask& ask) override
    {
        asks.push_back(ask);
        if (fails(ask.seed, ask.error_rate))
            co_return work_error("tool_error", ask.name + " unavailable");
        co_await rests_.rest(std::chrono::milliseconds(ask.delay_ms));
        co_return std::string(static_cast<std::size_t>(ask.payload_kb) * 1024, 'a');
    }

    std::vector<tool_ask> asks;

private:
    pace& rests_;
};

class collecting_sink final : public span_sink {
public:
    void take(const telemetry::sent_span& one) override { spans.push_back(read_span(telemetry::encode_span(one))); }

    std::vector<seen_span> spans;
};

class virtual_world {
public:
    explicit virtual_world(std::string agent_name = {})
        : rests(io_, time), tools(rests), tasks_(io_.get_executor()), tracer_(time, sink_, std::move(agent_name)),
          one(agent_parts(io_.get_executor(), tasks_, tracer_, tools, rests, time), 1)
    {
    }

    ~virtual_world() { run_out(); }
    virtual_world(const virtual_world&) = delete;
    virtual_world& operator=(const virtual_world&) = delete;

    template <class T>
    T run(asio::awaitable<T> work)
    {
        auto done = asio::co_spawn(io_, std::move(work), asio::use_future);
        for (;;) {
            poll();
            if (done.wait_for(std::chrono::seconds(0)) == std::future_status::ready)
                return done.get();
            if (!rests.advance())
                throw std::logic_error("everybody waits for somebody else");
        }
    }

    // Until all that was begun has ended.
    void run_out()
    {
        do {
            poll();
        } while (rests.advance());
    }

    // One request; the tree is complete when this returns. The answer is in `result`.
    span_tree run_tree(const run_parameters& want)
    {
        result = run(one.run(want));
        return take_tree();
    }
    span_tree take_tree()
    {
        run_out();
        return span_tree(std::exchange(sink_.spans, {}));
    }

private:
    void poll()
    {
        io_.restart();
        io_.poll();
    }

    asio::io_context io_;

public:
    manual_clock time;
    virtual_pace rests;
    virtual_tools tools;
    agent::run_result result;

private:
    task_group tasks_;
    collecting_sink sink_;
    tracer tracer_;

public:
    agent one;
};

inline run_parameters parameters_of(scenario what)
{
    run_parameters want;
    want.scenario = what;
    return want;
}

}  // namespace reprise::synth::test
