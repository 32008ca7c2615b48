#pragma once

#include "dial.hpp"
#include "idle_sockets.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace reprise::net {

// One request on one connection of HTTP/1.1. Lives on the coroutine's executor; what it is given by reference
// outlives it.
class http1_exchange {
public:
    using time_point = std::chrono::steady_clock::time_point;

    http1_exchange(const client_request& req, const client_limits& limits, time_point begin);

    void adopt(const boost::asio::any_io_executor& strand, idle_socket socket);
    void adopt(dialled fresh);
    boost::asio::awaitable<result<client_response>> run(const std::string& head);
    // The connection, when it can carry another request.
    std::optional<idle_socket> take_back();

private:
    using parser_type = boost::beast::http::response_parser<boost::beast::http::string_body>;

    boost::asio::awaitable<result<void>> send(const std::string& head);
    boost::asio::awaitable<result<void>> receive_header();
    boost::asio::awaitable<result<void>> receive_body();
    bool has_unread_tls();

    const client_request& req_;
    const client_limits& limits_;
    time_point begin_;
    boost::beast::flat_buffer buffer_;
    std::optional<connection> stream_;
    std::optional<parser_type> parser_;
    boost::asio::ip::tcp::endpoint remote_;
    client_response answer_;
    bool reusable_ = false;
};

}  // namespace reprise::net
