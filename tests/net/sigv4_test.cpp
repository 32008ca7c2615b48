#include "reprise/net/sigv4.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

// The cases that AWS publishes: those of the signing test suite for the general rule, those of the S3
// documentation ("Signature Calculations for the Authorization Header") for S3's.
namespace reprise::net {
namespace {

const aws_credentials suite_keys = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const aws_credentials s3_keys = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const sigv4_scope suite_scope = {"us-east-1", "service", sigv4_rule::general};
const sigv4_scope s3_scope = {"us-east-1", "s3", sigv4_rule::s3};
const std::string empty_hash = sha256_hex("");

std::int64_t at(std::string_view text)
{
    return *parse_rfc3339(text);
}

client_request request_to(std::string host, std::string method, std::string target)
{
    client_request req;
    req.method = std::move(method);
    req.url.scheme = "https";
    req.url.host = std::move(host);
    req.url.port = 443;
    req.url.target = std::move(target);
    return req;
}

std::string signature_of(const client_request& req)
{
    const std::string_view value = find_header(req.headers, "authorization");
    return std::string(value.substr(value.rfind('=') + 1));
}

struct suite_case {
    std::string name;
    std::string method;
    std::string target;
    header_list headers;
    std::string body;
    std::string path;       // Of the canonical request.
    std::string query;
    std::string signature;
};

void PrintTo(const suite_case& one, std::ostream* out)
{
    *out << one.name;
}

const std::string unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const std::string body_hash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";

const std::vector<suite_case> suite_cases = {
    {"get-vanilla", "GET", "/", {}, "", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", {}, "", "/",
     "Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-order-encoded", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", {}, "", "/",
     "%E1%88%B4=Value1&Param=Value2&Param-3=Value3",
     "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"get-vanilla-utf8-query", "GET", "/?\u1234=bar", {}, "", "/", "%E1%88%B4=bar",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-vanilla-query-unreserved", "GET", "/?" + unreserved + "=" + unreserved, {}, "", "/",
     unreserved + "=" + unreserved, "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-unreserved", "GET", "/" + unreserved, {}, "", "/" + unreserved, "",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8", "GET", "/\u1234", {}, "", "/%E1%88%B4", "",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-space", "GET", "/example space/", {}, "", "/example%20space/", "",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-slashes", "GET", "//example//", {}, "", "/example/", "",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-relative-relative", "GET", "/example1/example2/../..", {}, "", "/", "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-dot-slash", "GET", "/./", {}, "", "/", "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-header-key-duplicate", "GET", "/",
     {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}, "", "/", "",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim", "GET", "/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}, "", "/", "",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-vanilla", "POST", "/", {}, "", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-header-key-sort", "POST", "/", {{"My-Header1", "value1"}}, "", "/", "",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"post-vanilla-query", "POST", "/?Param1=value1", {}, "", "/", "Param1=value1",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"post-x-www-form-urlencoded", "POST", "/",
     {{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Length", "13"},
      {"x-amz-content-sha256", body_hash}},
     "Param1=value1", "/", "", "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
    {"post-x-www-form-urlencoded-parameters", "POST", "/",
     {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"Content-Length", "13"},
      {"x-amz-content-sha256", body_hash}},
     "Param1=value1", "/", "", "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"},
};

class sigv4_suite : public testing::TestWithParam<suite_case> {};

TEST_P(sigv4_suite, signs_as_published)
{
    const suite_case& one = GetParam();
    client_request req = request_to("example.amazonaws.com", one.method, one.target);
    req.headers = one.headers;
    req.body = one.body;

    ASSERT_TRUE(sign_request(req, suite_keys, suite_scope, at("2015-08-30T12:36:00Z")));

    const std::string canonical = canonical_request(req, sigv4_rule::general, sha256_hex(one.body));
    EXPECT_TRUE(canonical.starts_with(one.method + "\n" + one.path + "\n" + one.query + "\n")) << canonical;
    EXPECT_EQ(signature_of(req), one.signature) << canonical;
}

INSTANTIATE_TEST_SUITE_P(aws, sigv4_suite, testing::ValuesIn(suite_cases), [](const auto& given) {
    std::string name = given.param.name;
    for (char& c : name)
        c = c == '-' ? '_' : c;
    return name;
});

TEST(sigv4, says_which_credential_scope_and_headers_it_used)
{
    client_request req = request_to("example.amazonaws.com", "GET", "/");

    ASSERT_TRUE(sign_request(req, suite_keys, suite_scope, at("2015-08-30T12:36:00Z")));

    EXPECT_EQ(
        find_header(req.headers, "authorization"),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
    EXPECT_EQ(
        string_to_sign(
            canonical_request(req, sigv4_rule::general, empty_hash), suite_scope, at("2015-08-30T12:36:00Z")
        ),
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
        "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"
    );
}

TEST(sigv4, signs_the_session_token_with_the_rest)
{
    aws_credentials keys = suite_keys;
    keys.session_token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    client_request req = request_to("example.amazonaws.com", "GET", "/");

    ASSERT_TRUE(sign_request(req, keys, suite_scope, at("2015-08-30T12:36:00Z")));

    EXPECT_EQ(signature_of(req), "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8");
    EXPECT_EQ(find_header(req.headers, "x-amz-security-token"), keys.session_token);
}

TEST(sigv4, signs_the_range_read_of_the_s3_documentation)
{
    client_request req = request_to("examplebucket.s3.amazonaws.com", "GET", "/test.txt");
    req.headers = {{"Range", "bytes=0-9"}};

    ASSERT_TRUE(sign_request(req, s3_keys, s3_scope, at("2013-05-24T00:00:00Z")));

    EXPECT_EQ(signature_of(req), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    EXPECT_EQ(find_header(req.headers, "x-amz-content-sha256"), empty_hash);
}

TEST(sigv4, signs_the_write_of_the_s3_documentation)
{
    client_request req = request_to("examplebucket.s3.amazonaws.com", "PUT", "/" + escape_uri("test$file.text", true));
    req.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    req.body = "Welcome to Amazon S3.";

    ASSERT_TRUE(sign_request(req, s3_keys, s3_scope, at("2013-05-24T00:00:00Z")));

    EXPECT_EQ(signature_of(req), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(sigv4, signs_the_lifecycle_read_and_the_list_of_the_s3_documentation)
{
    client_request lifecycle = request_to("examplebucket.s3.amazonaws.com", "GET", "/?lifecycle");
    client_request list = request_to("examplebucket.s3.amazonaws.com", "GET", "/?max-keys=2&prefix=J");

    ASSERT_TRUE(sign_request(lifecycle, s3_keys, s3_scope, at("2013-05-24T00:00:00Z")));
    ASSERT_TRUE(sign_request(list, s3_keys, s3_scope, at("2013-05-24T00:00:00Z")));

    EXPECT_EQ(signature_of(lifecycle), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(signature_of(list), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(sigv4, leaves_a_path_for_s3_as_it_is_sent)
{
    const client_request req = request_to("b.s3.amazonaws.com", "GET", "/a//b/%2E%2E/c%20d/");

    EXPECT_TRUE(canonical_request(req, sigv4_rule::s3, empty_hash).starts_with("GET\n/a//b/%2E%2E/c%20d/\n\n"));
    EXPECT_TRUE(canonical_request(req, sigv4_rule::general, empty_hash).starts_with("GET\n/a/b/%252E%252E/c%2520d/\n"));
}

TEST(sigv4, a_request_signed_again_carries_one_signature)
{
    client_request once = request_to("b.s3.amazonaws.com", "GET", "/x");
    ASSERT_TRUE(sign_request(once, s3_keys, s3_scope, at("2013-05-24T00:10:00Z")));
    client_request twice = request_to("b.s3.amazonaws.com", "GET", "/x");
    ASSERT_TRUE(sign_request(twice, s3_keys, s3_scope, at("2013-05-24T00:00:00Z")));

    ASSERT_TRUE(sign_request(twice, s3_keys, s3_scope, at("2013-05-24T00:10:00Z")));

    EXPECT_EQ(once.headers, twice.headers);
}

TEST(sigv4, leaves_a_body_unsigned_only_over_tls)
{
    client_request req = request_to("b.s3.amazonaws.com", "PUT", "/x");
    req.body = "some bytes";

    ASSERT_TRUE(sign_request(req, s3_keys, s3_scope, at("2013-05-24T00:00:00Z"), sigv4_payload::unsigned_over_tls));
    EXPECT_EQ(find_header(req.headers, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");

    req.url.scheme = "http";
    const auto refused =
        sign_request(req, s3_keys, s3_scope, at("2013-05-24T00:00:00Z"), sigv4_payload::unsigned_over_tls);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::scheme_refused);
}

TEST(sigv4, without_keys_nothing_is_signed)
{
    client_request req = request_to("b.s3.amazonaws.com", "GET", "/x");

    EXPECT_FALSE(sign_request(req, {}, s3_scope, at("2013-05-24T00:00:00Z")));
    EXPECT_TRUE(req.headers.empty());
}

TEST(sigv4, escapes_every_byte_of_a_key_that_a_url_could_read_otherwise)
{
    EXPECT_EQ(escape_uri("evidence/a%2Fb/\xC3\xA9 +?#&=.gz", true), "evidence/a%252Fb/%C3%A9%20%2B%3F%23%26%3D.gz");
    EXPECT_EQ(escape_uri("a/b", false), "a%2Fb");
    EXPECT_EQ(escape_uri(std::string("\0\x7f", 2), true), "%00%7F");
}

}  // namespace
}  // namespace reprise::net
