#include "../../server/ingest/log_event.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace reprise::ingest {
namespace {

log_event event_of(std::string line)
{
    log_event event;
    event.at_ns = 7;
    event.labels = {{"service_name", "shop"}, {"zone", "b"}};
    event.line = std::move(line);
    event.id = "e1";
    return event;
}

model::alarm alarm_of(std::string line)
{
    return read_logged_error(event_of(std::move(line)), "poll/x").value().alarm;
}

TEST(loki_answer, streams_are_put_in_order_and_each_event_has_an_id)
{
    const std::string body = R"({"status":"success","data":{"resultType":"streams","result":[
        {"stream":{"app":"a"},"values":[["30","third"],["10","first"]]},
        {"stream":{"app":"b"},"values":[["20","second",{"trace":"x"}],["10","first"]]}]}})";

    const auto events = parse_loki_answer(body).value();

    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].at_ns, 10);
    EXPECT_EQ(events[2].line, "second");
    EXPECT_EQ(events[2].labels.back().second, "x");
    EXPECT_EQ(events[3].line, "third");
    EXPECT_NE(events[0].id, events[1].id);
    EXPECT_EQ(parse_loki_answer(body).value()[0].id, events[0].id);
}

TEST(loki_answer, anything_else_is_refused)
{
    for (const std::string body : {
             "", "[]", "{}", R"({"data":{"resultType":"matrix","result":[]}})",
             R"({"data":{"resultType":"streams","result":{}}})",
             R"({"data":{"resultType":"streams","result":[{"values":[["x","line"]]}]}})",
             R"({"data":{"resultType":"streams","result":[{"values":[["-5","line"]]}]}})",
             R"({"data":{"resultType":"streams","result":[{"values":[["5"]]}]}})",
             R"({"data":{"resultType":"streams","result":[{}]}})"})
        EXPECT_EQ(parse_loki_answer(body).error(), errc::corrupt) << body;
    EXPECT_TRUE(parse_loki_answer(R"({"data":{"resultType":"streams","result":[]}})").value().empty());
}

struct class_case {
    std::string name;
    std::string line;
    std::string error_class;  // Empty: no error.
};

void PrintTo(const class_case& one, std::ostream* out)
{
    *out << one.name;
}

class class_test : public testing::TestWithParam<class_case> {};

TEST_P(class_test, is_told_from_the_line)
{
    const auto found = read_logged_error(event_of(GetParam().line), "poll/x");
    EXPECT_EQ(found ? found->error_class : "", GetParam().error_class);
}

INSTANTIATE_TEST_SUITE_P(
    table, class_test,
    testing::Values(
        class_case{"a_server_error", R"({"status":503,"message":"no stock"})", "server_5xx"},
        class_case{"a_client_error", R"({"statusCode":"404","path":"/x"})", "client_4xx"},
        class_case{"success", R"({"status":200,"message":"ok"})", ""},
        class_case{"an_exception_wins_over_the_status",
                   R"j({"status":404,"stack":"TypeError: x\n    at f (a.js:1:2)"})j", "unhandled_exception"},
        class_case{"an_exception_type", R"({"error":{"type":"IOException","message":"gone"}})", "unhandled_exception"},
        class_case{"a_named_error_in_plain_text", "boom: java.io.IOException: gone", "unhandled_exception"},
        class_case{"logfmt", "level=info status=500 msg=\"it is \\\"bad\\\"\"", "server_5xx"},
        class_case{"an_error_level_without_a_status", R"({"level":"error","message":"queue is full"})",
                   "unhandled_exception"},
        class_case{"an_error_word", "2026-11-26 ERROR queue is full", "unhandled_exception"},
        class_case{"an_error_level_with_a_status", R"({"level":"error","status":502,"message":"x"})", "server_5xx"},
        class_case{"information", R"({"level":"info","message":"started"})", ""},
        class_case{"a_warning", "WARN queue is filling", ""},
        class_case{"nothing", "", ""},
        class_case{"broken_json", "{\"status\":500", ""}
    ),
    [](const auto& one) { return one.param.name; }
);

TEST(logged_error, an_alarm_has_what_the_line_says)
{
    const auto alarm = alarm_of(
        R"({"method":"POST","path":"/orders/17","status":500,"error":{"name":"TypeError","message":"no discount",)"
        R"j("stack":"TypeError: no discount\n    at apply (/app/a.mjs:1:2)\n    at serve (b.mjs:3:4)"}})j"
    );

    EXPECT_EQ(alarm.source, "poll/x");
    EXPECT_EQ(alarm.event_key, "e1");
    EXPECT_EQ(alarm.service, "shop");
    EXPECT_EQ(alarm.error_type, "TypeError");
    EXPECT_EQ(alarm.description, "no discount");
    EXPECT_EQ(alarm.route, "POST /orders/17");
    EXPECT_EQ(alarm.status_code, 500);
    ASSERT_EQ(alarm.frames.size(), 2U);
    EXPECT_EQ(alarm.frames[0], "at apply (/app/a.mjs:1:2)");
    EXPECT_EQ(alarm.occurred_ns, 7);
    EXPECT_EQ(alarm.labels.size(), 2U);
}

TEST(logged_error, names_are_found_where_they_are)
{
    EXPECT_EQ(alarm_of("boom: java.io.IOException: gone").error_type, "IOException");
    EXPECT_EQ(alarm_of(R"({"status":503})").error_type, "HTTP_503");
    EXPECT_EQ(alarm_of("ERROR queue is full").error_type, "LOGGED_ERROR");
    log_event nameless = event_of(R"({"service":"cart","status":500})");
    nameless.labels.clear();
    EXPECT_EQ(read_logged_error(nameless, "poll/x")->alarm.service, "cart");
    nameless.line = "ERROR x";
    EXPECT_EQ(read_logged_error(nameless, "poll/x")->alarm.service, "unknown");
}

}  // namespace
}  // namespace reprise::ingest
