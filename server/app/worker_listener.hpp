#pragma once

#include "config.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/runs/dispatch.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace reprise::app {

// The port that workers on other machines call. Serves from start() until stop(), which blocks and waits for every
// call. What it is given outlives it.
class worker_listener {
public:
    // Null when workers.listen is empty.
    static config_result<std::unique_ptr<worker_listener>> start(
        const config& settings, boost::asio::any_io_executor io, runs::replay_dispatch& dispatch, metrics& numbers
    );
    ~worker_listener();
    worker_listener(const worker_listener&) = delete;
    worker_listener& operator=(const worker_listener&) = delete;

    std::uint16_t port() const noexcept;
    void stop();

private:
    struct parts;

    explicit worker_listener(std::unique_ptr<parts> made);

    std::unique_ptr<parts> parts_;
};

}  // namespace reprise::app
