#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/net/raw_server.hpp"
#include "reprise/replay/arrival_log.hpp"
#include "reprise/replay/mock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

// A mock that listens: recorded answers over HTTP, each arrival in a log. It opens no connection, ever.
namespace reprise::replay {

struct mock_server_config {
    net::raw_server_config listener;          // Port 0: any free one.
    std::filesystem::path spool_directory;    // Where requests wait for an export; empty: their text is not kept.
    arrival_limits limits;
};

// start() first; everything given by reference must outlive drain(). Runs on `pool`. start(), stop(), port() and
// the figures are safe from any thread; a log may be exported once drain() has returned.
class mock_server {
public:
    mock_server(
        boost::asio::any_io_executor pool, mock_server_config config, std::shared_ptr<mock> answers, const clock& time,
        metrics& numbers
    );
    ~mock_server();
    mock_server(const mock_server&) = delete;
    mock_server& operator=(const mock_server&) = delete;

    // Listens and answers. net::errc::address_in_use or listen_failed.
    result<void> start();
    std::uint16_t port() const noexcept;
    void stop();
    // True when every request had its answer within `limit`; the others are cut off.
    boost::asio::awaitable<bool> drain(std::chrono::milliseconds limit);

    const mock& answers() const noexcept;
    arrival_log& log() noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace reprise::replay
