#include "../../server/http/oidc_people.hpp"
#include "../../server/http/oidc_state.hpp"
#include "../../server/http/oidc_token.hpp"
#include "../../server/http/oidc_urls.hpp"
#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::http {
namespace {

constexpr std::int64_t now_s = 1'700'000'000;

TEST(oidc_state, comes_back_once_with_its_cookie)
{
    oidc_journeys journeys;
    const auto begun = journeys.begin(oidc_purpose::sign_in, now_s);
    EXPECT_EQ(begun.journey.state.size(), 64U);
    EXPECT_GE(begun.journey.verifier.size(), 43U);
    EXPECT_EQ(begun.cookie.find(begun.journey.verifier), std::string::npos);
    EXPECT_EQ(begun.cookie.find(begun.journey.nonce), std::string::npos);

    const auto ended = journeys.end(begun.cookie, begun.journey.state, now_s + 1);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->nonce, begun.journey.nonce);
    EXPECT_EQ(ended->verifier, begun.journey.verifier);
    EXPECT_EQ(ended->purpose, oidc_purpose::sign_in);
    EXPECT_FALSE(journeys.end(begun.cookie, begun.journey.state, now_s + 2)) << "once";
}

TEST(oidc_state, is_refused_when_anything_about_it_is_another)
{
    oidc_journeys journeys;
    const auto one = journeys.begin(oidc_purpose::sign_in, now_s);
    const auto two = journeys.begin(oidc_purpose::again, now_s);
    EXPECT_FALSE(journeys.end(one.cookie, two.journey.state, now_s));
    EXPECT_FALSE(journeys.end(one.cookie, "", now_s));
    EXPECT_FALSE(journeys.end("", one.journey.state, now_s));
    EXPECT_FALSE(journeys.end("again" + one.cookie.substr(2), one.journey.state, now_s)) << "another purpose";
    EXPECT_FALSE(journeys.end(one.cookie, one.journey.state, now_s + oidc_journeys::lifetime_s)) << "too late";
    EXPECT_FALSE(oidc_journeys().end(one.cookie, one.journey.state, now_s)) << "of another process";
    EXPECT_FALSE(journeys.end(std::string(5000, 'a'), one.journey.state, now_s));
    EXPECT_TRUE(journeys.end(one.cookie, one.journey.state, now_s));
    EXPECT_EQ(journeys.end(two.cookie, two.journey.state, now_s)->purpose, oidc_purpose::again);
}

