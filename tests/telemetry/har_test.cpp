#include "reprise/telemetry/har.hpp"

#include "exchange_check.hpp"

#include "reprise/telemetry/rrpair.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

using model::outcome;

struct har_content {
    std::vector<model::exchange> exchanges;
    std::vector<std::string> complaints;
    std::vector<std::string> skipped;
    std::optional<decode_error> error;
};

har_content read(std::string_view text, std::string_view service = {})
{
    har_content content;
    const har_visitor visitor{
        [&](model::exchange exchange) { content.exchanges.push_back(std::move(exchange)); },
        [&](std::size_t entry, const std::string& reason) {
            content.complaints.push_back(std::to_string(entry) + ": " + reason);
        },
        [&](std::string_view reason) { content.skipped.emplace_back(reason); }};
    content.error = read_har(text, service, visitor);
    return content;
}

std::string har_of(const std::string& entries)
{
    return R"({"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[)" + entries + "]}}";
}

// As Chrome writes it.
const std::string chrome = R"({
  "_initiator": {"type": "script", "stack": {"callFrames": []}}, "_priority": "High", "_resourceType": "fetch",
  "cache": {}, "connection": "443", "pageref": "page_1",
  "request": {"method": "POST", "url": "https://api.example.com/v1/orders/17?dry=1", "httpVersion": "http/2.0",
    "headers": [{"name": ":authority", "value": "api.example.com"}, {"name": ":method", "value": "POST"},
                {"name": "content-type", "value": "application/json"}, {"name": "cookie", "value": "a=1"}],
    "queryString": [{"name": "dry", "value": "1"}], "cookies": [], "headersSize": -1, "bodySize": 9,
    "postData": {"mimeType": "application/json", "text": "{\"n\": 2}\n"}},
  "response": {"status": 503, "statusText": "", "httpVersion": "http/2.0", "cookies": [],
    "headers": [{"name": "content-type", "value": "image/png"}, {"name": "set-cookie", "value": "a=1"},
                {"name": "set-cookie", "value": "b=2"}],
    "content": {"size": 3, "mimeType": "image/png", "text": "AAH/", "encoding": "base64"},
    "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 300, "_error": null},
  "serverIPAddress": "93.184.216.34", "startedDateTime": "2025-11-21T13:00:00.123+01:00", "time": 12.345678,
  "timings": {"blocked": 1.1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 11, "receive": 0.1,
              "_blocked_queueing": 0.5},
  "_webSocketMessages": [{"type": "send", "time": 1, "opcode": 1, "data": "hi"}]})";

TEST(har, an_entry_of_chrome_becomes_an_inbound_exchange_of_the_host)
{
    const har_content content = read(har_of(chrome));
    ASSERT_FALSE(content.error) << to_text(*content.error);
    ASSERT_EQ(content.exchanges.size(), 1U) << (content.complaints.empty() ? "" : content.complaints.front());
    const model::exchange& exchange = content.exchanges.front();
    EXPECT_EQ(exchange.operation.service, "api.example.com");
    EXPECT_EQ(exchange.operation.kind, model::operation_kind::server);
    EXPECT_EQ(exchange.operation.route, "/v1/orders/{id}");
    EXPECT_EQ(exchange.direction, model::direction::in);
    EXPECT_EQ(exchange.start_ns, 1'763'726'400'123'000'000);
    EXPECT_EQ(exchange.duration_ns, 12'345'678);
    EXPECT_EQ(exchange.status, 503);
    EXPECT_EQ(exchange.outcome, outcome::server_error);
    EXPECT_EQ(exchange.message, "");
    EXPECT_EQ(exchange.host, "api.example.com");
    EXPECT_EQ(exchange.path, "/v1/orders/17?dry=1");
    EXPECT_EQ(exchange.request_headers, (model::header_list{{"content-type", "application/json"}, {"cookie", "a=1"}}));
    EXPECT_EQ(exchange.response_headers.size(), 3U);
    EXPECT_EQ(exchange.request_body, "{\"n\": 2}\n");
    EXPECT_EQ(exchange.response_body, std::string("\x00\x01\xff", 3));
    EXPECT_TRUE(exchange.complete);
    EXPECT_EQ(read(har_of(chrome), "shop").exchanges.front().operation.service, "shop");
}

