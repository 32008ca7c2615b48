#include "reprise/net/client.hpp"

#include "http2_server.hpp"
#include "reprise/base/within.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <thread>

namespace reprise::net {
namespace {

using test::http2_server;
using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<result<client_response>> send(http_client& client, client_request req)
{
    return client.send(std::move(req));
}

// Leaves nothing running behind: the link is closed before the pool that it runs on.
class http2_link_test : public testing::Test {
protected:
    http2_server server;
    reprise::test::io_threads io;
    client_limits limits;

    http_client client() const
    {
        client_transport transport;
        transport.version = http_version::http2;
        return {target_guard::allow_all(), limits, std::move(transport)};
    }

    client_request ask(const std::string& target, const std::string& verb = "GET") const
    {
        return {verb, parse_url("http://127.0.0.1:" + std::to_string(server.port()) + target).value()};
    }
};

TEST_F(http2_link_test, method_path_headers_and_body_arrive)
{
    http_client client = this->client();
    client_request req = ask("/orders?page=2", "POST");
    req.headers = {{"X-Replay", "run"}, {"Connection", "close"}, {"Transfer-Encoding", "chunked"}};
    req.body = std::string(200'000, 'q');

    const auto answer = io.run(send(client, req));

    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(find_header(answer->headers, "content-type"), "text/plain");
    EXPECT_EQ(answer->body, "POST /orders?page=2\ncontent-length: 200000\nx-replay: run\n" + req.body);
    EXPECT_EQ(answer->remote_address, "127.0.0.1");
    EXPECT_LE(answer->sent_after_ns, answer->done_after_ns);
    EXPECT_LE(answer->answered_after_ns, answer->done_after_ns);
}

TEST_F(http2_link_test, requests_at_once_share_one_connection)
{
    http_client client = this->client();
    std::vector<std::future<result<client_response>>> answers;
    for (int i = 0; i < 3; ++i)
        answers.push_back(asio::co_spawn(io.executor(), send(client, ask("/hold")), asio::use_future));

    for (auto& each : answers) {
        const auto answer = each.get();
        ASSERT_TRUE(answer) << answer.error().message();
        EXPECT_EQ(answer->body, "held");
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(http2_link_test, a_large_answer_is_whole_and_a_larger_one_refused)
{
    limits.body_bytes_max = 4 * 1024 * 1024;
    http_client roomy = client();
    const auto answer = io.run(send(roomy, ask("/big")));
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->body.size(), 3U * 1024 * 1024);
    roomy.close_idle();

    limits.body_bytes_max = 1024 * 1024;
    http_client narrow = client();
    EXPECT_EQ(io.run(send(narrow, ask("/big"))).error(), errc::body_too_large);
    EXPECT_EQ(io.run(send(narrow, ask("/endless"))).error(), errc::body_too_large);
    const auto next = io.run(send(narrow, ask("/fine")));
    ASSERT_TRUE(next) << "the connection goes on: " << next.error().message();
    EXPECT_TRUE(next->reused_connection);
}

TEST_F(http2_link_test, silence_ends_by_the_limit_and_the_stream_is_given_back)
{
    limits.write = 20ms;
    limits.answer = 30ms;
    http_client client = this->client();

    EXPECT_EQ(io.run(send(client, ask("/never"))).error(), errc::answer_timed_out);
    const auto next = io.run(send(client, ask("/fine")));

    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(server.resets(), 1);
}

TEST_F(http2_link_test, a_request_that_is_no_longer_wanted_is_reset)
{
    http_client client = this->client();

    const auto gone = io.run(within(50ms, send(client, ask("/never"))));
    const auto next = io.run(send(client, ask("/fine")));

    EXPECT_EQ(gone.error(), reprise::errc::timed_out);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(server.resets(), 1);
}

TEST_F(http2_link_test, only_what_was_refused_unseen_is_sent_again)
{
    http_client client = this->client();

    const auto again = io.run(send(client, ask("/refuse-first")));
    const auto once = io.run(send(client, ask("/reset")));

    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->status, 200);
    EXPECT_EQ(once.error(), errc::stream_reset);
    EXPECT_EQ(server.requests(), 3);
}

TEST_F(http2_link_test, an_answer_that_stops_half_way_is_none)
{
    http_client client = this->client();

    EXPECT_EQ(io.run(send(client, ask("/half"))).error(), errc::stream_reset);
}

TEST_F(http2_link_test, what_was_given_up_while_it_waited_for_a_place_is_not_sent)
{
    http2_server narrow(1);
    http_client client = this->client();
    client_request held = ask("/never");
    held.url.port = narrow.port();
    client_request queued = ask("/queued");
    queued.url.port = narrow.port();
    client_request later = ask("/later");
    later.url.port = narrow.port();

    const auto first = io.run(send(client, later));
    auto holding = asio::co_spawn(io.executor(), within(600ms, send(client, held)), asio::use_future);
    while (narrow.requests() < 2)
        std::this_thread::yield();
    const auto gone = io.run(within(200ms, send(client, queued)));
    holding.get();
    const auto last = io.run(send(client, later));

    ASSERT_TRUE(first && last);
    EXPECT_EQ(gone.error(), reprise::errc::timed_out);
    EXPECT_EQ(narrow.requests(), 3) << "the queued one was sent after all";
}

TEST_F(http2_link_test, a_connection_that_ended_fails_its_requests_and_is_replaced)
{
    http_client client = this->client();

    EXPECT_EQ(io.run(send(client, ask("/hang-up"))).error(), errc::closed);
    const auto next = io.run(send(client, ask("/fine")));

    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(http2_link_test, a_server_of_http_1_is_no_http_2)
{
    test::running_server plain;
    http_client client = this->client();
    client_request req = ask("/hello");
    req.url.port = plain.port();

    const auto answer = io.run(send(client, req));

    EXPECT_FALSE(answer);
}

TEST_F(http2_link_test, nobody_there_is_told_to_everyone_who_waits)
{
    http_client client = this->client();
    client_request req = ask("/hello");
    req.url.port = 1;
    std::vector<std::future<result<client_response>>> answers;
    for (int i = 0; i < 4; ++i)
        answers.push_back(asio::co_spawn(io.executor(), send(client, req), asio::use_future));

    for (auto& each : answers)
        EXPECT_EQ(each.get().error(), errc::connect_failed);
}

}  // namespace
}  // namespace reprise::net
