#include "../../server/http/oidc_token.hpp"
#include "oidc_tokens.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace reprise::http {
namespace {

namespace json = boost::json;
using test::claims_of;
using test::make_token;
using test::now_s;
using test::provider_keys_of;
using test::signer;

token_expectation expected()
{
    token_expectation wanted;
    wanted.issuer = "https://id.test";
    wanted.client_id = "reprise";
    wanted.nonce = "n-1";
    wanted.now_s = now_s;
    return wanted;
}

token_outcome check(const std::string& token, const token_expectation& wanted = expected())
{
    return check_id_token(token, *parse_provider_keys(provider_keys_of({"k1"})), wanted);
}

TEST(oidc_token, a_genuine_one_gives_its_claims)
{
    const auto outcome = check(make_token(claims_of("n-1")));
    ASSERT_TRUE(outcome.claims) << to_text(outcome.fault);
    EXPECT_EQ(outcome.claims->at("sub").as_string(), "42");
}

// Signatures made by others: by node, and that of RFC 7515, A.3. Their claims are not ours, so the issuer is what is
// wrong then.
TEST(oidc_token, rs256_and_es256_made_by_others_are_verified)
{
    const std::string modulus =
        "5__Xw_S6pJa-pNh-jQUQEK5soPyhHJE6X3Ew0YJP759auTRIvW4nj3SxQMpd0cutKxF9aJne8XQOezzalGqI18iWn1owapYEe4ji"
        "vo_8CcC0UpuslU8wl-_F1qLvMQ1Ioz2iFGwUNihI4GEj8Rz-Ob3yF8Wk5IssGdDXgG_LVPKqMj0muRYOiBPeZ51UBQQ0gVP6h2V7"
        "6NFcTzdmdNSLQyiQlbU81f4Jn8WVXCck-TJvOeyv3c0sDPjjNlA0B8o3o55g_HfpN-Lf0Z5HQdCVScQ9xC9_C61sNfYqzkhIFH7N"
        "NOQVBvt224EckEEP1bHNQxsfqb_pnIlsIMBmJkPWEw";
    const std::string rsa_keys = R"({"keys":[{"kty":"RSA","e":"AQAB","n":")" + modulus + "\"}]}";
    const std::string rsa_token =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.UAj4plFnuikOSGEewes8n_MAxAgZ8N7GMzhK1pJKo2iVW5SsughBSI1Rw2q3"
        "W6ja1tMh_fhfmSHSRQZ6MRAUXuRoxFOQWNzawgXp-_g-7O1Xo68IWfJQZ7b9ugam_CjA1RuIRgRwBQI7i9hnJJxMl1nsp9x086mO"
        "0sevoZeIut_9Am4je5kR59gTWZnrpy8XzxPD-cOdFGM2TMJfxSkCoGa-Q69IIlSVnosPHvoRlE7ua27HhiFMaYHCbIU3bTKSqIQr"
        "h513cAdqUKPhx6ebHUNKRDWsAewfwMKxfM6tcichO2K0skq1xVbJXDA5p7llLyh9i0JwZSVkn-e_gwD1GQ";
    const auto rsa = parse_provider_keys(rsa_keys);
    ASSERT_TRUE(rsa);
    ASSERT_EQ(rsa->size(), 1U);
    EXPECT_EQ(check_id_token(rsa_token, *rsa, expected()).fault, token_fault::issuer);
    std::string changed = rsa_token;
    changed[changed.size() - 10] = changed[changed.size() - 10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(check_id_token(changed, *rsa, expected()).fault, token_fault::signature);

    const std::string ec_keys =
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
    const std::string ec_token =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp"
        "0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    EXPECT_EQ(check_id_token(ec_token, *parse_provider_keys(ec_keys), expected()).fault, token_fault::issuer);
    EXPECT_EQ(check_id_token(ec_token, *rsa, expected()).fault, token_fault::unknown_key) << "a key of another kind";
}

struct hostile_case {
    std::string name;
    std::string token;
    token_fault fault;
};

void PrintTo(const hostile_case& one, std::ostream* out)
{
    *out << one.name;
}

json::object changed_claims(std::string_view name, json::value value)
{
    json::object claims = claims_of("n-1");
    claims[name] = std::move(value);
    return claims;
}

json::object without_claim(std::string_view name)
{
    json::object claims = claims_of("n-1");
    claims.erase(name);
    return claims;
}

// HS256 "signed" with what everybody knows, the public key: the classic way to fool a careless check.
std::string hmac_token()
{
    const std::string text = to_base64url(R"({"alg":"HS256","kid":"k1"})") + "." +
                             to_base64url(json::serialize(claims_of("n-1")));
    const auto digest = hmac_sha256(signer().public_bytes(), text);
    return text + "." + to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string unsigned_token()
{
    return to_base64url(R"({"alg":"none"})") + "." + to_base64url(json::serialize(claims_of("n-1"))) + ".";
}

std::string with_header(const std::string& header)
{
    return make_token(claims_of("n-1"), header);
}

std::vector<hostile_case> hostile_tokens()
{
    const std::string good = make_token(claims_of("n-1"));
    const json::array two = {"other", "reprise"};
    return {
        {"empty", "", token_fault::malformed},
        {"two_parts", good.substr(0, good.rfind('.')), token_fault::malformed},
        {"four_parts", good + ".x", token_fault::malformed},
        {"huge", std::string(id_token_bytes_max + 1, 'a'), token_fault::malformed},
        {"alg_none", unsigned_token(), token_fault::malformed},
        {"alg_none_with_a_signature", with_header(R"({"alg":"none","kid":"k1"})"), token_fault::algorithm},
        {"alg_of_another_case", with_header(R"({"alg":"eddsa","kid":"k1"})"), token_fault::algorithm},
        {"no_alg", with_header(R"({"kid":"k1"})"), token_fault::algorithm},
        {"hs256_with_the_public_key", hmac_token(), token_fault::algorithm},
        {"rs256_claimed_for_an_ed25519_key", with_header(R"({"alg":"RS256","kid":"k1"})"), token_fault::unknown_key},
        {"critical_extension", with_header(R"({"alg":"EdDSA","kid":"k1","crit":["x"]})"), token_fault::algorithm},
        {"unknown_kid", with_header(R"({"alg":"EdDSA","kid":"k9"})"), token_fault::unknown_key},
        {"changed_after_signing", good.substr(0, good.size() - 8) + "AAAAAAAA", token_fault::signature},
        {"other_issuer", make_token(changed_claims("iss", "https://id.test/")), token_fault::issuer},
        {"no_issuer", make_token(without_claim("iss")), token_fault::issuer},
        {"other_audience", make_token(changed_claims("aud", "other")), token_fault::audience},
        {"no_audience", make_token(without_claim("aud")), token_fault::audience},
        {"two_audiences_without_party", make_token(changed_claims("aud", two)), token_fault::audience},
        {"other_party", make_token(changed_claims("azp", "other")), token_fault::audience},
        {"expired", make_token(changed_claims("exp", now_s - clock_skew_s)), token_fault::expired},
        {"no_expiry", make_token(without_claim("exp")), token_fault::malformed},
        {"expiry_as_text", make_token(changed_claims("exp", "9999999999")), token_fault::malformed},
        {"expiry_beyond_all_bounds", make_token(changed_claims("exp", 1e300)), token_fault::malformed},
        {"issued_long_ago", make_token(changed_claims("iat", now_s - 7200)), token_fault::expired},
        {"issued_in_the_future", make_token(changed_claims("iat", now_s + 600)), token_fault::not_yet},
        {"not_valid_yet", make_token(changed_claims("nbf", now_s + 600)), token_fault::not_yet},
        {"other_nonce", make_token(claims_of("n-2")), token_fault::nonce},
        {"no_nonce", make_token(without_claim("nonce")), token_fault::nonce},
        {"no_subject", make_token(without_claim("sub")), token_fault::subject},
        {"empty_subject", make_token(changed_claims("sub", "")), token_fault::subject},
        {"endless_subject", make_token(changed_claims("sub", json::string(300, 'x'))), token_fault::subject},
    };
}

class hostile_token : public testing::TestWithParam<hostile_case> {};

TEST_P(hostile_token, is_refused_for_what_is_wrong_with_it)
{
    const auto outcome = check(GetParam().token);
    EXPECT_FALSE(outcome.claims);
    EXPECT_EQ(outcome.fault, GetParam().fault) << to_text(outcome.fault);
}

INSTANTIATE_TEST_SUITE_P(
    table, hostile_token, testing::ValuesIn(hostile_tokens()), [](const auto& named) { return named.param.name; }
);

TEST(oidc_token, two_audiences_do_when_we_are_the_party)
{
    json::object claims = changed_claims("aud", json::array{"other", "reprise"});
    claims["azp"] = "reprise";
    EXPECT_TRUE(check(make_token(claims)).claims);
}

TEST(oidc_token, a_fresh_sign_in_is_asked_for_by_its_time)
{
    token_expectation wanted = expected();
    wanted.fresh = true;
    EXPECT_EQ(check(make_token(without_claim("auth_time")), wanted).fault, token_fault::not_fresh);
    EXPECT_EQ(check(make_token(changed_claims("auth_time", now_s - 3600)), wanted).fault, token_fault::not_fresh);
    EXPECT_TRUE(check(make_token(changed_claims("auth_time", now_s - 5)), wanted).claims);
}

TEST(oidc_token, a_nonce_that_we_never_made_matches_nothing)
{
    token_expectation wanted = expected();
    wanted.nonce = "";
    EXPECT_EQ(check(make_token(claims_of("")), wanted).fault, token_fault::nonce);
}

TEST(oidc_token, without_a_name_the_key_must_be_the_only_one)
{
    const std::string nameless = with_header(R"({"alg":"EdDSA"})");
    EXPECT_TRUE(check(nameless).claims);
    const auto two = parse_provider_keys(provider_keys_of({"k1", "k2"}));
    EXPECT_EQ(check_id_token(nameless, *two, expected()).fault, token_fault::unknown_key);
    EXPECT_TRUE(check_id_token(make_token(claims_of("n-1")), *two, expected()).claims);
}

TEST(oidc_token, key_sets_are_bounded_and_what_is_no_key_is_passed_over)
{
    EXPECT_FALSE(parse_provider_keys("no json"));
    EXPECT_FALSE(parse_provider_keys("[]"));
    EXPECT_FALSE(parse_provider_keys(R"({"keys":{}})"));
    EXPECT_TRUE(parse_provider_keys(R"({"keys":[1,{},{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]})")
                    ->empty());
    std::vector<std::string> many(provider_keys_max + 10, "k");
    EXPECT_EQ(parse_provider_keys(provider_keys_of(many))->size(), provider_keys_max);
}

TEST(oidc_token, base64url_is_taken_strictly)
{
    EXPECT_EQ(from_base64url("_-8"), "\xff\xef");
    EXPECT_EQ(to_base64url("\xff\xef"), "_-8");
    for (const std::string bad : {"", "a", "ab=", "a+b/", "ab c", "abcd\n"})
        EXPECT_FALSE(from_base64url(bad)) << bad;
}

}  // namespace
}  // namespace reprise::http
