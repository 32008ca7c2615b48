#include "reprise/net/server.hpp"

#include "running_server.hpp"
#include "support/raw_http.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::net {
namespace {

using reprise::test::raw_answer;
using reprise::test::raw_client;
using test::running_server;
using namespace std::chrono_literals;

const std::string host = "Host: 127.0.0.1\r\n";

raw_answer ask(const running_server& on, const std::string& bytes)
{
    raw_client client(on.port());
    client.send(bytes);
    return client.receive();
}

TEST(server, answers_with_length_date_and_request_id)
{
    running_server on;

    const auto answer = ask(on, "GET /hello HTTP/1.1\r\n" + host + "\r\n");

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("content-length"), "5");
    EXPECT_EQ(answer.header("content-type"), "text/plain");
    EXPECT_EQ(answer.header("x-request-id").size(), 26U);
    EXPECT_TRUE(answer.header("date").ends_with(" GMT"));
}

TEST(server, adds_its_own_headers_to_every_answer_even_a_refusal)
{
    server_config config;
    config.headers = {{"Content-Security-Policy", "default-src 'none'"}};
    running_server on(config);

    for (const std::string target : {"/hello", "/nowhere", "/fault", "nonsense"}) {
        const auto answer = ask(on, "GET " + target + " HTTP/1.1\r\n" + host + "\r\n");
        EXPECT_EQ(answer.header("content-security-policy"), "default-src 'none'") << target;
    }
}

TEST(server, answers_pipelined_requests_in_order)
{
    running_server on;
    raw_client client(on.port());

    client.send(
        "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\none" +
        "GET /hello HTTP/1.1\r\n" + host + "\r\n" +
        "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n"
    );

    EXPECT_EQ(client.receive().body, "one");
    EXPECT_EQ(client.receive().body, "hello");
    EXPECT_EQ(client.receive().body, "three");
}

TEST(server, head_has_the_length_but_no_body)
{
    running_server on;
    raw_client client(on.port());

    client.send("HEAD /hello HTTP/1.1\r\n" + host + "\r\nGET /hello HTTP/1.1\r\n" + host + "\r\n");

    const auto head = client.receive(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "5");
    EXPECT_EQ(client.receive().body, "hello");
}

TEST(server, an_exception_becomes_a_problem_and_the_connection_lives)
{
    running_server on;
    raw_client client(on.port());

    client.send("GET /fault HTTP/1.1\r\n" + host + "\r\nGET /hello HTTP/1.1\r\n" + host + "\r\n");

    const auto fault = client.receive();
    EXPECT_EQ(fault.status, 500);
    EXPECT_EQ(fault.header("content-type"), "application/problem+json");
    EXPECT_NE(fault.body.find(fault.header("x-request-id")), std::string::npos);
    EXPECT_EQ(fault.body.find("a bug"), std::string::npos);
    EXPECT_EQ(client.receive().body, "hello");
}

struct refusal_case {
    std::string name;
    std::string bytes;
    int status;
};

class server_refuses : public testing::TestWithParam<refusal_case> {};

