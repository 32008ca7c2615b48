#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::test {

struct call_end {
    grpc::Status status;
    std::string body;
};

inline grpc::ByteBuffer to_buffer(std::string_view bytes)
{
    const grpc::Slice slice(bytes.data(), bytes.size());
    return grpc::ByteBuffer(&slice, 1);
}

inline std::string to_text(const grpc::ByteBuffer& buffer)
{
    std::vector<grpc::Slice> slices;
    std::string text;
    if (buffer.Length() > 0 && buffer.Dump(&slices).ok()) {
        for (const grpc::Slice& slice : slices)
            text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return text;
}

// One unary call under way. Owns what gRPC points into, so it must be waited for.
class sent_call {
public:
    sent_call(
        grpc::GenericStub& stub, std::string_view path, grpc::ByteBuffer request,
        grpc_compression_algorithm compression, const std::string& authorization = {}
    )
        : request_(std::move(request))
    {
        if (!authorization.empty())
            context_.AddMetadata("authorization", authorization);
        context_.set_compression_algorithm(compression);
        context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        // The context must not die in the callback: with it the channel might, on gRPC's own thread.
        auto done = [this](const grpc::Status& status) { end_.set_value(status); };
        stub.UnaryCall(&context_, std::string(path), {}, &request_, &response_, done);
    }

    call_end get()
    {
        const grpc::Status status = end_.get_future().get();
        return {status, to_text(response_)};
    }

private:
    grpc::ClientContext context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
    std::promise<grpc::Status> end_;
};

// A gRPC client that knows no types: sends bytes, gets bytes.
class generic_client {
public:
    explicit generic_client(
        std::uint16_t port,
        const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials()
    )
        : channel_(grpc::CreateChannel("127.0.0.1:" + std::to_string(port), credentials)), stub_(channel_)
    {
    }

    std::unique_ptr<sent_call> start(
        std::string_view path, std::string_view bytes, grpc_compression_algorithm compression = GRPC_COMPRESS_NONE
    )
    {
        return std::make_unique<sent_call>(stub_, path, to_buffer(bytes), compression);
    }

    call_end call(
        std::string_view path, std::string_view bytes, grpc_compression_algorithm compression = GRPC_COMPRESS_NONE
    )
    {
        return start(path, bytes, compression)->get();
    }

    grpc::GenericStub& stub() { return stub_; }
    std::shared_ptr<grpc::Channel> channel() const { return channel_; }

private:
    std::shared_ptr<grpc::Channel> channel_;
    grpc::GenericStub stub_;
};

// A call that is opened and says nothing.
class silent_call final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
public:
    silent_call(generic_client& client, std::string_view path)
    {
        context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        client.stub().PrepareBidiStreamingCall(&context_, std::string(path), {}, this);
        StartRead(&response_);
        StartCall();
    }

    void end_without_message() { StartWritesDone(); }
    grpc::Status wait() { return end_.get_future().get(); }

    void OnDone(const grpc::Status& status) override { end_.set_value(status); }

private:
    grpc::ClientContext context_;
    grpc::ByteBuffer response_;
    std::promise<grpc::Status> end_;
};

}  // namespace reprise::test
