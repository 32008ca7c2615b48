#include "seeds.hpp"

#include "reprise/store/archive_objects.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

TEST(evidence_reads, exchanges_come_in_pages_with_curl_for_the_target)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    const std::string change = R"({"replay_target":"http://127.0.0.1:3000"})";
    ASSERT_EQ(on.call(who, "PUT", "/api/v1/services/checkout", change, "If-Match: \"1\"\r\n").status, 200);
    const std::string path = "/api/v1/evidence/" + all.evidence.id + "/exchanges";

    const auto first = json_of(on.call(who, "GET", path + "?limit=2"));
    const std::string next(first.at("next").as_string());
    const auto second = json_of(on.call(who, "GET", path + "?limit=2&after=" + next));

    EXPECT_EQ(first.at("items").as_array().size(), 2U);
    ASSERT_EQ(second.at("items").as_array().size(), 1U);
    EXPECT_EQ(second.at("items").at(0).at("index").as_int64(), 2);
    EXPECT_EQ(second.at("items").at(0).at("role").as_string(), "control");
    EXPECT_NE(second.at("items").at(0).at("curl").as_string().find("127.0.0.1:3000/orders"), boost::json::string::npos);
    EXPECT_FALSE(second.as_object().contains("next"));
}

TEST(evidence_reads, a_bundle_is_downloaded_and_never_shown)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);

    const raw_answer answer = on.call(who, "GET", "/api/v1/evidence/" + all.evidence.id + "/download");

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "application/octet-stream");
    EXPECT_TRUE(answer.header("content-disposition").starts_with("attachment; filename=\"checkout-"));
    EXPECT_EQ(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    EXPECT_EQ(answer.body.size(), all.evidence.bytes);
    EXPECT_EQ(sha256_hex(answer.body), all.evidence.sha256);
}

TEST(evidence_reads, a_bundle_says_what_was_selected_cut_and_redacted)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);

    const auto item = json_of(on.call(who, "GET", "/api/v1/evidence/" + all.evidence.id + "/manifest")).at("item");

    EXPECT_EQ(item.at("selection").as_string(), "all");
    EXPECT_EQ(item.at("redaction").at("version").as_string(), "1");
    EXPECT_EQ(item.at("counts").at("failing").as_int64(), 2);
    EXPECT_EQ(item.at("exchanges").as_array().size(), 3U);
    EXPECT_EQ(item.at("exchanges").at(0).at("sha256").as_string().size(), 64U);
    const auto whole = json_of(on.call(who, "GET", "/api/v1/evidence/" + all.evidence.id + "/exchanges")).at("items");
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(item.at("exchanges").at(i).at("status"), whole.at(i).at("status")) << i;
        EXPECT_EQ(item.at("exchanges").at(i).at("outcome"), whole.at(i).at("outcome")) << i;
    }
}

TEST(evidence_reads, a_bundle_is_downloaded_as_har_and_as_curl_too)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    const std::string download = "/api/v1/evidence/" + all.evidence.id + "/download?form=";
    EXPECT_EQ(code_of(on.call(who, "GET", download + "curl")), "no_replay_target");
    const std::string change = R"({"replay_target":"http://127.0.0.1:3000"})";
    ASSERT_EQ(on.call(who, "PUT", "/api/v1/services/checkout", change, "If-Match: \"1\"\r\n").status, 200);

    const raw_answer har = on.call(who, "GET", download + "har");
    const raw_answer curl = on.call(who, "GET", download + "curl");

    EXPECT_EQ(json_of(har).at("log").at("entries").as_array().size(), 3U);
    EXPECT_NE(har.header("content-disposition").find(".har\""), std::string::npos);
    EXPECT_EQ(har.header("content-security-policy"), "sandbox; default-src 'none'");
    EXPECT_TRUE(curl.body.starts_with("#!/bin/sh\n"));
    EXPECT_NE(curl.body.find("http://127.0.0.1:3000/orders?n=2"), std::string::npos);
    EXPECT_EQ(on.call(who, "GET", download + "zip").status, 400);
}

TEST(evidence_reads, a_lost_or_damaged_bundle_is_a_problem_with_a_name)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    const auto path = on.data_dir() / all.evidence.path;
    const std::string exchanges = "/api/v1/evidence/" + all.evidence.id + "/exchanges";
    std::ofstream(path, std::ios::binary) << "no bundle";

    EXPECT_EQ(code_of(on.call(who, "GET", exchanges)), "bundle_damaged");
    std::filesystem::remove(path);
    EXPECT_EQ(on.call(who, "GET", exchanges).status, 404);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/evidence/" + all.evidence.id + "/download").status, 404);
}

TEST(evidence_reads, a_bundle_that_retention_deleted_is_gone_and_says_when)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    auto expire = [&all](store::transaction& tx) -> result<void> {
        const auto object = store::find_archive_object(tx, all.evidence.path);
        return object ? store::begin_removal(tx, **object, test::t0 + ns_per_s) : object.error();
    };
    ASSERT_TRUE(on.store().write_blocking(std::move(expire)));
    const std::string evidence = "/api/v1/evidence/" + all.evidence.id;

    for (const char* part : {"/exchanges", "/manifest", "/download", "/download?form=har"}) {
        const raw_answer answer = on.call(who, "GET", evidence + part);
        EXPECT_EQ(answer.status, 410);
        EXPECT_EQ(code_of(answer), "evidence_expired");
        EXPECT_NE(answer.body.find("2023-11-14T22:13:21.000Z"), std::string::npos) << answer.body;
    }
    const auto item = json_of(on.call(who, "GET", evidence)).at("item");
    EXPECT_EQ(item.at("expired_at"), "2023-11-14T22:13:21.000Z");
    EXPECT_EQ(item.at("failing"), 2);
}

}  // namespace
}  // namespace reprise::http
