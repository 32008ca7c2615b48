#pragma once

#include "reprise/rpc/grpc_server.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::rpc {

// What the headers of a call say, as far as it matters.
struct call_head {
    std::string path;
    std::string content_type;
    std::string encoding;  // grpc-encoding.
    std::string authorization;
};

// What all connections of a server share: limits, handler, and how much of the limits is in use. Safe from any thread.
class call_service {
public:
    call_service(const grpc_server_config& config, call_handler handler, metrics& counts);

    const grpc_server_config& config() const noexcept { return config_; }

    // The answer to a call that its headers condemn.
    std::optional<call_answer> refuse(const call_head& head);
    // As the configuration holds it; empty for a method that is not served.
    std::string_view find_path(std::string_view path) const noexcept;

    // A place among the calls in progress, from before the message comes until the answer is handed over.
    // Null when there are calls_max; the call is to be answered with busy().
    class seat;
    std::shared_ptr<seat> find_seat();
    call_answer busy() const { return busy_; }

    // Bytes of messages on their way in. False, and nothing is counted, over transport_bytes_max.
    bool hold_bytes(std::size_t bytes);
    void release_bytes(std::size_t bytes) noexcept { bytes_.add(-static_cast<std::int64_t>(bytes)); }

    // Ends in exactly one call of `done`, whatever the handler does.
    void handle(call_message message, const call_done& done);

    void count_unread() noexcept { unread_.add(); }
    void count_broken() noexcept { broken_.add(); }
    void count_flood() noexcept { floods_.add(); }
    void count_stalled() noexcept { stalled_.add(); }
    void count_refused_connection() noexcept { refused_connections_.add(); }
    gauge& connections() noexcept { return connections_; }

    // Until no call is in progress.
    void wait_for_calls();

private:
    void leave() noexcept;

    const grpc_server_config config_;
    const call_handler handler_;
    const call_answer busy_;
    counter& unread_;
    counter& refused_calls_;
    counter& unknown_;
    counter& unauthenticated_;
    counter& broken_;
    counter& floods_;
    counter& stalled_;
    counter& refused_connections_;
    gauge& connections_;
    gauge& calls_;
    gauge& bytes_;
    std::mutex mutex_;
    std::condition_variable left_;
    std::size_t seats_taken_ = 0;
};

class call_service::seat {
public:
    explicit seat(call_service& service) : service_(service) {}
    ~seat() { leave(); }
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;

    // Idempotent.
    void leave() noexcept
    {
        if (!left_.exchange(true))
            service_.leave();
    }

private:
    call_service& service_;
    std::atomic<bool> left_{false};
};

}  // namespace reprise::rpc
