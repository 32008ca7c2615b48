#include "reprise/net/websocket.hpp"

#include "running_server.hpp"
#include "support/raw_http.hpp"
#include "support/raw_websocket.hpp"

#include <gtest/gtest.h>

namespace reprise::net {
namespace {

using reprise::test::raw_client;
using reprise::test::raw_frame;
using reprise::test::raw_websocket;
using test::running_server;
using namespace std::chrono_literals;

boost::asio::awaitable<std::optional<response>> check(request& req)
{
    if (req.find_query("deny"))
        co_return problem(req, 403, "cross_origin", "No.");
    co_return std::nullopt;
}

boost::asio::awaitable<void> echo(request&, websocket& socket)
{
    for (;;) {
        const auto text = co_await socket.read();
        if (!text)
            co_return;
        if (*text == "bye") {
            co_await socket.close(close_code::slow_consumer, "as you wish");
            co_return;
        }
        const auto written = co_await socket.write(*text);
        if (!written)
            co_return;
    }
}

void add_echo(router& routes)
{
    running_server::add_default_routes(routes);
    routes.add_websocket("/ws", check, echo);
}

TEST(websocket, echoes_messages)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");
    ASSERT_EQ(client.status(), 101);

    client.send_text("hello");
    EXPECT_EQ(client.receive().text, "hello");
    client.send_text("");
    EXPECT_EQ(client.receive().text, "");
    client.send_text(std::string(60'000, 'x'));
    EXPECT_EQ(client.receive().text.size(), 60'000U);
}

TEST(websocket, answers_pings)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");

    client.send_frame(0x9, "are you there");

    const raw_frame pong = client.receive();
    EXPECT_EQ(pong.opcode, 0xA);
    EXPECT_EQ(pong.text, "are you there");
}

TEST(websocket, closes_with_the_code_of_the_handler)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");

    client.send_text("bye");

    EXPECT_EQ(client.receive().close_code, close_code::slow_consumer);
}

TEST(websocket, a_message_over_the_limit_ends_the_connection)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");

    client.send_text(std::string(64 * 1024 + 1, 'x'));

    EXPECT_EQ(client.receive().close_code, 1009);
}

TEST(websocket, binary_messages_end_the_conversation)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");

    client.send_frame(0x2, "bytes");

    EXPECT_EQ(client.receive().close_code, close_code::normal);
}

TEST(websocket, broken_frames_end_the_connection)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");

    client.send_raw(std::string("\xF1\x80\x00\x00\x00\x00", 6));  // Reserved bits set.

    EXPECT_EQ(client.receive().close_code, 1002);
}

TEST(websocket, a_check_can_refuse_the_upgrade)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws?deny=1");
    EXPECT_EQ(client.status(), 403);
}

TEST(websocket, a_plain_request_is_told_to_upgrade)
{
    running_server on({}, add_echo);
    raw_client client(on.port());
    client.send("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");

    const auto answer = client.receive();

    EXPECT_EQ(answer.status, 426);
    EXPECT_EQ(answer.header("upgrade"), "websocket");
}

TEST(websocket, a_silent_peer_is_pinged_and_then_dropped)
{
    server_config config;
    config.websocket.idle = 200ms;
    running_server on(config, add_echo);
    raw_websocket client(on.port(), "/ws");

    EXPECT_EQ(client.receive().opcode, 0x9);
    while (client.receive().opcode != raw_frame::lost) {
    }
    EXPECT_TRUE(on.stop());
}

TEST(websocket, stop_says_restart)
{
    running_server on({}, add_echo);
    raw_websocket client(on.port(), "/ws");
    client.send_text("x");
    EXPECT_EQ(client.receive().text, "x");
    client.answer_close_in_background();

    EXPECT_TRUE(on.stop());
    EXPECT_EQ(client.background_close_code(), close_code::restart);
}

}  // namespace
}  // namespace reprise::net
