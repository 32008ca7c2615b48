#pragma once

#include "settings.hpp"

#include "reprise/net/server.hpp"

#include <algorithm>
#include <cstddef>
#include <thread>

namespace reprise::app {

inline net::server_config listener_config(const char* name, const endpoint& at)
{
    net::server_config made;
    made.name = name;
    made.address = at.host;
    made.port = at.port;
    return made;
}

// Threads of the I/O pool, and as many shards.
inline std::size_t io_threads(const config& settings)
{
    if (settings.threads > 0)
        return static_cast<std::size_t>(settings.threads);
    return std::max<std::size_t>(std::thread::hardware_concurrency(), 2);
}

}  // namespace reprise::app
