#include "load_plan.hpp"
#include "load_tally.hpp"

#include "reprise/rpc/grpc_server.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <memory>
#include <string>

namespace reprise::bench {
namespace {

using steady = std::chrono::steady_clock;

struct grpc_call {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer response;
    grpc::Status status;
    load_times times;
    std::size_t payload = 0;
};

// Any bytes beyond an empty partial_success message.
bool says_partial(const grpc::ByteBuffer& response)
{
    return response.Valid() && response.Length() > 2;
}

class grpc_load {
public:
    grpc_load(const load_plan& plan, const std::vector<load_payload>& payloads, load_tally& tally)
        : plan_(plan), payloads_(payloads), schedule_(plan), tally_(tally), calls_(plan.in_flight)
    {
        for (const load_payload& payload : payloads_) {
            const grpc::Slice slice(payload.bytes);
            messages_.emplace_back(&slice, 1);
        }
        grpc::ChannelArguments arguments;
        // Else all channels to one address share one connection.
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        for (std::size_t i = 0; i < plan_.connections; ++i)
            stubs_.push_back(std::make_unique<grpc::GenericStub>(
                grpc::CreateCustomChannel(plan_.endpoint, grpc::InsecureChannelCredentials(), arguments)
            ));
        for (grpc_call& call : calls_)
            idle_.push_back(&call);
    }

    void run()
    {
        for (;;) {
            start_due();
            if (idle_.size() == calls_.size() && !has_next())
                return;
            await_one();
        }
    }

private:
    std::int64_t now_ns() const
    {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now() - start_).count();
    }

    bool has_next() const { return now_ns() < schedule_.duration_ns() && schedule_.due_ns(next_).has_value(); }

    void start_due()
    {
        while (!idle_.empty() && has_next()) {
            const std::int64_t now = now_ns();
            const std::int64_t due = schedule_.has_rate() ? *schedule_.due_ns(next_) : now;
            if (due > now)
                return;
            grpc_call* call = idle_.back();
            idle_.pop_back();
            call->times = {due, now, 0};
            start(*call);
        }
    }

    void start(grpc_call& call)
    {
        call.payload = next_ % payloads_.size();
        call.reader.reset();
        call.context = std::make_unique<grpc::ClientContext>();
        call.context->set_deadline(std::chrono::system_clock::now() + plan_.answer_timeout);
        if (plan_.gzip)
            call.context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
        for (const auto& [name, value] : plan_.headers)
            call.context->AddMetadata(name, value);
        const std::string path(payloads_[call.payload].is_logs ? rpc::logs_export_path : rpc::trace_export_path);
        grpc::GenericStub& stub = *stubs_[next_++ % stubs_.size()];
        call.reader = stub.PrepareUnaryCall(call.context.get(), path, messages_[call.payload], &queue_);
        call.reader->StartCall();
        call.reader->Finish(&call.response, &call.status, &call);
    }

    // Until an answer comes or the next request is due, whichever is first.
    void await_one()
    {
        void* tag = nullptr;
        bool ok = false;
        const auto due = schedule_.has_rate() && !idle_.empty() ? schedule_.due_ns(next_) : std::nullopt;
        if (!due) {
            queue_.Next(&tag, &ok);
        } else {
            const auto wait = std::chrono::nanoseconds(std::max<std::int64_t>(*due - now_ns(), 0));
            const auto deadline = std::chrono::system_clock::now() + wait;
            if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT)
                return;
        }
        grpc_call& call = *static_cast<grpc_call*>(tag);
        call.times.answered_ns = now_ns();
        count(call);
        idle_.push_back(&call);
    }

    void count(const grpc_call& call)
    {
        const load_payload& payload = payloads_[call.payload];
        tally_.add(answer_of(call.status), call.times, payload.records, payload.bytes.size());
        if (call.status.ok() && says_partial(call.response))
            tally_.add_partial();
        if (!call.status.ok())
            tally_.note_reason(call.status.error_message());
    }

    static load_answer answer_of(const grpc::Status& status)
    {
        switch (status.error_code()) {
        case grpc::StatusCode::OK: return load_answer::accepted;
        case grpc::StatusCode::RESOURCE_EXHAUSTED: return load_answer::overloaded;
        // gRPC itself says this when there is no connection, so it counts as no answer.
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::DEADLINE_EXCEEDED:
        case grpc::StatusCode::CANCELLED: return load_answer::failed;
        default: return load_answer::refused;
        }
    }

    const load_plan& plan_;
    const std::vector<load_payload>& payloads_;
    const load_schedule schedule_;
    load_tally& tally_;
    const steady::time_point start_ = steady::now();
    std::vector<grpc::ByteBuffer> messages_;
    std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
    grpc::CompletionQueue queue_;
    std::vector<grpc_call> calls_;
    std::vector<grpc_call*> idle_;
    std::uint64_t next_ = 0;
};

}  // namespace

void run_grpc_load(const load_plan& plan, const std::vector<load_payload>& payloads, load_tally& tally)
{
    grpc_load load(plan, payloads, tally);
    load.run();
}

}  // namespace reprise::bench
