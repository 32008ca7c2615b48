#include "../../server/ingest/sns_verify.hpp"

#include "sns_sender.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <ostream>

namespace reprise::ingest {
namespace {

namespace asio = boost::asio;
using test::sns_letter;

TEST(sns_topic, is_an_arn_of_sns)
{
    const auto topic = find_sns_topic("arn:aws-cn:sns:cn-north-1:123456789012:alarms");

    ASSERT_TRUE(topic.has_value());
    EXPECT_EQ(topic->region, "cn-north-1");
    EXPECT_EQ(sns_host(*topic), "sns.cn-north-1.amazonaws.com.cn");
    for (const std::string_view arn : {"", "arn:aws:sqs:eu-west-1:123456789012:alarms", "arn:aws:sns:eu-west-1:12x:a",
                                       "arn:aws:sns:eu/west:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:",
                                       "arn:aws:sns:eu-west-1:123456789012:a:b", "arn:x:sns:eu-west-1:1:a"})
        EXPECT_FALSE(find_sns_topic(arn).has_value()) << arn;
}

TEST(sns_topic, has_a_region_that_can_be_a_part_of_a_host_name)
{
    const auto with_region = [](const std::string& region) {
        return find_sns_topic("arn:aws:sns:" + region + ":123456789012:alarms");
    };
    EXPECT_TRUE(with_region(std::string(63, 'a')));
    for (const std::string& wrong :
         {std::string(64, 'a'), std::string(300, 'a'), std::string("-eu-west"), std::string("eu-west-")})
        EXPECT_FALSE(with_region(wrong)) << wrong;
}

TEST(sns_topic, its_addresses_are_those_of_its_region)
{
    const auto topic = *find_sns_topic(test::sns_topic_arn);

    EXPECT_TRUE(find_certificate_url("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem", topic));
    EXPECT_TRUE(find_certificate_url("https://SNS.eu-west-1.amazonaws.com:443/a.pem", topic));
    EXPECT_TRUE(find_sns_url("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1", topic));
    for (const std::string_view url :
         {"http://sns.eu-west-1.amazonaws.com/a.pem", "https://sns.us-east-1.amazonaws.com/a.pem",
          "https://sns.eu-west-1.amazonaws.com.example.org/a.pem", "https://user@sns.eu-west-1.amazonaws.com/a.pem",
          "https://sns.eu-west-1.amazonaws.com:8443/a.pem", "https://sns.eu-west-1.amazonaws.com/a.pem?b=c.pem",
          "https://sns.eu-west-1.amazonaws.com/a.txt", "https://sns.eu-west-1.amazonaws.com.cn/a.pem",
          "https://xsns.eu-west-1.amazonaws.com/a.pem", "https://127.0.0.1/a.pem",
          "https://sns.eu-west-1.amazonaws.com#@evil.test/a.pem", "a.pem", ""})
        EXPECT_FALSE(find_certificate_url(url, topic).has_value()) << url;
}

TEST(sns_message, what_is_signed_depends_on_the_type)
{
    sns_message message;
    message.type = "Notification";
    message.message_id = "id";
    message.topic_arn = "arn";
    message.message = "text\nwith lines";
    message.timestamp = "2026-11-21T04:00:00.000Z";
    EXPECT_EQ(
        sns_signed_text(message),
        "Message\ntext\nwith lines\nMessageId\nid\nTimestamp\n2026-11-21T04:00:00.000Z\nTopicArn\narn\n"
        "Type\nNotification\n"
    );

    message.subject = "";
    EXPECT_NE(sns_signed_text(message).find("MessageId\nid\nSubject\n\nTimestamp"), std::string::npos);

    message.type = "SubscriptionConfirmation";
    message.token = "token";
    message.subscribe_url = "https://sns";
    EXPECT_EQ(
        sns_signed_text(message),
        "Message\ntext\nwith lines\nMessageId\nid\nSubscribeURL\nhttps://sns\nTimestamp\n2026-11-21T04:00:00.000Z\n"
        "Token\ntoken\nTopicArn\narn\nType\nSubscriptionConfirmation\n"
    );
}

TEST(sns_message, what_is_missing_is_named)
{
    const auto reason = [](std::string_view body) {
        const auto message = parse_sns(body);
        return message ? find_missing_part(*message).value_or(hook_fault{}).reason : message.error().reason;
    };

    EXPECT_EQ(reason(R"({"Message":"m"})"), "The SNS message has no Type.");
    EXPECT_EQ(reason(R"({"Type":"Notification"})"), "The SNS message has no Message.");
    EXPECT_EQ(reason(R"({"Type":"Notification","Message":""})"), "The SNS message has no MessageId.");
    EXPECT_NE(reason(R"({"Type":"Surprise","Message":""})").find("\"Surprise\""), std::string::npos);
    EXPECT_EQ(
        reason(R"({"Type":"SubscriptionConfirmation","Message":"","MessageId":"1","TopicArn":"a","Timestamp":"t",
                "SignatureVersion":"2","Signature":"s","SigningCertUrl":"u"})"),
        "The SNS message has no Token."
    );
}

class sns_verify_test : public testing::Test {
protected:
    test::sns_office office;
    metrics numbers;
    sns_settings settings = {{test::sns_topic_arn}, {}, false, {}};
    manual_clock time{system_clock().now_ns()};
    sns_certificates certificates{
        office, net::load_certificate_trust(office.ca_file()).value(), numbers};
    sns_verifier verifier{settings, certificates};

