#include "idle_sockets.hpp"

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

idle_socket::idle_socket(idle_socket&& other) noexcept : handle_(other.release()), remote_(other.remote_) {}

idle_socket& idle_socket::operator=(idle_socket&& other) noexcept
{
    std::swap(handle_, other.handle_);
    std::swap(remote_, other.remote_);
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
    const auto oldest = std::chrono::steady_clock::now() - idle_max_;
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
    if (count_max_ == 0)
        return;
    if (entries_.size() >= count_max_)
        entries_.pop_front();
    entries_.push_back({origin, std::move(socket), std::chrono::steady_clock::now()});
}

void http_client::pool::clear()
{
    const std::lock_guard lock(mutex_);
    entries_.clear();
}

}  // namespace reprise::net
