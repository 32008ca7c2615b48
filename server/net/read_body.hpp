#pragma once

#include "connection.hpp"

#include "reprise/net/message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace reprise::net {

using parser_type = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

// Bytes of one body counted against the limit of all bodies.
class body_claim {
public:
    body_claim(std::atomic<std::size_t>& all, std::size_t all_max) : all_(all), all_max_(all_max) {}
    ~body_claim() { release(); }
    body_claim(const body_claim&) = delete;
    body_claim& operator=(const body_claim&) = delete;

    bool grow(std::size_t bytes)
    {
        mine_ += bytes;
        return all_.fetch_add(bytes) + bytes <= all_max_;
    }

    void release() { all_.fetch_sub(std::exchange(mine_, 0)); }

private:
    std::atomic<std::size_t>& all_;
    std::size_t all_max_;
    std::size_t mine_ = 0;
};

enum class body_end { complete, too_large, overloaded, malformed, lost };

// Where the body comes from; all of it outlives the call.
struct body_connection {
    body_connection(
        connection& stream_, boost::beast::flat_buffer& buffer_, parser_type& parser_
    )
        : stream(stream_), buffer(buffer_), parser(parser_)
    {
    }

    connection& stream;
    boost::beast::flat_buffer& buffer;
    parser_type& parser;
};

// Reads what the parsed header announces into req.body, growing with what really comes. The caller has
// set the stream's deadline.
boost::asio::awaitable<body_end> read_body(
    body_connection& from, request& req, std::size_t limit, body_claim& claim
);

}  // namespace reprise::net
