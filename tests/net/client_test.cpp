#include "reprise/net/client.hpp"

#include "running_server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <future>
#include <thread>

namespace reprise::net {
namespace {

using test::running_server;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

client_request ask(std::uint16_t port, const std::string& target, const std::string& verb = "GET")
{
    return client_request(verb, parse_url("http://127.0.0.1:" + std::to_string(port) + target).value());
}

asio::awaitable<result<client_response>> send(http_client& client, client_request req)
{
    return client.send(std::move(req));
}

// Accepts one connection, reads a request header, sends `answer` and holds the line open until told.
class canned_server {
public:
    explicit canned_server(std::string answer)
        : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), socket_(context_)
    {
        port_ = acceptor_.local_endpoint().port();
        thread_ = std::thread([this, answer = std::move(answer)] {
            boost::system::error_code ec;
            acceptor_.accept(socket_, ec);
            asio::streambuf header;
            asio::read_until(socket_, header, "\r\n\r\n", ec);
            request_.set_value(std::string(asio::buffers_begin(header.data()), asio::buffers_end(header.data())));
            asio::write(socket_, asio::buffer(answer), ec);
            over_.get_future().wait();
            socket_.close(ec);
        });
    }
    ~canned_server()
    {
        hang_up();
        thread_.join();
    }
    canned_server(const canned_server&) = delete;
    canned_server& operator=(const canned_server&) = delete;

    void hang_up()
    {
        if (!std::exchange(told_, true))
            over_.set_value();
    }
    std::uint16_t port() const { return port_; }
    std::string request() { return request_.get_future().get(); }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    tcp::socket socket_;
    std::uint16_t port_ = 0;
    std::promise<std::string> request_;
    std::promise<void> over_;
    bool told_ = false;
    std::thread thread_;
};

class client_test : public testing::Test {
protected:
    reprise::test::io_threads io;
    client_limits limits;

    result<client_response> run(client_request req)
    {
        http_client client(target_guard::allow_all(), limits);
        return io.run(send(client, std::move(req)));
    }
};

TEST_F(client_test, gets_an_answer_with_times_in_order)
{
    running_server on;

    const auto answer = run(ask(on.port(), "/hello"));

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->remote_address, "127.0.0.1");
    EXPECT_EQ(find_header(answer->headers, "Content-Type"), "text/plain");
    EXPECT_LE(answer->sent_after_ns, answer->answered_after_ns);
    EXPECT_LE(answer->answered_after_ns, answer->done_after_ns);
}

TEST_F(client_test, sends_a_body_and_keeps_the_connection)
{
    running_server on;
    http_client client(target_guard::allow_all(), limits);
    auto first = ask(on.port(), "/echo", "POST");
    first.body = "one";
    auto second = ask(on.port(), "/echo", "POST");
    second.body = "two";

    const auto one = io.run(send(client, first));
    const auto two = io.run(send(client, second));

    EXPECT_EQ(one->body, "one");
    EXPECT_FALSE(one->reused_connection);
    EXPECT_EQ(two->body, "two");
    EXPECT_TRUE(two->reused_connection);
}

TEST_F(client_test, a_kept_connection_that_died_is_replaced)
{
    server_config config;
    config.idle = 1ms;
    running_server on(config);
    http_client client(target_guard::allow_all(), limits);

    for (int i = 0; i < 3; ++i) {
        const auto answer = io.run(send(client, ask(on.port(), "/hello")));
        // Between the two the server's idle limit may or may not have hit; either way nothing is lost twice.
        if (answer) {
            EXPECT_EQ(answer->body, "hello");
        } else {
            EXPECT_EQ(answer.error(), errc::closed);
        }
    }
}

