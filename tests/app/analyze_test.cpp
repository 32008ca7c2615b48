#include "../../server/app/commands.hpp"
#include "../../server/app/exit_code.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

namespace reprise::app {
namespace {

namespace json = boost::json;

// An HTTP server span as the Collector's file exporter writes it, `minute` minutes after ten.
std::string span_line(int minute, const std::string& id, int status)
{
    const std::string start = std::to_string(1'763'719'200LL + minute * 60LL) + "000000000";
    return R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
           R"("scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"0000000000000000000000000000000)" + id +
           R"(","spanId":"000000000000000)" + id + R"(","name":"GET /items/{id}","kind":2,"startTimeUnixNano":")" +
           start + R"(","endTimeUnixNano":")" + start + R"(","attributes":[)"
           R"({"key":"http.request.method","value":{"stringValue":"GET"}},)"
           R"({"key":"http.route","value":{"stringValue":"/items/{id}"}},)"
           R"({"key":"http.response.status_code","value":{"intValue":")" + std::to_string(status) +
           R"("}}],"status":{}}]}]}]})" "\n";
}

std::string pair_line()
{
    return R"({"msgType":"rrpair","ts":"2025-11-21T10:00:01Z","duration":5,"l7protocol":"http","service":"shop",)"
           R"("direction":"IN","command":"GET","location":"/items/17","status":"OK","http":{"request":{"method":"GET",)"
           R"("url":"/items/17","headers":{}},"response":{"statusCode":200,"headers":{}}}})" "\n";
}

TEST(analyze, counts_the_requests_of_each_operation_over_all_windows)
{
    const auto file = std::filesystem::path(::testing::TempDir()) / "reprise_analyze.jsonl";
    std::ofstream(file) << span_line(0, "1", 200) << span_line(0, "2", 500) << span_line(5, "3", 200) << pair_line();

    output_style style;
    style.json = true;
    ::testing::internal::CaptureStdout();
    const int code = run_analyze(config(), {file.string()}, "", style);
    const json::value report = json::parse(::testing::internal::GetCapturedStdout());
    std::filesystem::remove(file);

    EXPECT_EQ(code, exit_ok);
    EXPECT_EQ(report.at("records").to_number<int>(), 4);
    EXPECT_EQ(report.at("windows").to_number<int>(), 2);
    std::map<std::pair<std::string, std::string>, std::pair<int, int>> operations;
    for (const json::value& row : report.at("operations").as_array()) {
        const json::value& operation = row.at("operation");
        operations[{std::string(operation.at("source").as_string()), std::string(operation.at("name").as_string())}] = {
            row.at("requests").to_number<int>(), row.at("failing").to_number<int>()};
    }
    const decltype(operations) wanted = {
        {{"span", "GET /items/{id}"}, {3, 1}}, {{"rrpair", "GET /items/{id}"}, {1, 0}}};
    EXPECT_EQ(operations, wanted);
}

}  // namespace
}  // namespace reprise::app
