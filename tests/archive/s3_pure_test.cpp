#include "../../server/archive/s3_answer.hpp"
#include "../../server/archive/s3_attempts.hpp"
#include "../../server/archive/s3_request.hpp"
#include "../../server/archive/s3_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::archive {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

s3_config config_fixture(bucket_style style)
{
    s3_config config;
    config.endpoint = net::parse_url("https://s3.eu-central-1.amazonaws.com").value();
    config.bucket = "evidence-of.ours";
    config.region = "eu-central-1";
    config.style = style;
    config.keys = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
    return config;
}

TEST(s3_request, both_styles_name_the_same_object)
{
    const auto by_path = url_of(config_fixture(bucket_style::path), "a%2F/\xC3\xA9", {{"partNumber", "1"}});
    const auto by_host = url_of(config_fixture(bucket_style::host), "a%2F/\xC3\xA9", {{"partNumber", "1"}});

    EXPECT_EQ(by_path.host, "s3.eu-central-1.amazonaws.com");
    EXPECT_EQ(by_path.target, "/evidence-of.ours/a%252F/%C3%A9?partNumber=1");
    EXPECT_EQ(by_host.host, "evidence-of.ours.s3.eu-central-1.amazonaws.com");
    EXPECT_EQ(by_host.target, "/a%252F/%C3%A9?partNumber=1");
    EXPECT_EQ(url_of(config_fixture(bucket_style::path), "", {}).target, "/evidence-of.ours");
    EXPECT_EQ(url_of(config_fixture(bucket_style::host), "", {}).target, "/");
}

TEST(s3_request, a_configuration_says_what_is_wrong_with_it)
{
    const auto fault = [](const std::function<void(s3_config&)>& change) {
        s3_config config = config_fixture(bucket_style::path);
        change(config);
        return find_fault(config).value_or("");
    };
    EXPECT_EQ(fault([](s3_config&) {}), "");
    EXPECT_THAT(fault([](s3_config& c) { c.endpoint.target = "/minio"; }), HasSubstr("without a path"));
    for (const char* bucket : {"", "ab", "Upper", "-edge", "edge-", "two..dots", "a/b", "under_score"})
        EXPECT_THAT(fault([bucket](s3_config& c) { c.bucket = bucket; }), HasSubstr("bucket's name")) << bucket;
    for (const char* region : {"", "us east", "us/east", "US"})
        EXPECT_THAT(fault([region](s3_config& c) { c.region = region; }), HasSubstr("region")) << region;
    for (const char* prefix : {"/", "/a/", "a", "a//", "a/../", "../", "a b/"})
        EXPECT_THAT(fault([prefix](s3_config& c) { c.prefix = prefix; }), HasSubstr("prefix")) << prefix;
    EXPECT_THAT(fault([](s3_config& c) { c.keys.secret_access_key.clear(); }), HasSubstr("missing"));
    EXPECT_THAT(fault([](s3_config& c) { c.keys.session_token = "a\nb"; }), HasSubstr("no key has"));
    EXPECT_THAT(fault([](s3_config& c) { c.style = bucket_style::host; }), HasSubstr("has no certificate"));
    const auto by_address = [](s3_config& c) {
        c.style = bucket_style::host;
        c.bucket = "evidence";
        c.endpoint.host = "10.0.0.1";
    };
    EXPECT_THAT(fault(by_address), HasSubstr("before an address"));
}

TEST(s3_attempts, wait_twice_as_long_each_time_and_end_at_the_limit)
{
    s3_limits limits;
    limits.attempts_max = 5;
    limits.delay_first = 200ms;
    limits.delay_max = 500ms;
    s3_attempts attempts(limits, true);

    EXPECT_EQ(attempts.next(attempt_end::put_off, 0.0), 100ms);
    EXPECT_EQ(attempts.next(attempt_end::not_sent, 0.5), 300ms);
    EXPECT_EQ(attempts.next(attempt_end::lost, 0.0), 250ms);
    EXPECT_EQ(attempts.next(attempt_end::lost, 0.999), 499ms);
    EXPECT_EQ(attempts.next(attempt_end::put_off, 0.0), std::nullopt);
    EXPECT_EQ(attempts.count(), 5);
}

TEST(s3_attempts, wait_as_long_as_the_server_asks_but_not_for_ever)
{
    s3_limits limits;
    limits.delay_max = 10s;
    EXPECT_EQ(s3_attempts(limits, true).next(attempt_end::put_off, 0.0, 3s), 3s);
    EXPECT_EQ(s3_attempts(limits, true).next(attempt_end::put_off, 0.0, 3600s), 10s);
    EXPECT_EQ(s3_attempts(limits, true).next(attempt_end::put_off, 0.0, 0s), 100ms);
}

TEST(s3_attempts, end_at_once_when_another_would_change_nothing_or_too_much)
{
    const s3_limits limits;
    EXPECT_EQ(s3_attempts(limits, true).next(attempt_end::done, 0.0), std::nullopt);
    EXPECT_EQ(s3_attempts(limits, false).next(attempt_end::lost, 0.0), std::nullopt);
    EXPECT_NE(s3_attempts(limits, false).next(attempt_end::put_off, 0.0), std::nullopt);
    EXPECT_NE(s3_attempts(limits, false).next(attempt_end::not_sent, 0.0), std::nullopt);
}

