#include "running_raw_server.hpp"
#include "support/live_memory.hpp"
#include "support/raw_http.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace reprise::net {
namespace {

using reprise::test::raw_client;
using test::running_raw_server;
using test::seen_request;
using namespace std::chrono_literals;

const std::string get = "GET /a?b=1 HTTP/1.1\r\nHost: api.test\r\n\r\n";

TEST(raw_server, takes_any_method_for_any_host)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send("PURGE /x HTTP/1.1\r\nHost: cache.test:8080\r\n\r\n");

    EXPECT_EQ(client.receive().body, "PURGE cache.test:8080 /x ");
}

TEST(raw_server, a_whole_url_goes_before_the_host_header)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send("GET http://api.test:81/a HTTP/1.1\r\nHost: other\r\n\r\n");
    EXPECT_EQ(client.receive().body, "GET api.test:81 /a ");
    client.send("GET HTTPS://[::1]:81?q HTTP/1.1\r\nHost: other\r\n\r\n");
    EXPECT_EQ(client.receive().body, "GET [::1]:81 /?q ");

    client.socket().close();
    on.stop();
    const auto seen = on.responder.seen();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(seen[0].proxied);
    EXPECT_FALSE(seen[0].secure);
    EXPECT_TRUE(seen[1].secure);
}

TEST(raw_server, answers_pipelined_requests_in_order)
{
    running_raw_server on;
    raw_client client(on.port());
    std::string all;
    for (int i = 0; i < 50; ++i) {
        const std::string body(static_cast<std::size_t>(i), 'x');
        all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    client.send(all);

    for (int i = 0; i < 50; ++i) {
        const std::string wanted =
            "POST a /" + std::to_string(i) + ' ' + std::string(static_cast<std::size_t>(i), 'x');
        ASSERT_EQ(client.receive().body, wanted);
    }
}

TEST(raw_server, a_request_that_comes_byte_by_byte_is_stamped_by_its_first_byte)
{
    running_raw_server on;
    raw_client client(on.port());
    const auto before = system_clock().steady_ns();

    client.send(get.substr(0, 1));
    // The kernel has the first byte now, whenever the rest is sent.
    const auto first_sent = system_clock().steady_ns();
    for (const char c : get.substr(1))
        client.send(std::string(1, c));
    EXPECT_EQ(client.receive().status, 200);

    client.socket().close();
    on.stop();
    const auto seen = on.responder.seen();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_GE(seen[0].arrived.steady_ns, before);
    EXPECT_LE(seen[0].arrived.steady_ns, first_sent + 50 * ns_per_ms);
    EXPECT_GE(seen[0].how.steady_ns, seen[0].arrived.steady_ns);
}

TEST(raw_server, chunks_are_put_together_and_trailers_dropped)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send(
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nHost: evil\r\n\r\n"
    );

    EXPECT_EQ(client.receive().body, "POST a /c abcde");
}

TEST(raw_server, says_continue_to_whom_waits_for_it)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send("POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100);
    client.send("abc");

    EXPECT_EQ(client.receive().body, "POST a /c abc");
}

TEST(raw_server, http_1_0_is_answered_and_closed_unless_asked_to_keep)
{
    running_raw_server on;
    raw_client kept(on.port());
    kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = kept.receive();
    EXPECT_EQ(answer.body, "GET  /a ");
    EXPECT_EQ(answer.header("connection"), "keep-alive");

    kept.send("GET /b HTTP/1.0\r\n\r\n");
    EXPECT_EQ(kept.receive().header("connection"), "close");
    EXPECT_TRUE(kept.at_end());
}

TEST(raw_server, head_gets_the_head_only)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get);

    EXPECT_EQ(client.receive(true).status, 200);
    EXPECT_EQ(client.receive().body, "GET api.test /a?b=1 ");
}

