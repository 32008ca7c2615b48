#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/net/raw_message.hpp"

#include <cstddef>
#include <span>
#include <string_view>

// System calls that Asio has no words for. They never block.
namespace reprise::net {

enum class socket_step { bytes, nothing_yet, ended };

struct socket_read {
    socket_step what = socket_step::nothing_yet;
    std::size_t size = 0;
    moment_stamp at;  // When the bytes came, as the kernel says, else now.
};

// Sockets accepted from this listener carry the kernel's arrival times.
void ask_for_kernel_stamps(int listener) noexcept;

socket_read read_stamped(int socket, std::span<char> into, const clock& time) noexcept;

// Sends what the kernel takes now and cuts that off `bytes`. `ended` when the connection is broken.
socket_step send_some(int socket, std::string_view& bytes) noexcept;

// The peer gets a reset when the socket is closed.
void reset_on_close(int socket) noexcept;

}  // namespace reprise::net
