#include "fake_github.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace reprise::forge {
namespace {

using test::expect_once_whatever_fails;
using test::fake_answer;
using test::fake_github;
using test::fake_request;
using test::says;
using test::served;
using test::ticket_effect;
using testing::HasSubstr;
using kind = decltype(effect_failure::kind);
namespace json = boost::json;

// One key pair for all tests; making it takes a while.
EVP_PKEY* shared_key()
{
    static EVP_PKEY* const key = EVP_RSA_gen(2048);
    return key;
}

std::string pem_of(EVP_PKEY* key)
{
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(out);
    return pem;
}

std::string from_base64url(std::string text)
{
    for (char& one : text)
        one = one == '-' ? '+' : one == '_' ? '/' : one;
    while (text.size() % 4 != 0)
        text += '=';
    return from_base64(text);
}

bool verifies(const std::string& bytes, const std::string& signature)
{
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, shared_key());
    const int good = EVP_DigestVerify(
        context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
        reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()
    );
    EVP_MD_CTX_free(context);
    return good == 1;
}

// GitHub for an app: it verifies the app's token and hands out tokens that end after an hour.
class fake_github_app : public fake_github {
public:
    std::int64_t now_s = 1'764'115'200;
    std::vector<std::string> lent;
    bool is_installed = true;

protected:
    fake_answer handle(const fake_request& asked) override
    {
        const bool as_app =
            asked.path == "/app" || asked.path.starts_with("/app/") || asked.path.ends_with("/installation");
        if (!as_app) {
            const bool known = !lent.empty() && asked.authorization == "Bearer " + lent.back();
            return known ? handle_repository(asked) : says(401, "Bad credentials");
        }
        if (!is_app(asked.authorization))
            return says(401, "A JSON web token could not be decoded");
        if (asked.path == "/app")
            return fake_answer(200, json::object{{"slug", "reprise"}});
        if (!is_installed)
            return says(404, "Not Found");
        if (asked.path.ends_with("/installation"))
            return fake_answer(200, json::object{{"id", 7}});
        if (asked.path != "/app/installations/7/access_tokens" ||
            asked.body.at("repositories").as_array().at(0).as_string() != "shop")
            return says(422, "no");
        lent.push_back("ghs_lent_" + std::to_string(lent.size()));
        const std::string end = format_rfc3339((now_s + 3600) * ns_per_s);
        return fake_answer(201, json::object{{"token", lent.back()}, {"expires_at", end}});
    }

private:
    bool is_app(const std::string& authorization) const
    {
        if (!authorization.starts_with("Bearer "))
            return false;
        const std::string sent = authorization.substr(7);
        const auto dot = sent.rfind('.');
        const auto first = sent.find('.');
        if (first == std::string::npos || dot == first ||
            !verifies(sent.substr(0, dot), from_base64url(sent.substr(dot + 1))))
            return false;
        const json::object claims = json::parse(from_base64url(sent.substr(first + 1, dot - first - 1))).as_object();
        const std::int64_t issued = claims.at("iat").as_int64();
        const std::int64_t ends = claims.at("exp").as_int64();
        return claims.at("iss").as_string() == "99" && issued <= now_s && ends > now_s && ends - now_s <= 600;
    }
};

std::unique_ptr<remote_tracker> make(served<fake_github_app>& outside)
{
    github_config config;
    config.api = outside.place();
    config.app = github_app{99, net::rs256_signer::parse(pem_of(shared_key())).value(), 0};
    return make_github_tracker(std::move(config), outside.time, outside.numbers);
}

class github_app_test : public testing::Test {
protected:
    effect_result publish(const std::string& key)
    {
        effect wanted = ticket_effect("github:acme/shop");
        wanted.key = key;
        return outside.io.run(tracked->publish(wanted));
    }

    served<fake_github_app> outside;
    std::unique_ptr<remote_tracker> tracked = make(outside);
};

TEST_F(github_app_test, exchanges_its_signed_token_for_one_of_the_repository)
{
    const auto done = publish("01KAYQ29100000000000000000-g1");

    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(outside.fake.lent.size(), 1U);
    EXPECT_THAT(outside.fake.lines().at(0), HasSubstr("GET /repos/acme/shop/installation"));
    EXPECT_THAT(outside.fake.lines().at(1), HasSubstr("POST /app/installations/7/access_tokens"));
}

TEST_F(github_app_test, uses_a_token_until_a_minute_before_its_end)
{
    ASSERT_TRUE(publish("01KAYQ29100000000000000000-g1"));
    outside.time.advance_ns(3'530 * ns_per_s);
    outside.fake.now_s += 3'530;
    ASSERT_TRUE(publish("01KAYQ29100000000000000000-g2"));
    EXPECT_EQ(outside.fake.lent.size(), 1U);
    outside.time.advance_ns(11 * ns_per_s);
    outside.fake.now_s += 11;
    ASSERT_TRUE(publish("01KAYQ29100000000000000000-g3"));
    EXPECT_EQ(outside.fake.lent.size(), 2U);
}

TEST_F(github_app_test, asks_for_another_when_its_token_was_revoked)
{
    ASSERT_TRUE(publish("01KAYQ29100000000000000000-g1"));
    outside.fake.lent.push_back("revoked");
    ASSERT_TRUE(publish("01KAYQ29100000000000000000-g2"));
    EXPECT_EQ(outside.fake.lent.size(), 3U);
    EXPECT_EQ(outside.fake.count_issues(), 2U);
}

TEST_F(github_app_test, says_where_it_is_not_installed)
{
    outside.fake.is_installed = false;
    const auto done = publish("01KAYQ29100000000000000000-g1");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind::refused);
    EXPECT_THAT(done.error().text, HasSubstr("the app to be installed for acme/shop"));
}

TEST_F(github_app_test, tells_who_it_is)
{
    const auto who = outside.io.run(tracked->check());
    ASSERT_TRUE(who) << who.error().text;
    EXPECT_EQ(*who, "GitHub takes the key of the app reprise");
}

TEST(github_app_once, one_issue_whatever_single_request_fails)
{
    const effect wanted = ticket_effect("github:acme/shop");
    expect_once_whatever_fails<fake_github_app>(wanted, make, [](const fake_github_app& fake) {
        return fake.count_issues();
    });
}

TEST(rs256, takes_private_rsa_keys_of_enough_bits_only)
{
    EVP_PKEY* const small = EVP_RSA_gen(1024);
    EVP_PKEY* const curve = EVP_EC_gen("P-256");
    EXPECT_FALSE(net::rs256_signer::parse(pem_of(small)));
    EXPECT_FALSE(net::rs256_signer::parse(pem_of(curve)));
    EXPECT_FALSE(net::rs256_signer::parse("no key"));
    EXPECT_FALSE(net::rs256_signer::parse(""));
    EVP_PKEY_free(small);
    EVP_PKEY_free(curve);

    const auto signer = net::rs256_signer::parse(pem_of(shared_key()));
    ASSERT_TRUE(signer);
    EXPECT_TRUE(verifies("text", signer->sign("text").value()));
    EXPECT_FALSE(verifies("other", signer->sign("text").value()));
    EXPECT_EQ(net::to_base64url("\xFB\xFF\xFE?"), "-__-Pw");
}

}  // namespace
}  // namespace reprise::forge
