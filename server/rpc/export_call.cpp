#include "export_call.hpp"

#include "peer_address.hpp"

#include "reprise/base/log.hpp"

#include <exception>
#include <new>
#include <utility>
#include <vector>

namespace reprise::rpc {
namespace {

// One piece, because the decoder points into it. Empties `buffer`, so that the bytes are not held twice.
std::string take_bytes(grpc::ByteBuffer& buffer)
{
    std::string bytes;
    std::vector<grpc::Slice> slices;
    if (buffer.Dump(&slices).ok()) {
        bytes.reserve(buffer.Length());
        for (const grpc::Slice& slice : slices)
            bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    buffer.Clear();
    return bytes;
}

export_answer fault(std::string_view path, const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
        return {static_cast<int>(grpc::StatusCode::UNAVAILABLE), "out of memory, try again later", {}};
    } catch (...) {
        log_exception(path, error);
        return {static_cast<int>(grpc::StatusCode::INTERNAL), "internal error, see the server's log", {}};
    }
}

}  // namespace

export_call::export_call(
    call_board& board, const export_handler& handler, counter& unread,
    grpc::GenericCallbackServerContext& context, std::string_view path
)
    : board_(board), handler_(handler), unread_(unread), context_(context), path_(path),
      seat_(board.sit_down(*this))
{
    StartRead(&request_);
}

void export_call::OnReadDone(bool ok)
{
    board_.stand_up(seat_);
    if (ok) {
        hand_over();
        return;
    }
    // Too large (gRPC has answered that itself), cancelled, too slow, or there was none.
    unread_.add();
    status_ = context_.IsCancelled()
                  ? grpc::Status(grpc::StatusCode::CANCELLED, "the message did not arrive whole in time")
                  : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the call carried no message");
    release();
}

void export_call::hand_over()
{
    // The answer may come and end the call while the handler still runs.
    hold();
    try {
        export_message message{path_, take_bytes(request_), address_of_peer(context_.peer())};
        handler_(std::move(message), [this](export_answer given) { answer(std::move(given)); });
    } catch (...) {
        answer(fault(path_, std::current_exception()));
    }
    release();
}

void export_call::answer(export_answer given)
{
    if (given.code == 0) {
        const grpc::Slice body(given.body);
        response_ = grpc::ByteBuffer(&body, 1);
    } else {
        // The third argument travels as grpc-status-details-bin.
        status_ = grpc::Status(static_cast<grpc::StatusCode>(given.code), given.message, given.body);
    }
    release();
}

void export_call::release()
{
    if (holds_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        finish();
}

void export_call::finish()
{
    if (status_.ok())
        StartWriteAndFinish(&response_, grpc::WriteOptions(), status_);
    else
        Finish(status_);
}

void export_call::OnDone()
{
    board_.leave();
    delete this;
}

}  // namespace reprise::rpc
