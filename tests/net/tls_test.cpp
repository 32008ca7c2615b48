#include "reprise/net/tls.hpp"

#include "running_server.hpp"
#include "support/certificates.hpp"
#include "support/raw_http.hpp"
#include "support/tls_client.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

namespace reprise::net {
namespace {

using reprise::test::certificates;
using reprise::test::raw_client;
using reprise::test::tls_client;
using reprise::test::tls_client_config;
using test::running_server;
using namespace std::chrono_literals;

const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

class tls_test : public testing::Test {
protected:
    certificates files;

    server_config config(bool mutual = false) const
    {
        tls_files named{files.server_cert(), files.server_key(), mutual ? files.authority() : std::string()};
        server_config made;
        made.tls = load_tls(named).value();
        return made;
    }

    static std::uint64_t failures(running_server& on)
    {
        return on.numbers().add_counter("reprise_http_tls_failures_total", "", "server=\"http\"").value();
    }

    std::string reason(const tls_files& named) const
    {
        const auto loaded = load_tls(named);
        return loaded ? std::string() : loaded.error().text;
    }
};

TEST_F(tls_test, answers_several_requests_of_one_connection)
{
    running_server on(config());
    tls_client client(on.port(), files);

    ASSERT_TRUE(client.shook_hands());
    EXPECT_EQ(client.version(), "TLSv1.3");
    EXPECT_EQ(client.protocol(), "http/1.1");
    for (int i = 0; i < 3; ++i) {
        client.send(get_hello);
        EXPECT_TRUE(client.receive_until("hello").starts_with("HTTP/1.1 200 OK"));
    }
}

boost::asio::awaitable<std::optional<response>> send_two_pieces(request&, response_stream& out)
{
    response head(200, "text/plain", std::string_view());
    co_await out.begin(std::move(head));
    co_await out.write("one ");
    co_await out.write("two");
    co_return std::nullopt;
}

TEST_F(tls_test, answers_that_are_sent_while_they_are_made_leave_the_connection_usable)
{
    running_server on(config(), [](router& routes) {
        running_server::add_default_routes(routes);
        routes.add_streaming("/pieces", send_two_pieces);
    });
    tls_client client(on.port(), files);

    for (int i = 0; i < 3; ++i) {
        client.send("GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n");
        // With the line end before it: a head may end with this digit, too.
        EXPECT_TRUE(client.receive_until("\r\n0\r\n\r\n").ends_with("\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"));
        client.send(get_hello);
        EXPECT_TRUE(client.receive_until("hello").starts_with("HTTP/1.1 200 OK"));
    }
}

TEST_F(tls_test, large_bodies_go_both_ways)
{
    running_server on(config());
    tls_client client(on.port(), files);
    const std::string body(3 * 1024 * 1024 + 5, 'x');

    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    client.send("POST /large HTTP/1.1\r\nHost: a\r\n" + length + body);

    const std::string head = client.receive_until("\r\n\r\n");
    const std::size_t begun = head.size() - head.find("\r\n\r\n") - 4;
    EXPECT_EQ(begun + client.receive(body.size() - begun).size(), body.size());
}

TEST_F(tls_test, a_refusal_is_read_and_the_connection_ends_in_good_order)
{
    running_server on(config());
    tls_client client(on.port(), files);

    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n" + std::string(30'000, 'x'));

    EXPECT_TRUE(client.receive_until("}").starts_with("HTTP/1.1 413"));
    EXPECT_TRUE(client.at_end());
}

TEST_F(tls_test, what_is_older_than_tls_1_2_is_refused_and_counted)
{
    running_server on(config());
    EXPECT_TRUE(tls_client(on.port(), files, tls_client_config{{}, {}, TLS1_2_VERSION}).shook_hands());

    EXPECT_FALSE(tls_client(on.port(), files, tls_client_config{{}, {}, TLS1_1_VERSION}).shook_hands());

    EXPECT_TRUE(on.stop());
}

TEST_F(tls_test, plain_http_gets_no_answer_and_is_counted)
{
    running_server on(config());
    raw_client client(on.port());

    client.send(get_hello);

    EXPECT_EQ(client.receive().status, 0);
    EXPECT_EQ(failures(on), 1U);
}

TEST_F(tls_test, a_client_that_says_nothing_is_given_up)
{
    server_config made = config();
    made.header = 150ms;
    running_server on(made);
    raw_client client(on.port());

    EXPECT_TRUE(client.at_end());
}

TEST_F(tls_test, stop_ends_handshakes_and_idle_connections)
{
    running_server on(config());
    raw_client silent(on.port());
    tls_client idle(on.port(), files);
    idle.send(get_hello);
    EXPECT_FALSE(idle.receive_until("hello").empty());
    auto end = std::async(std::launch::async, [&idle] { return idle.at_end(); });

    EXPECT_TRUE(on.stop(5s));

    EXPECT_TRUE(end.get());
}

TEST_F(tls_test, with_a_client_authority_only_its_clients_are_served)
{
    running_server on(config(true));
    const auto answered = [&](const tls_client_config& as) {
        tls_client client(on.port(), files, as);
        return client.send(get_hello) && !client.receive_until("hello").empty();
    };

    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        EXPECT_TRUE(answered({files.client_cert(), files.client_key(), version}));
        EXPECT_FALSE(answered({{}, {}, version}));
        EXPECT_FALSE(answered({files.stranger_cert(), files.stranger_key(), version}));
    }
}

boost::asio::awaitable<std::optional<response>> let_in(request&)
{
    co_return std::nullopt;
}

boost::asio::awaitable<void> echo_once(request&, websocket& socket)
{
    const auto text = co_await socket.read();
    if (text)
        co_await socket.write(*text);
}

TEST_F(tls_test, a_websocket_talks_and_says_goodbye)
{
    running_server on(config(), [](router& routes) { routes.add_websocket("/ws", let_in, echo_once); });
    tls_client client(on.port(), files);
    client.send(
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    EXPECT_TRUE(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 101"));

    client.send(std::string("\x81\x85\0\0\0\0hello", 11));  // A text frame under a mask of zeros.

    const std::string frames = client.receive(11);  // The text, and a close frame with its code.
    EXPECT_EQ(frames.substr(0, 7), "\x81\x05hello");
    EXPECT_EQ(frames.substr(7, 1), "\x88");
    client.send(std::string("\x88\x82\0\0\0\0\x03\xe8", 8));
    EXPECT_TRUE(client.at_end());
}

TEST_F(tls_test, files_that_cannot_serve_are_named_with_the_reason)
{
    const std::string empty = files.path("empty.pem");
    std::ofstream(empty) << "not PEM\n";
    const auto contains = [](const std::string& text, const std::string& file, const std::string& what) {
        return text.find(file) != std::string::npos && text.find(what) != std::string::npos;
    };

    EXPECT_TRUE(contains(reason({files.path("none.pem"), files.server_key(), {}}), "none.pem", "cannot be read"));
    EXPECT_TRUE(contains(reason({files.server_cert(), files.path("none.key"), {}}), "none.key", "cannot be read"));
    EXPECT_TRUE(contains(reason({empty, files.server_key(), {}}), empty, "holds no PEM certificate"));
    EXPECT_TRUE(contains(reason({files.server_cert(), empty, {}}), empty, "holds no PEM private key"));
    EXPECT_TRUE(contains(reason({files.server_cert(), files.client_key(), {}}), "client.key", "not the key of"));
    EXPECT_TRUE(contains(
        reason({files.server_cert(), files.server_key(), empty}), empty, "holds no PEM certificate of an authority"
    ));
    EXPECT_TRUE(contains(reason({files.server_cert(), {}, {}}), "key_file", "set both"));
    EXPECT_EQ(reason({files.server_cert(), files.server_key(), files.authority()}), "");
}

TEST_F(tls_test, an_encrypted_key_is_refused_without_asking_for_its_password)
{
    const std::string file = files.path("encrypted.key");
    std::ofstream(file) << "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                           "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgAAAAAAAAAAAICCAAw\n"
                           "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAAAAAAAAAAAAAAAAAAAAAAEgZAA\n"
                           "-----END ENCRYPTED PRIVATE KEY-----\n";

    EXPECT_NE(reason({files.server_cert(), file, {}}).find("without a password"), std::string::npos);
}

}  // namespace
}  // namespace reprise::net