TEST_P(server_refuses, with_the_right_status)
{
    running_server on;
    EXPECT_EQ(ask(on, GetParam().bytes).status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    server_refuses,
    testing::Values(
        refusal_case{"unknown_path", "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        refusal_case{"wrong_method", "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405},
        refusal_case{"unknown_method", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        refusal_case{"no_host", "GET /hello HTTP/1.1\r\n\r\n", 400},
        refusal_case{"two_hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        refusal_case{"not_http", "\x16\x03\x01\x02\x00 hello\r\n\r\n", 400},
        refusal_case{"bare_line_feed", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
        refusal_case{"space_before_colon", "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        refusal_case{"broken_escape_in_path", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refusal_case{"broken_escape_in_query", "GET /hello?a=%1 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refusal_case{"absolute_form", "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refusal_case{
            "two_lengths",
            "POST /echo HTTP/1.1\r\nHost: a\r\n"
            "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            400},
        refusal_case{
            "length_and_chunks",
            "POST /echo HTTP/1.1\r\nHost: a\r\n"
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400},
        refusal_case{
            "chunks_and_length",
            "POST /echo HTTP/1.1\r\nHost: a\r\n"
            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            400},
        refusal_case{"negative_length", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        refusal_case{
            "huge_length",
            "POST /echo HTTP/1.1\r\nHost: a\r\n"
            "Content-Length: 99999999999999999999999\r\n\r\n",
            400},
        refusal_case{
            "unknown_coding",
            "POST /echo HTTP/1.1\r\nHost: a\r\n"
            "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            501},
        refusal_case{"announced_too_large", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413},
        refusal_case{
            "bad_chunk_size",
            "POST /echo HTTP/1.1\r\nHost: a\r\n"
            "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
            400},
        refusal_case{"long_header", "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", 431},
        refusal_case{"long_target", "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 431}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(server, names_the_allowed_methods)
{
    running_server on;
    EXPECT_EQ(ask(on, "DELETE /hello HTTP/1.1\r\n" + host + "\r\n").header("allow"), "GET, HEAD");
    const auto options = ask(on, "OPTIONS /echo HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.header("allow"), "POST");
}

TEST(server, stops_reading_chunks_at_the_limit_and_the_answer_arrives)
{
    running_server on;
    raw_client client(on.port());
    client.send("POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n");

    const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    for (int i = 0; i < 40 && client.send(chunk); ++i) {
    }

    EXPECT_EQ(client.receive().status, 413);
}

TEST(server, takes_a_body_of_exactly_the_limit)
{
    running_server on;
    const std::string body(64 * 1024, 'x');

    const auto answer = ask(on, "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 65536\r\n\r\n" + body);

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, body);
}

TEST(server, takes_a_large_body_where_the_route_allows_it)
{
    running_server on;
    const std::string body(3 * 1024 * 1024 + 17, 'x');

    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    const auto answer = ask(on, "POST /large HTTP/1.1\r\n" + host + length + body);

    EXPECT_EQ(answer.body, body);
}

TEST(server, a_body_shorter_than_its_length_gets_no_answer)
{
    running_server on;
    raw_client client(on.port());
    client.send("POST /echo HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\nabc");

    client.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send);

    EXPECT_TRUE(client.at_end());
}

TEST(server, says_continue_before_a_body_that_was_announced)
{
    running_server on;
    raw_client client(on.port());
    client.send("POST /echo HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");

    EXPECT_EQ(client.receive(true).status, 100);
    client.send("abc");
    EXPECT_EQ(client.receive().body, "abc");
}

TEST(server, refuses_an_announced_body_without_saying_continue)
{
    running_server on;
    raw_client client(on.port());
    client.send("POST /echo HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 999999\r\n\r\n");

    EXPECT_EQ(client.receive().status, 413);
    client.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send);
    EXPECT_TRUE(client.at_end());
}

TEST(server, gives_up_on_a_header_that_drips)
{
    server_config config;
    config.header = 150ms;
    running_server on(config);
    raw_client client(on.port());

    client.send("GET /hello HTT");

    EXPECT_TRUE(client.at_end());
}

TEST(server, gives_up_on_a_body_that_drips)
{
    server_config config;
    config.body = 150ms;
    running_server on(config);
    raw_client client(on.port());

    client.send("POST /echo HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\nab");

    EXPECT_TRUE(client.at_end());
}

TEST(server, gives_up_on_a_client_that_does_not_read)
{
    server_config config;
    config.write = 150ms;
    running_server on(config);
    raw_client client(on.port());
    client.send("GET /big HTTP/1.1\r\n" + host + "\r\n");

    // Nobody reads the 8 MiB; the session must end by itself, so that the stop below drains.
    EXPECT_TRUE(on.stop(5s));
}

TEST(server, closes_idle_connections)
{
    server_config config;
    config.idle = 100ms;
    running_server on(config);
    raw_client client(on.port());
    client.send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(client.receive().status, 200);

    EXPECT_TRUE(client.at_end());
}

TEST(server, beyond_sessions_max_a_connection_is_closed_and_idle_ones_make_room)
{
    server_config config;
    config.sessions_max = 2;
    running_server on(config);
    raw_client first(on.port());
    first.send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(first.receive().status, 200);
    raw_client second(on.port());
    second.send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(second.receive().status, 200);

    raw_client third(on.port());

    EXPECT_TRUE(third.at_end());
    EXPECT_TRUE(first.at_end());
    EXPECT_TRUE(second.at_end());
    EXPECT_NE(on.numbers().render().find("reprise_http_sessions_refused_total{server=\"http\"} 1"), std::string::npos);
}

TEST(server, refuses_bodies_beyond_the_sum_of_all)
{
    server_config config;
    config.bodies_bytes_max = 1024 * 1024;
    running_server on(config);

    const auto answer = ask(
        on, "POST /large HTTP/1.1\r\n" + host + "Content-Length: 4194304\r\n\r\n" + std::string(2 * 1024 * 1024, 'x')
    );

    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("retry-after"), "1");
    // What was claimed is given back.
    EXPECT_EQ(ask(on, "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nok").body, "ok");
}

TEST(server, http_1_0_closes_unless_asked_to_stay)
{
    running_server on;
    raw_client client(on.port());
    client.send("GET /hello HTTP/1.0\r\n\r\n");

    const auto answer = client.receive();

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST(server, stop_ends_idle_connections_and_drains)
{
    running_server on;
    raw_client used(on.port());
    used.send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(used.receive().status, 200);

    EXPECT_TRUE(on.stop());
    EXPECT_TRUE(used.at_end());
}

TEST(server, a_connection_that_never_said_a_word_does_not_hold_up_the_stop)
{
    running_server on;
    raw_client silent(on.port());
    raw_client used(on.port());
    used.send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(used.receive().status, 200);

    EXPECT_TRUE(on.stop(2s));
    EXPECT_TRUE(silent.at_end());
}

TEST(server, the_gate_sees_every_request_before_its_body)
{
    const auto fill = [](router& routes) {
        running_server::add_default_routes(routes);
        routes.set_gate([](const request& req) -> std::optional<response> {
            if (req.header("host") == "good")
                return std::nullopt;
            return problem(req, 421, "host_refused", "Not here.");
        });
    };
    running_server on({}, fill);

    EXPECT_EQ(ask(on, "GET /hello HTTP/1.1\r\nHost: good\r\n\r\n").status, 200);
    EXPECT_EQ(ask(on, "GET /hello HTTP/1.1\r\nHost: evil\r\n\r\n").status, 421);
    EXPECT_EQ(ask(on, "POST /large HTTP/1.1\r\nHost: evil\r\nContent-Length: 9999999\r\n\r\n").status, 421);
}

TEST(server, a_taken_port_is_an_error_value)
{
    running_server on;
    server_config config;
    config.port = on.port();
    router routes;
    system_clock time;
    metrics numbers;
    server second(on.io().executor(), config, routes, time, numbers);

    EXPECT_EQ(second.listen().error(), errc::address_in_use);
}

TEST(server, a_bad_address_is_an_error_value)
{
    reprise::test::io_threads io;
    server_config config;
    config.address = "not an address";
    router routes;
    system_clock time;
    metrics numbers;
    server one(io.executor(), config, routes, time, numbers);

    EXPECT_EQ(one.listen().error(), errc::listen_failed);
}

}  // namespace
}  // namespace reprise::net
