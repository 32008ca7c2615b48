#include "reprise/replay/report.hpp"

#include "reprise/base/clock.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <numeric>

namespace reprise::replay {
namespace {

class report : public testing::Test {
protected:
    std::vector<model::exchange> exchanges;
    std::vector<std::string> roles;
    drive_plan plan;
    drive_result result;

    void SetUp() override
    {
        add("GET", "/orders/{id}", 200, "control");
        add("GET", "/orders/{id}", 500, "failing");
        add("GET", "/a<b>&\"c\"", 200, "control");
        plan.exchanges = exchanges;
        plan.run_id = "01RUN";
        record(0, 0, 10, 200);
        record(1, 5, 90, 500);
        record(2, 10, 12, 404);
        record(1, 20, 25, 0, send_end::failed);
        record(0, 30, 0, 0, send_end::dropped);
        result.planned = 6;
        result.sent = 4;
        result.answered = 3;
        result.failed = 1;
        result.dropped = 1;
        result.not_begun = 1;
        result.duration_ns = 100 * ns_per_ms;
        result.failures["closed"] = 1;
    }

    void add(const char* method, const char* route, int status, const char* role)
    {
        model::exchange one;
        one.method = method;
        one.operation.route = route;
        one.status = status;
        one.duration_ns = 7 * ns_per_ms;
        exchanges.push_back(one);
        roles.emplace_back(role);
    }

    void record(std::uint32_t exchange, int due_ms, int done_ms, int status, send_end end = send_end::answered)
    {
        send_record made;
        made.planned.exchange = exchange;
        made.end = end;
        made.status = status;
        made.due_ns = due_ms * ns_per_ms;
        made.begun_ns = made.due_ns + ns_per_ms;
        made.done_ns = done_ms * ns_per_ms;
        result.records.push_back(made);
    }

    replay_report make()
    {
        replay_report made = make_report(plan, roles, result);
        made.source = "bundle.tar.gz";
        made.target = "http://127.0.0.1:3000";
        made.gates = {{"p95>50ms", "85.0 ms", true}, {"failing>90%", "50.0 %", false}};
        return made;
    }
};

TEST_F(report, counts_add_up)
{
    const replay_report made = make();

    EXPECT_EQ(made.planned, made.sent + made.dropped + made.not_begun);
    EXPECT_EQ(made.sent, made.answered + made.failed);
    EXPECT_EQ(made.failing, 2U);
    EXPECT_EQ(made.same_status, 2U);
    EXPECT_DOUBLE_EQ(made.sent_per_second, 40);
}

TEST_F(report, latency_is_from_the_planned_time_and_service_from_the_sending)
{
    const replay_report made = make();

    EXPECT_EQ(made.latency.n, 3U);
    EXPECT_EQ(made.latency.max_ns, 85 * ns_per_ms);
    EXPECT_EQ(made.service.max_ns, 84 * ns_per_ms);
    EXPECT_EQ(made.send_delay.n, 4U);
    EXPECT_EQ(made.send_delay.max_ns, ns_per_ms);
}

TEST_F(report, operations_are_kept_apart_by_role)
{
    const replay_report made = make();

    ASSERT_EQ(made.operations.size(), 3U);
    EXPECT_EQ(made.operations[1].name, "GET /orders/{id}");
    EXPECT_EQ(made.operations[1].role, "control");
    EXPECT_EQ(made.operations[1].dropped, 1U);
    EXPECT_EQ(made.operations[2].role, "failing");
    EXPECT_EQ(made.operations[2].failing, 2U);
    EXPECT_EQ(made.operations[2].statuses.at(500), 1U);
    EXPECT_EQ(made.operations[2].recorded_latency.p50_ns, 7 * ns_per_ms);
}

TEST_F(report, slices_hold_every_record_once)
{
    const replay_report made = make();

    std::uint64_t planned = 0;
    for (const report_slice& slice : made.slices)
        planned += slice.planned;
    EXPECT_EQ(planned, result.records.size());
    EXPECT_LE(made.slices.size(), slices_max);
}

TEST_F(report, slices_stay_few_however_long_it_took)
{
    result.records.clear();
    for (int i = 0; i < 1000; ++i)
        record(0, i * 60'000, i * 60'000 + 1, 200);

    EXPECT_LE(make().slices.size(), slices_max);
}

TEST(latency_summary, is_exact_by_nearest_rank)
{
    std::vector<std::int64_t> values(1000);
    std::iota(values.begin(), values.end(), 1);

    const latency_summary made = summarise_latency(values);

    EXPECT_EQ(made.p50_ns, 500);
    EXPECT_EQ(made.p99_ns, 990);
    EXPECT_EQ(made.p999_ns, 999);
    EXPECT_EQ(made.max_ns, 1000);
    EXPECT_EQ(made.mean_ns, 500);
    EXPECT_EQ(summarise_latency({}).n, 0U);
}

TEST_F(report, json_has_every_count)
{
    const auto parsed = boost::json::parse(to_json(make())).as_object();

    EXPECT_EQ(parsed.at("dropped").as_int64(), 1);
    EXPECT_EQ(parsed.at("operations").as_array().size(), 3U);
    EXPECT_EQ(parsed.at("latency").at("p95_ns").as_int64(), 85 * ns_per_ms);
    EXPECT_EQ(parsed.at("gates").at(0).at("failed").as_bool(), true);
    EXPECT_EQ(parsed.at("failures").at("closed").as_int64(), 1);
}

TEST_F(report, junit_fails_what_answered_otherwise_and_what_a_gate_caught)
{
    const std::string made = to_junit(make());

    EXPECT_NE(made.find("tests=\"5\" failures=\"4\""), std::string::npos) << made;
    EXPECT_NE(made.find("name=\"GET /a&lt;b&gt;&amp;&quot;c&quot;\""), std::string::npos) << made;
    EXPECT_NE(made.find("<failure message=\"it was 85.0 ms\"/>"), std::string::npos) << made;
    EXPECT_EQ(made.find("name=\"failing&gt;90%\" time=\"0.000\">"), std::string::npos) << made;
}

TEST_F(report, the_page_stands_alone_and_what_was_captured_stays_text)
{
    exchanges[2].operation.route = "<script>alert(1)</script>";
    const std::string page = to_html(make());

    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
    EXPECT_EQ(page.find("http-equiv"), std::string::npos);
    EXPECT_EQ(page.find("src="), std::string::npos);
    EXPECT_EQ(page.find("nan"), std::string::npos);
    EXPECT_NE(page.find("Latency by percentile"), std::string::npos);
}

TEST_F(report, nothing_sent_is_told_without_a_fault)
{
    result = drive_result();
    result.planned = 3;
    result.not_begun = 3;

    const replay_report made = make();

    EXPECT_TRUE(made.operations.empty());
    EXPECT_EQ(to_html(made).find("nan"), std::string::npos);
    EXPECT_NE(to_junit(made).find("tests=\"2\""), std::string::npos);
}

}  // namespace
}  // namespace reprise::replay
