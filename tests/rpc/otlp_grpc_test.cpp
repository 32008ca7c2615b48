#include "rpc/otlp_fixture.hpp"

#include "ingest/peak_memory.hpp"

#include <sys/mman.h>

namespace reprise::rpc {
namespace {

using test::logs_request;
using test::spans_request;

class otlp_grpc_test : public test::otlp_fixture {};

TEST_F(otlp_grpc_test, takes_logs_spans_and_metrics)
{
    auto peer = client();

    const auto logs = peer.call(logs_export_path, logs_request(3));
    const auto spans = peer.call(trace_export_path, spans_request({"00f067aa0ba902b7"}));

    EXPECT_TRUE(logs.status.ok()) << logs.status.error_message();
    EXPECT_TRUE(logs.body.empty());
    EXPECT_TRUE(spans.status.ok()) << spans.status.error_message();
    EXPECT_EQ(stream.records(), 4U);
    const auto metrics = peer.call(metrics_export_path, test::metrics_request({"8"}), GRPC_COMPRESS_GZIP);
    EXPECT_TRUE(metrics.status.ok()) << metrics.status.error_message();
    EXPECT_TRUE(metrics.body.empty());
    EXPECT_EQ(stream.batches.back()->measured.at(0).calls, 8U);
}

TEST_F(otlp_grpc_test, takes_gzip_messages)
{
    auto peer = client();

    const auto end = peer.call(logs_export_path, logs_request(100), GRPC_COMPRESS_GZIP);

    EXPECT_TRUE(end.status.ok()) << end.status.error_message();
    EXPECT_EQ(stream.records(), 100U);
}

TEST_F(otlp_grpc_test, malformed_messages_are_refused_for_good_and_the_server_lives)
{
    auto peer = client();

    const auto bad = peer.call(trace_export_path, "no protobuf").status;
    const auto good = peer.call(trace_export_path, spans_request({"00f067aa0ba902b7"})).status;

    EXPECT_EQ(bad.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_FALSE(bad.error_message().empty());
    EXPECT_EQ(bad.error_details().substr(0, 2), std::string("\x08\x03"));  // google.rpc.Status.code.
    EXPECT_EQ(bad.error_details().find("RetryInfo"), std::string::npos);
    EXPECT_TRUE(good.ok());
}

TEST_F(otlp_grpc_test, overload_carries_retry_info)
{
    stream.full = true;
    auto peer = client();

    const auto status = peer.call(logs_export_path, logs_request(1)).status;

    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_NE(status.error_details().find("google.rpc.RetryInfo"), std::string::npos);
}

// Zeros that take no memory until somebody writes to them.
class zero_pages {
public:
    explicit zero_pages(std::size_t bytes)
        : bytes_(bytes), at_(mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    {
    }
    ~zero_pages() { munmap(at_, bytes_); }
    zero_pages(const zero_pages&) = delete;
    zero_pages& operator=(const zero_pages&) = delete;

    grpc::Slice slice() const { return {at_, bytes_, grpc::Slice::STATIC_SLICE}; }

private:
    std::size_t bytes_;
    void* at_;
};

TEST_F(otlp_grpc_test, a_thousandfold_bomb_is_refused_while_memory_stays_small)
{
    constexpr std::size_t bomb_bytes = 400U << 20;  // About 400 KiB on the wire.
    auto peer = client();
    ASSERT_TRUE(peer.call(logs_export_path, "").status.ok());
    const zero_pages zeros(bomb_bytes);
    const grpc::Slice slice = zeros.slice();
    const test::peak_memory peak;

    const auto status = test::sent_call(peer.stub(), logs_export_path, grpc::ByteBuffer(&slice, 1), GRPC_COMPRESS_GZIP)
                            .get()
                            .status;

    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_NE(status.error_message().find("when inflated"), std::string::npos) << status.error_message();
    EXPECT_EQ(status.error_details().find("RetryInfo"), std::string::npos);
    EXPECT_LT(peak.grown_bytes(), 2 * entrance.config().body_bytes_max * test::keeps_freed_factor);
    EXPECT_TRUE(stream.batches.empty());
}

TEST_F(otlp_grpc_test, two_hundred_calls_at_once_lose_nothing)
{
    auto peer = client();
    std::vector<std::unique_ptr<test::sent_call>> calls;
    for (int i = 0; i < 200; ++i)
        calls.push_back(peer.start(logs_export_path, logs_request(20)));

    for (const auto& call : calls) {
        const auto status = call->get().status;
        EXPECT_TRUE(status.ok()) << status.error_message();
    }
    EXPECT_EQ(stream.records(), 4000U);
}

}  // namespace
}  // namespace reprise::rpc
