#pragma once

#include "reprise/net/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reprise::net {

// Close codes of ours, beside those of RFC 6455.
namespace close_code {
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t restart = 1012;
constexpr std::uint16_t unauthenticated = 4001;  // Sign in again.
constexpr std::uint16_t forbidden = 4003;
constexpr std::uint16_t slow_consumer = 4008;    // Reconnect and resync.
constexpr std::uint16_t try_later = 4009;
}  // namespace close_code

struct websocket_limits {
    std::size_t frame_bytes_max = 64 * 1024;   // Inbound message, after reassembly.
    std::chrono::milliseconds idle{30'000};    // Half of it in silence: ping. All of it: gone.
    std::chrono::milliseconds write{10'000};   // One message; a peer that takes longer is gone.
    std::chrono::milliseconds close{2'000};    // For the closing handshake.
};

// One upgraded connection. Lives in its session; valid until the route's handler returns. All calls
// on executor() (where the handler runs already). At most one read and one write at a time; reading
// and writing may overlap. Pings are answered and sent inside read(): keep a read outstanding.
class websocket {
public:
    class stream;  // Private to the room.
    explicit websocket(std::unique_ptr<stream> upgraded);
    ~websocket();
    websocket(const websocket&) = delete;
    websocket& operator=(const websocket&) = delete;

    boost::asio::any_io_executor executor() const;

    // The next text message. errc::closed after a close frame or a lost peer, body_too_large,
    // bad_message (binary frames are one), read_timed_out.
    boost::asio::awaitable<result<std::string>> read();

    // One text message; `text` must stay alive until this returns. errc::closed, write_timed_out.
    boost::asio::awaitable<result<void>> write(std::string_view text);

    // Sends a close frame and waits for the answer, websocket_limits::close at most. Works after a
    // cancellation, too. The connection is unusable afterwards.
    boost::asio::awaitable<void> close(std::uint16_t code, std::string reason);

private:
    std::unique_ptr<stream> stream_;
};

}  // namespace reprise::net
