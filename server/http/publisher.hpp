#pragma once

#include "context.hpp"

#include <boost/asio/awaitable.hpp>

namespace reprise::http {

// Reads committed events after each commit and publishes them, until cancelled.
boost::asio::awaitable<void> run_publishing(context& api);

}  // namespace reprise::http