TEST(s3_xml, reads_an_error_and_keeps_it_to_one_short_line)
{
    const auto found = find_error(
        "<?xml version=\"1.0\"?>\n<Error><Code>No&lt;Such&gt;Key</Code><Message>a &amp; b\nc" + std::string(400, 'x') +
        "</Message><Region>eu-west-1</Region></Error>"
    );

    ASSERT_TRUE(found);
    EXPECT_EQ(found->code, "NoSuchKey");
    EXPECT_EQ(found->message.substr(0, 8), "a & b cx");
    EXPECT_EQ(found->message.size(), 300);
    EXPECT_EQ(found->region, "eu-west-1");
}

TEST(s3_xml, what_is_no_error_is_none)
{
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += "<a>";
    const std::vector<std::string> none = {
        "", "<", "<Error>", "<Error", "</Error>", "plain", "<Other/>", "<Error><Code></Error>", deep,
        "<!DOCTYPE x [<!ENTITY e \"x\">]><Error><Code>&e;</Code></Error>", std::string("<Error/>\0", 9),
        "<![CDATA[<Error/>]]>"};
    for (const std::string& text : none)
        EXPECT_FALSE(find_error(text)) << text.substr(0, 40);
}

TEST(s3_xml, reads_escaped_keys_of_a_list)
{
    const auto page = parse_list(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
        "<Contents><Key>a%252F%20b+c</Key><Size>18446744073709551615</Size></Contents></ListBucketResult>"
    );

    ASSERT_TRUE(page);
    EXPECT_EQ(page->objects.at(0).key, "a%2F b c");
    EXPECT_EQ(page->objects.at(0).bytes, 18446744073709551615U);
}

TEST(s3_xml, a_list_that_would_be_asked_for_ever_is_refused)
{
    EXPECT_FALSE(parse_list("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
    EXPECT_FALSE(parse_list("<ListBucketResult><IsTruncated>true</IsTruncated>"
                            "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>"));
    EXPECT_FALSE(parse_list("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"));
    EXPECT_FALSE(parse_list("<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>"));
    EXPECT_FALSE(parse_list("<ListBucketResult><Contents><Key>a&#;</Key><Size>1</Size></Contents></ListBucketResult>"));
    EXPECT_TRUE(parse_list("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
}

TEST(s3_xml, an_upload_needs_a_decent_id)
{
    EXPECT_EQ(
        *parse_upload_id("<InitiateMultipartUploadResult><UploadId>x</UploadId></InitiateMultipartUploadResult>"), "x"
    );
    EXPECT_FALSE(parse_upload_id("<InitiateMultipartUploadResult/>"));
    EXPECT_FALSE(parse_upload_id(
        "<InitiateMultipartUploadResult><UploadId>" + std::string(2'000, 'x') +
        "</UploadId></InitiateMultipartUploadResult>"
    ));
}

TEST(s3_answer, a_clock_that_is_off_is_named)
{
    net::client_response answer;
    answer.status = 403;
    answer.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>";

    const auto outcome = judge(s3_call(), "https://s3", answer);

    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.end, attempt_end::done);
    EXPECT_THAT(outcome.failure->text, HasSubstr("clock of this machine"));
}

TEST(s3_answer, the_wait_a_server_asks_for_is_read)
{
    net::client_response answer;
    answer.status = 503;
    answer.headers = {{"Retry-After", "7"}};
    EXPECT_EQ(judge(s3_call(), "", answer).asked_for, 7s);
    answer.headers = {{"Retry-After", "Thu, 26 Nov 2026 00:00:00 GMT"}};
    EXPECT_EQ(judge(s3_call(), "", answer).asked_for, std::nullopt);
}

TEST(s3_answer, a_certificate_that_does_not_hold_is_said_and_not_tried_again)
{
    for (const auto code : {net::errc::tls_expired, net::errc::tls_untrusted, net::errc::tls_wrong_host}) {
        const auto outcome = judge(s3_call(), "https://s3", result<net::client_response>(make_error_code(code)));

        ASSERT_TRUE(outcome.failure);
        EXPECT_EQ(outcome.end, attempt_end::done);
        EXPECT_EQ(outcome.failure->code, errc::not_trusted);
        EXPECT_EQ(reason_of(*outcome.failure), "tls");
        EXPECT_THAT(outcome.failure->text, HasSubstr(make_error_code(code).message()));
    }
}

TEST(s3_answer, the_clients_own_errors_say_whether_anything_can_have_happened)
{
    const auto end_of = [](net::errc code) {
        return judge(s3_call(), "", result<net::client_response>(make_error_code(code))).end;
    };
    EXPECT_EQ(end_of(net::errc::connect_failed), attempt_end::not_sent);
    EXPECT_EQ(end_of(net::errc::resolve_timed_out), attempt_end::not_sent);
    EXPECT_EQ(end_of(net::errc::closed), attempt_end::lost);
    EXPECT_EQ(end_of(net::errc::answer_timed_out), attempt_end::lost);
    EXPECT_EQ(end_of(net::errc::bad_message), attempt_end::done);
    EXPECT_EQ(end_of(net::errc::body_too_large), attempt_end::done);
}

}  // namespace
}  // namespace reprise::archive
