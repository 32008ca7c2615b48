#include "reprise/ingest/otlp_routes.hpp"

#include "ingest/requests.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace reprise::ingest {
namespace {

namespace asio = boost::asio;
using test::logs_request;

constexpr std::string_view protobuf = "application/x-protobuf";
constexpr std::string_view json = "application/json";

// A real OTLP/HTTP listener and a real client.
class otlp_routes_test : public testing::Test {
protected:
    test::remembering_intake stream;
    metrics counts;
    door_config config = make_config();
    asio::thread_pool pool{2};
    asio::thread_pool cpu_pool{1};
    system_clock time;
    door entrance{config, stream, counts};
    net::router routes;
    std::unique_ptr<net::server> server;
    net::http_client client{net::target_guard::allow_all(), {}};

    static door_config make_config()
    {
        door_config made;
        made.body_bytes_max = 300'000;
        return made;
    }

    void SetUp() override
    {
        add_otlp_routes(routes, entrance, cpu_pool.get_executor());
        net::server_config listen;
        listen.name = "otlp";
        server = std::make_unique<net::server>(pool.get_executor(), listen, routes, time, counts);
        ASSERT_TRUE(server->listen());
        server->start();
    }

    void TearDown() override
    {
        client.close_idle();
        server->stop();
        const bool drained = wait(server->drain(std::chrono::seconds(10)));
        EXPECT_TRUE(drained);
        pool.join();
    }

    template <class T>
    T wait(asio::awaitable<T> work)
    {
        return asio::co_spawn(pool, std::move(work), asio::use_future).get();
    }

    net::client_response send(std::string method, std::string path, net::header_list headers, std::string body)
    {
        const std::string text = "http://127.0.0.1:" + std::to_string(server->port()) + path;
        net::client_request request(std::move(method), net::parse_url(text).value());
        request.headers = std::move(headers);
        request.body = std::move(body);
        return wait(client.send(std::move(request))).value();
    }

    net::client_response post(
        std::string path, std::string_view type, std::string body, std::string_view content = {}
    )
    {
        net::header_list headers{{"Content-Type", std::string(type)}};
        if (!content.empty())
            headers.emplace_back("Content-Encoding", std::string(content));
        return send("POST", std::move(path), std::move(headers), std::move(body));
    }

    static std::string_view type_of(const net::client_response& reply)
    {
        return net::find_header(reply.headers, "content-type");
    }
};

TEST_F(otlp_routes_test, takes_logs_as_protobuf_and_answers_protobuf)
{
    const auto reply = post("/v1/logs", protobuf, logs_request(3));

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(type_of(reply), protobuf);
    EXPECT_TRUE(reply.body.empty());
    EXPECT_EQ(stream.records(), 3U);
}

TEST_F(otlp_routes_test, takes_traces_as_json_and_answers_json)
{
    const auto reply = post("/v1/traces", "application/json; charset=utf-8", test::spans_json({"00f067aa0ba902b7"}));

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(type_of(reply), json);
    EXPECT_EQ(reply.body, "{}");
    EXPECT_EQ(stream.records(), 1U);
}

TEST_F(otlp_routes_test, a_large_body_is_decoded_on_the_other_pool_with_the_same_result)
{
    const std::string body = logs_request(400);
    ASSERT_GT(body.size(), inline_body_bytes_max);

    EXPECT_EQ(post("/v1/logs", protobuf, body).status, 200);
    EXPECT_EQ(stream.records(), 400U);
}

TEST_F(otlp_routes_test, takes_gzip)
{
    EXPECT_EQ(post("/v1/logs", protobuf, test::gzip(logs_request(5)), "gzip").status, 200);
    EXPECT_EQ(stream.records(), 5U);
}

TEST_F(otlp_routes_test, malformed_bodies_get_a_status_in_their_encoding)
{
    const auto binary = post("/v1/logs", protobuf, "no protobuf");
    const auto text = post("/v1/traces", json, "{]");

    EXPECT_EQ(binary.status, 400);
    EXPECT_EQ(type_of(binary), protobuf);
    EXPECT_EQ(binary.body.substr(0, 2), std::string("\x08\x03"));  // google.rpc.Status.code = INVALID_ARGUMENT.
    EXPECT_EQ(text.status, 400);
    EXPECT_EQ(type_of(text), json);
    EXPECT_NE(text.body.find("\"code\":3"), std::string::npos);
}

TEST_F(otlp_routes_test, overload_says_when_to_come_back)
{
    stream.full = true;

    const auto reply = post("/v1/logs", json, R"({"resourceLogs":[]})");
    const auto refused = post("/v1/logs", protobuf, logs_request(1));

    EXPECT_EQ(reply.status, 200);  // Nothing in it, nothing to wait for.
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(net::find_header(refused.headers, "retry-after"), "1");
    EXPECT_NE(refused.body.find("google.rpc.RetryInfo"), std::string::npos);
}

TEST_F(otlp_routes_test, a_body_over_the_limit_gets_a_status_before_it_is_read)
{
    const auto reply = post("/v1/logs", protobuf, std::string(300'001, 'x'));

    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(type_of(reply), protobuf);
    EXPECT_EQ(reply.body.substr(0, 2), std::string("\x08\x08"));  // RESOURCE_EXHAUSTED.
    EXPECT_EQ(reply.body.find("RetryInfo"), std::string::npos);
}

TEST_F(otlp_routes_test, unknown_types_and_encodings_are_415)
{
    const auto type = post("/v1/logs", "text/plain", "x");
    const auto none = send("POST", "/v1/logs", {}, "x");
    const auto content = post("/v1/traces", protobuf, "x", "zstd");

    EXPECT_EQ(type.status, 415);
    EXPECT_NE(type.body.find("application/x-protobuf"), std::string::npos);
    EXPECT_EQ(none.status, 415);
    EXPECT_EQ(content.status, 415);
    EXPECT_EQ(type_of(content), protobuf);
    EXPECT_EQ(net::find_header(content.headers, "accept-encoding"), "gzip");
}

TEST_F(otlp_routes_test, metrics_are_404_and_told_why)
{
    const auto reply = post("/v1/metrics", json, "{}");

    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(type_of(reply), json);
    EXPECT_NE(reply.body.find("metrics are not taken"), std::string::npos);
}

TEST_F(otlp_routes_test, other_methods_are_405)
{
    const auto reply = send("GET", "/v1/logs", {}, {});

    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(net::find_header(reply.headers, "allow"), "POST");
}

}  // namespace
}  // namespace reprise::ingest
