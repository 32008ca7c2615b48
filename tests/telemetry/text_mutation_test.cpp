#include "reprise/telemetry/curl.hpp"
#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/normalise.hpp"
#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/redact.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

// Damaged texts for everything that reads text: no crash, bounded output, and what must hold holds.
namespace reprise::telemetry {
namespace {

constexpr int mutations = 20'000;
constexpr std::string_view key = "mutation key";

const std::vector<std::string>& texts()
{
    static const std::vector<std::string> all = {
        R"({"ts":"2025-11-21T12:00:00Z","duration":3,"direction":"IN","l7protocol":"http","status":"OK","service":"s",)"
        R"("http":{"request":{"method":"POST","url":"http://u:p@h/a/17?token=x","headers":{"cookie":["a","b"]},)"
        R"("body":"{\"email\":\"bob@example.com\",\"pin\":1234}"},"response":{"statusCode":500,"bodyBase64":"AAEC"}}})",
        "### REQUEST ###\n```\nPOST http://h/a?b=c HTTP/1.1\nContent-Type: application/json\n\n"
        "{\"password\":\"x\"}\n```\n"
        "### RESPONSE ###\n```\nHTTP/1.1 200 OK\n\nok\n```\n```\njson: {\"ts\":\"2025-11-21T12:00:00Z\"}\n```\n",
        "### REQUEST ###\n```\nPUT http://h/a HTTP/1.1\nA: b\\, c, d\n```\n\n```\n{\n\"a\": 1}\n```\n\n"
        "### RESPONSE ###\n```\nHTTP/1.1 200 OK\n```\n\n```\nx\n```\n\n"
        "### METADATA ###\n```\ndirection: OUT\nduration: 1m2ms\nts: 2025-11-21T12:00:00Z\n```\n"
        "### INTERNAL - DO NOT MODIFY ###\n```\njson: {\"msgType\":\"rrpair\",\"l7protocol\":\"http\","
        "\"status\":\"OK\",\"http\":{\"req\":{\"bodyBase64\":\"eyJhIjogMX0=\",\"host\":\"h\",\"uri\":\"/a\"}}}\n```\n",
        R"({"log":{"version":"1.2","entries":[{"startedDateTime":"2025-11-21T12:00:00+01:00","time":1.5,"request":)"
        R"({"method":"GET","url":"http://h/a?b=1","headers":[{"name":"A","value":"b"}]},"response":{"status":200,)"
        R"("content":{"text":"AAEC","encoding":"base64"}},"timings":{"wait":1}}]}})",
        R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"kafka","command":"Produce","location":"N/A","status":"OK",)"
        R"("kafka":{"request":{"ProduceRequest":{"topics":[{"topic":"orders"}]}},"response":{"errorCode":6}}})",
        R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},)"
        R"("scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
        R"("startTimeUnixNano":"1","endTimeUnixNano":2,"attributes":[{"key":"a","value":{"intValue":"5"}}]}]}]}]})",
        "SELECT a.*, 'it''s', E'\\'x', \"n\" FROM t /* c */ WHERE b IN (1, $1, :x, %(y)s) AND c = $$d$$ -- e",
        "user bob@example.com 4111 1111 1111 1111 +49301234567 http://u:p@h/?token=a%40b.c Bearer abcdefgh at "
        "2025-11-21T12:00:00Z 10.0.0.1 eyJhbGciOiJI.eyJzdWIiOiIx.c2ln <password>x</password>",
        "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n--b--\r\n",
    };
    return all;
}

std::string mutate(std::string text, std::mt19937_64& random)
{
    constexpr std::string_view signs = "{}[]\"'\\:,=&<>%@#`$/?*-\n ";
    for (std::size_t i = 1 + random() % 6; i > 0 && !text.empty(); --i) {
        const std::size_t at = random() % text.size();
        switch (random() % 6) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text[at] = signs[random() % signs.size()]; break;
        case 2: text.resize(at); break;
        case 3: text.insert(at, 1, signs[random() % signs.size()]); break;
        case 4: text.erase(at, 1 + random() % 6); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 30)); break;
        }
    }
    return text;
}

