#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/detect/baseline.hpp"
#include "reprise/detect/sketch.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/detection_settings.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace reprise::http {
namespace {

namespace json = boost::json;

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;

constexpr const char* path = "/api/v1/services/checkout/detection";
constexpr const char* backtest_path = "/api/v1/detection/backtest";

std::string detail_of(const raw_answer& answer)
{
    return std::string(json_of(answer).at("detail").as_string());
}

TEST(detection, a_service_without_settings_shows_what_it_has_from_the_server)
{
    test::api_options options;
    options.change = [](api_config& config) { config.detection.windows_min = 50; };
    running_api on(std::move(options));
    const actor who = on.sign_in("ada", "viewer");
    seed(on);

    const raw_answer found = on.call(who, "GET", path);

    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.header("etag"), "\"1\"");
    const auto item = json_of(found).at("item");
    EXPECT_EQ(find_misfit(item, "Detection"), "");
    EXPECT_TRUE(item.at("settings").as_object().empty());
    EXPECT_EQ(item.at("inherited").at("windows_min").as_int64(), 50);
    EXPECT_EQ(item.at("inherited").as_object().size(), 11U);
    EXPECT_EQ(item.at("kinds").as_array().size(), model::signal_kind_count);
    for (const auto& field : item.at("ranges").as_object()) {
        const auto own = item.at("inherited").at(field.key()).to_number<double>();
        EXPECT_LE(field.value().at("min").to_number<double>(), own) << field.key();
        EXPECT_GE(field.value().at("max").to_number<double>(), own) << field.key();
    }
    EXPECT_EQ(on.call(who, "GET", "/api/v1/services/other/detection").status, 404);
}

TEST(detection, settings_are_replaced_as_a_whole_by_version_and_reach_whoever_closes_windows)
{
    pipeline::detection_book book;
    test::api_options options;
    options.change_parts = [&book](api_parts& parts) { parts.detection = &book; };
    running_api on(std::move(options));
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string body =
        R"({"settings":{"error_rise_min":0.05,"errors_min":20,"kinds_off":["latency","latency"]}})";

    EXPECT_EQ(on.call(who, "PUT", path, body).status, 428);
    const raw_answer changed = on.call(who, "PUT", path, body, "If-Match: \"1\"\r\n");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.header("etag"), "\"2\"");
    const auto settings = json_of(changed).at("item").at("settings");
    EXPECT_EQ(json::serialize(settings), R"({"error_rise_min":5E-2,"errors_min":20,"kinds_off":["latency"]})");
    EXPECT_EQ(book.find("checkout").errors_min, 20);
    EXPECT_EQ(code_of(on.call(who, "PUT", path, body, "If-Match: \"1\"\r\n")), "stale");

    const raw_answer again = on.call(who, "PUT", path, R"({"settings":{"windows_min":10}})", "If-Match: \"2\"\r\n");
    EXPECT_EQ(json::serialize(json_of(again).at("item").at("settings")), R"({"windows_min":10})");
    EXPECT_FALSE(book.find("checkout").errors_min);
    EXPECT_TRUE(book.find("checkout").kinds_off.empty());
    EXPECT_EQ(on.call(who, "PUT", "/api/v1/services/other/detection", body, "If-Match: \"1\"\r\n").status, 404);
    EXPECT_EQ(on.call(on.sign_in("eve", "viewer"), "PUT", path, body, "If-Match: \"3\"\r\n").status, 403);
}

TEST(detection, a_change_is_audited_with_what_was_set_before)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator,admin");
    seed(on);
    on.call(who, "PUT", path, R"({"settings":{"errors_min":20}})", "If-Match: \"1\"\r\n");
    on.call(who, "PUT", path, R"({"settings":{"errors_min":30}})", "If-Match: \"2\"\r\n");

    const auto page = json_of(on.call(who, "GET", "/api/v1/audit?order=newest&action=service.detection&limit=1"));

    const auto row = page.at("items").at(0);
    EXPECT_EQ(row.at("object").as_string(), "service/checkout");
    EXPECT_EQ(row.at("actor").as_string(), "user:ada");
    EXPECT_EQ(row.at("detail").at("before").at("errors_min").as_int64(), 20);
    EXPECT_EQ(row.at("detail").at("after").at("errors_min").as_int64(), 30);
}

struct refused_settings {
    const char* body;
    int status;
    const char* says;
};