TEST(har, what_exporters_leave_out_is_made_up_for)
{
    // Firefox without time; a form by its fields; a request that got no answer.
    const har_content content = read(har_of(R"(
        {"startedDateTime":"2025-11-21T12:00:00Z","request":{"method":"GET","url":"http://h:81/a"},
         "response":{"status":200,"content":{}},"timings":{"blocked":1,"dns":2,"connect":3,"ssl":2,"send":1,"wait":4,
         "receive":-1}},
        {"startedDateTime":"2025-11-21T12:00:00Z","time":null,"request":{"method":"POST","url":"http://h/b","postData":
         {"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"1&2"},{"name":"c"}]}},
         "response":{"status":302}},
        {"startedDateTime":"2025-11-21T12:00:00Z","time":5,"request":{"method":"GET","url":"http://h/c"},
         "response":{"status":0,"_error":"net::ERR_CONNECTION_REFUSED"}})"));
    ASSERT_FALSE(content.error);
    ASSERT_EQ(content.exchanges.size(), 3U);
    EXPECT_EQ(content.exchanges[0].duration_ns, 11'000'000) << "ssl is a part of connect";
    EXPECT_EQ(content.exchanges[0].operation.service, "h");
    EXPECT_EQ(content.exchanges[0].host, "h:81");
    EXPECT_EQ(content.exchanges[1].request_body, "a%20b=1%262&c=");
    EXPECT_EQ(content.exchanges[1].duration_ns, 0);
    EXPECT_EQ(content.exchanges[2].outcome, outcome::server_error);
    EXPECT_EQ(content.exchanges[2].message, "net::ERR_CONNECTION_REFUSED");
}

TEST(har, what_never_reached_the_service_is_skipped_and_counted)
{
    const auto entry = [](std::string_view url, std::string_view more) {
        return R"({"startedDateTime":"2025-11-21T12:00:00Z","request":{"method":"GET","url":")" + std::string(url) +
               R"("},"response":{"status":0})" + std::string(more) + "}";
    };
    const har_content content = read(har_of(
        entry("data:image/png;base64,AAAA", "") + "," + entry("chrome-extension://x/y", "") + "," +
        entry("http://h/a", R"(,"_fromCache":"disk")") + "," + entry("http://h/a", R"(,"_error":"net::ERR_ABORTED")")
    ));
    EXPECT_FALSE(content.error);
    EXPECT_TRUE(content.exchanges.empty());
    EXPECT_EQ(
        content.skipped, (std::vector<std::string>{
                             "URLs that are not HTTP", "URLs that are not HTTP", "answers from the browser's cache",
                             "requests the browser cancelled or blocked"})
    );
}

std::vector<model::exchange> odd_exchanges()
{
    const model::exchange plain = read(har_of(chrome)).exchanges.front();
    std::vector<model::exchange> all = {plain};
    model::exchange traced = plain;
    traced.operation.service = "shop";
    traced.operation.kind = model::operation_kind::client;
    traced.direction = model::direction::out;
    traced.trace = {1, 2};
    traced.span = 3;
    traced.parent_span = 4;
    traced.message = "upstream says: \"no\"";
    traced.request_body = "\xff\x00\x01";
    traced.start_ns += 456'789;
    all.push_back(traced);
    model::exchange bare = plain;
    bare.host.clear();
    bare.request_headers.clear();
    bare.response_headers.clear();
    bare.request_body.clear();
    bare.response_body.clear();
    bare.status = 0;
    bare.duration_ns = 0;
    all.push_back(bare);
    return all;
}

TEST(har, written_it_is_read_back)
{
    const auto exchanges = odd_exchanges();
    std::string file = write_har_head("0.2");
    for (std::size_t i = 0; i < exchanges.size(); ++i)
        file += (i > 0 ? "," : "") + write_har_entry(exchanges[i]);
    file += write_har_tail();

    const har_content content = read(file);
    ASSERT_FALSE(content.error) << to_text(*content.error);
    ASSERT_EQ(content.exchanges.size(), exchanges.size()) << content.complaints.front();
    for (std::size_t i = 0; i < exchanges.size(); ++i)
        expect_same(exchanges[i], content.exchanges[i]);
}

TEST(har, a_host_that_cannot_stand_in_a_url_changes_no_path)
{
    model::exchange exchange = odd_exchanges()[0];
    exchange.path = "/v1/containers?all=1";
    for (const char* host : {"/var/run/docker.sock", "a b", "h#x", "joe@h"}) {
        exchange.host = host;
        const har_content content = read(write_har_head("0.2") + write_har_entry(exchange) + write_har_tail());
        ASSERT_EQ(content.exchanges.size(), 1U) << host;
        EXPECT_EQ(content.exchanges.front().path, exchange.path) << host;
    }
}

