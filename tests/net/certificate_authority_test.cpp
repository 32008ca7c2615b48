#include "reprise/net/certificate_authority.hpp"

#include "running_raw_server.hpp"
#include "support/certificates.hpp"
#include "support/raw_http.hpp"

#include "reprise/base/hash.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace reprise::net {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using reprise::test::raw_client;
using test::running_raw_server;

class certificate_authority_test : public testing::Test {
protected:
    certificate_authority_test() : directory(fs::temp_directory_path() / ("reprise-authority-" + random_token(8))) {}
    ~certificate_authority_test() override
    {
        std::error_code ignored;
        fs::remove_all(directory, ignored);
    }

    static std::int64_t now() { return system_clock().now_ns(); }

    raw_server_config config() const
    {
        raw_server_config made;
        made.authority = open_certificate_authority(directory, now()).value();
        return made;
    }

    // Why the directory is refused.
    std::string refusal(std::int64_t at_ns = now()) const
    {
        const auto opened = open_certificate_authority(directory, at_ns);
        return opened ? std::string() : opened.error().text;
    }

    fs::path directory;
};

// Speaks TLS over a connection that is there already. Verifies the certificate for `host`.
class tls_over {
public:
    tls_over(asio::ip::tcp::socket& socket, const std::string& authority, const std::string& host, bool names_host)
        : stream_(socket, prepared(context_, authority))
    {
        stream_.set_verify_callback(asio::ssl::host_name_verification(host));
        std::string name = host;
        if (names_host)
            SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
        stream_.handshake(asio::ssl::stream_base::client, failed);
    }

    std::string ask(const std::string& request)
    {
        std::string answer;
        boost::system::error_code ec = failed;
        if (!ec)
            asio::write(stream_, asio::buffer(request), ec);
        while (!ec && answer.find("\r\n\r\n") == std::string::npos) {
            char part[16384];
            answer.append(part, stream_.read_some(asio::buffer(part), ec));
        }
        return answer;
    }

    boost::system::error_code failed;

private:
    static asio::ssl::context& prepared(asio::ssl::context& context, const std::string& authority)
    {
        context.load_verify_file(authority);
        context.set_verify_mode(asio::ssl::verify_peer);
        return context;
    }

    asio::ssl::context context_{asio::ssl::context::tls_client};
    asio::ssl::stream<asio::ip::tcp::socket&> stream_;
};

TEST_F(certificate_authority_test, is_made_once_and_found_again)
{
    const auto made = open_certificate_authority(directory, now()).value();
    const auto found = open_certificate_authority(directory, now()).value();

    EXPECT_TRUE(describe(*made).made_now);
    EXPECT_FALSE(describe(*found).made_now);
    EXPECT_EQ(describe(*made).fingerprint.size(), 64U);
    EXPECT_EQ(describe(*made).fingerprint, describe(*found).fingerprint);
    EXPECT_GT(describe(*found).expires_ns, now() + 300 * 24 * 3600 * ns_per_s);
}

TEST_F(certificate_authority_test, its_key_is_for_the_owner_alone)
{
    const auto made = open_certificate_authority(directory, now()).value();

    EXPECT_EQ(fs::status(describe(*made).key_file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(directory).permissions(), fs::perms::owner_all);
}

TEST_F(certificate_authority_test, says_what_is_wrong_with_its_files)
{
    open_certificate_authority(directory, now()).value();
    EXPECT_NE(refusal(now() + 360 * 24 * 3600 * ns_per_s).find("ends within a week"), std::string::npos);

    fs::rename(directory / "ca.key", directory / "kept");
    EXPECT_NE(refusal().find("ca.key: cannot be read; delete"), std::string::npos);

    std::ofstream(directory / "ca.key") << "no key";
    EXPECT_NE(refusal().find("holds no PEM private key"), std::string::npos);

    const reprise::test::certificates strange;
    fs::copy_file(strange.server_key(), directory / "ca.key", fs::copy_options::overwrite_existing);
    EXPECT_NE(refusal().find("is not the key of the certificate"), std::string::npos);

    fs::copy_file(strange.server_cert(), directory / "ca.pem", fs::copy_options::overwrite_existing);
    EXPECT_NE(refusal().find("is no certificate of an authority"), std::string::npos);
}

TEST_F(certificate_authority_test, a_client_that_trusts_it_gets_a_certificate_of_the_host_it_names)
{
    running_raw_server on(config());
    raw_client client(on.port());
    tls_over tls(client.socket(), (directory / "ca.pem").string(), "api.test", true);

    EXPECT_FALSE(tls.failed) << tls.failed.message();
    EXPECT_TRUE(tls.ask("GET /a HTTP/1.1\r\nHost: api.test\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_F(certificate_authority_test, inside_a_tunnel_the_host_is_the_tunnels)
{
    running_raw_server on(config());
    for (const std::string host : {"api.test", "10.1.2.3", "UPPER.test", "under_score.test", "xn--bcher-kva.example"}) {
        raw_client client(on.port());
        client.send("CONNECT " + host + ":443 HTTP/1.1\r\nHost: " + host + ":443\r\n\r\n");
        EXPECT_EQ(client.receive().status, 200);
        tls_over tls(client.socket(), (directory / "ca.pem").string(), host, false);

        EXPECT_FALSE(tls.failed) << host << ": " << tls.failed.message();
        EXPECT_TRUE(tls.ask("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n").starts_with("HTTP/1.1 200"));
    }

    on.stop();
    for (const auto& seen : on.responder.seen()) {
        EXPECT_TRUE(seen.secure);
        EXPECT_TRUE(seen.proxied);
    }
}

TEST_F(certificate_authority_test, a_tunnel_may_carry_plain_text)
{
    running_raw_server on(config());
    raw_client client(on.port());
    client.send("CONNECT api.test:80 HTTP/1.1\r\nHost: api.test:80\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200);

    client.send("GET /a HTTP/1.1\r\nHost: api.test\r\n\r\n");

    EXPECT_EQ(client.receive().body, "GET api.test /a ");
}

TEST_F(certificate_authority_test, odd_hosts_get_no_tunnel)
{
    running_raw_server on(config());
    for (const std::string target :
         {"api.test", ":443", "api.test:0", "api.test:99999", "a b:443", "me@api.test:443", "/:443", "[::1:443",
          "http://api.test:443", "a,b:443"}) {
        raw_client client(on.port());
        client.send("CONNECT " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(client.receive().status, 400) << target;
    }
}

TEST_F(certificate_authority_test, what_is_no_handshake_ends_the_connection)
{
    running_raw_server on(config());
    raw_client client(on.port());

    client.send(std::string("\x16garbage that is no hello of TLS, and more of it", 48));
    boost::system::error_code ec;
    char rest[64];
    while (!ec)
        client.socket().read_some(asio::buffer(rest), ec);

    EXPECT_EQ(on.count("reprise_raw_tls_failures_total"), 1U);
}

}  // namespace
}  // namespace reprise::net
