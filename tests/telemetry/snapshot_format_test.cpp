#include "reprise/telemetry/snapshot_format.hpp"

#include "exchange_check.hpp"

#include "reprise/telemetry/captured_record.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/otlp_json_write.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace reprise::telemetry {
namespace {

using format = snapshot_format;

TEST(snapshot_format, is_told_by_content)
{
    EXPECT_EQ(detect_snapshot_format(R"( {"log": {"version": "1.2", "ent)"), format::har);
    EXPECT_EQ(detect_snapshot_format(R"({"_comment":"x","log":{}})"), format::har);
    EXPECT_EQ(detect_snapshot_format(R"({"log":"text","msgType":"rrpair"})"), format::rrpair_json);
    EXPECT_EQ(detect_snapshot_format(R"({"resourceLogs":[]})"), format::otlp_json);
    EXPECT_EQ(detect_snapshot_format(R"({"resourceSpans":[{)"), format::otlp_json);
    EXPECT_EQ(detect_snapshot_format(R"({"resourceMetrics":[]})"), format::otlp_json);
    EXPECT_EQ(detect_snapshot_format(R"({"body":{"resourceLogs":1},"l7protocol":"http"})"), format::rrpair_json);
    EXPECT_EQ(detect_snapshot_format("# Title\n\n### REQUEST (MOCK) ###\n```\nGET"), format::rrpair_markdown);
    EXPECT_EQ(detect_snapshot_format(""), std::nullopt);
    EXPECT_EQ(detect_snapshot_format("[1]"), std::nullopt);
    EXPECT_EQ(detect_snapshot_format("GET / HTTP/1.1"), std::nullopt);
    EXPECT_EQ(detect_snapshot_format("{broken"), format::rrpair_json);
}

TEST(snapshot_format, names_are_read_back)
{
    for (const format one : {format::rrpair_json, format::rrpair_markdown, format::har, format::otlp_json})
        EXPECT_EQ(find_snapshot_format(to_text(one)), one);
    EXPECT_EQ(find_snapshot_format("pcap"), std::nullopt);
}

TEST(snapshot_format, one_document_per_line_is_told_from_one_document)
{
    EXPECT_TRUE(is_one_per_line("{\"a\":1}\n{\"b\":2}\n"));
    EXPECT_TRUE(is_one_per_line("{\"a\":1}"));
    EXPECT_TRUE(is_one_per_line("{\"a\":1} \r\n"));
    EXPECT_FALSE(is_one_per_line("{\n  \"a\": 1\n}\n"));
    EXPECT_FALSE(is_one_per_line("{\"a\":1} {}\n"));
    EXPECT_FALSE(is_one_per_line("{\"a\":"));
}

TEST(snapshot_format, requests_of_metrics_alone_are_not_analysed)
{
    EXPECT_TRUE(is_not_analysed(R"({"resourceMetrics":[{"scopeMetrics":[]}]})"));
    EXPECT_TRUE(is_not_analysed(R"({"resourceProfiles":[]})"));
    EXPECT_FALSE(is_not_analysed(R"({"resourceMetrics":[],"resourceLogs":[]})"));
    EXPECT_FALSE(is_not_analysed(R"({"resourceSpans":[]})"));
    EXPECT_FALSE(is_not_analysed(R"({"resourceMetrics":[)"));
}

std::vector<model::exchange> exchanges()
{
    std::vector<model::exchange> all;
    all.push_back(parse_rrpair_json(R"({"ts":"2025-11-21T12:00:00.123456789Z","duration":12.345678,"l7protocol":"http",
        "service":"shop","status":"OK","traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",
        "http":{"request":{"method":"PUT","url":"http://shop:8080/a?b=c","headers":{"A":["b","c"]},"bodyBase64":"AP8="},
        "response":{"statusCode":429,"body":"slow \"down\""}}})").value());
    all.push_back(parse_rrpair_json(R"({"ts":"2025-11-21T12:00:01Z","l7protocol":"mysql","service":"cart",
        "command":"Query","location":"select 1","status":"gone away","direction":"OUT",
        "network_address":"db:3306"})").value());
    all.push_back(all.front());
    all.back().start_ns += 5;
    return all;
}

// The records of a line as the live intake would see them.
std::vector<captured_record> records_of(const std::string& line)
{
    std::vector<captured_record> records;
    const auto message = encode_otlp_json_line(line);
    EXPECT_TRUE(message) << line;
    if (!message)
        return records;
    const auto batch = decode_logs(std::make_shared<const std::string>(message->bytes));
    EXPECT_TRUE(batch && batch->rejected == 0) << line;
    append_records(*batch, records);
    return records;
}

TEST(otlp_json_write, a_line_is_read_back_record_by_record)
{
    const auto written = exchanges();
    const std::string line = write_otlp_json_line(written);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(detect_snapshot_format(line), format::otlp_json);

    const auto records = records_of(line);
    ASSERT_EQ(records.size(), 3U);
    const model::exchange* const expected[] = {&written[1], &written[0], &written[2]};  // By service.
    for (std::size_t i = 0; i < records.size(); ++i) {
        EXPECT_EQ(records[i].start_ns, expected[i]->start_ns);
        EXPECT_EQ(records[i].service, expected[i]->operation.service);
        const auto back = to_exchange(records[i]);
        ASSERT_TRUE(back) << back.error().message();
        expect_same(*expected[i], *back);
    }
}

TEST(captured_record, records_grouped_into_a_request_keep_service_version_and_order)
{
    const auto written = exchanges();
    std::vector<captured_record> records;
    std::vector<const captured_record*> chosen;
    for (const model::exchange& one : written)
        records.push_back(to_record(one));
    records[2].version = "1.4";
    for (const captured_record& one : records)
        chosen.push_back(&one);

    const auto batch = decode_logs(std::make_shared<const std::string>(encode_export_request(chosen)));
    ASSERT_TRUE(batch);
    std::vector<captured_record> back;
    append_records(*batch, back);
    ASSERT_EQ(back.size(), 3U);
    EXPECT_EQ(back[0].service, "cart");
    EXPECT_EQ(back[1].bytes, records[0].bytes);
    EXPECT_EQ(back[2].bytes, records[2].bytes);
    EXPECT_EQ(back[2].start_ns, written[2].start_ns);
    EXPECT_EQ(back[1].version, "");
    EXPECT_EQ(back[2].version, "1.4");
}

}  // namespace
}  // namespace reprise::telemetry
