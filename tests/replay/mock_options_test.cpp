#include "reprise/replay/mock_options.hpp"

#include "reprise/base/clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace reprise::replay {
namespace {

using testing::HasSubstr;

TEST(mock_options, faults_say_where_what_and_how_often)
{
    const fault_rule rule = parse_fault("GET /x:503@10%").value();

    EXPECT_EQ(rule.method, "GET");
    EXPECT_EQ(rule.pattern, "/x");
    EXPECT_EQ(rule.effect, mock_effect::status);
    EXPECT_EQ(rule.status, 503);
    EXPECT_DOUBLE_EQ(rule.share, 0.1);
}

TEST(mock_options, a_fault_may_leave_out_what_is_meant_for_all)
{
    EXPECT_EQ(parse_fault(":reset").value().pattern, "*");
    EXPECT_EQ(parse_fault("* /a:corrupt").value().method, "");
    EXPECT_DOUBLE_EQ(parse_fault("/a:silence").value().share, 1);
    EXPECT_EQ(parse_fault("/a:delay=1.5s@0.5%").value().delay_ns, 1500 * ns_per_ms);
    EXPECT_DOUBLE_EQ(parse_fault("/a:delay=1.5s@0.5%").value().share, 0.005);
    EXPECT_DOUBLE_EQ(parse_fault("/a:truncate=20%").value().kept_share, 0.2);
    EXPECT_DOUBLE_EQ(parse_fault("/a:truncate=20%@30%").value().share, 0.3);
    EXPECT_EQ(parse_fault("api.test:8080/a:503").value().pattern, "api.test:8080/a");
}

TEST(mock_options, patterns_match_paths_or_host_and_path)
{
    const auto matching = [](const std::string& rule, const std::string& path) {
        return matches(parse_fault(rule).value(), "GET", "api.test", path);
    };

    EXPECT_TRUE(matching("/a:503", "/a"));
    EXPECT_FALSE(matching("/a:503", "/a/b"));
    EXPECT_TRUE(matching("/a*:503", "/a/b"));
    EXPECT_TRUE(matching("/*/b*c:503", "/x/y/b/1/c"));
    EXPECT_FALSE(matching("/*/b*c:503", "/x/y/b/1/d"));
    EXPECT_TRUE(matching("api.test/*:503", "/a"));
    EXPECT_FALSE(matching("other.test/*:503", "/a"));
    EXPECT_TRUE(matching("*.test/a:503", "/a"));
    EXPECT_FALSE(matching("POST /a:503", "/a"));
}

TEST(mock_options, bad_faults_are_refused_with_what_is_needed_instead)
{
    const auto reason = [](const std::string& text) { return parse_fault(text).error().reason; };

    EXPECT_THAT(reason("GET /x"), HasSubstr("must be like 'GET /x:503@10%'"));
    EXPECT_THAT(reason("GET /x:999"), HasSubstr("does nothing known: '999'"));
    EXPECT_THAT(reason("GET /x:explode"), HasSubstr("does nothing known: 'explode'"));
    EXPECT_THAT(reason("GET /x:delay=soon"), HasSubstr("does nothing known"));
    EXPECT_THAT(reason("GET /x:delay=-1s"), HasSubstr("does nothing known"));
    EXPECT_THAT(reason("GET /x:delay=2000000s"), HasSubstr("does nothing known"));
    EXPECT_THAT(reason("GET /x:503@110%"), HasSubstr("share of 0% to 100%"));
    EXPECT_THAT(reason("GET /x:503@ten%"), HasSubstr("share of 0% to 100%"));
    EXPECT_THAT(reason("GET /x:truncate=100%"), HasSubstr("does nothing known"));
    EXPECT_THAT(reason("get /x:503"), HasSubstr("names no method in capitals"));
    EXPECT_THAT(reason("GET /x y:503"), HasSubstr("must be like"));
    EXPECT_THAT(reason(std::string(5000, 'x')), HasSubstr("longer than 1024 bytes"));
}

TEST(mock_options, latency_is_none_recorded_or_a_factor)
{
    EXPECT_DOUBLE_EQ(parse_latency("none").value(), 0);
    EXPECT_DOUBLE_EQ(parse_latency("recorded").value(), 1);
    EXPECT_DOUBLE_EQ(parse_latency("0.5x").value(), 0.5);
    for (const std::string text : {"", "x", "fast", "-1x", "nanx", "1e9x", "5"})
        EXPECT_THAT(parse_latency(text).error().reason, HasSubstr("must be none, recorded or a factor")) << text;
}

TEST(mock_options, fields_to_ignore_have_the_names_that_misses_show)
{
    for (const std::string text : {"query.ts", "body/items/*/id", "header.accept", "path/2", "host", "body", "query"})
        EXPECT_EQ(parse_field_rule(text).value(), text);
    for (const std::string text : {"", "ts", "method", "body.ts"})
        EXPECT_THAT(parse_field_rule(text).error().reason, HasSubstr("must be like")) << text;
}

}  // namespace
}  // namespace reprise::replay