TEST(har, what_is_written_is_har_1_2)
{
    const std::string file = write_har_head("0.2") + write_har_entry(odd_exchanges()[0]) + write_har_tail();
    const auto log = boost::json::parse(file).at("log").as_object();
    EXPECT_EQ(log.at("version"), "1.2");
    EXPECT_EQ(log.at("creator").at("name"), "reprise");
    const auto& entry = log.at("entries").as_array().at(0).as_object();
    for (const char* name : {"startedDateTime", "time", "request", "response", "cache", "timings"})
        EXPECT_TRUE(entry.contains(name)) << name;
    for (const char* name : {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize",
                             "bodySize"})
        EXPECT_TRUE(entry.at("request").as_object().contains(name)) << name;
    for (const char* name : {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL",
                             "headersSize", "bodySize"})
        EXPECT_TRUE(entry.at("response").as_object().contains(name)) << name;
    EXPECT_EQ(entry.at("response").at("content").at("encoding"), "base64");

    // The sum of the phases that apply, ssl being a part of connect.
    double sum = 0;
    for (const auto& [phase, value] : entry.at("timings").as_object()) {
        const double time = value.to_number<double>();
        EXPECT_TRUE(time >= 0 || (time == -1 && phase != "send" && phase != "wait" && phase != "receive")) << phase;
        sum += time > 0 ? time : 0;
    }
    EXPECT_DOUBLE_EQ(sum, entry.at("time").as_double());
}

TEST(har, exchanges_that_are_not_http_have_no_entry)
{
    model::exchange sql = odd_exchanges()[0];
    sql.operation.protocol = "sql";
    EXPECT_EQ(write_har_entry(sql), "");
}

TEST(har, a_damaged_file_says_where_and_gives_what_came_before)
{
    const std::string whole = har_of(chrome + "," + chrome);
    const har_content cut = read(std::string_view(whole).substr(0, whole.size() - 40));
    ASSERT_TRUE(cut.error);
    EXPECT_EQ(cut.exchanges.size(), 1U);
    EXPECT_NE(cut.error->reason.find("the text ends"), std::string::npos) << cut.error->reason;
    EXPECT_EQ(cut.error->offset, whole.size() - 40);

    EXPECT_EQ(read("{}").error->reason, "log.entries is missing");
    EXPECT_EQ(read(R"({"log":{"version":"1.2"}})").error->reason, "log.entries is missing");
    EXPECT_EQ(read(R"({"log":[]})").error->reason, "an object was expected here");
    EXPECT_EQ(read(R"({"log":{"entries":{}}})").error->reason, "an array was expected here");
    EXPECT_EQ(read(har_of("") + "x").error->reason, "something follows the end of the object");
    EXPECT_EQ(read(R"({"log":{"entries":[}]}})").error->reason, "a value was expected here");
    EXPECT_EQ(read(R"({"log":{"entries":[{]}]}})").error->reason, "a bracket closes what was not opened");
    EXPECT_EQ(read(har_of(std::string(200, '['))).error->reason, "values are nested too deeply");
    EXPECT_EQ(read("").error->reason, "the text ends in the middle of a value");
}

TEST(har, damaged_entries_are_named_and_the_others_kept)
{
    const auto broken = [](std::string_view from, std::string_view to) {
        std::string entry = chrome;
        return entry.replace(entry.find(from), from.size(), to);
    };
    const har_content content = read(har_of(
        "17," + chrome + "," + broken("2025-11-21T13", "21.11.2025 13") + "," +
        broken("\"method\": \"POST\"", "\"x\": 1") + "," + broken("\"url\"", "\"uri\"") + "," +
        broken("\"response\"", "\"answer\"") + "," + broken("POST", "\xff") + "," +
        broken("\"_priority\"", "bare") + "," + broken("12.345678", "1e400")
    ));
    ASSERT_FALSE(content.error) << to_text(*content.error);
    EXPECT_EQ(content.exchanges.size(), 2U);
    EXPECT_EQ(content.exchanges.back().duration_ns, 12'300'000) << "a time without end is none: the phases count";
    ASSERT_EQ(content.complaints.size(), 7U);
    EXPECT_EQ(content.complaints[0], "1: not an object");
    EXPECT_EQ(content.complaints[1], "3: the timestamp is not RFC 3339 or lies outside 1678..2261");
    EXPECT_EQ(content.complaints[2], "4: request.method is missing");
    EXPECT_EQ(content.complaints[3], "5: request.url is missing");
    EXPECT_EQ(content.complaints[4], "6: response is missing");
    EXPECT_TRUE(content.complaints[5].starts_with("7: not JSON")) << content.complaints[5];
    EXPECT_TRUE(content.complaints[6].starts_with("8: not JSON")) << content.complaints[6];
}

}  // namespace
}  // namespace reprise::telemetry
