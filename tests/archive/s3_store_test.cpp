#include "reprise/archive/s3_store.hpp"

#include "scripted_s3.hpp"

#include "reprise/base/hash.hpp"
#include "support/io_threads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::archive {
namespace {

using test::answer_of;
using test::error_of;
using test::hang_up;
using test::scripted_s3;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t mib = 1024 * 1024;

class s3_store_test : public testing::Test {
protected:
    // How the request lines begin, in order: "PUT /bucket/reprise/a".
    static std::vector<std::string> lines(scripted_s3& server)
    {
        std::vector<std::string> found;
        for (const test::seen_request& one : server.seen())
            found.push_back(one.line.substr(0, one.line.rfind(' ')));
        return found;
    }
    std::unique_ptr<object_store> store(const s3_config& config) { return make_s3_store(config, time, numbers); }

    manual_clock time;
    metrics numbers;
    reprise::test::io_threads io;
};

TEST_F(s3_store_test, writes_an_object_with_its_hash_and_a_signature)
{
    scripted_s3 server({answer_of(200, "")});
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("evidence/a b/\xC3\xA9.gz", "the bytes"));

    ASSERT_TRUE(done) << done.error().text;
    const auto seen = server.seen().at(0);
    EXPECT_EQ(seen.line, "PUT /bucket/reprise/evidence/a%20b/%C3%A9.gz HTTP/1.1");
    EXPECT_EQ(seen.body, "the bytes");
    EXPECT_THAT(seen.head, HasSubstr("x-amz-content-sha256: " + sha256_hex("the bytes")));
    EXPECT_THAT(seen.head, HasSubstr("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date"));
    EXPECT_THAT(seen.head, testing::Not(HasSubstr("wJalrXUtnFEMI")));
}

TEST_F(s3_store_test, what_the_server_puts_off_is_sent_again_until_it_is_taken)
{
    scripted_s3 server({error_of(503, "SlowDown"), error_of(500, "InternalError"), answer_of(200, "")});
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("a", "b"));

    EXPECT_TRUE(done);
    EXPECT_EQ(server.seen().size(), 3);
    EXPECT_EQ(server.seen().at(2).body, "b");
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_archive_retries_total 2"));
}

TEST_F(s3_store_test, a_server_that_stays_busy_ends_the_attempts_with_its_own_words)
{
    const std::string busy = error_of(503, "SlowDown");
    scripted_s3 server({busy, busy, busy, busy, busy});
    const auto s3 = store(server.config());

    const auto done = io.run(s3->get("a"));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, reprise::errc::unavailable);
    EXPECT_TRUE(is_passing(done.error()));
    EXPECT_THAT(done.error().text, HasSubstr("status 503, SlowDown, \"because of SlowDown\" (4 attempts)"));
    EXPECT_EQ(server.seen().size(), 4);
}

TEST_F(s3_store_test, a_wrong_key_is_said_and_not_tried_again)
{
    scripted_s3 server({error_of(403, "SignatureDoesNotMatch"), answer_of(200, "")});
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("a", "b"));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, reprise::errc::denied);
    EXPECT_THAT(done.error().text, StartsWith("PUT s3://bucket/reprise/a at http://127.0.0.1:"));
    EXPECT_THAT(done.error().text, HasSubstr("SignatureDoesNotMatch"));
    EXPECT_THAT(done.error().text, HasSubstr("check the access key, the secret key"));
    EXPECT_EQ(server.seen().size(), 1);
}

TEST_F(s3_store_test, a_missing_bucket_is_told_from_a_missing_object)
{
    scripted_s3 server({error_of(404, "NoSuchBucket"), error_of(404, "NoSuchKey")});
    const auto s3 = store(server.config());

    const auto bucket = io.run(s3->get("a"));
    const auto object = io.run(s3->get("a"));

    EXPECT_EQ(bucket.error().code, errc::bucket_missing);
    EXPECT_TRUE(concerns_whole_store(bucket.error()));
    EXPECT_EQ(object.error().code, reprise::errc::not_found);
    EXPECT_FALSE(concerns_whole_store(object.error()));
}

TEST_F(s3_store_test, a_redirect_is_never_followed_and_the_region_it_names_is_said)
{
    const std::string away = "Location: http://169.254.169.254/latest/meta-data/\r\nx-amz-bucket-region: eu-west-3\r\n";
    scripted_s3 server({answer_of(307, "", away), error_of(301, "PermanentRedirect")});
    const auto s3 = store(server.config());

    const auto named = io.run(s3->get("a"));
    const auto unnamed = io.run(s3->get("a"));

    EXPECT_EQ(named.error().code, errc::wrong_place);
    EXPECT_THAT(named.error().text, HasSubstr("the bucket is in the region eu-west-3"));
    EXPECT_EQ(unnamed.error().code, errc::wrong_place);
    EXPECT_EQ(server.seen().size(), 2);
}

