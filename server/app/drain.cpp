#include "drain.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/net/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <string>

namespace reprise::app {

namespace asio = boost::asio;

bool drain(const asio::any_io_executor& io, task_group& tasks, const char* name)
{
    const bool drained = asio::co_spawn(io, tasks.drain(drain_limit), asio::use_future).get();
    if (!drained)
        log_warn("stop", std::string(name) + " did not end in time");
    return drained;
}

void drain(const asio::any_io_executor& io, net::server& listener)
{
    listener.stop();
    if (!asio::co_spawn(io, listener.drain(drain_limit), asio::use_future).get())
        listener.stop();
}

}  // namespace reprise::app
