#include "connect_count.hpp"

#include <atomic>
#include <thread>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<std::uint64_t> counted{0};
const std::thread::id first_thread = std::this_thread::get_id();

}  // namespace

namespace reprise::test {

std::uint64_t connects_of_other_threads() noexcept
{
    return counted.load();
}

}  // namespace reprise::test

// Takes the C library's place in this executable.
extern "C" int connect(int socket, const sockaddr* address, socklen_t size)
{
    if (std::this_thread::get_id() != first_thread)
        counted.fetch_add(1);
    return static_cast<int>(::syscall(SYS_connect, socket, address, size));
}
