#include "raw_socket.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <sys/socket.h>

namespace reprise::net {
namespace {

// A stamp further back is no delay of ours but a clock that was set meanwhile.
constexpr std::int64_t lateness_max_ns = 10 * ns_per_s;

moment_stamp now(const clock& time) noexcept
{
    return {time.now_ns(), time.steady_ns()};
}

// The kernel stamps with the wall clock; how long ago that was leads to the other.
moment_stamp stamp_of(msghdr& message, const clock& time) noexcept
{
    const moment_stamp read = now(time);
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        const std::int64_t wall_ns = stamp.tv_sec * ns_per_s + stamp.tv_nsec;
        const std::int64_t late_ns = read.wall_ns - wall_ns;
        if (late_ns >= 0 && late_ns < lateness_max_ns)
            return {wall_ns, read.steady_ns - late_ns};
    }
    return read;
}

bool is_not_now(int error) noexcept
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

void ask_for_kernel_stamps(int listener) noexcept
{
    const int on = 1;
    // Where the kernel knows no stamps, requests are stamped when they are read.
    ::setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

socket_read read_stamped(int socket, std::span<char> into, const clock& time) noexcept
{
    alignas(cmsghdr) char control[128];
    iovec part{into.data(), into.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT);
    if (size > 0)
        return {socket_step::bytes, static_cast<std::size_t>(size), stamp_of(message, time)};
    if (size < 0 && is_not_now(errno))
        return {socket_step::nothing_yet, 0, {}};
    return {socket_step::ended, 0, now(time)};
}

socket_step send_some(int socket, std::string_view& bytes) noexcept
{
    while (!bytes.empty()) {
        const ssize_t size = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(size));
        else if (errno != EINTR)
            return is_not_now(errno) ? socket_step::nothing_yet : socket_step::ended;
    }
    return socket_step::bytes;
}

void reset_on_close(int socket) noexcept
{
    const linger hard{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

}  // namespace reprise::net