TEST(detection, what_is_wrong_is_told_by_field_and_range)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const refused_settings cases[] = {
        {R"({})", 400, "settings must be an object"},
        {R"({"settings":[]})", 400, "settings must be an object"},
        {R"({"settings":{},"more":1})", 400, "no member \"more\""},
        {R"({"settings":{"latency":2}})", 400, "no field \"latency\"; there are latency_ratio_min"},
        {R"({"settings":{"errors_min":"many"}})", 400, "errors_min must be a whole number from 1 to 1000000."},
        {R"({"settings":{"errors_min":2.5}})", 400, "errors_min must be a whole number"},
        {R"({"settings":{"errors_min":0}})", 422, "errors_min must be a whole number from 1 to 1000000."},
        {R"({"settings":{"error_rise_min":1.5}})", 422, "error_rise_min must be a number from 0 to 1."},
        {R"({"settings":{"error_rise_min":-1}})", 422, "error_rise_min"},
        {R"({"settings":{"latency_ratio_min":1e300}})", 422, "latency_ratio_min must be a number from 1.01 to 100."},
        {R"({"settings":{"latency_ratio_min":NaN}})", 400, "no JSON"},
        {R"({"settings":{"occurrences_min":101}})", 422, "occurrences_min must be a whole number from 1 to 100."},
        {R"({"settings":{"kinds_off":"latency"}})", 400, "kinds_off must be a list"},
        {R"({"settings":{"kinds_off":["slow"]}})", 400, "\"slow\" is no signal kind; there are error_rate"},
        {R"({"settings":{"kinds_off":[1]}})", 400, "kinds_off must be a list"},
    };
    for (const refused_settings& one : cases) {
        const raw_answer answer = on.call(who, "PUT", path, one.body, "If-Match: \"1\"\r\n");
        EXPECT_EQ(answer.status, one.status) << one.body << " " << answer.body;
        EXPECT_NE(detail_of(answer).find(one.says), std::string::npos) << one.body << " " << detail_of(answer);
    }
    EXPECT_EQ(on.call(who, "GET", path).header("etag"), "\"1\"") << "nothing was kept";
    const std::string nothing = R"({"settings":{"errors_min":null,"kinds_off":null}})";
    EXPECT_EQ(on.call(who, "PUT", path, nothing, "If-Match: \"1\"\r\n").status, 200) << "null is not set";
}

TEST(detection, operations_are_ready_by_what_is_set_for_their_service)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const auto all = seed(on);
    const auto state = [&] {
        const auto page = json_of(on.call(who, "GET", "/api/v1/services/checkout/operations"));
        return std::string(page.at("items").at(0).at("baseline_state").as_string());
    };
    detect::baseline known;
    known.windows = 5;
    known.requests_seen = 1000;
    on.write([&](store::transaction& tx) {
        const std::array kept = {store::baseline{all.signal.operation_id, test::t0, known.encode()}};
        return store::save_baselines(tx, kept);
    }).value();
    EXPECT_EQ(state(), "learning");
    on.call(who, "PUT", path, R"({"settings":{"windows_min":5}})", "If-Match: \"1\"\r\n");
    EXPECT_EQ(state(), "ready");
}

// Windows of POST /orders: `calm` with few slow answers, then some in which half of them fail.
void store_outage(running_api& on, int calm, int bad)
{
    const model::signal signal = test::make_signal(on.time().now_ns());
    std::vector<store::operation_window> rows;
    detect::sketch durations;
    for (int i = 0; i < 200; ++i)
        durations.add((20 + i % 7) * ns_per_ms);
    for (int i = 0; i < calm + bad; ++i) {
        store::operation_window row;
        row.operation = signal.operation_id;
        row.window_ns = 60 * ns_per_s;
        row.window_start_ns = signal.window_start_ns - (calm + bad - i) * row.window_ns;
        row.counts[0] = i < calm ? 200 : 100;
        row.counts[3] = i < calm ? 0 : 100;
        row.sketch = durations.encode();
        row.failing_traces = i < calm ? 0 : 2;
        rows.push_back(row);
    }
    on.write([&](store::transaction& tx) -> result<void> {
        const std::array seen = {store::service_sight{"checkout", on.time().now_ns(), 1}};
        if (auto touched = store::touch_services(tx, seen, on.time().now_ns()); !touched)
            return touched;
        const std::array keys = {signal.operation};
        if (auto known = store::upsert_operations(tx, keys, on.time().now_ns()); !known)
            return known;
        return store::insert_windows(tx, rows);
    }).value();
}

