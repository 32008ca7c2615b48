#include "schema_check.hpp"
#include "trace_seeds.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::make_trace;
using test::running_api;
using test::seed_trace;

std::string id_of(int n)
{
    std::string id = std::to_string(n);
    return std::string(32 - id.size(), 'a') + id;
}

class traces_api_test : public testing::Test {
protected:
    running_api on;
    actor who = on.sign_in("ada", "viewer");

    store::stored_trace make(int n) { return make_trace(id_of(n), test::t0 + n * ns_per_s); }
    boost::json::value get(const std::string& path)
    {
        const raw_answer answer = on.call(who, "GET", "/api/v1/traces" + path);
        EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
        return json_of(answer);
    }
    std::vector<std::string> ids(const std::string& query)
    {
        std::vector<std::string> out;
        const auto page = get(query);
        for (const auto& item : page.at("items").as_array())
            out.emplace_back(item.at("trace_id").as_string());
        return out;
    }
};

TEST_F(traces_api_test, are_listed_newest_first_and_page_by_page)
{
    for (int n = 1; n <= 5; ++n)
        seed_trace(on, make(n));
    // Two that started at the same time: the cursor must not lose one.
    auto twin = make(3);
    twin.summary.id = model::parse_trace_id(id_of(33));
    seed_trace(on, twin);
    std::vector<std::string> seen;
    std::string after;
    do {
        const auto page = get("?limit=2" + after);
        for (const auto& item : page.at("items").as_array())
            seen.emplace_back(item.at("trace_id").as_string());
        const auto* next = page.as_object().if_contains("next");
        after = next ? "&after=" + std::string(next->as_string()) : std::string();
    } while (!after.empty());

    EXPECT_EQ(seen.size(), 6U);
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 6U);
    EXPECT_EQ(seen.front(), id_of(5));
    EXPECT_EQ(seen.back(), id_of(1));
}

TEST_F(traces_api_test, each_filter_chooses)
{
    seed_trace(on, make(1));
    auto slow = make(2);
    slow.summary.service = "radar";
    slow.summary.pattern = model::trace_pattern::react;
    slow.summary.wall_ns = 60 * ns_per_s;
    slow.summary.findings = {model::signal_kind::agent_loop};
    slow.summary.has_spans = false;
    slow.report.clear();
    slow.spans.clear();
    seed_trace(on, slow);
    const std::vector<std::string> first = {id_of(1)};
    const std::vector<std::string> second = {id_of(2)};

    EXPECT_EQ(ids("?service=radar"), second);
    EXPECT_EQ(ids("?pattern=fanout"), first);
    EXPECT_EQ(ids("?finding=agent_loop"), second);
    EXPECT_EQ(ids("?min_duration_ms=5000"), second);
    EXPECT_EQ(ids("?opened=true"), first);
    EXPECT_EQ(ids("?service=&pattern=&finding=&min_duration_ms=&opened="), (std::vector{id_of(2), id_of(1)}));
    EXPECT_EQ(ids("?service=radar&pattern=fanout"), std::vector<std::string>());
}

TEST_F(traces_api_test, one_has_its_report_and_spans_as_they_were_written)
{
    auto trace = make(1);
    trace.spans = "[{\"name\":\"broken \xff byte\"}]";
    seed_trace(on, trace);

    const auto item = get("/" + id_of(1)).at("item");

    EXPECT_EQ(find_misfit(item, "TraceDetail"), "");
    EXPECT_EQ(item.at("summary").at("figures").at("straggler").as_string(), "worker:5");
    EXPECT_EQ(item.at("report").at("trace_id").as_string(), id_of(1));
    EXPECT_EQ(item.at("spans").at(0).at("name").as_string(), "broken \xef\xbf\xbd byte");
}

TEST_F(traces_api_test, one_of_which_only_the_row_is_kept_says_so_by_what_is_absent)
{
    auto trace = make(1);
    trace.summary.has_spans = false;
    trace.report.clear();
    trace.spans.clear();
    seed_trace(on, trace);

    const auto item = get("/" + id_of(1)).at("item").as_object();

    EXPECT_FALSE(item.at("summary").at("has_spans").as_bool());
    EXPECT_FALSE(item.contains("report"));
    EXPECT_FALSE(item.contains("spans"));
}

TEST_F(traces_api_test, one_that_is_not_kept_is_404_with_the_way_out)
{
    const raw_answer answer = on.call(who, "GET", "/api/v1/traces/" + id_of(9));

    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), "not_found");
    EXPECT_EQ(find_misfit(json_of(answer), "Problem"), "");
    EXPECT_NE(answer.body.find(id_of(9) + " is not kept"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("GET /api/v1/traces lists"), std::string::npos);
}

TEST_F(traces_api_test, pattern_reports_are_one_for_each_agent_and_pattern)
{
    for (int n = 1; n <= 3; ++n)
        seed_trace(on, make(n));
    auto other = make(4);
    other.summary.agent.clear();
    other.summary.wall_ns = ns_per_s;
    seed_trace(on, other);
    auto elsewhere = make(5);
    elsewhere.summary.service = "radar";
    seed_trace(on, elsewhere);

    const auto all = get("/patterns").at("items").as_array();
    const auto some = get("/patterns?service=checkout").at("items").as_array();

    EXPECT_EQ(all.size(), 3U);
    ASSERT_EQ(some.size(), 2U);
    for (const auto& row : some) {
        EXPECT_EQ(find_misfit(row, "TracePattern"), "");
        EXPECT_EQ(row.at("pattern").as_string(), "fanout");
        const bool is_planner = row.at("agent").as_string() == "planner";
        EXPECT_EQ(row.at("report").at("traces").as_int64(), is_planner ? 3 : 1);
        EXPECT_EQ(row.at("report").at("wall_max_ns").as_int64(), is_planner ? 4'812 * ns_per_ms : ns_per_s);
    }
    EXPECT_TRUE(get("/patterns?service=nobody").at("items").as_array().empty());
}

TEST_F(traces_api_test, what_cannot_be_asked_is_refused_with_a_reason)
{
    const std::vector<std::string> refused = {
        "?pattern=spiral", "?finding=latency", "?min_duration_ms=-1", "?min_duration_ms=1s",
        "?min_duration_ms=9223372036854775807", "?opened=perhaps", "?after=01HF7YAT00MJ5N0TTHEREXXXXX",
        "?after=1700000000000000000-", "?after=-1-" + id_of(1), "?limit=0", "?sort=up", "/patterns?limit=3",
        "/4bf92f35", "/" + std::string(32, '0')};
    for (const std::string& path : refused) {
        const raw_answer answer = on.call(who, "GET", "/api/v1/traces" + path);
        EXPECT_EQ(answer.status, 400) << path;
        EXPECT_EQ(code_of(answer), "bad_request") << path;
        EXPECT_EQ(find_misfit(json_of(answer), "Problem"), "") << path;
    }
}

TEST_F(traces_api_test, nobody_reads_them_without_being_signed_in)
{
    for (const std::string path : {"", "/patterns", "/"})
        EXPECT_EQ(on.call({}, "GET", "/api/v1/traces" + path + (path == "/" ? id_of(1) : "")).status, 401) << path;
}

}  // namespace
}  // namespace reprise::http