// RFC 7636, appendix B.
TEST(oidc_state, the_challenge_is_that_of_the_standard)
{
    oidc_journey journey;
    journey.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    EXPECT_EQ(journey.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

std::string discovery_of(const std::string& issuer, const std::string& more = "")
{
    return R"({"issuer":")" + issuer + R"(","authorization_endpoint":"https://id.test/auth","token_endpoint":)"
           R"("https://id.test/token","jwks_uri":"https://keys.test/jwks")" + more + "}";
}

TEST(oidc_urls, discovery_must_be_of_the_issuer_that_was_asked)
{
    EXPECT_EQ(discovery_url("https://id.test/realms/main/")->target, "/realms/main/.well-known/openid-configuration");
    const auto at = parse_discovery(discovery_of("https://id.test"), "https://id.test");
    ASSERT_TRUE(at);
    EXPECT_EQ(at->token.target, "/token");
    EXPECT_EQ(at->keys.host, "keys.test");
    EXPECT_TRUE(at->basic);
    EXPECT_FALSE(parse_discovery(discovery_of("https://evil.test"), "https://id.test"));
    EXPECT_FALSE(parse_discovery("{}", "https://id.test"));
    EXPECT_FALSE(parse_discovery("no json", "https://id.test"));
    const auto post = parse_discovery(
        discovery_of("https://id.test", R"(,"token_endpoint_auth_methods_supported":["client_secret_post"])"),
        "https://id.test"
    );
    EXPECT_FALSE(post->basic);
    std::string plain = discovery_of("https://id.test");
    plain.replace(plain.find("https://keys"), 5, "http");
    EXPECT_FALSE(parse_discovery(plain, "https://id.test")) << "keys over plain http could be anybody's";
}

TEST(oidc_urls, the_issuer_is_https_or_on_this_machine)
{
    EXPECT_EQ(oidc_origin("https://id.test/realms/main").value(), "https://id.test");
    EXPECT_EQ(oidc_origin("http://127.0.0.1:9000").value(), "http://127.0.0.1:9000");
    EXPECT_FALSE(oidc_origin("http://id.test"));
    EXPECT_FALSE(oidc_origin("id.test"));
    EXPECT_FALSE(oidc_origin(""));
}

oidc_config config_of()
{
    oidc_config config;
    config.issuer = "https://id.test";
    config.client_id = "reprise app";
    config.client_secret = "a:b%";
    config.scopes = {"profile", "groups"};
    for (const char* one : {"sre=viewer", "sre=operator", "leads=approver", "CN=ops=admin"})
        config.role_map.push_back(*parse_group_role(one));
    return config;
}

TEST(oidc_urls, the_way_there_carries_state_nonce_and_challenge)
{
    const auto at = *parse_discovery(discovery_of("https://id.test"), "https://id.test");
    oidc_journey journey;
    journey.state = "s1";
    journey.nonce = "n1";
    journey.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const std::string url = authorize_url(at, config_of(), journey, "http://127.0.0.1:4380/back");
    EXPECT_EQ(
        url, "https://id.test/auth?response_type=code&client_id=reprise%20app"
             "&redirect_uri=http%3A%2F%2F127.0.0.1%3A4380%2Fback&scope=openid%20profile%20groups&state=s1&nonce=n1"
             "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    journey.purpose = oidc_purpose::again;
    EXPECT_TRUE(authorize_url(at, config_of(), journey, "x").ends_with("&prompt=login&max_age=0"));
}

TEST(oidc_urls, the_secret_goes_where_the_provider_wants_it)
{
    auto at = *parse_discovery(discovery_of("https://id.test"), "https://id.test");
    oidc_journey journey;
    journey.verifier = "v";
    const auto basic = token_request_of(at, config_of(), journey, "c&d", "http://x/");
    EXPECT_EQ(net::find_header(basic.headers, "authorization"), "Basic " + to_base64("reprise%20app:a%3Ab%25"));
    EXPECT_EQ(
        basic.body, "grant_type=authorization_code&code=c%26d&redirect_uri=http%3A%2F%2Fx%2F&code_verifier=v"
    );
    at.basic = false;
    const auto post = token_request_of(at, config_of(), journey, "c", "x");
    EXPECT_EQ(net::find_header(post.headers, "authorization"), "");
    EXPECT_TRUE(post.body.ends_with("&client_id=reprise%20app&client_secret=a%3Ab%25"));
    oidc_config open = config_of();
    open.client_secret = "";
    EXPECT_TRUE(token_request_of(at, open, journey, "c", "x").body.ends_with("&client_id=reprise%20app"));
}

TEST(oidc_people, roles_are_those_of_all_groups_together)
{
    const boost::json::object claims = {{"groups", {"sre", "CN=ops", "somebody else's"}}};
    const model::roles roles = roles_of_claims(claims, config_of());
    EXPECT_EQ(model::to_text(roles), "viewer,operator,admin");
    EXPECT_EQ(roles_of_claims({{"groups", "leads"}}, config_of()).approver, true);
    EXPECT_EQ(roles_of_claims({{"groups", {"other", 7}}}, config_of()), model::roles{});
    EXPECT_EQ(roles_of_claims({}, config_of()), model::roles{});
    oidc_config nested = config_of();
    nested.groups_claim = "realm_access.roles";
    const boost::json::object realm = {{"realm_access", {{"roles", {"leads"}}}}};
    EXPECT_TRUE(roles_of_claims(realm, nested).approver);
    EXPECT_TRUE(roles_of_claims({{"realm_access.roles", {"leads"}}}, nested).approver);
}

TEST(oidc_people, a_role_map_is_group_and_one_known_role)
{
    for (const std::string bad : {"", "sre", "=viewer", "sre=", "sre=boss", "sre=viewer=x"})
        EXPECT_FALSE(parse_group_role(bad)) << bad;
    EXPECT_EQ(parse_group_role("CN=ops=admin")->group, "CN=ops");
}

TEST(oidc_people, names_hold_nothing_that_a_name_may_not)
{
    const auto name_of = [](boost::json::object claims) { return name_of_claims(claims, config_of()); };
    EXPECT_EQ(name_of({{"preferred_username", "ada"}, {"email", "x@y"}}), "ada");
    EXPECT_EQ(name_of({{"preferred_username", "  "}, {"email", "ada@y.test"}}), "ada@y.test");
    EXPECT_EQ(name_of({{"preferred_username", "a,b:c\nd"}}), "a.b.c.d");
    EXPECT_EQ(name_of({{"sub", "42"}}), "42");
    EXPECT_EQ(name_of({}), "somebody");
    const std::string long_name = name_of({{"preferred_username", std::string(40, 'x') + "\xc3\xa4\xc3\xa4" +
                                                                      std::string(100, '\xc3')}});
    EXPECT_LE(long_name.size(), 64U);
    oidc_config config = config_of();
    config.name_claim = "email";
    EXPECT_EQ(name_of_claims({{"preferred_username", "ada"}, {"email", "a@b"}}, config), "a@b");
}

}  // namespace
}  // namespace reprise::http