TEST(raw_server, a_delay_counts_from_the_arrival)
{
    running_raw_server on;
    on.responder.delay = 80ms;
    raw_client client(on.port());

    const auto before = system_clock().steady_ns();
    client.send(get);
    EXPECT_EQ(client.receive().status, 200);
    const auto took_ns = system_clock().steady_ns() - before;

    EXPECT_GE(took_ns, 80 * ns_per_ms);
    client.socket().close();
    on.stop();
    ASSERT_EQ(on.responder.seen().size(), 1U);
    const seen_request seen = on.responder.seen().front();
    EXPECT_GE(seen.how.steady_ns - seen.arrived.steady_ns, 80 * ns_per_ms);
}

TEST(raw_server, a_fault_may_reset_the_connection)
{
    running_raw_server on;
    on.responder.fault = raw_fault::reset;
    raw_client client(on.port());

    client.send(get);

    EXPECT_EQ(client.receive().status, 0);
    on.stop();
    ASSERT_EQ(on.responder.seen().size(), 1U);
    EXPECT_EQ(on.responder.seen().front().how.end, raw_end::answered);
    EXPECT_EQ(on.responder.seen().front().how.status, 0);
}

TEST(raw_server, a_fault_may_cut_the_answer_short)
{
    running_raw_server on;
    on.responder.fault = raw_fault::truncate;
    raw_client client(on.port());

    client.send(get);

    EXPECT_EQ(client.receive().body, "GE");
    EXPECT_TRUE(client.at_end());
}

TEST(raw_server, a_fault_may_stay_silent_until_its_limit)
{
    raw_server_config config;
    config.silence_max = 100ms;
    running_raw_server on(config);
    on.responder.fault = raw_fault::silence;
    raw_client client(on.port());

    client.send(get);

    EXPECT_EQ(client.receive().status, 0);
}

struct refused_case {
    std::string name;
    std::string bytes;
    int status = 400;
};

class raw_server_refuses : public testing::TestWithParam<refused_case> {};

