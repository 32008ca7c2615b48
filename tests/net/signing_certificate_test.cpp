#include "reprise/net/signing_certificate.hpp"

#include "support/message_signer.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::net {
namespace {

using test::message_authority;
using test::message_signer;
using test::signer_options;

class signing_certificate_test : public testing::Test {
protected:
    static constexpr std::int64_t day_ns = 24 * 3600 * ns_per_s;

    message_authority authority;
    std::vector<std::string> names = {"sns.eu-west-1.amazonaws.com", "sns.amazonaws.com"};
    std::int64_t now_ns = system_clock().now_ns();

    result<signing_certificate> open(const std::string& pem, std::int64_t at_ns)
    {
        const auto trust = load_certificate_trust(authority.ca_file());
        return signing_certificate::open(pem, **trust, names, at_ns);
    }
    result<signing_certificate> open(const signer_options& options)
    {
        return open(message_signer(authority, options).pem(), now_ns);
    }
};

TEST_F(signing_certificate_test, what_its_key_signed_is_its)
{
    const message_signer signer(authority);
    const auto opened = open(signer.pem(), now_ns);

    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    EXPECT_TRUE(opened->made(signer.sign_sha256("text"), "text", signing_digest::sha256));
    EXPECT_TRUE(opened->made(signer.sign_sha1("text"), "text", signing_digest::sha1));
    EXPECT_FALSE(opened->made(signer.sign_sha1("text"), "text", signing_digest::sha256));
    EXPECT_FALSE(opened->made(signer.sign_sha256("text"), "Text", signing_digest::sha256));
    EXPECT_FALSE(opened->made("", "text", signing_digest::sha256));
    EXPECT_FALSE(opened->made(std::string(256, 'a'), "text", signing_digest::sha256));
    EXPECT_FALSE(opened->made(message_signer(authority).sign_sha256("text"), "text", signing_digest::sha256));
    EXPECT_GT(opened->ends_ns(), now_ns);
}

TEST_F(signing_certificate_test, any_of_the_names_will_do)
{
    signer_options regional;
    regional.alternatives = "DNS:sns.eu-west-1.amazonaws.com";
    signer_options without_alternatives;
    without_alternatives.alternatives = "";

    EXPECT_TRUE(open(regional).has_value());
    EXPECT_TRUE(open(without_alternatives).has_value());
}

TEST_F(signing_certificate_test, another_name_is_refused)
{
    signer_options options;
    options.alternatives = "DNS:sns.amazonaws.com.example.org";
    EXPECT_EQ(open(options).error(), errc::tls_wrong_host);
}

TEST_F(signing_certificate_test, one_of_another_authority_is_refused)
{
    const message_authority other;
    EXPECT_EQ(open(message_signer(other).pem(), now_ns).error(), errc::tls_untrusted);
}

TEST_F(signing_certificate_test, it_is_good_between_its_dates_only)
{
    const message_signer signer(authority);

    EXPECT_TRUE(open(signer.pem(), now_ns).has_value());
    EXPECT_EQ(open(signer.pem(), now_ns + 11 * day_ns).error(), errc::tls_expired);
    EXPECT_EQ(open(signer.pem(), now_ns - 11 * day_ns).error(), errc::tls_expired);
}

TEST_F(signing_certificate_test, other_keys_and_other_texts_are_refused)
{
    signer_options options;
    options.has_rsa_key = false;

    EXPECT_EQ(open(options).error(), errc::bad_message);
    EXPECT_EQ(open("<html>no certificate</html>", now_ns).error(), errc::bad_message);
    EXPECT_EQ(open("", now_ns).error(), errc::bad_message);
}

TEST_F(signing_certificate_test, a_file_without_authorities_is_named)
{
    const auto none = load_certificate_trust("/nowhere/ca.pem");
    ASSERT_TRUE(none.has_error());
    EXPECT_NE(none.error().text.find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace reprise::net
