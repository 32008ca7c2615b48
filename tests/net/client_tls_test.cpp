#include "reprise/net/client.hpp"

#include "running_server.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>

namespace reprise::net {
namespace {

using reprise::test::certificates;
using test::running_server;
namespace asio = boost::asio;

asio::awaitable<result<client_response>> send(http_client& client, client_request req)
{
    return client.send(std::move(req));
}

class client_tls_test : public testing::Test {
protected:
    certificates files;
    reprise::test::io_threads io;

    server_config served(const std::string& cert, const std::string& key, bool mutual = false) const
    {
        server_config made;
        made.tls = load_tls({cert, key, mutual ? files.authority() : std::string()}).value();
        return made;
    }

    static client_request ask(const running_server& on, const std::string& host = "127.0.0.1")
    {
        return {"GET", parse_url("https://" + host + ":" + std::to_string(on.port()) + "/hello").value()};
    }

    http_client client(client_tls_files trusted) const
    {
        client_transport transport;
        transport.tls = load_client_tls(trusted).value();
        return {target_guard::allow_all(), client_limits(), std::move(transport)};
    }

    client_tls_files trusting() const { return {files.authority(), {}, {}, false}; }
};

TEST_F(client_tls_test, one_connection_carries_several_requests)
{
    running_server on(served(files.server_cert(), files.server_key()));
    http_client client = this->client(trusting());

    for (int i = 0; i < 4; ++i) {
        const auto answer = io.run(send(client, ask(on)));
        ASSERT_TRUE(answer) << answer.error().message();
        EXPECT_EQ(answer->body, "hello");
        EXPECT_EQ(answer->reused_connection, i > 0);
    }
}

TEST_F(client_tls_test, a_name_is_checked_and_told)
{
    running_server on(served(files.server_cert(), files.server_key()));
    http_client client = this->client(trusting());

    const auto answer = io.run(send(client, ask(on, "localhost")));

    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->status, 200);
}

TEST_F(client_tls_test, a_large_answer_is_whole)
{
    running_server on(served(files.server_cert(), files.server_key()));
    client_transport transport;
    transport.tls = load_client_tls(trusting()).value();
    client_limits limits;
    limits.body_bytes_max = 16 * 1024 * 1024;
    http_client client(target_guard::allow_all(), limits, transport);
    client_request req = ask(on);
    req.url.target = "/big";

    const auto answer = io.run(send(client, req));

    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->body, std::string(8 * 1024 * 1024, 'b'));
}

TEST_F(client_tls_test, whoever_cannot_be_believed_is_not)
{
    running_server expired(served(files.expired_cert(), files.expired_key()));
    running_server elsewhere(served(files.elsewhere_cert(), files.elsewhere_key()));
    running_server stranger(served(files.stranger_cert(), files.stranger_key()));
    running_server plain;
    http_client client = this->client(trusting());

    EXPECT_EQ(io.run(send(client, ask(expired))).error(), errc::tls_expired);
    EXPECT_EQ(io.run(send(client, ask(elsewhere))).error(), errc::tls_wrong_host);
    EXPECT_EQ(io.run(send(client, ask(stranger))).error(), errc::tls_untrusted);
    EXPECT_EQ(io.run(send(client, ask(plain))).error(), errc::tls_failed);
}

TEST_F(client_tls_test, the_system_does_not_trust_an_authority_of_a_test)
{
    running_server on(served(files.server_cert(), files.server_key()));
    http_client client(target_guard::allow_all(), client_limits());

    EXPECT_EQ(io.run(send(client, ask(on))).error(), errc::tls_untrusted);
}

TEST_F(client_tls_test, insecure_takes_anybody)
{
    running_server on(served(files.expired_cert(), files.expired_key()));
    http_client client = this->client({{}, {}, {}, true});

    const auto answer = io.run(send(client, ask(on)));

    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->body, "hello");
}

TEST_F(client_tls_test, shows_its_certificate_where_one_is_wanted)
{
    running_server on(served(files.server_cert(), files.server_key(), true));
    http_client known = client({files.authority(), files.client_cert(), files.client_key(), false});
    http_client nameless = client(trusting());

    const auto answer = io.run(send(known, ask(on)));
    const auto refused = io.run(send(nameless, ask(on)));

    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->status, 200);
    EXPECT_FALSE(refused);
}

TEST_F(client_tls_test, a_fresh_connection_is_asked_to_close)
{
    running_server on(served(files.server_cert(), files.server_key()));
    http_client client = this->client(trusting());
    client_request req = ask(on);
    req.fresh_connection = true;

    const auto one = io.run(send(client, req));
    const auto two = io.run(send(client, req));

    ASSERT_TRUE(one && two);
    EXPECT_EQ(find_header(one->headers, "Connection"), "close");
    EXPECT_FALSE(two->reused_connection);
}

TEST_F(client_tls_test, files_that_hold_nothing_are_named)
{
    const auto missing = load_client_tls({files.path("none.pem"), {}, {}, false});
    const auto half = load_client_tls({files.authority(), files.client_cert(), {}, false});
    const auto mixed = load_client_tls({files.authority(), files.client_cert(), files.stranger_key(), false});

    ASSERT_FALSE(missing || half || mixed);
    EXPECT_NE(missing.error().text.find("none.pem: cannot be read"), std::string::npos);
    EXPECT_NE(half.error().text.find("set both"), std::string::npos);
    EXPECT_NE(mixed.error().text.find("is not the key of the certificate"), std::string::npos);
}

}  // namespace
}  // namespace reprise::net