TEST_P(raw_server_refuses, and_still_reports_the_arrival)
{
    raw_server_config config;
    config.header_bytes_max = 4096;
    config.body_bytes_max = 1000;
    running_raw_server on(config);
    raw_client client(on.port());

    client.send(GetParam().bytes + get);

    EXPECT_EQ(client.receive().status, GetParam().status);
    client.socket().close();
    on.stop();
    const auto seen = on.responder.seen();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].how.end, raw_end::refused);
    EXPECT_EQ(seen[0].how.status, GetParam().status);
    EXPECT_GT(seen[0].arrived.steady_ns, 0);
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    raw_server_refuses,
    testing::Values(
        refused_case{"line_end_in_path", "GET /a\r\nX: y HTTP/1.1\r\nHost: a\r\n\r\n"},
        refused_case{"control_character_in_path", std::string("GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n")},
        refused_case{"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
        refused_case{"relative_path", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"},
        refused_case{"user_in_url", "GET http://me@api.test/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        refused_case{"strange_scheme", "GET ftp://api.test/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        refused_case{"port_of_six_digits", "GET http://api.test:123456/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        refused_case{"no_host", "GET /a HTTP/1.1\r\n\r\n"},
        refused_case{"two_hosts", "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        refused_case{"host_with_slash", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        refused_case{"unknown_coding", "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        refused_case{"length_and_chunks",
                     "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        refused_case{"endless_headers", "GET /a HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x'), 431},
        refused_case{"body_of_a_gibibyte", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n", 413},
        refused_case{"chunks_without_end",
                     "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n" +
                         std::string(0x500, 'x') + "\r\n500\r\n", 413},
        refused_case{"tls_hello_in_the_middle", "GET /a HTTP/1.1\r\n\x16\x03\x01\r\n\r\n"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(raw_server, a_body_that_never_ends_is_given_up)
{
    raw_server_config config;
    config.body = 100ms;
    running_raw_server on(config);
    raw_client client(on.port());

    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");

    EXPECT_EQ(client.receive().status, 408);
    EXPECT_TRUE(client.at_end());
    client.socket().close();
    on.stop();
    ASSERT_EQ(on.responder.seen().size(), 1U);
    EXPECT_EQ(on.responder.seen().front().body, "abc");
    EXPECT_EQ(on.responder.seen().front().target, "/a");
}

TEST(raw_server, a_header_that_never_ends_is_given_up)
{
    raw_server_config config;
    config.header = 100ms;
    running_raw_server on(config);
    raw_client client(on.port());

    client.send("GET /a HTTP/1.1\r\nHost");

    EXPECT_EQ(client.receive().status, 408);
    EXPECT_TRUE(client.at_end());
}

TEST(raw_server, bodies_beyond_their_common_limit_are_turned_away)
{
    raw_server_config config;
    config.bodies_bytes_max = 10;
    running_raw_server on(config);
    raw_client client(on.port());

    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n" + std::string(20, 'x'));

    EXPECT_EQ(client.receive().status, 503);
}

TEST(raw_server, idle_connections_hold_no_bodies)
{
    running_raw_server on;
    on.responder.keeps_bodies = false;
    const std::string body(4 * 1024 * 1024, 'x');
    const std::string length = std::to_string(body.size());
    const std::string head = "HEAD /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
    const std::size_t before = reprise::test::live_bytes();
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<raw_client>(on.port()));
        clients.back()->send(head);
        clients.back()->send(body);
        ASSERT_EQ(clients.back()->receive(true).status, 200);
    }

    // The answer is there a moment before the memory is given back.
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    const auto grown = [before] {
        const std::size_t now = reprise::test::live_bytes();
        return now > before ? now - before : 0;
    };
    while (grown() > body.size() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();

    EXPECT_LT(grown(), body.size());
}

TEST(raw_server, a_peer_that_leaves_half_way_is_an_arrival_that_was_cut)
{
    running_raw_server on;
    {
        raw_client client(on.port());
        client.send("GET /gone HTTP/1.1\r\nHost: a\r\n");
        raw_client other(on.port());
        other.send(get);
        EXPECT_EQ(other.receive().status, 200);
    }

    on.stop();
    std::multiset<raw_end> ends;
    for (const auto& one : on.responder.seen())
        ends.insert(one.how.end);
    EXPECT_EQ(ends, (std::multiset<raw_end>{raw_end::answered, raw_end::cut}));
}

TEST(raw_server, connections_beyond_the_limit_are_closed)
{
    raw_server_config config;
    config.sessions_max = 1;
    running_raw_server on(config);
    raw_client first(on.port());
    first.send(get);
    EXPECT_EQ(first.receive().status, 200);

    raw_client second(on.port());

    EXPECT_TRUE(second.at_end());
    EXPECT_EQ(on.count("reprise_raw_sessions_refused_total"), 1U);
}

TEST(raw_server, stopping_ends_idle_connections_and_answers_the_busy_ones)
{
    running_raw_server on;
    on.responder.delay = 150ms;
    raw_client idle(on.port());
    raw_client busy(on.port());
    busy.send(get);
    busy.send(get);
    on.responder.wait_until_asked(1);

    EXPECT_TRUE(on.stop());

    EXPECT_EQ(busy.receive().status, 200);
    EXPECT_TRUE(idle.at_end());
}

TEST(raw_server, what_does_not_end_is_cut_off_and_reported)
{
    running_raw_server on;
    on.responder.delay = 60s;
    raw_client client(on.port());
    client.send(get);
    on.responder.wait_until_asked(1);

    EXPECT_FALSE(on.stop(200ms));

    ASSERT_EQ(on.responder.seen().size(), 1U);
    EXPECT_EQ(on.responder.seen().front().how.end, raw_end::cut);
}

TEST(raw_server, tls_without_an_authority_is_refused_as_tls_refuses)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));

    char alert[7] = {};
    boost::system::error_code ec;
    boost::asio::read(client.socket(), boost::asio::buffer(alert), ec);
    EXPECT_EQ(alert[0], 0x15);
    EXPECT_EQ(on.count("reprise_raw_tls_failures_total"), 1U);
}

TEST(raw_server, a_tunnel_without_an_authority_is_refused)
{
    running_raw_server on;
    raw_client client(on.port());

    client.send("CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n");

    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 501);
    EXPECT_NE(answer.body.find("--ca-dir"), std::string::npos);
}

}  // namespace
}  // namespace reprise::net