TEST_F(s3_store_test, a_lost_answer_is_asked_for_again_where_twice_is_as_good_as_once)
{
    scripted_s3 server({hang_up, answer_of(200, "bytes"), hang_up, answer_of(200, "")});
    const auto s3 = store(server.config());
    std::string large(16 * mib, 'x');

    const auto got = io.run(s3->get("a"));
    const auto begun = io.run(s3->put("b", std::move(large)));

    ASSERT_TRUE(got);
    EXPECT_EQ(*got, "bytes");
    ASSERT_FALSE(begun);
    EXPECT_EQ(lines(server).back(), "POST /bucket/reprise/b?uploads=");
    EXPECT_EQ(server.seen().size(), 3);
}

TEST_F(s3_store_test, nobody_listening_is_unavailable)
{
    s3_config config = scripted_s3({}).config();
    config.limits.attempts_max = 2;
    const auto s3 = store(config);

    const auto done = io.run(s3->put("a", "b"));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, reprise::errc::unavailable);
    EXPECT_EQ(reason_of(done.error()), "unreachable");
    EXPECT_THAT(done.error().text, HasSubstr("connection refused or host unreachable (2 attempts)"));
}

TEST_F(s3_store_test, an_answer_that_never_ends_is_cut_off_at_its_limit)
{
    s3_config config;
    scripted_s3 server(
        {answer_of(200, std::string(300'000, ' ')), "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"}
    );
    config = server.config();
    config.limits.answer_bytes_max = 100'000;
    const auto s3 = store(config);

    const auto listed = io.run(s3->list("evidence/", ""));
    const auto got = io.run(s3->get("a"));

    EXPECT_EQ(listed.error().code, reprise::errc::too_large);
    EXPECT_EQ(got.error().code, reprise::errc::too_large);
    EXPECT_EQ(server.seen().size(), 2);
}

TEST_F(s3_store_test, an_answer_that_stops_half_way_ends_with_the_time_limit)
{
    scripted_s3 server({"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"}, true);
    s3_config config = server.config();
    config.limits.attempts_max = 1;
    config.limits.read = std::chrono::milliseconds(50);
    const auto s3 = store(config);

    const auto got = io.run(s3->get("a"));

    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, reprise::errc::timed_out);
    EXPECT_EQ(reason_of(got.error()), "slow");
}

TEST_F(s3_store_test, what_is_no_s3_server_is_said_to_be_none)
{
    scripted_s3 server({answer_of(200, "<html><body>It works!</body></html>"), answer_of(200, "pong")});
    const auto s3 = store(server.config());

    const auto page = io.run(s3->list("evidence/", ""));
    const auto text = io.run(s3->list("evidence/", ""));

    EXPECT_EQ(page.error().code, errc::answer_malformed);
    EXPECT_THAT(page.error().text, HasSubstr("check that the endpoint is an S3 server"));
    EXPECT_EQ(text.error().code, errc::answer_malformed);
}

TEST_F(s3_store_test, lists_page_by_page_below_its_prefix)
{
    const std::string first =
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t/1+=</NextContinuationToken>"
        "<Contents><Key>reprise/evidence/a</Key><Size>12</Size></Contents></ListBucketResult>";
    const std::string second =
        "<ListBucketResult><IsTruncated>false</IsTruncated>"
        "<Contents><Key>reprise/evidence/b</Key><Size>0</Size></Contents></ListBucketResult>";
    const std::string foreign =
        "<ListBucketResult><Contents><Key>other/c</Key><Size>0</Size></Contents></ListBucketResult>";
    scripted_s3 server({answer_of(200, first), answer_of(200, second), answer_of(200, foreign)});
    const auto s3 = store(server.config());

    const auto one = io.run(s3->list("evidence/", ""));
    ASSERT_TRUE(one);
    const auto two = io.run(s3->list("evidence/", one->next));
    const auto strange = io.run(s3->list("evidence/", ""));

    EXPECT_EQ(one->objects.at(0).key, "evidence/a");
    EXPECT_EQ(one->objects.at(0).bytes, 12);
    ASSERT_TRUE(two);
    EXPECT_EQ(two->objects.at(0).key, "evidence/b");
    EXPECT_EQ(two->next, "");
    EXPECT_EQ(strange.error().code, errc::answer_malformed);
    EXPECT_EQ(
        lines(server).at(1),
        "GET /bucket?list-type=2&encoding-type=url&max-keys=1000&prefix=reprise%2Fevidence%2F"
        "&continuation-token=t%2F1%2B%3D"
    );
}

TEST_F(s3_store_test, reads_the_size_of_an_object_without_its_bytes)
{
    scripted_s3 server({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 77\r\n\r\n", answer_of(404, "")});
    const auto s3 = store(server.config());

    const auto there = io.run(s3->head("a"));
    const auto gone = io.run(s3->head("b"));

    ASSERT_TRUE(there) << there.error().text;
    EXPECT_EQ(there->bytes, 77);
    EXPECT_EQ(gone.error().code, reprise::errc::not_found);
}

TEST_F(s3_store_test, what_is_gone_counts_as_removed)
{
    scripted_s3 server({answer_of(204, ""), error_of(404, "NoSuchKey"), error_of(403, "AccessDenied")});
    const auto s3 = store(server.config());

    EXPECT_TRUE(io.run(s3->remove("a")));
    EXPECT_TRUE(io.run(s3->remove("a")));
    EXPECT_EQ(io.run(s3->remove("a")).error().code, reprise::errc::denied);
}

const std::string begun =
    "<InitiateMultipartUploadResult><UploadId>up+load/1</UploadId></InitiateMultipartUploadResult>";

TEST_F(s3_store_test, a_large_object_goes_in_parts)
{
    const std::string ended = "\n<?xml version=\"1.0\"?><CompleteMultipartUploadResult/>";
    scripted_s3 server(
        {answer_of(200, begun), answer_of(200, "", "ETag: \"1\"\r\n"), error_of(503, "SlowDown"),
         answer_of(200, "", "ETag: \"2\"\r\n"), answer_of(200, "", "ETag: \"3\"\r\n"), answer_of(200, ended)}
    );
    const auto s3 = store(server.config());
    const std::string bytes = std::string(8 * mib, 'a') + std::string(8 * mib, 'b') + "c";

    const auto done = io.run(s3->put("big", bytes));

    ASSERT_TRUE(done) << done.error().text;
    const std::string key = "/bucket/reprise/big?";
    const std::vector<std::string> wanted = {
        "POST " + key + "uploads=",
        "PUT " + key + "partNumber=1&uploadId=up%2Bload%2F1",
        "PUT " + key + "partNumber=2&uploadId=up%2Bload%2F1",
        "PUT " + key + "partNumber=2&uploadId=up%2Bload%2F1",
        "PUT " + key + "partNumber=3&uploadId=up%2Bload%2F1",
        "POST " + key + "uploadId=up%2Bload%2F1",
    };
    EXPECT_EQ(lines(server), wanted);
    EXPECT_EQ(server.seen().at(1).body + server.seen().at(3).body + server.seen().at(4).body, bytes);
    EXPECT_THAT(
        server.seen().at(5).body,
        HasSubstr("<Part><PartNumber>3</PartNumber><ETag>&quot;3&quot;</ETag></Part></CompleteMultipartUpload>")
    );
}

TEST_F(s3_store_test, an_upload_that_fails_half_way_is_aborted)
{
    scripted_s3 server(
        {answer_of(200, begun), answer_of(200, "", "ETag: \"1\"\r\n"), error_of(403, "AccessDenied"),
         answer_of(204, "")}
    );
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("big", std::string(16 * mib, 'a')));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, reprise::errc::denied);
    EXPECT_EQ(lines(server).back(), "DELETE /bucket/reprise/big?uploadId=up%2Bload%2F1");
}

TEST_F(s3_store_test, an_error_behind_status_200_at_the_end_of_an_upload_is_an_error)
{
    const std::string tag = answer_of(200, "", "ETag: \"1\"\r\n");
    scripted_s3 server(
        {answer_of(200, begun), tag, tag, error_of(200, "InternalError"), error_of(200, "InvalidPart"),
         answer_of(204, "")}
    );
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("big", std::string(16 * mib, 'a')));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::request_refused);
    EXPECT_THAT(done.error().text, HasSubstr("InvalidPart"));
    EXPECT_EQ(server.seen().size(), 6);
}

TEST_F(s3_store_test, an_upload_that_ended_although_its_answer_was_lost_is_a_success)
{
    const std::string tag = answer_of(200, "", "ETag: \"1\"\r\n");
    const std::string size = std::to_string(16 * mib);
    scripted_s3 server(
        {answer_of(200, begun), tag, tag, hang_up, error_of(404, "NoSuchUpload"),
         "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + size + "\r\n\r\n"}
    );
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("big", std::string(16 * mib, 'a')));

    EXPECT_TRUE(done);
    EXPECT_EQ(lines(server).back(), "HEAD /bucket/reprise/big");
}

TEST_F(s3_store_test, an_object_over_the_limit_is_not_sent)
{
    scripted_s3 server({answer_of(200, "")});
    const auto s3 = store(server.config());

    const auto done = io.run(s3->put("big", std::string(object_bytes_max + 1, 'a')));

    EXPECT_EQ(done.error().code, reprise::errc::too_large);
    EXPECT_TRUE(server.seen().empty());
}

}  // namespace
}  // namespace reprise::archive
