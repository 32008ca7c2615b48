#include "reprise/net/server.hpp"

#include "running_server.hpp"
#include "support/raw_http.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <stdexcept>
#include <string>

// Answers that are sent while they are made.
namespace reprise::net {
namespace {

using reprise::test::raw_client;
using test::running_server;
using namespace std::chrono_literals;
namespace asio = boost::asio;

using maybe_answer = std::optional<response>;

const std::string host = "Host: 127.0.0.1\r\n";
const std::string last = host + "Connection: close\r\n\r\n";

response text_head()
{
    return {200, "text/plain", std::string_view()};
}

asio::awaitable<maybe_answer> count_to_three(request& req, response_stream& out)
{
    if (req.find_query("refuse"))
        co_return response(422, "text/plain", std::string_view("no"));
    response head = text_head();
    co_await out.begin(std::move(head));
    for (const std::string_view line : {"one\n", "two\n", "", "three\n"}) {
        const auto sent = co_await out.write(line);
        if (!sent)
            break;
    }
    co_return std::nullopt;
}

asio::awaitable<maybe_answer> fail_half_way(request& req, response_stream& out)
{
    response head = text_head();
    co_await out.begin(std::move(head));
    co_await out.write("half\n");
    if (req.find_query("throw"))
        throw std::logic_error("a bug");
    out.give_up();
    co_return std::nullopt;
}

asio::awaitable<maybe_answer> fail_before(request&, response_stream&)
{
    throw std::logic_error("a bug");
    co_return std::nullopt;
}

asio::awaitable<maybe_answer> say_nothing(request&, response_stream&)
{
    co_return std::nullopt;
}

void add_routes(router& routes)
{
    running_server::add_default_routes(routes);
    routes.add_streaming("/count", count_to_three);
    routes.add_streaming("/half", fail_half_way);
    routes.add_streaming("/before", fail_before);
    routes.add_streaming("/nothing", say_nothing);
}

// All that comes until the connection ends.
std::string read_to_end(raw_client& client)
{
    std::string text;
    boost::system::error_code ended;
    asio::read(client.socket(), asio::dynamic_buffer(text), ended);
    return text;
}

std::string ask(const running_server& on, const std::string& bytes)
{
    raw_client client(on.port());
    client.send(bytes);
    return read_to_end(client);
}

std::string body_of(const std::string& answer)
{
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

const std::string three_chunks = "4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n\r\n";

TEST(streaming, sends_each_piece_as_a_chunk_and_ends_in_good_order)
{
    running_server on({}, add_routes);

    const std::string answer = ask(on, "GET /count HTTP/1.1\r\n" + last);

    EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_EQ(body_of(answer), three_chunks);
}

TEST(streaming, a_request_that_came_meanwhile_is_answered_next)
{
    running_server on({}, add_routes);

    const std::string answer =
        ask(on, "GET /count HTTP/1.1\r\n" + host + "\r\nGET /hello HTTP/1.1\r\n" + last);

    const auto second = answer.find(three_chunks + "HTTP/1.1 200 OK\r\n");
    ASSERT_NE(second, std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello"));
}

TEST(streaming, an_answer_instead_of_a_stream_has_a_length_and_keeps_the_connection)
{
    running_server on({}, add_routes);
    raw_client client(on.port());

    client.send("GET /count?refuse HTTP/1.1\r\n" + host + "\r\nGET /hello HTTP/1.1\r\n" + host + "\r\n");

    const auto refused = client.receive();
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.body, "no");
    EXPECT_EQ(client.receive().body, "hello");
}

TEST(streaming, http_1_0_gets_the_bytes_until_the_connection_ends)
{
    running_server on({}, add_routes);

    const std::string answer = ask(on, "GET /count HTTP/1.0\r\nConnection: keep-alive\r\n" + host + "\r\n");

    EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(body_of(answer), "one\ntwo\nthree\n");
}

TEST(streaming, head_gets_no_body_and_the_handler_is_told_that_nobody_reads)
{
    running_server on({}, add_routes);

    const std::string answer =
        ask(on, "HEAD /count HTTP/1.1\r\n" + host + "\r\nGET /hello HTTP/1.1\r\n" + last);

    EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("one"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello"));
}

TEST(streaming, a_body_that_breaks_off_has_no_end_mark)
{
    running_server on({}, add_routes);

    for (const std::string target : {"/half", "/half?throw"}) {
        const std::string answer = ask(on, "GET " + target + " HTTP/1.1\r\n" + host + "\r\n");
        EXPECT_EQ(body_of(answer), "5\r\nhalf\n\r\n") << target;
    }
}

TEST(streaming, a_handler_that_fails_before_the_beginning_is_a_500)
{
    running_server on({}, add_routes);

    for (const std::string target : {"/before", "/nothing"}) {
        raw_client client(on.port());
        client.send("GET " + target + " HTTP/1.1\r\n" + host + "\r\n");
        EXPECT_EQ(client.receive().status, 500) << target;
    }
}

// A handler that waits, or writes, until something ends it, and says what did.
struct endless {
    std::promise<void> begun;
    std::promise<std::string> ended;

    asio::awaitable<maybe_answer> wait(request&, response_stream& out)
    {
        response head = text_head();
        co_await out.begin(std::move(head));
        begun.set_value();
        asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        boost::system::error_code ec;
        co_await never.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        ended.set_value("cancelled");
        co_return std::nullopt;
    }

    asio::awaitable<maybe_answer> write(request&, response_stream& out)
    {
        response head = text_head();
        co_await out.begin(std::move(head));
        const std::string piece(1024 * 1024, 'x');
        for (;;) {
            const auto sent = co_await out.write(piece);
            if (sent)
                continue;
            ended.set_value(sent.error().message());
            co_return std::nullopt;
        }
    }
};

std::string end_of(endless& one)
{
    auto ended = one.ended.get_future();
    return ended.wait_for(10s) == std::future_status::ready ? ended.get() : "never";
}

TEST(streaming, the_handler_is_cancelled_when_the_peer_leaves)
{
    endless one;
    running_server on({}, [&one](router& routes) {
        routes.add_streaming("/wait", [&one](request& req, response_stream& out) { return one.wait(req, out); });
    });
    {
        raw_client client(on.port());
        client.send("GET /wait HTTP/1.1\r\n" + host + "\r\n");
        ASSERT_EQ(one.begun.get_future().wait_for(10s), std::future_status::ready);
    }

    EXPECT_EQ(end_of(one), "cancelled");
    EXPECT_TRUE(on.stop());
}

TEST(streaming, a_reader_who_stops_reading_is_given_up_after_the_limit_for_writes)
{
    endless one;
    server_config config;
    config.write = 100ms;
    running_server on(config, [&one](router& routes) {
        routes.add_streaming("/write", [&one](request& req, response_stream& out) { return one.write(req, out); });
    });
    raw_client client(on.port());

    client.send("GET /write HTTP/1.1\r\n" + host + "\r\n");

    EXPECT_EQ(end_of(one), make_error_code(errc::write_timed_out).message());
    EXPECT_TRUE(on.stop());
}

TEST(streaming, a_stop_lets_it_run_within_the_limit_and_cuts_it_off_then)
{
    endless one;
    running_server on({}, [&one](router& routes) {
        routes.add_streaming("/wait", [&one](request& req, response_stream& out) { return one.wait(req, out); });
    });
    raw_client client(on.port());
    client.send("GET /wait HTTP/1.1\r\n" + host + "\r\n");
    ASSERT_EQ(one.begun.get_future().wait_for(10s), std::future_status::ready);

    EXPECT_FALSE(on.stop(50ms));

    EXPECT_EQ(end_of(one), "cancelled");
}

}  // namespace
}  // namespace reprise::net
