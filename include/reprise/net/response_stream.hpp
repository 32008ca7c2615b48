#pragma once

#include "reprise/net/error.hpp"
#include "reprise/net/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace reprise::net {

// An answer that is sent while it is made: chunked for HTTP/1.1, until the connection ends for HTTP/1.0. Lives in its
// session; valid until the route's handler returns. All calls on the handler's strand, one at a time. What is written
// is handed to the kernel before write() returns, so that nothing piles up for a reader who is slow.
class response_stream {
public:
    virtual ~response_stream() = default;

    // Status, content type and headers; the body of `head` must be empty. Once, before anything is written. Errors as
    // for write().
    virtual boost::asio::awaitable<result<void>> begin(response head) = 0;

    // One piece; `bytes` must stay alive until this returns. errc::closed when nobody reads any more (HEAD asks for no
    // body: nobody does), write_timed_out when a piece of 256 KiB was not taken within server_config::write.
    virtual boost::asio::awaitable<result<void>> write(std::string_view bytes) = 0;

    // The rest will never come: the connection ends without the mark of a complete body, so that the reader can tell.
    virtual void give_up() noexcept = 0;
};

}  // namespace reprise::net
