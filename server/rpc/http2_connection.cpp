#include "http2_connection.hpp"

#include "reprise/base/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace reprise::rpc {
namespace {

constexpr std::size_t read_bytes_min = 8 * 1024;
constexpr std::size_t read_bytes_max = 256 * 1024;
constexpr auto watch_interval_max = std::chrono::milliseconds(1000);  // How late a limit may be noticed.

// "127.0.0.1", also of a peer that an IPv6 socket accepted over IPv4.
std::string address_of(const tcp::socket& socket)
{
    error_code ec;
    const auto address = socket.remote_endpoint(ec).address();
    if (ec)
        return {};
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

// Whom to tell the answer. Emptied by the first who does, however long copies of the function are kept.
struct addressee {
    std::shared_ptr<http2_connection> connection;
    std::int32_t stream = 0;
    std::shared_ptr<call_service::seat> seat;
};

}  // namespace

http2_connection::http2_connection(
    asio::any_io_executor pool, tcp::socket socket, asio::ssl::context* tls, call_service& service,
    std::function<void()> closed
)
    : pool_(std::move(pool)), socket_(std::move(socket)), service_(service), closed_(std::move(closed)),
      peer_(address_of(socket_)), born_(std::chrono::steady_clock::now()), timer_(socket_.get_executor()),
      heard_(read_bytes_min)
{
    if (tls != nullptr)
        tls_ = std::make_unique<tls_stream>(socket_, *tls);
    service_.connections().add(1);
}

http2_connection::~http2_connection()
{
    service_.connections().add(-1);
}

// An exception ends the connection, not the server.
template <class Work>
void http2_connection::guard(Work work)
{
    if (is_closed_)
        return;
    try {
        work(*this);
    } catch (...) {
        log_exception("grpc connection", std::current_exception());
        close();
    }
}

template <class Work>
void http2_connection::on_strand(Work work)
{
    asio::post(socket_.get_executor(), [self = shared_from_this(), work = std::move(work)]() mutable {
        self->guard(std::move(work));
    });
}

void http2_connection::start()
{
    on_strand([](http2_connection& me) {
        error_code ignored;  // The peer may be gone already; the first read says so.
        me.socket_.set_option(tcp::no_delay(true), ignored);
        me.wait();
        if (me.tls_)
            me.shake_hands();
        else
            me.begin();
    });
}

void http2_connection::shake_hands()
{
    tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code ec) {
        self->guard([ec](http2_connection& me) {
            if (ec)
                me.close();
            else
                me.begin();
        });
    });
}

void http2_connection::begin()
{
    auto take = [this](arrived_call call) { hand_over(std::move(call)); };
    session_.emplace(service_, std::move(take), std::chrono::steady_clock::now());
    write();
    read();
}

// Not while something is being written: a peer that does not listen is not listened to.
void http2_connection::read()
{
    if (reading_ || write_began_ || last_word_ || is_closed_)
        return;
    reading_ = true;
    auto done = [self = shared_from_this()](error_code ec, std::size_t size) {
        self->reading_ = false;
        self->guard([ec, size](http2_connection& me) { me.hear(ec, size); });
    };
    if (tls_)
        tls_->async_read_some(asio::buffer(heard_), std::move(done));
    else
        socket_.async_read_some(asio::buffer(heard_), std::move(done));
}

void http2_connection::hear(error_code ec, std::size_t size)
{
    if (ec) {
        close();
        return;
    }
    last_word_ = !session_->receive({heard_.data(), size}, std::chrono::steady_clock::now());
    if (size == heard_.size() && size < read_bytes_max)
        heard_.resize(2 * size);
    write();
    read();
}

void http2_connection::write()
{
    if (write_began_ || is_closed_ || !session_)
        return;
    said_.clear();
    session_->produce(said_);
    if (said_.empty()) {
        if (last_word_ || session_->done())
            close();
        return;
    }
    write_began_ = std::chrono::steady_clock::now();
    auto done = [self = shared_from_this()](error_code ec, std::size_t) {
        self->write_began_.reset();
        self->guard([ec](http2_connection& me) { me.written(ec); });
    };
    if (tls_)
        asio::async_write(*tls_, asio::buffer(said_), std::move(done));
    else
        asio::async_write(socket_, asio::buffer(said_), std::move(done));
}

void http2_connection::written(error_code ec)
{
    if (ec) {
        close();
        return;
    }
    write();
    read();
}

void http2_connection::wait()
{
    timer_.expires_after(std::min(service_.config().receive_timeout, watch_interval_max));
    timer_.async_wait([self = shared_from_this()](error_code ec) {
        if (!ec)
            self->guard([](http2_connection& me) { me.tick(); });
    });
}

void http2_connection::tick()
{
    const auto now = std::chrono::steady_clock::now();
    const bool greets_late = !session_ && now - born_ >= service_.config().greeting_timeout;
    const bool never_reads = write_began_ && now - *write_began_ >= service_.config().receive_timeout;
    if (greets_late || never_reads) {
        service_.count_stalled();
        close();
        return;
    }
    if (session_ && !session_->tick(now)) {
        close();
        return;
    }
    if (session_ && session_->idle() && !reading_ && heard_.size() > read_bytes_min)
        std::vector<char>(read_bytes_min).swap(heard_);
    write();
    if (!is_closed_)
        wait();
}

void http2_connection::hand_over(arrived_call call)
{
    auto whom = std::make_shared<addressee>();
    whom->connection = shared_from_this();
    whom->stream = call.stream;
    whom->seat = std::move(call.seat);
    call_done done = [whom](call_answer given) {
        const auto [connection, stream, seat] = std::exchange(*whom, {});
        if (!connection)
            return;
        // The seat is left when the answer is on its way, or at once when nobody waits for it.
        connection->on_strand([stream, seat, given = std::move(given)](http2_connection& me) mutable {
            me.session_->answer(stream, std::move(given));
            seat->leave();
            me.write();
        });
    };
    call_message message{call.path, std::move(call.bytes), peer_};
    asio::post(pool_, [&service = service_, message = std::move(message), done = std::move(done)]() mutable {
        service.handle(std::move(message), done);
    });
}

void http2_connection::go_away()
{
    on_strand([](http2_connection& me) {
        if (!me.session_) {
            me.close();
            return;
        }
        me.session_->go_away();
        me.write();
    });
}

void http2_connection::cut()
{
    on_strand([](http2_connection& me) { me.close(); });
}

void http2_connection::close()
{
    if (std::exchange(is_closed_, true))
        return;
    error_code ignored;  // Whoever is gone needs no farewell.
    timer_.cancel();
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    session_.reset();
    closed_();
}

}  // namespace reprise::rpc
