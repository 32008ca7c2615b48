#pragma once

#include "reprise/base/error.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace reprise::runs::fixture {

// Takes requests and never says a word.
class silent_server {
public:
    silent_server()
    {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }
    ~silent_server()
    {
        context_.stop();
        thread_.join();
    }
    silent_server(const silent_server&) = delete;
    silent_server& operator=(const silent_server&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
    int requests() const { return requests_.load(); }
    int hung_up() const { return hung_up_.load(); }

private:
    struct session {
        explicit session(boost::asio::ip::tcp::socket taken) : socket(std::move(taken)) {}
        boost::asio::ip::tcp::socket socket;
        std::array<char, 4096> bytes;
        bool asked = false;
    };

    void accept()
    {
        acceptor_.async_accept([this](error_code ec, boost::asio::ip::tcp::socket socket) {
            if (ec)
                return;
            read(std::make_shared<session>(std::move(socket)));
            accept();
        });
    }
    void read(const std::shared_ptr<session>& from)
    {
        from->socket.async_read_some(boost::asio::buffer(from->bytes), [this, from](error_code ec, std::size_t) {
            if (ec) {
                ++hung_up_;
                return;
            }
            if (!std::exchange(from->asked, true))
                ++requests_;
            read(from);
        });
    }

    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
    std::atomic<int> requests_{0};
    std::atomic<int> hung_up_{0};
    std::thread thread_;
};

}  // namespace reprise::runs::fixture