TEST(detection, a_back_test_says_what_would_no_longer_be_told)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    store_outage(on, 60, 3);

    const std::string body = R"({"service":"checkout","settings":{"kinds_off":["error_rate"]}})";
    const raw_answer done = on.call(who, "POST", backtest_path, body);

    ASSERT_EQ(done.status, 200) << done.body;
    const auto item = json_of(done).at("item");
    EXPECT_EQ(find_misfit(item, "Backtest"), "");
    EXPECT_EQ(item.at("windows").as_int64(), 63);
    EXPECT_EQ(item.at("operations").as_int64(), 1);
    EXPECT_EQ(item.at("present").at("alarms").as_int64(), 1);
    EXPECT_EQ(item.at("proposed").at("alarms").as_int64(), 0);
    EXPECT_EQ(item.at("kept").as_int64(), 0);
    EXPECT_FALSE(item.at("cut").as_bool());
    EXPECT_TRUE(item.at("added").as_array().empty());
    ASSERT_EQ(item.at("removed").as_array().size(), 1U);
    const auto finding = item.at("removed").at(0);
    EXPECT_EQ(finding.at("kind").as_string(), "error_rate");
    EXPECT_EQ(finding.at("operation").as_string(), "POST /orders");
    EXPECT_EQ(finding.at("windows").as_int64(), 3);
    EXPECT_EQ(item.at("not_rerun").as_array().size(), 7U) << "loops and what is seen in traces";
}

TEST(detection, a_back_test_compares_with_what_is_set_now)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    store_outage(on, 60, 3);
    const std::string off = R"({"settings":{"kinds_off":["error_rate"]}})";
    ASSERT_EQ(on.call(who, "PUT", path, off, "If-Match: \"1\"\r\n").status, 200);

    const raw_answer done = on.call(who, "POST", backtest_path, R"({"service":"checkout","settings":{}})");

    const auto item = json_of(done).at("item");
    EXPECT_EQ(item.at("present").at("alarms").as_int64(), 0);
    EXPECT_EQ(item.at("added").as_array().size(), 1U);
}

TEST(detection, a_back_test_of_a_part_of_the_time_keeps_to_it)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    store_outage(on, 60, 3);
    const std::string whole = R"({"service":"checkout","settings":{}})";
    const auto all = json_of(on.call(who, "POST", backtest_path, whole)).at("item");
    const std::string from(all.at("from").as_string());
    const std::string part = R"({"service":"checkout","settings":{},"to":")" + from + "\"}";
    const auto none = json_of(on.call(who, "POST", backtest_path, part)).at("item");
    EXPECT_EQ(none.at("windows").as_int64(), 0);
    EXPECT_EQ(none.at("to").as_string(), from);
}

TEST(detection, a_back_test_that_cannot_be_is_refused_with_the_reason)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    store_outage(on, 3, 0);
    const refused_settings cases[] = {
        {R"({"settings":{}})", 400, "service must be given"},
        {R"({"service":"checkout"})", 400, "settings must be an object"},
        {R"({"service":"other","settings":{}})", 404, "service other"},
        {R"({"service":"checkout","settings":{"errors_min":0}})", 422, "errors_min"},
        {R"({"service":"checkout","settings":{},"since":"x"})", 400, "no member \"since\""},
        {R"({"service":"checkout","settings":{},"from":"yesterday"})", 400, "from must be a date-time"},
        {R"({"service":"checkout","settings":{},"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"})", 422,
         "from must be earlier than to"},
    };
    for (const refused_settings& one : cases) {
        const raw_answer answer = on.call(who, "POST", backtest_path, one.body);
        EXPECT_EQ(answer.status, one.status) << one.body << " " << answer.body;
        EXPECT_NE(detail_of(answer).find(one.says), std::string::npos) << one.body << " " << detail_of(answer);
    }
    const std::string fine = R"({"service":"checkout","settings":{}})";
    EXPECT_EQ(on.call(on.sign_in("eve", "viewer"), "POST", backtest_path, fine).status, 403);
}

TEST(detection, a_second_back_test_at_once_is_told_to_wait)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    store_outage(on, 3, 0);
    const std::string body = R"({"service":"checkout","settings":{}})";
    std::vector<int> statuses(8);
    std::vector<std::thread> askers;
    for (int& status : statuses)
        askers.emplace_back([&on, &who, &body, &status] {
            const raw_answer answer = on.call(who, "POST", backtest_path, body);
            status = answer.status;
            if (answer.status == 503) {
                EXPECT_EQ(code_of(answer), "backtest_running");
                EXPECT_EQ(answer.header("retry-after"), "10");
            }
        });
    for (std::thread& one : askers)
        one.join();
    const auto count = [&statuses](int wanted) { return std::count(statuses.begin(), statuses.end(), wanted); };
    EXPECT_GE(count(200), 1);
    EXPECT_EQ(count(200) + count(503), 8);
    EXPECT_EQ(
        on.numbers().add_counter("reprise_backtests_refused_total", "").value(), static_cast<std::uint64_t>(count(503))
    );
    EXPECT_EQ(on.call(who, "POST", backtest_path, body).status, 200) << "the place is free again";
}

}  // namespace
}  // namespace reprise::http
