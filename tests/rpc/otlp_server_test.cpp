#include "reprise/rpc/grpc_server.hpp"

#include "rpc/generic_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace reprise::rpc {
namespace {

using namespace std::chrono_literals;
using test::generic_client;
using test::silent_call;

// Answers with what it was sent.
void echo(call_message message, call_done done)
{
    done({0, {}, std::move(message.bytes)});
}

class otlp_server_test : public testing::Test {
protected:
    grpc_server_config config = make_config();
    metrics counts;
    std::unique_ptr<grpc_server> server;

    static grpc_server_config make_config()
    {
        grpc_server_config made;
        made.listen = "127.0.0.1:0";
        return made;
    }

    generic_client serve(call_handler handler)
    {
        server = grpc_server::start(config, std::move(handler), counts).value();
        return generic_client(server->port());
    }

    std::uint64_t refused(std::string_view reason)
    {
        return counts.add_counter("reprise_rpc_refused_total", "", "reason=\"" + std::string(reason) + "\"").value();
    }
};

TEST_F(otlp_server_test, hands_the_bytes_over_and_the_answer_back)
{
    std::string seen_path;
    std::string seen_peer;
    auto client = serve([&](call_message message, call_done done) {
        seen_path = message.path;
        seen_peer = message.peer;
        done({0, {}, "got " + message.bytes});
    });

    const auto end = client.call(logs_export_path, "three logs");

    EXPECT_TRUE(end.status.ok()) << end.status.error_message();
    EXPECT_EQ(end.body, "got three logs");
    EXPECT_EQ(seen_path, logs_export_path);
    EXPECT_EQ(seen_peer, "127.0.0.1");
}

TEST_F(otlp_server_test, an_empty_message_is_a_message)
{
    std::atomic<int> calls{0};
    auto client = serve([&](call_message message, call_done done) {
        calls += message.bytes.empty() ? 1 : 100;
        done({});
    });

    EXPECT_TRUE(client.call(trace_export_path, "").status.ok());
    EXPECT_EQ(calls, 1);
}

TEST_F(otlp_server_test, a_message_of_many_pieces_arrives_whole)
{
    std::string large;
    for (int i = 0; large.size() < 5'000'000; ++i)
        large += std::to_string(i);
    bool equal = false;
    auto client = serve([&](call_message message, call_done done) {
        equal = message.bytes == large;
        done({});
    });

    EXPECT_TRUE(client.call(logs_export_path, large).status.ok());
    EXPECT_TRUE(equal);
}

TEST_F(otlp_server_test, an_error_carries_code_message_and_details)
{
    auto client = serve([](call_message, call_done done) {
        done({3, "field 2 is cut off", std::string("status\0bytes", 12)});
    });

    const auto end = client.call(logs_export_path, "x");

    EXPECT_EQ(end.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(end.status.error_message(), "field 2 is cut off");
    EXPECT_EQ(end.status.error_details(), std::string("status\0bytes", 12));
}

TEST_F(otlp_server_test, other_methods_are_unimplemented_and_counted)
{
    auto client = serve(echo);

    const auto profiles =
        client.call("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", "x").status;
    const auto other = client.call("/a.b.C/D", "x").status;

    EXPECT_EQ(profiles.error_code(), grpc::StatusCode::UNIMPLEMENTED);
    EXPECT_NE(profiles.error_message().find("MetricsService"), std::string::npos);
    EXPECT_EQ(other.error_code(), grpc::StatusCode::UNIMPLEMENTED);
    EXPECT_EQ(refused("unknown_method"), 2U);
}

TEST_F(otlp_server_test, a_message_over_the_limit_is_refused_for_good)
{
    config.message_bytes_max = 1000;
    std::atomic<int> calls{0};
    auto client = serve([&](call_message, call_done done) {
        ++calls;
        done({});
    });

    const auto at_limit = client.call(logs_export_path, std::string(1000, 'x')).status;
    const auto over = client.call(logs_export_path, std::string(1001, 'x')).status;

    EXPECT_TRUE(at_limit.ok());
    EXPECT_EQ(over.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_TRUE(over.error_details().empty());  // No RetryInfo: sending it again will not help.
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(refused("unread"), 1U);
}

TEST_F(otlp_server_test, a_compressed_message_arrives_as_it_was_sent)
{
    std::string seen;
    auto client = serve([&](call_message message, call_done done) {
        seen = std::move(message.bytes);
        done({});
    });

    const auto end = client.call(logs_export_path, std::string(100'000, 'x'), GRPC_COMPRESS_GZIP);

    EXPECT_TRUE(end.status.ok()) << end.status.error_message();
    EXPECT_LT(seen.size(), 1000U);
    EXPECT_EQ(seen.substr(0, 2), "\x1f\x8b");
}

TEST_F(otlp_server_test, deflate_is_not_taken)
{
    auto client = serve(echo);

    const auto end = client.call(logs_export_path, std::string(100'000, 'x'), GRPC_COMPRESS_DEFLATE);

    EXPECT_EQ(end.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(otlp_server_test, a_call_without_a_message_is_told_so)
{
    auto client = serve(echo);
    silent_call call(client, logs_export_path);

    call.end_without_message();
    const auto status = call.wait();

    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(refused("unread"), 1U);
}

TEST_F(otlp_server_test, a_message_that_never_comes_ends_the_call)
{
    config.receive_timeout = 20ms;
    auto client = serve(echo);
    silent_call call(client, logs_export_path);

    const auto status = call.wait();

    EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
    EXPECT_TRUE(client.call(logs_export_path, "x").status.ok());
}

TEST_F(otlp_server_test, calls_over_the_limit_are_asked_to_come_back)
{
    config.calls_max = 1;
    std::latch inside(1);
    std::latch go_on(1);
    auto client = serve([&](call_message, call_done done) {
        inside.count_down();
        go_on.wait();
        done({});
    });
    const auto first = client.start(logs_export_path, "1");
    inside.wait();

    const auto second = client.call(logs_export_path, "2").status;
    go_on.count_down();

    EXPECT_EQ(second.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_NE(second.error_details().find("google.rpc.RetryInfo"), std::string::npos);
    EXPECT_TRUE(first->get().status.ok());
    EXPECT_EQ(refused("calls"), 1U);
}

TEST_F(otlp_server_test, serves_two_hundred_calls_at_once)
{
    auto client = serve(echo);
    std::vector<std::unique_ptr<test::sent_call>> calls;
    for (int i = 0; i < 200; ++i)
        calls.push_back(client.start(trace_export_path, "call " + std::to_string(i)));

    for (int i = 0; i < 200; ++i) {
        const auto end = calls[static_cast<std::size_t>(i)]->get();
        EXPECT_TRUE(end.status.ok()) << end.status.error_message();
        EXPECT_EQ(end.body, "call " + std::to_string(i));
    }
}

TEST_F(otlp_server_test, an_exception_is_answered_and_the_server_lives)
{
    auto client = serve([](call_message message, call_done done) {
        if (message.bytes == "bad")
            throw std::runtime_error("secret detail");
        done({});
    });

    const auto status = client.call(logs_export_path, "bad").status;

    EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
    EXPECT_TRUE(client.call(logs_export_path, "good").status.ok());
}

TEST_F(otlp_server_test, an_answer_may_come_later_from_another_thread)
{
    std::promise<call_done> handed_over;
    auto client = serve([&](call_message, call_done done) { handed_over.set_value(std::move(done)); });
    const auto call = client.start(logs_export_path, "x");
    const call_done done = handed_over.get_future().get();

    std::thread([&done] { done({0, {}, "late"}); }).join();

    EXPECT_EQ(call->get().body, "late");
}

TEST_F(otlp_server_test, stop_waits_for_an_answer_that_comes_later)
{
    std::promise<call_done> handed_over;
    auto client = serve([&](call_message, call_done done) { handed_over.set_value(std::move(done)); });
    const auto call = client.start(logs_export_path, "x");
    const call_done done = handed_over.get_future().get();

    auto stopped = std::async(std::launch::async, [&] { server->stop(30s); });
    done({0, {}, "late"});
    stopped.get();

    EXPECT_EQ(call->get().body, "late");
}

TEST_F(otlp_server_test, a_taken_port_is_told)
{
    serve(echo);
    grpc_server_config second = config;
    second.listen = "127.0.0.1:" + std::to_string(server->port());

    const auto started = grpc_server::start(second, echo, counts);

    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), errc::address_in_use);
    EXPECT_NE(started.error().message().find("taken"), std::string::npos);
}

TEST_F(otlp_server_test, stop_waits_for_the_handler_and_frees_the_port)
{
    std::latch inside(1);
    std::latch go_on(1);
    auto client = serve([&](call_message, call_done done) {
        inside.count_down();
        go_on.wait();
        done({});
    });
    const auto call = client.start(logs_export_path, "x");
    inside.wait();

    auto stopped = std::async(std::launch::async, [&] { server->stop(30s); });
    go_on.count_down();
    stopped.get();

    EXPECT_TRUE(call->get().status.ok());
    config.listen = "127.0.0.1:" + std::to_string(server->port());
    EXPECT_TRUE(grpc_server::start(config, echo, counts));
}

TEST_F(otlp_server_test, stop_cuts_off_a_call_that_says_nothing)
{
    auto client = serve(echo);
    silent_call call(client, logs_export_path);
    EXPECT_TRUE(client.call(logs_export_path, "x").status.ok());

    server->stop(10ms);

    EXPECT_FALSE(call.wait().ok());
}

}  // namespace
}  // namespace reprise::rpc
