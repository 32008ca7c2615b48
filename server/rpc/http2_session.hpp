#pragma once

#include "call_service.hpp"
#include "message_assembly.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct nghttp2_session;

namespace reprise::rpc {

using time_point = std::chrono::steady_clock::time_point;

// A message that is whole, and whom to answer.
struct arrived_call {
    std::int32_t stream;
    std::shared_ptr<call_service::seat> seat;
    std::string_view path;
    std::string bytes;
};

// One connection's HTTP/2 and gRPC, without its socket: bytes in, messages and bytes out. nghttp2 speaks the
// protocol; what is gRPC and what bounds a peer is here. One thread at a time.
class http2_session {
public:
    using message_handler = std::function<void(arrived_call)>;

    // `on_message` is called from within receive() and must not call back. The service outlives the session.
    http2_session(call_service& service, message_handler on_message, time_point now);
    ~http2_session();
    http2_session(const http2_session&) = delete;
    http2_session& operator=(const http2_session&) = delete;

    // False: what is still to be sent is the last word, and the connection ends after it.
    bool receive(std::string_view bytes, time_point now);

    // Appends what is to be sent next, at most about send_bytes_max; nothing when there is nothing.
    void produce(std::string& out);

    // Nobody may be there any more to hear it.
    void answer(std::int32_t stream, call_answer given);

    // To be called about once a second. False when the peer has used up its time.
    bool tick(time_point now);

    // No new calls; those there are go on.
    void go_away();

    // Said and heard everything.
    bool done() const;
    bool idle() const noexcept { return calls_.empty(); }

private:
    struct call;
    struct callbacks;

    call* find(std::int32_t stream);
    void begin_call(call& one);
    bool may_begin(call& one);
    void add_data(call& one, std::string_view piece);
    void end_message(call& one);
    void conclude(call& one, call_answer reply);
    void refuse_form(call& one);
    void submit_answer(call& one);
    void submit_trailers(call& one);
    void count_control_frame();
    bool watch_calls();
    bool watch_peer();

    call_service& service_;
    const message_handler on_message_;
    nghttp2_session* session_ = nullptr;
    std::unordered_map<std::int32_t, std::unique_ptr<call>> calls_;
    time_point now_;
    const time_point born_;
    time_point heard_;                         // The last bytes.
    time_point last_call_;
    std::optional<time_point> block_began_;    // A header block that has not ended.
    std::int32_t block_stream_ = 0;            // Whose it is, or was.
    std::optional<time_point> pinged_;
    std::optional<time_point> went_away_;
    time_point control_since_;
    std::size_t control_frames_ = 0;
    bool greeted_ = false;
    bool flooded_ = false;
};

}  // namespace reprise::rpc