    std::optional<hook_refusal> verify(const sns_letter& letter)
    {
        asio::io_context context;
        const auto message = parse_sns(office.write(letter, time.now_ns()));
        auto done = asio::co_spawn(context, verifier.verify(*message, time.now_ns()), asio::use_future);
        context.run();
        return done.get();
    }
    std::string reason(const sns_letter& letter)
    {
        const auto refused = verify(letter);
        return refused ? std::string(refused->reason) + " " + std::to_string(refused->status) : "good";
    }
};

TEST_F(sns_verify_test, a_signed_message_of_our_topic_is_good)
{
    EXPECT_EQ(reason({}), "good");
    sns_letter confirmation;
    confirmation.type = "SubscriptionConfirmation";
    EXPECT_EQ(reason(confirmation), "good");
}

TEST_F(sns_verify_test, the_certificate_is_fetched_once)
{
    EXPECT_EQ(reason({}), "good");
    EXPECT_EQ(reason({}), "good");
    EXPECT_EQ(office.fetches(), 1U);
}

TEST_F(sns_verify_test, nothing_is_fetched_for_a_topic_that_is_not_ours)
{
    sns_letter letter;
    letter.topic = "arn:aws:sns:eu-west-1:999999999999:alarms";
    EXPECT_EQ(reason(letter), "topic 401");
    EXPECT_EQ(office.fetches(), 0U);
}

TEST_F(sns_verify_test, a_changed_message_is_refused)
{
    sns_letter letter;
    letter.tamper = true;
    EXPECT_EQ(reason(letter), "mismatch 401");
}

TEST_F(sns_verify_test, sha1_is_taken_only_where_it_is_allowed)
{
    sns_letter letter;
    letter.version = "1";
    EXPECT_EQ(reason(letter), "sha1 401");
    EXPECT_EQ(office.fetches(), 0U);

    settings.takes_sha1 = true;
    EXPECT_EQ(reason(letter), "good");
    letter.version = "3";
    EXPECT_EQ(reason(letter), "malformed 400");
}

TEST_F(sns_verify_test, a_message_is_fresh_for_an_hour)
{
    sns_letter letter;
    letter.age_ns = sns_message_age_ns_max - ns_per_s;
    EXPECT_EQ(reason(letter), "good");
    letter.age_ns = sns_message_age_ns_max + ns_per_s;
    EXPECT_EQ(reason(letter), "stale 401");
    letter.age_ns = -sns_message_age_ns_max - ns_per_s;
    EXPECT_EQ(reason(letter), "stale 401");
}

TEST_F(sns_verify_test, a_certificate_elsewhere_is_not_asked_for)
{
    sns_letter letter;
    letter.cert_url = "https://sns.us-east-1.amazonaws.com/a.pem";
    EXPECT_EQ(reason(letter), "certificate_url 401");
    EXPECT_EQ(office.fetches(), 0U);
}

TEST_F(sns_verify_test, trouble_with_the_certificate_is_no_fault_of_the_sender)
{
    office.fail_next();
    EXPECT_EQ(reason({}), "certificate 503");
    EXPECT_EQ(reason({}), "good");

    const test::message_authority stranger;
    office.sign_as(stranger);
    sns_letter elsewhere;
    elsewhere.cert_url = "https://sns.eu-west-1.amazonaws.com/other.pem";
    EXPECT_EQ(reason(elsewhere), "certificate 503");
}

TEST_F(sns_verify_test, only_so_many_certificates_are_asked_for_in_a_minute)
{
    const auto letter_of = [](std::size_t number) {
        sns_letter letter;
        letter.cert_url = "https://sns.eu-west-1.amazonaws.com/" + std::to_string(number) + ".pem";
        return letter;
    };
    for (std::size_t i = 0; i < sns_fetches_max; ++i)
        ASSERT_EQ(reason(letter_of(i)), "good");

    EXPECT_EQ(reason(letter_of(sns_fetches_max)), "certificate 503");
    EXPECT_EQ(reason(letter_of(sns_fetches_max - 1)), "good");
    time.advance_ns(60 * ns_per_s);
    EXPECT_EQ(reason(letter_of(sns_fetches_max)), "good");
    // The first one is no longer kept.
    EXPECT_EQ(reason(letter_of(0)), "good");
    EXPECT_EQ(office.fetches(), sns_fetches_max + 2);
}

}  // namespace
}  // namespace reprise::ingest
