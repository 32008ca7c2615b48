#include "reprise/rpc/grpc_server.hpp"

#include "call_service.hpp"
#include "http2_connection.hpp"
#include "listen_address.hpp"
#include "tls.hpp"

#include "reprise/base/log.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <future>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace reprise::rpc {
namespace {

constexpr std::size_t threads_min = 2;
constexpr auto accept_pause = std::chrono::milliseconds(100);  // When the process has no file descriptor left.

// The connections of a server, wherever they are in their lives. Safe from any thread.
class connection_list {
public:
    using place = std::list<std::weak_ptr<http2_connection>>::iterator;

    std::size_t size() const
    {
        const std::lock_guard lock(mutex_);
        return all_.size();
    }

    place add()
    {
        const std::lock_guard lock(mutex_);
        return all_.insert(all_.end(), std::weak_ptr<http2_connection>());
    }

    void fill(place at, const std::shared_ptr<http2_connection>& connection)
    {
        const std::lock_guard lock(mutex_);
        *at = connection;
    }

    void remove(place at)
    {
        const std::lock_guard lock(mutex_);
        all_.erase(at);
        if (all_.empty())
            emptied_.notify_all();
    }

    std::vector<std::shared_ptr<http2_connection>> list() const
    {
        const std::lock_guard lock(mutex_);
        std::vector<std::shared_ptr<http2_connection>> found;
        for (const auto& one : all_) {
            if (auto connection = one.lock())
                found.push_back(std::move(connection));
        }
        return found;
    }

    void wait_until_empty(std::chrono::milliseconds limit)
    {
        std::unique_lock lock(mutex_);
        emptied_.wait_for(lock, limit, [this] { return all_.empty(); });
    }

    void wait_until_empty()
    {
        std::unique_lock lock(mutex_);
        emptied_.wait(lock, [this] { return all_.empty(); });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    std::list<std::weak_ptr<http2_connection>> all_;
};

class running_server final : public grpc_server {
public:
    running_server(const grpc_server_config& config, call_handler handler, metrics& counts)
        : service_(config, std::move(handler), counts), tls_(make_tls(config.tls)),
          pool_(std::max<std::size_t>(threads_min, std::thread::hardware_concurrency())),
          acceptor_(asio::make_strand(pool_)), pause_(acceptor_.get_executor())
    {
    }

    ~running_server() override { stop(std::chrono::milliseconds(0)); }

    result<void> listen()
    {
        auto opened = open_listener(acceptor_.get_executor(), service_.config().listen);
        if (!opened)
            return opened.error();
        acceptor_ = std::move(*opened);
        error_code ec;
        port_ = acceptor_.local_endpoint(ec).port();
        asio::post(acceptor_.get_executor(), [this] { accept(); });
        return {};
    }

    std::uint16_t port() const noexcept override { return port_; }

    void stop(std::chrono::milliseconds grace) override
    {
        if (std::exchange(is_stopped_, true))
            return;
        close_listener();
        for (const auto& connection : connections_.list())
            connection->go_away();
        connections_.wait_until_empty(grace);
        for (const auto& connection : connections_.list())
            connection->cut();
        connections_.wait_until_empty();
        service_.wait_for_calls();
        pool_.join();
    }

private:
    // Afterwards no connection is added.
    void close_listener()
    {
        std::promise<void> closed;
        asio::post(acceptor_.get_executor(), [this, &closed] {
            error_code ignored;
            acceptor_.close(ignored);
            pause_.cancel();
            closed.set_value();
        });
        closed.get_future().get();
    }

    void accept()
    {
        if (!acceptor_.is_open())
            return;
        const asio::any_io_executor strand = asio::make_strand(pool_);
        acceptor_.async_accept(strand, [this](error_code ec, tcp::socket socket) {
            if (!acceptor_.is_open())
                return;
            if (ec)
                accept_later(ec);
            else
                take(std::move(socket));
        });
    }

    void accept_later(error_code ec)
    {
        log_warn("grpc", "cannot accept a connection: " + ec.message());
        pause_.expires_after(accept_pause);
        pause_.async_wait([this](error_code) { accept(); });
    }

    void take(tcp::socket socket)
    {
        try {
            if (connections_.size() >= service_.config().connections_max)
                service_.count_refused_connection();
            else
                serve(std::move(socket));
        } catch (...) {
            log_exception("grpc connection", std::current_exception());
        }
        accept();
    }

    void serve(tcp::socket socket)
    {
        const auto place = connections_.add();
        try {
            auto closed = [this, place] { connections_.remove(place); };
            const auto made = std::make_shared<http2_connection>(
                pool_.get_executor(), std::move(socket), tls_.get(), service_, std::move(closed)
            );
            connections_.fill(place, made);
            made->start();
        } catch (...) {
            connections_.remove(place);
            throw;
        }
    }

    call_service service_;
    const std::unique_ptr<asio::ssl::context> tls_;
    asio::thread_pool pool_;
    connection_list connections_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::uint16_t port_ = 0;
    bool is_stopped_ = false;
};

}  // namespace

result<std::unique_ptr<grpc_server>> grpc_server::start(
    grpc_server_config config, call_handler handler, metrics& counts
)
{
    auto made = std::make_unique<running_server>(config, std::move(handler), counts);
    if (const auto listening = made->listen(); !listening)
        return listening.error();
    return std::unique_ptr<grpc_server>(std::move(made));
}

}  // namespace reprise::rpc
