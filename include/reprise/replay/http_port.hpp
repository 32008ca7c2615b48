#pragma once

#include "reprise/base/error.hpp"
#include "reprise/replay/target.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

// How replayed requests leave the house. Ports are called on the coroutine's executor.
namespace reprise::replay {

struct sent_response {
    int status = 0;
    std::int64_t answered_ns = 0;  // Wall clock, the last byte.
    std::int64_t sent_ns = 0;      // After the call of send(): the request's last byte was handed over ...
    std::int64_t first_ns = 0;     // ... the answer's header was there ...
    std::int64_t done_ns = 0;      // ... and its last byte.
    model::header_list headers;
    std::string body;
};

// Sends to one target, already checked. An error means no answer (refused, reset, timed out after request.limit);
// any HTTP status is a success here. May be called again before the call before has returned.
class http_port {
public:
    virtual ~http_port() = default;
    virtual boost::asio::awaitable<result<sent_response>> send(request outgoing) = 0;
};

}  // namespace reprise::replay
