#include "../../server/ingest/hook_json.hpp"

#include "hook_reading.hpp"

#include <boost/json/parse.hpp>

namespace reprise::ingest {
namespace {

std::string fault(std::string_view text)
{
    return find_json_fault(text).value_or("");
}

TEST(hook_json, what_everybody_reads_alike_has_no_fault)
{
    EXPECT_EQ(fault(R"({"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"a"})"), "");
    EXPECT_EQ(fault("  [1, 2.5, true, null, \"x\"]\n"), "");
    EXPECT_EQ(fault("\"text alone\""), "");
}

TEST(hook_json, a_key_that_stands_twice_in_one_object_is_named)
{
    EXPECT_NE(fault(R"({"a":1,"b":2,"a":3})").find("\"a\" stands twice"), std::string::npos);
    EXPECT_NE(fault(R"({"x":[{"deep":1,"deep":1}]})").find("\"deep\" stands twice"), std::string::npos);
    // The same key, written otherwise.
    EXPECT_NE(fault(R"({"Type":"A","\u0054ype":"B"})").find("\"Type\" stands twice"), std::string::npos);
}

TEST(hook_json, what_is_no_json_is_told_with_its_place)
{
    EXPECT_NE(fault("").find("no JSON"), std::string::npos);
    EXPECT_NE(fault("{\"a\":").find("no JSON"), std::string::npos);
    EXPECT_NE(fault("a=1&b=2").find("no JSON"), std::string::npos);
    EXPECT_NE(fault("{\"a\":\"\xff\"}").find("no JSON"), std::string::npos);
    EXPECT_NE(fault("{} {}"), "");
    EXPECT_NE(fault(std::string(hook_json_depth_max + 1, '[') + std::string(hook_json_depth_max + 1, ']')), "");
    EXPECT_EQ(fault(std::string(hook_json_depth_max, '[') + std::string(hook_json_depth_max, ']')), "");
}

TEST(hook_json, what_is_not_there_or_of_another_type_is_empty)
{
    const auto object = boost::json::parse(R"({"n":7,"big":18446744073709551615,"t":"x","o":{},"l":[1]})").as_object();

    EXPECT_EQ(text_of(object, "t"), "x");
    EXPECT_EQ(text_of(object, "n"), "");
    EXPECT_EQ(id_of(object, "n"), "7");
    EXPECT_EQ(id_of(object, "big"), "18446744073709551615");
    EXPECT_EQ(id_of(object, "t"), "x");
    EXPECT_EQ(id_of(object, "o"), "");
    EXPECT_EQ(number_of(object, "t", 3), 3);
    EXPECT_EQ(find_object(object, "l"), nullptr);
    EXPECT_NE(find_object(object, "o"), nullptr);
    EXPECT_TRUE(object_of(object, "nothing").empty());
    EXPECT_EQ(array_of(object, "l").size(), 1U);
    EXPECT_TRUE(array_of(object, "o").empty());
}

TEST(hook_json, times_come_in_two_forms)
{
    EXPECT_EQ(time_of("2026-11-21T03:59:35.120Z"), test::at("2026-11-21T03:59:35.120Z"));
    EXPECT_EQ(time_of("2026-11-21T03:59:35.120+0000"), test::at("2026-11-21T03:59:35.120Z"));
    EXPECT_EQ(time_of("2026-11-21T05:29:35-0230"), test::at("2026-11-21T05:29:35-02:30"));
    EXPECT_EQ(time_of("0001-01-01T00:00:00Z"), 0);
    EXPECT_EQ(time_of("2026-11-21"), 0);
    EXPECT_EQ(time_of("+0000"), 0);
    EXPECT_EQ(time_of(""), 0);
}

TEST(hook_json, only_plain_https_addresses_are_links)
{
    EXPECT_EQ(link_of("https://grafana.test/d/1?a=b"), "https://grafana.test/d/1?a=b");
    EXPECT_EQ(link_of("http://grafana.test/"), "");
    EXPECT_EQ(link_of("javascript:alert(1)"), "");
    EXPECT_EQ(link_of("https://a b"), "");
    EXPECT_EQ(link_of("https://a\nb"), "");
}

TEST(hook_json, severities_have_many_names)
{
    EXPECT_EQ(severity_of("Critical"), model::severity::critical);
    EXPECT_EQ(severity_of("P1"), model::severity::critical);
    EXPECT_EQ(severity_of("error"), model::severity::high);
    EXPECT_EQ(severity_of("warning"), model::severity::medium);
    EXPECT_EQ(severity_of("info"), model::severity::low);
    EXPECT_EQ(severity_of("blue"), std::nullopt);
    EXPECT_EQ(severity_of(""), std::nullopt);
}

}  // namespace
}  // namespace reprise::ingest
