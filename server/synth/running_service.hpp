#pragma once

#include "agent.hpp"
#include "http_tools.hpp"
#include "pace.hpp"
#include "span_exporter.hpp"
#include "tool_service.hpp"
#include "tracer.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/net/server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

// The two services with their sockets. Each runs on a loop of one thread: what it does is waiting, and the order of
// things is easier to foresee that way. listen() first, start() then, stop() last; everything by reference outlives
// stop().
namespace reprise::synth {

struct listen_address {
    std::string host = "127.0.0.1";  // An address literal.
    std::uint16_t port = 0;          // 0: any free one.
};

struct tool_config {
    listen_address listen;
    tool_defaults defaults;
    std::uint64_t seed = 0;
};

struct agent_config {
    listen_address listen;
    std::string service_name = "synthetic-agent-app";
    std::string agent_name;  // Empty: agent ids have no prefix.
    net::url tool_base;
    net::url otlp_endpoint;
    batch_limits batches;
    std::uint64_t seed = 0;
};

class running_service {
public:
    virtual ~running_service() = default;

    result<void> listen() { return server().listen(); }
    std::uint16_t port() { return server().port(); }
    virtual void start() { server().start(); }

    // Requests under way may end within a limit; then they are cut off.
    virtual boost::asio::awaitable<void> stop();

private:
    virtual net::server& server() = 0;
};

class running_tool final : public running_service {
public:
    running_tool(
        boost::asio::any_io_executor loop, const tool_config& config, pace& rests, const clock& time, metrics& numbers
    );

private:
    net::server& server() override { return server_; }

    tool_service service_;
    net::router routes_;
    net::server server_;
};

class running_agent final : public running_service {
public:
    running_agent(
        boost::asio::any_io_executor loop, const agent_config& config, pace& rests, const clock& time, metrics& numbers
    );

    void start() override;
    // Then work that outlived its request is cut off, and the spans that are left are sent, each within a limit.
    boost::asio::awaitable<void> stop() override;

private:
    net::server& server() override { return server_; }

    task_group tasks_;
    span_exporter exporter_;
    tracer spans_;
    http_tools tools_;
    agent agent_;
    net::router routes_;
    net::server server_;
};

}  // namespace reprise::synth
