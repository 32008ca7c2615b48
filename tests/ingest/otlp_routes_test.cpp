#include "ingest/otlp_listener.hpp"
#include "ingest/peak_memory.hpp"
#include "support/raw_http.hpp"

namespace reprise::ingest {
namespace {

using test::json;
using test::protobuf;
using reprise::test::gzip;
using reprise::test::logs_request;
using reprise::test::raw_client;
using reprise::test::spans_json;

class otlp_routes_test : public test::otlp_listener {};

TEST_F(otlp_routes_test, takes_logs_as_protobuf_and_answers_protobuf)
{
    const auto reply = post("/v1/logs", protobuf, logs_request(3));

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(type_of(reply), protobuf);
    EXPECT_TRUE(reply.body.empty());
    EXPECT_EQ(stream.records(), 3U);
}

TEST_F(otlp_routes_test, takes_traces_as_json_and_answers_json)
{
    const auto reply = post("/v1/traces", "application/json; charset=utf-8", spans_json({"00f067aa0ba902b7"}));

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(type_of(reply), json);
    EXPECT_EQ(reply.body, "{}");
    EXPECT_EQ(stream.records(), 1U);
}

TEST_F(otlp_routes_test, a_large_body_is_decoded_on_the_other_pool_with_the_same_result)
{
    const std::string body = logs_request(400);
    ASSERT_GT(body.size(), inline_body_bytes_max);

    EXPECT_EQ(post("/v1/logs", protobuf, body).status, 200);
    EXPECT_EQ(stream.records(), 400U);
}

TEST_F(otlp_routes_test, takes_gzip)
{
    EXPECT_EQ(post("/v1/logs", protobuf, gzip(logs_request(5)), "gzip").status, 200);
    EXPECT_EQ(stream.records(), 5U);
}

TEST_F(otlp_routes_test, malformed_bodies_get_a_status_in_their_encoding)
{
    const auto binary = post("/v1/logs", protobuf, "no protobuf");
    const auto text = post("/v1/traces", json, "{]");

    EXPECT_EQ(binary.status, 400);
    EXPECT_EQ(type_of(binary), protobuf);
    EXPECT_EQ(binary.body.substr(0, 2), std::string("\x08\x03"));  // google.rpc.Status.code = INVALID_ARGUMENT.
    EXPECT_EQ(text.status, 400);
    EXPECT_EQ(type_of(text), json);
    EXPECT_NE(text.body.find("\"code\":3"), std::string::npos);
}

TEST_F(otlp_routes_test, overload_says_when_to_come_back)
{
    stream.full = true;

    const auto reply = post("/v1/logs", json, R"({"resourceLogs":[]})");
    const auto refused = post("/v1/logs", protobuf, logs_request(1));

    EXPECT_EQ(reply.status, 200);  // Nothing in it, nothing to wait for.
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(net::find_header(refused.headers, "retry-after"), "1");
    EXPECT_NE(refused.body.find("google.rpc.RetryInfo"), std::string::npos);
}

TEST_F(otlp_routes_test, a_body_over_the_limit_gets_a_status_before_it_is_read)
{
    const auto reply = post("/v1/logs", protobuf, std::string(300'001, 'x'));

    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(type_of(reply), protobuf);
    EXPECT_EQ(reply.body.substr(0, 2), std::string("\x08\x08"));  // RESOURCE_EXHAUSTED.
    EXPECT_EQ(reply.body.find("RetryInfo"), std::string::npos);
}

TEST_F(otlp_routes_test, unknown_types_and_encodings_are_415)
{
    const auto type = post("/v1/logs", "text/plain", "x");
    const auto none = send("POST", "/v1/logs", {}, "x");
    const auto content = post("/v1/traces", protobuf, "x", "zstd");

    EXPECT_EQ(type.status, 415);
    EXPECT_NE(type.body.find("application/x-protobuf"), std::string::npos);
    EXPECT_EQ(none.status, 415);
    EXPECT_EQ(content.status, 415);
    EXPECT_EQ(type_of(content), protobuf);
    EXPECT_EQ(net::find_header(content.headers, "accept-encoding"), "gzip");
}

TEST_F(otlp_routes_test, takes_metrics_as_json_and_counts_their_points)
{
    const auto reply = post("/v1/metrics", json, reprise::test::metrics_json({"8", "9"}));

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, R"({"partialSuccess":{"rejectedDataPoints":"1","errorMessage":)"
                          R"("the bucket counts do not add up to the count"}})");
    ASSERT_EQ(stream.batches.size(), 1U);
    EXPECT_EQ(stream.batches[0]->measured.at(0).calls, 8U);
    EXPECT_EQ(counts.add_counter("reprise_intake_metric_points_total", "", "result=\"used\"").value(), 1U);
    EXPECT_EQ(counts.add_counter("reprise_intake_records_total", "", "signal=\"metrics\"").value(), 1U);
    EXPECT_EQ(counts.add_counter("reprise_intake_rejected_records_total", "", "signal=\"metrics\"").value(), 1U);
}

TEST_F(otlp_routes_test, other_methods_are_405)
{
    const auto reply = send("GET", "/v1/logs", {}, {});

    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(net::find_header(reply.headers, "allow"), "POST");
}

TEST_F(otlp_routes_test, what_the_server_itself_refuses_is_a_status_in_the_requests_encoding)
{
    const auto nowhere = post("/v2/logs", protobuf, "x");
    EXPECT_EQ(nowhere.status, 404);
    EXPECT_EQ(type_of(nowhere), protobuf);
    EXPECT_EQ(nowhere.body.substr(0, 2), std::string("\x08\x0c"));  // UNIMPLEMENTED.

    raw_client chunks(server->port());
    chunks.send("POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n"
                "Transfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
    for (int i = 0; i < 20 && chunks.send(chunk); ++i) {
    }
    const auto too_large = chunks.receive();
    EXPECT_EQ(too_large.status, 413);
    EXPECT_EQ(too_large.header("content-type"), protobuf);

    raw_client broken(server->port());
    broken.send("no http\r\n\r\n");
    EXPECT_EQ(broken.receive().header("content-type"), json);
}

TEST_F(otlp_routes_test, a_body_that_is_said_to_be_encoded_twice_is_refused_unread)
{
    raw_client twice(server->port());

    twice.send("POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n"
               "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n");

    EXPECT_EQ(twice.receive().status, 415);
}

TEST_F(otlp_routes_test, an_endless_body_takes_no_more_memory_than_the_limit)
{
    const std::string chunk = "8000\r\n" + std::string(0x8000, '\x1f') + "\r\n";
    const reprise::test::peak_memory peak;
    for (int round = 0; round < 5; ++round) {
        raw_client endless(server->port());
        endless.send("POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n"
                     "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 2000 && endless.send(chunk); ++i) {
        }
        EXPECT_TRUE(endless.at_end() || endless.receive().status == 413);
    }
    EXPECT_LT(peak.grown_bytes(), (8U << 20) * reprise::test::keeps_freed_factor);
    EXPECT_EQ(post("/v1/logs", protobuf, logs_request(1)).status, 200);
}

class otlp_tokens_test : public test::otlp_listener {
protected:
    void SetUp() override
    {
        senders = std::make_unique<sender_check>(counts, token_list::parse("ci:0123456789abcdef\n").value());
        start();
    }

    int status(std::string_view authorization)
    {
        net::header_list headers{{"Content-Type", std::string(protobuf)}};
        if (!authorization.empty())
            headers.emplace_back("Authorization", std::string(authorization));
        return send("POST", "/v1/logs", std::move(headers), logs_request(1)).status;
    }
};

TEST_F(otlp_tokens_test, only_who_knows_a_token_may_send)
{
    EXPECT_EQ(status("Bearer 0123456789abcdef"), 200);
    EXPECT_EQ(status("bearer  0123456789abcdef "), 200);
    for (const std::string_view wrong :
         {"", "Bearer", "Bearer ", "Bearer 0123456789abcdeF", "Bearer 0123456789abcdef0", "Basic 0123456789abcdef",
          "0123456789abcdef", "Bearer ci:0123456789abcdef"})
        EXPECT_EQ(status(wrong), 401) << wrong;
    EXPECT_EQ(stream.records(), 2U);
    EXPECT_EQ(counts.add_counter("reprise_intake_unauthenticated_total", "").value(), 8U);
}

TEST_F(otlp_tokens_test, a_stranger_is_told_before_the_body_is_read)
{
    raw_client stranger(server->port());

    stranger.send("POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                "Content-Length: 100000\r\n\r\n");

    const auto reply = stranger.receive();
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.header("www-authenticate"), "Bearer");
    EXPECT_EQ(reply.header("content-type"), json);
    EXPECT_NE(reply.body.find("\"code\":16"), std::string::npos);
}

}  // namespace
}  // namespace reprise::ingest
