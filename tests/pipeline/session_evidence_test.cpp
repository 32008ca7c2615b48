#include "../../server/pipeline/session_evidence.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/rrpair.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace reprise::pipeline {
namespace {

using model::evidence_role;

constexpr std::int64_t start_ns = 1'700'000'000'000'000'000;
constexpr std::string_view token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLW9mLXRva2Vu";

struct made_exchange {
    std::int64_t at_s = 0;
    std::string_view method;
    std::string_view path;
    int status = 200;
    model::header_list request_headers;
    std::string request_body;
    model::header_list response_headers;
    std::string response_body;
};

std::string record_of(const made_exchange& from)
{
    model::exchange made;
    made.operation.source = model::source::rrpair;
    made.operation.kind = model::operation_kind::server;
    made.operation.service = "shop";
    made.operation.protocol = "http";
    made.method = made.operation.method = from.method;
    made.path = from.path;
    made.status = from.status;
    made.outcome = from.status < 500 ? model::outcome::ok : model::outcome::server_error;
    made.start_ns = start_ns + from.at_s * 1'000'000'000;
    made.duration_ns = 1'000'000;
    made.request_headers = from.request_headers;
    made.request_body = from.request_body;
    made.response_headers = from.response_headers;
    made.response_body = from.response_body;
    made.complete = true;
    return telemetry::encode_rrpair_record(made);
}

const model::header_list json_type{{"content-type", "application/json"}};
const model::header_list bearer{{"authorization", "Bearer " + std::string(token)}};

made_exchange health()
{
    return {1, "GET", "/health", 200, {}, "", json_type, R"({"build":"a1b2c3d4e5f6"})"};
}
made_exchange login()
{
    return {2, "POST", "/login", 200, json_type, R"({"user":"bob","password":"hunter2"})", json_type,
            "{\"access_token\":\"" + std::string(token) + "\"}"};
}
made_exchange create()
{
    return {3, "POST", "/orders", 201, bearer, "{}", json_type, R"({"id":4711})"};
}
made_exchange failing()
{
    return {4, "GET", "/orders/4711", 500, bearer, "", json_type, R"({"error":"boom"})"};
}

raw_record raw(evidence_role role, const made_exchange& from)
{
    return {role, model::source::rrpair, {}, record_of(from)};
}

std::vector<raw_record> session()
{
    // As they are sampled: in no order of time, the failing one among them.
    return {raw(evidence_role::setup, failing()), raw(evidence_role::setup, create()),
            raw(evidence_role::setup, health()), raw(evidence_role::setup, login())};
}

std::vector<model::evidence_item> items_of(std::span<const raw_record> records)
{
    std::vector<model::evidence_item> items;
    for (const raw_record& record : records) {
        items.push_back({record.role, telemetry::parse_exchange(record.source, record.bytes, "shop").value(), {}});
    }
    return items;
}

TEST(session_evidence, login_and_create_are_added_to_a_failing_get)
{
    const std::vector<raw_record> found{raw(evidence_role::failing, failing())};
    auto items = items_of(found);

    EXPECT_EQ(add_session(items, session(), "shop"), 0U);

    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[1].role, evidence_role::setup);
    EXPECT_EQ(items[1].exchange.path, "/login");
    EXPECT_EQ(items[1].reason,
              "its answer gives body /access_token, which GET /orders/{id} sends as header authorization");
    EXPECT_EQ(items[2].role, evidence_role::setup);
    EXPECT_EQ(items[2].exchange.path, "/orders");
    EXPECT_EQ(items[2].reason, "its answer gives body /id, which GET /orders/{id} sends as path segment 1");
}

TEST(session_evidence, nothing_is_added_where_nothing_is_needed)
{
    auto independent = items_of(std::vector<raw_record>{raw(evidence_role::failing, health())});
    EXPECT_EQ(add_session(independent, session(), "shop"), 0U);
    EXPECT_EQ(independent.size(), 1U);

    auto context = items_of(std::vector<raw_record>{raw(evidence_role::context, failing())});
    EXPECT_EQ(add_session(context, session(), "shop"), 0U);
    EXPECT_EQ(context.size(), 1U);
}

TEST(session_evidence, records_that_cannot_be_read_are_passed_over_and_those_over_the_limit_counted)
{
    std::vector<raw_record> many = session();
    many.insert(many.begin(), {evidence_role::setup, model::source::rrpair, {}, "no record"});
    many.resize(session_exchanges_max + 2, many.front());
    auto items = items_of(std::vector<raw_record>{raw(evidence_role::failing, failing())});

    EXPECT_EQ(add_session(items, many, "shop"), 2U);
    EXPECT_EQ(items.size(), 3U);
}

class session_bundle : public testing::Test {
protected:
    session_bundle() : directory_(std::filesystem::temp_directory_path() / ("reprise-session-" + random_token(8)))
    {
        std::filesystem::create_directories(directory_);
    }
    ~session_bundle() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    archive::bundle archived()
    {
        found_signal found;
        found.signal.id = "01JD6Z0000000000000000000B";
        found.signal.operation.service = "shop";
        found.signal.fingerprint = std::string(64, 'a');
        found.signal.window_start_ns = start_ns;
        found.records = {raw(evidence_role::failing, failing())};
        committer_config config;
        config.data_dir = directory_;
        config.redaction_key = "a key";
        config.producer = "test";
        const auto written = archive_evidence(found, session(), config, start_ns);
        return archive::read_bundle(directory_ / written.value().value().path).value();
    }

private:
    std::filesystem::path directory_;
};

TEST_F(session_bundle, holds_the_session_redacted_and_still_connected)
{
    const archive::bundle bundle = archived();

    ASSERT_EQ(bundle.items.size(), 3U);
    EXPECT_EQ(bundle.items[0].role, evidence_role::failing);
    EXPECT_EQ(bundle.items[1].role, evidence_role::setup);
    EXPECT_EQ(bundle.items[1].exchange.path, "/login");
    EXPECT_TRUE(bundle.items[1].reason.starts_with("its answer gives body /access_token")) << bundle.items[1].reason;
    EXPECT_EQ(bundle.items[2].exchange.path, "/orders");
    std::vector<model::exchange> exchanges;
    for (const model::evidence_item& item : bundle.items)
        exchanges.push_back(item.exchange);
    const auto flows = telemetry::find_value_flows(exchanges);
    ASSERT_EQ(flows.flows.size(), 3U);
    EXPECT_EQ(to_text(flows.flows[0].place), "path segment 1");
    EXPECT_EQ(to_text(flows.flows[1].place), "header authorization");
    EXPECT_EQ(flows.flows[1].before, "Bearer ");
    EXPECT_EQ(flows.flows[2].exchange, 2U);
    for (const model::exchange& exchange : exchanges) {
        EXPECT_EQ(exchange.response_body.find(token), std::string::npos);
        EXPECT_EQ(exchange.request_body.find("hunter2"), std::string::npos);
    }
    EXPECT_NE(bundle.manifest.find(R"("setup":2)"), std::string::npos);
}

}  // namespace
}  // namespace reprise::pipeline
