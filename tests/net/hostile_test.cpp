#include "running_server.hpp"
#include "support/raw_http.hpp"

#include <gtest/gtest.h>

#include <string>

// Requests that try to be two requests, or to never end.
namespace reprise::net {
namespace {

using reprise::test::raw_client;
using test::running_server;
using namespace std::chrono_literals;

const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";

struct hostile_case {
    std::string name;
    std::string bytes;
    int status = 400;
};

class server_is_not_fooled : public testing::TestWithParam<hostile_case> {};

// One answer, and the connection ends: nothing behind it is taken for a request of its own.
TEST_P(server_is_not_fooled, and_answers_once)
{
    running_server on;
    raw_client client(on.port());

    client.send(GetParam().bytes + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(client.receive().status, GetParam().status);
    client.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send);
    EXPECT_EQ(client.receive().status, 0);
}

std::string many_headers(int count)
{
    std::string headers;
    for (int i = 0; i < count; ++i)
        headers += "X" + std::to_string(i) + ": y\r\n";
    return headers;
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    server_is_not_fooled,
    testing::Values(
        hostile_case{"length_then_chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        hostile_case{"chunks_then_length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
        hostile_case{"chunked_twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501},
        hostile_case{"chunked_and_identity",
                     post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
        hostile_case{"vertical_tab_in_coding", post + "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n"},
        hostile_case{"space_before_colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
        hostile_case{"plus_before_length", post + "Content-Length: +3\r\n\r\nabc"},
        hostile_case{"lengths_in_a_list", post + "Content-Length: 3, 4\r\n\r\nabc"},
        hostile_case{"length_in_hex", post + "Content-Length: 0x3\r\n\r\nabc"},
        hostile_case{"bare_line_feeds", "POST /echo HTTP/1.1\nHost: a\nContent-Length: 0\n\n"},
        hostile_case{"bare_line_feed_in_header", post + "A: b\nContent-Length: 0\r\n\r\n"},
        hostile_case{"carriage_return_in_header", post + "A: b\rC: d\r\nContent-Length: 0\r\n\r\n"},
        hostile_case{"nul_in_header", post + "A: b" + std::string(1, '\0') + "c\r\nContent-Length: 0\r\n\r\n"},
        hostile_case{"chunk_size_beyond_64_bits", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"},
        hostile_case{"negative_chunk", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc"},
        hostile_case{"chunk_without_end", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n"},
        hostile_case{"header_of_64_kib", post + "A: " + std::string(64 * 1024, 'x') + "\r\n\r\n", 431},
        hostile_case{"ten_thousand_headers", post + many_headers(10'000) + "\r\n", 431},
        hostile_case{"endless_trailers",
                     post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + many_headers(20'000) + "\r\n"},
        hostile_case{"endless_chunk_extension",
                     post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x') + "\r\na\r\n0\r\n\r\n"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(hostile, a_folded_header_is_one_value_not_two_headers)
{
    running_server on;
    raw_client client(on.port());

    client.send(post + "A: b\r\n Content-Length: 99\r\nContent-Length: 3\r\n\r\nabc");

    EXPECT_EQ(client.receive().body, "abc");
}

TEST(hostile, a_chunked_body_of_single_bytes_is_taken_within_its_limit)
{
    running_server on;
    raw_client client(on.port());
    std::string chunks;
    for (int i = 0; i < 5000; ++i)
        chunks += "1\r\nx\r\n";

    client.send(post + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n");

    EXPECT_EQ(client.receive().body, std::string(5000, 'x'));
}

TEST(hostile, a_refusal_is_worded_by_the_routers_form)
{
    server_config config;
    running_server on(config, [](router& routes) {
        running_server::add_default_routes(routes);
        routes.set_refusal_form([](const request&, int status, std::string_view code, std::string_view) {
            return response(status, "text/plain", "refused: " + std::string(code));
        });
    });
    raw_client client(on.port());

    client.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\nDELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.receive().body, "refused: not_found");
    const auto not_allowed = client.receive();
    EXPECT_EQ(not_allowed.body, "refused: method_not_allowed");
    EXPECT_EQ(not_allowed.header("allow"), "GET, HEAD");

    client.send("GET /fault HTTP/1.1\r\nHost: a\r\n\r\n" + post + "Content-Length: 65537\r\n\r\n");
    EXPECT_EQ(client.receive().body, "refused: internal");
    EXPECT_EQ(client.receive().body, "refused: body_too_large");

    raw_client other(on.port());
    other.send("no http\r\n\r\n");
    EXPECT_EQ(other.receive().body, "refused: bad_request");
}

}  // namespace
}  // namespace reprise::net