TEST_F(client_test, head_has_no_body)
{
    running_server on;
    const auto answer = run(ask(on.port(), "/hello", "HEAD"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(find_header(answer->headers, "Content-Length"), "5");
}

TEST_F(client_test, framing_headers_are_ours)
{
    canned_server other("HTTP/1.1 204 No Content\r\n\r\n");
    auto req = ask(other.port(), "/x", "POST");
    req.headers = {{"Host", "evil"}, {"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}, {"X-Replay", "1"}};
    req.body = "abc";

    const auto answer = run(req);

    ASSERT_TRUE(answer);
    const std::string sent = other.request();
    EXPECT_EQ(sent.find("evil"), std::string::npos);
    EXPECT_EQ(sent.find("chunked"), std::string::npos);
    EXPECT_NE(sent.find("Content-Length: 3\r\n"), std::string::npos);
    EXPECT_NE(sent.find("X-Replay: 1\r\n"), std::string::npos);
    EXPECT_NE(sent.find("Host: 127.0.0.1:" + std::to_string(other.port()) + "\r\n"), std::string::npos);
}

TEST_F(client_test, interim_answers_are_skipped)
{
    canned_server other("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const auto answer = run(ask(other.port(), "/"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "ok");
}

TEST_F(client_test, a_redirect_is_an_answer_like_any_other)
{
    canned_server other("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
    const auto answer = run(ask(other.port(), "/"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 302);
}

struct broken_case {
    std::string name;
    std::string answer;
    errc code;
    bool hangs_up = true;
};

class client_errors : public testing::TestWithParam<broken_case> {};

TEST_P(client_errors, are_values)
{
    reprise::test::io_threads io;
    client_limits limits;
    limits.answer = 200ms;
    limits.body = 200ms;
    limits.header_bytes_max = 1024;
    limits.body_bytes_max = 100;
    canned_server other(GetParam().answer);
    if (GetParam().hangs_up)
        other.hang_up();
    http_client client(target_guard::allow_all(), limits);

    const auto answer = io.run(send(client, ask(other.port(), "/")));

    EXPECT_EQ(answer.error(), GetParam().code) << answer.error().message();
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    client_errors,
    testing::Values(
        broken_case{"hangs_up", "", errc::closed},
        broken_case{"not_http", "SSH-2.0-OpenSSH\r\n\r\n", errc::bad_message},
        broken_case{"half_a_header", "HTTP/1.1 200 OK\r\nConte", errc::closed},
        broken_case{"half_a_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", errc::closed},
        broken_case{
            "long_header", "HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", errc::header_too_large},
        broken_case{
            "long_body", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x'),
            errc::body_too_large},
        broken_case{"endless_body", "HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'), errc::body_too_large},
        broken_case{"bad_chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", errc::bad_message},
        broken_case{"silence", "", errc::answer_timed_out, false},
        broken_case{"stall_in_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", errc::read_timed_out, false}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST_F(client_test, an_early_refusal_of_a_large_body_is_read)
{
    running_server on;
    auto req = ask(on.port(), "/echo", "POST");
    req.body = std::string(8 * 1024 * 1024, 'x');

    const auto answer = run(std::move(req));

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413);
}

TEST_F(client_test, nobody_listening_is_connect_failed)
{
    asio::io_context context;
    tcp::acceptor taken(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto port = taken.local_endpoint().port();
    taken.close();

    EXPECT_EQ(run(ask(port, "/")).error(), errc::connect_failed);
}

TEST_F(client_test, targets_and_addresses_outside_the_rules_are_not_touched)
{
    running_server on;
    const std::string origin = "http://127.0.0.1:" + std::to_string(on.port());
    http_client strict(target_guard::parse({origin + "/hello"}, {}).value(), limits);
    const std::string by_name_origin = "http://reprise-test.localhost:" + std::to_string(on.port());
    http_client named(target_guard::parse({by_name_origin}, {}).value(), limits);

    EXPECT_EQ(io.run(send(strict, ask(on.port(), "/hello")))->status, 200);
    EXPECT_EQ(io.run(send(strict, ask(on.port(), "/echo"))).error(), errc::target_refused);

    client_request by_name("GET", parse_url(by_name_origin + "/").value());
    EXPECT_EQ(io.run(send(named, by_name)).error(), errc::address_refused);
}

TEST_F(client_test, names_below_localhost_are_this_machine)
{
    running_server on;
    const std::string origin = "http://bucket.s3.localhost:" + std::to_string(on.port());

    const auto answer = run(client_request("GET", parse_url(origin + "/hello").value()));

    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->body, "hello");
}

TEST_F(client_test, other_schemes_than_http_and_https_are_refused)
{
    client_request req("GET", parse_url("http://example.com/").value());
    req.url.scheme = "ftp";

    EXPECT_EQ(run(req).error(), errc::scheme_refused);
}

TEST_F(client_test, control_characters_do_not_leave_the_house)
{
    running_server on;
    auto bad_header = ask(on.port(), "/hello");
    bad_header.headers = {{"X-A", "b\r\nX-Evil: c"}};
    auto bad_name = ask(on.port(), "/hello");
    bad_name.headers = {{"X A", "b"}};
    auto bad_method = ask(on.port(), "/hello", "GET / HTTP/1.1\r\n");
    auto bad_target = ask(on.port(), "/hello");
    bad_target.url.target = "/a b";

    for (const auto& req : {bad_header, bad_name, bad_method, bad_target})
        EXPECT_EQ(run(req).error(), errc::bad_message);
}

}  // namespace
}  // namespace reprise::net
