#pragma once

#include "call_board.hpp"
#include "reprise/rpc/otlp_server.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <string>
#include <string_view>

namespace reprise::rpc {

// Ends a call with `why` before its message is read. Deletes itself.
class refused_call final : public grpc::ServerGenericBidiReactor {
public:
    explicit refused_call(const grpc::Status& why) { Finish(why); }
    void OnDone() override { delete this; }
};

// One unary call on gRPC's generic interface: reads one message, hands its bytes to the handler,
// writes the answer when it comes. Has a place on the board from before its birth to OnDone. Deletes itself.
class export_call final : public grpc::ServerGenericBidiReactor, private waiting_call {
public:
    // `path` must be one of the constants in otlp_server.hpp.
    export_call(
        call_board& board, const export_handler& handler, counter& unread,
        grpc::GenericCallbackServerContext& context, std::string_view path
    );

    void OnReadDone(bool ok) override;
    void OnDone() override;

private:
    ~export_call() override = default;

    void hold() noexcept override { holds_.fetch_add(1, std::memory_order_relaxed); }
    void release() override;
    void give_up() override { context_.TryCancel(); }

    void hand_over();
    void answer(export_answer given);
    void finish();

    call_board& board_;
    const export_handler& handler_;
    counter& unread_;
    grpc::GenericCallbackServerContext& context_;
    const std::string_view path_;
    // Finish() is what lets gRPC take the context away, so whoever still uses it holds the call. The
    // first hold is let go with the answer.
    std::atomic<int> holds_{1};
    call_board::seat seat_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
    grpc::Status status_;
};

}  // namespace reprise::rpc