template <class Check>
void for_each_mutation(std::uint64_t seed, Check check)
{
    std::mt19937_64 random(seed);
    for (int i = 0; i < mutations && !::testing::Test::HasFailure(); ++i)
        check(mutate(texts()[random() % texts().size()], random));
}

TEST(text_mutation, rrpairs_are_refused_or_can_be_written_and_read_again)
{
    std::size_t read = 0;
    for_each_mutation(1, [&read](const std::string& text) {
        auto exchange = parse_rrpair_json(text);
        if (!exchange)
            exchange = parse_rrpair_markdown(text);
        if (!exchange)
            return;
        ++read;
        EXPECT_TRUE(parse_rrpair_json(write_rrpair_json(*exchange))) << text;
        EXPECT_TRUE(parse_rrpair_markdown(write_rrpair_markdown(*exchange))) << text;
        EXPECT_FALSE(exchange->operation.protocol == "http" && to_curl(*exchange, "http://h").empty());
    });
    EXPECT_GT(read, 300U);
}

TEST(text_mutation, har_is_read_as_far_as_it_goes_and_what_was_read_can_be_written)
{
    std::size_t read = 0;
    for_each_mutation(5, [&read](const std::string& text) {
        const har_visitor visitor{
            [&](const model::exchange& exchange) {
                ++read;
                const std::string file = write_har_head("1") + write_har_entry(exchange) + write_har_tail();
                std::size_t again = 0;
                const har_visitor count{
                    [&again](const model::exchange&) { ++again; },
                    [&text](std::size_t, const std::string& reason) { ADD_FAILURE() << reason << ": " << text; },
                    [](std::string_view) {}};
                EXPECT_FALSE(read_har(file, {}, count)) << text;
                EXPECT_EQ(again, exchange.operation.protocol == "http" ? 1U : 0U) << text;
            },
            [](std::size_t, const std::string& reason) { EXPECT_FALSE(reason.empty()); },
            [](std::string_view reason) { EXPECT_FALSE(reason.empty()); }};
        if (const auto bad = read_har(text, "s", visitor)) {
            EXPECT_FALSE(bad->reason.empty());
            EXPECT_LE(bad->offset, text.size());
        }
    });
    EXPECT_GT(read, 50U);
}

TEST(text_mutation, otlp_json_is_refused_with_a_reason_or_becomes_bytes)
{
    std::size_t taken = 0;
    for_each_mutation(2, [&taken](const std::string& text) {
        const auto message = encode_otlp_json_line(text);
        taken += message ? 1U : 0U;
        if (!message) {
            EXPECT_FALSE(message.error().reason.empty());
            EXPECT_LE(message.error().offset, text.size());
        }
    });
    EXPECT_GT(taken, 50U);
}

TEST(text_mutation, templates_are_bounded_and_stable)
{
    for_each_mutation(3, [](const std::string& text) {
        const std::string route = normalise_route(text);
        const std::string sql = normalise_sql(text);
        const std::string message = normalise_message(text);
        EXPECT_LE(route.size(), route_bytes_max + 4);
        EXPECT_LE(sql.size(), sql_bytes_max + 4);
        EXPECT_LE(message.size(), message_bytes_max);
        EXPECT_EQ(normalise_route(route), route) << text;
        EXPECT_EQ(normalise_message(message), message) << text;
    });
}

TEST(text_mutation, redacting_twice_is_redacting_once)
{
    for_each_mutation(4, [](const std::string& text) {
        const std::string once = redact_text(text, key);
        EXPECT_EQ(redact_text(once, key), once) << text;
        model::exchange exchange;
        exchange.operation.protocol = "http";
        exchange.path = "/" + text;
        exchange.request_body = text;
        exchange.request_headers = {{"content-type", "multipart/form-data; boundary=b"}, {"referer", text}};
        redact(exchange, key);
        model::exchange again = exchange;
        redact(again, key);
        EXPECT_EQ(again.request_body, exchange.request_body) << text;
        EXPECT_EQ(again.path, exchange.path) << text;
    });
}

}  // namespace
}  // namespace reprise::telemetry
