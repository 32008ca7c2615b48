#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>

namespace reprise {
class task_group;
}
namespace reprise::net {
class server;
}

// How the parts of the server end: each is asked to, and waited for before the next. All block.
namespace reprise::app {

constexpr std::chrono::seconds drain_limit{10};

// False, and a line in the log, when the tasks did not end within drain_limit.
bool drain(const boost::asio::any_io_executor& io, task_group& tasks, const char* name);

// Stops listening, lets requests end within drain_limit, then cuts them off.
void drain(const boost::asio::any_io_executor& io, net::server& listener);

}  // namespace reprise::app
