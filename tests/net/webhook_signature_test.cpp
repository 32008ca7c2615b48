#include "reprise/net/webhook_signature.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

// Vectors: GitHub's and Slack's documentation, the libraries of Standard Webhooks. The other hex forms are the same
// function; their vectors were made with `openssl dgst -sha256 -hmac`.
namespace reprise::net {

void PrintTo(signature_check value, std::ostream* out)
{
    *out << to_text(value);
}

namespace {

constexpr std::string_view hello = "Hello, World!";
constexpr std::string_view hello_hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
const std::vector<std::string> hello_secrets = {"It's a Secret to Everybody"};
const std::vector<std::string> rotated_secrets = {"the one before", "It's a Secret to Everybody"};
const std::vector<std::string> no_secrets;

std::string with_prefix(std::string_view prefix, std::string_view hex)
{
    return std::string(prefix).append(hex);
}

TEST(github_signature, that_of_the_documentation_is_good)
{
    EXPECT_EQ(hex_signature(hello_secrets[0], hello), hello_hex);
    EXPECT_EQ(check_github(hello_secrets, hello, with_prefix("sha256=", hello_hex)), signature_check::good);
}

TEST(github_signature, a_second_secret_is_tried)
{
    EXPECT_EQ(check_github(rotated_secrets, hello, with_prefix("sha256=", hello_hex)), signature_check::good);
}

TEST(github_signature, another_body_or_secret_is_a_mismatch)
{
    const std::vector<std::string> others = {"another", ""};
    const std::string signature = with_prefix("sha256=", hello_hex);

    EXPECT_EQ(check_github(hello_secrets, "Hello, World?", signature), signature_check::mismatch);
    EXPECT_EQ(check_github(others, hello, signature), signature_check::mismatch);
    EXPECT_EQ(check_github(no_secrets, hello, signature), signature_check::mismatch);
}

TEST(github_signature, what_is_none_is_told_apart)
{
    EXPECT_EQ(check_github(hello_secrets, hello, ""), signature_check::missing);
    EXPECT_EQ(check_github(hello_secrets, hello, hello_hex), signature_check::malformed);
    EXPECT_EQ(check_github(hello_secrets, hello, "sha256="), signature_check::malformed);
    EXPECT_EQ(check_github(hello_secrets, hello, "sha256=" + std::string(64, 'g')), signature_check::malformed);
    EXPECT_EQ(check_github(hello_secrets, hello, with_prefix("sha1=", hello_hex)), signature_check::malformed);
}

TEST(github_signature, an_empty_secret_fits_nothing)
{
    const std::vector<std::string> empty = {""};
    EXPECT_EQ(
        check_github(empty, hello, with_prefix("sha256=", hex_signature("", hello))), signature_check::mismatch
    );
}

TEST(sentry_signature, is_hex_alone)
{
    EXPECT_EQ(check_hex(hello_secrets, hello, hello_hex), signature_check::good);
    EXPECT_EQ(check_hex(hello_secrets, hello, with_prefix("sha256=", hello_hex)), signature_check::malformed);
    EXPECT_EQ(check_hex(hello_secrets, hello, std::string(64, '0')), signature_check::mismatch);
}

TEST(pagerduty_signature, one_of_the_list_is_enough)
{
    const std::string wrong = "v1=" + std::string(64, '0');
    const std::string right = with_prefix("v1=", hello_hex);

    EXPECT_EQ(check_pagerduty(hello_secrets, hello, right), signature_check::good);
    EXPECT_EQ(check_pagerduty(hello_secrets, hello, wrong + "," + right), signature_check::good);
    EXPECT_EQ(check_pagerduty(hello_secrets, hello, "v2=abc, " + right), signature_check::good);
    EXPECT_EQ(check_pagerduty(hello_secrets, hello, wrong + ",v2=abc"), signature_check::mismatch);
    EXPECT_EQ(check_pagerduty(hello_secrets, hello, "v2=abc"), signature_check::malformed);
    EXPECT_EQ(check_pagerduty(hello_secrets, hello, ""), signature_check::missing);
}

TEST(pagerduty_signature, a_list_without_end_is_not_walked_to_its_end)
{
    std::string list;
    for (int i = 0; i < 16; ++i)
        list += "v1=" + std::string(64, '0') + ",";
    EXPECT_EQ(check_pagerduty(hello_secrets, hello, list + with_prefix("v1=", hello_hex)), signature_check::mismatch);
}

TEST(grafana_signature, covers_the_time_where_one_is_sent)
{
    const std::string signature = hex_signature(hello_secrets[0], "1700000000:Hello, World!");
    const std::int64_t now_ns = 1'700'000'200 * ns_per_s;

    EXPECT_EQ(check_grafana(hello_secrets, hello, signature, "1700000000", now_ns), signature_check::good);
    EXPECT_EQ(check_grafana(hello_secrets, hello, signature, "1700000001", now_ns), signature_check::mismatch);
    EXPECT_EQ(check_grafana(hello_secrets, hello, signature, "", now_ns), signature_check::missing);
    EXPECT_EQ(check_grafana(hello_secrets, hello, signature, "17e8", now_ns), signature_check::malformed);
    EXPECT_EQ(
        check_grafana(hello_secrets, hello, signature, "1700000000", now_ns + 101 * ns_per_s), signature_check::stale
    );
}

// Of "Verifying requests from Slack".
constexpr std::string_view slack_body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
    "https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
    "398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
constexpr std::string_view slack_signed = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
constexpr std::int64_t slack_time_s = 1'531'420'618;
const std::vector<std::string> slack_secrets = {"8f742231b10e8888abcd99yyyzzz85a5"};

signature_check check_slack_at(std::int64_t now_ns)
{
    return check_slack(slack_secrets, slack_body, slack_signed, "1531420618", now_ns);
}

TEST(slack_signature, that_of_the_documentation_is_good)
{
    EXPECT_EQ(slack_signature(slack_secrets[0], slack_time_s, slack_body), slack_signed);
    EXPECT_EQ(check_slack_at(slack_time_s * ns_per_s), signature_check::good);
}

TEST(slack_signature, is_good_for_five_minutes_either_way)
{
    EXPECT_EQ(check_slack_at((slack_time_s + 300) * ns_per_s), signature_check::good);
    EXPECT_EQ(check_slack_at((slack_time_s - 300) * ns_per_s), signature_check::good);
    EXPECT_EQ(check_slack_at((slack_time_s + 300) * ns_per_s + 1), signature_check::stale);
    EXPECT_EQ(check_slack_at((slack_time_s - 300) * ns_per_s - 1), signature_check::stale);
}

TEST(slack_signature, another_time_is_a_mismatch_however_near_it_is)
{
    const std::int64_t now_ns = slack_time_s * ns_per_s;
    EXPECT_EQ(
        check_slack(slack_secrets, slack_body, slack_signed, "1531420619", now_ns), signature_check::mismatch
    );
    EXPECT_EQ(check_slack(slack_secrets, slack_body, slack_signed, "-1", now_ns), signature_check::malformed);
    EXPECT_EQ(
        check_slack(slack_secrets, slack_body, slack_signed, "99999999999999999999", now_ns),
        signature_check::malformed
    );
}

TEST(plain_token, is_compared_whole)
{
    const std::vector<std::string> tokens = {"first-token", "second-token"};

    EXPECT_EQ(check_token(tokens, "second-token"), signature_check::good);
    EXPECT_EQ(check_token(tokens, "second-toke"), signature_check::mismatch);
    EXPECT_EQ(check_token(tokens, "second-token "), signature_check::mismatch);
    EXPECT_EQ(check_token(tokens, ""), signature_check::missing);
}

TEST(authorization, takes_bearer_and_basic)
{
    const std::vector<std::string> tokens = {"a-bearer-token", "user:pass:word"};

    EXPECT_EQ(check_authorization(tokens, "Bearer a-bearer-token"), signature_check::good);
    EXPECT_EQ(check_authorization(tokens, "bearer  a-bearer-token"), signature_check::good);
    EXPECT_EQ(check_authorization(tokens, "Basic " + to_base64("user:pass:word")), signature_check::good);
    EXPECT_EQ(check_authorization(tokens, "Basic " + to_base64("user:other")), signature_check::mismatch);
    EXPECT_EQ(check_authorization(tokens, "Bearer another-token"), signature_check::mismatch);
    EXPECT_EQ(check_authorization(tokens, "Basic %%%"), signature_check::malformed);
    EXPECT_EQ(check_authorization(tokens, "Digest a-bearer-token"), signature_check::malformed);
    EXPECT_EQ(check_authorization(tokens, ""), signature_check::missing);
}

constexpr std::string_view standard_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t standard_time_s = 1'614'265'330;
constexpr std::int64_t standard_now_ns = standard_time_s * ns_per_s;
constexpr std::string_view standard_body = R"({"test": 2432232314})";
constexpr std::string_view shared_text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view shared_signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr std::string_view private_text =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
constexpr std::string_view public_text = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
constexpr std::string_view ed25519_signed =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

std::vector<webhook_key> keys_of(std::vector<std::string_view> texts)
{
    std::vector<webhook_key> keys;
    for (const std::string_view text : texts)
        keys.push_back(webhook_key::parse(text).value());
    return keys;
}

signature_check check(const std::vector<webhook_key>& keys, std::string_view signature)
{
    return check_standard(keys, standard_body, {standard_id, "1614265330", signature}, standard_now_ns);
}

TEST(standard_webhook, the_published_signatures_are_made_and_good)
{
    const auto shared = webhook_key::parse(shared_text).value();
    const auto secret = webhook_key::parse(private_text).value();

    EXPECT_EQ(shared.sign(standard_id, standard_time_s, standard_body).value(), shared_signed);
    EXPECT_EQ(secret.sign(standard_id, standard_time_s, standard_body).value(), ed25519_signed);
    EXPECT_EQ(check(keys_of({shared_text}), shared_signed), signature_check::good);
    EXPECT_EQ(check(keys_of({public_text}), ed25519_signed), signature_check::good);
    EXPECT_EQ(check(keys_of({private_text}), ed25519_signed), signature_check::good);
}

TEST(standard_webhook, one_signature_and_one_key_that_fit_are_enough)
{
    const std::string signatures = "v1,AAAA v2,unknown " + std::string(shared_signed);
    const auto fresh = webhook_key::make_secret();

    EXPECT_EQ(check(keys_of({fresh, shared_text}), signatures), signature_check::good);
    EXPECT_EQ(check(keys_of({fresh}), signatures), signature_check::mismatch);
}

TEST(standard_webhook, a_signature_of_one_kind_is_not_taken_for_the_other)
{
    const std::string as_shared = "v1," + std::string(ed25519_signed.substr(4));
    const std::string as_ed25519 = "v1a," + std::string(shared_signed.substr(3));

    EXPECT_EQ(check(keys_of({shared_text, public_text}), as_shared), signature_check::mismatch);
    EXPECT_EQ(check(keys_of({shared_text, public_text}), as_ed25519), signature_check::mismatch);
}

TEST(standard_webhook, body_id_and_time_are_signed)
{
    const auto keys = keys_of({shared_text});
    const auto check_with = [&](std::string_view body, std::string_view id, std::string_view time) {
        return check_standard(keys, body, {id, time, shared_signed}, standard_now_ns);
    };

    EXPECT_EQ(check_with(standard_body, standard_id, "1614265330"), signature_check::good);
    EXPECT_EQ(check_with("{}", standard_id, "1614265330"), signature_check::mismatch);
    EXPECT_EQ(check_with(standard_body, "msg_other", "1614265330"), signature_check::mismatch);
    EXPECT_EQ(check_with(standard_body, standard_id, "1614265331"), signature_check::mismatch);
}

TEST(standard_webhook, what_is_none_is_told_apart)
{
    const auto keys = keys_of({shared_text});
    const auto check_with = [&](std::string_view id, std::string_view time, std::string_view signature) {
        return check_standard(keys, standard_body, {id, time, signature}, standard_now_ns);
    };

    EXPECT_EQ(check_with("", "1614265330", shared_signed), signature_check::missing);
    EXPECT_EQ(check_with(standard_id, "", shared_signed), signature_check::missing);
    EXPECT_EQ(check_with(standard_id, "1614265330", " "), signature_check::missing);
    EXPECT_EQ(check_with("msg.1614265330", "1614265330", shared_signed), signature_check::malformed);
    EXPECT_EQ(check_with(standard_id, "16142653e1", shared_signed), signature_check::malformed);
    EXPECT_EQ(check_with(standard_id, "1614265330", "sha256=abc"), signature_check::malformed);
}

TEST(standard_webhook, is_good_for_five_minutes_either_way)
{
    const auto keys = keys_of({shared_text});
    const auto check_at = [&](std::int64_t now_ns) {
        return check_standard(keys, standard_body, {standard_id, "1614265330", shared_signed}, now_ns);
    };

    EXPECT_EQ(check_at(standard_now_ns + 300 * ns_per_s), signature_check::good);
    EXPECT_EQ(check_at(standard_now_ns + 301 * ns_per_s), signature_check::stale);
    EXPECT_EQ(check_at(standard_now_ns - 301 * ns_per_s), signature_check::stale);
}

TEST(webhook_key, other_forms_are_refused)
{
    const std::string bytes_23 = "whsec_" + to_base64(std::string(23, 'a'));
    const std::string bytes_65 = "whsec_" + to_base64(std::string(65, 'a'));
    const std::string foreign_public = "whsk_" + to_base64(std::string(64, 'a'));
    const std::string short_public = "whpk_" + to_base64(std::string(31, 'a'));

    for (const std::string& text : {bytes_23, bytes_65, foreign_public, short_public, std::string("whsec_"),
                                    std::string("whsec_not base64"), std::string("plain"), std::string()})
        EXPECT_EQ(webhook_key::parse(text).error(), reprise::errc::invalid_argument) << text;
}

TEST(webhook_key, what_may_not_be_signed_is_refused)
{
    const auto shared = webhook_key::parse(shared_text).value();
    const auto reader = webhook_key::parse(public_text).value();

    EXPECT_FALSE(reader.can_sign());
    EXPECT_TRUE(reader.sign("msg_1", 1, "{}").has_error());
    EXPECT_TRUE(shared.sign("msg.1", 1, "{}").has_error());
    EXPECT_TRUE(shared.sign("", 1, "{}").has_error());
    EXPECT_TRUE(shared.sign(std::string(257, 'a'), 1, "{}").has_error());
    EXPECT_TRUE(shared.sign(std::string(256, 'a'), 1, "{}").has_value());
}

TEST(webhook_key, a_new_secret_signs_and_is_another_each_time)
{
    const std::string text = webhook_key::make_secret();
    const auto made = webhook_key::parse(text);

    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(made->can_sign());
    EXPECT_NE(text, webhook_key::make_secret());
}

}  // namespace
}  // namespace reprise::net
