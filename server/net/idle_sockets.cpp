#include "idle_sockets.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace reprise::net {

idle_socket::~idle_socket()
{
    if (handle_ >= 0)
        ::close(handle_);
}

idle_socket::idle_socket(idle_socket&& other) noexcept
    : handle_(other.release()), remote_(other.remote_), tls_(std::move(other.tls_))
{
}

idle_socket& idle_socket::operator=(idle_socket&& other) noexcept
{
    std::swap(handle_, other.handle_);
    std::swap(remote_, other.remote_);
    std::swap(tls_, other.tls_);
    return *this;
}

int idle_socket::release() noexcept
{
    return std::exchange(handle_, -1);
}

bool idle_socket::is_quiet() const noexcept
{
    char byte = 0;
    const auto size = ::recv(handle_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::optional<idle_socket> http_client::pool::take(const std::string& origin)
{
    const std::lock_guard lock(mutex_);
    const auto oldest = std::chrono::steady_clock::now() - limits_.idle;
    while (!entries_.empty() && entries_.front().since < oldest)
        entries_.pop_front();
    for (auto it = entries_.end(); it != entries_.begin();) {
        --it;
        if (it->origin != origin)
            continue;
        idle_socket socket = std::move(it->socket);
        it = entries_.erase(it);
        if (socket.is_quiet())
            return socket;
    }
    return std::nullopt;
}

void http_client::pool::keep(const std::string& origin, idle_socket socket)
{
    const std::lock_guard lock(mutex_);
    if (limits_.idle_connections_max == 0)
        return;
    if (entries_.size() >= limits_.idle_connections_max)
        entries_.pop_front();
    entries_.push_back({origin, std::move(socket), std::chrono::steady_clock::now()});
}

std::shared_ptr<http2_link> http_client::pool::share_link(
    const std::string& origin, const boost::asio::any_io_executor& executor
)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(links_, [](const auto& named) { return !named.second->usable(); });
    auto& link = links_[origin];
    if (!link)
        link = std::make_shared<http2_link>(boost::asio::make_strand(executor), limits_);
    return link;
}

client_tls* http_client::pool::find_system_trust()
{
    const std::lock_guard lock(mutex_);
    if (!system_trust_) {
        if (auto loaded = load_client_tls())
            system_trust_ = std::move(*loaded);
    }
    return system_trust_.get();
}

void http_client::pool::clear()
{
    const std::lock_guard lock(mutex_);
    entries_.clear();
    for (const auto& [origin, link] : links_)
        boost::asio::post(link->strand(), [link] { link->close(); });
    links_.clear();
}

}  // namespace reprise::net
