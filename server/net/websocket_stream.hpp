#pragma once

#include "connection.hpp"

#include "reprise/net/message.hpp"
#include "reprise/net/websocket.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>

namespace reprise::net {

class websocket::stream {
public:
    stream(connection socket, websocket_limits limits);
    ~stream();

    boost::asio::awaitable<result<void>> accept(
        boost::beast::http::request<boost::beast::http::buffer_body> upgrade, header_list headers
    );
    boost::asio::awaitable<result<std::string>> read();
    boost::asio::awaitable<result<void>> write(std::string_view text);
    boost::asio::awaitable<void> close(std::uint16_t code, std::string reason);
    boost::asio::any_io_executor executor() { return socket_.get_executor(); }

private:
    // Shared with timer handlers, which may run once more after the stream is gone.
    struct cut_state {
        connection* socket = nullptr;
        bool cut = false;
    };

    // Closes the socket under a write or close that hangs.
    void cut_after(boost::asio::steady_timer& timer, std::chrono::milliseconds limit);

    boost::beast::websocket::stream<connection, false> socket_;
    boost::beast::flat_buffer buffer_;
    boost::asio::steady_timer write_timer_;
    boost::asio::steady_timer close_timer_;
    std::shared_ptr<cut_state> cut_;
    websocket_limits limits_;
    bool over_ = false;  // Nothing more can be sent.
};

}  // namespace reprise::net
