#include "../../server/pipeline/findings.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t start_ns = 1'763'723'700'000'000'000;

// A hostile name, one signal with a bundle and one without.
closed_window window_fixture()
{
    closed_window closed;
    closed.window.service = "../shop";
    closed.window.start_ns = start_ns;
    closed.window.end_ns = start_ns + 60'000'000'000;
    closed.records = 7;
    closed.late = 2;
    detect::operation_summary summary;
    summary.operation.kind = model::operation_kind::server;
    summary.requests = 5;
    summary.outcomes[static_cast<std::size_t>(model::outcome::server_error)] = 3;
    closed.window.operations = {summary, summary};
    closed.found.resize(2);
    closed.found[0].signal.id = "s1";
    closed.found[0].signal.explanation = "3 of 5 requests fail";
    closed.found[1].signal.id = "s2";
    closed.versions = {{"1.2.3", start_ns}};
    return closed;
}

std::vector<std::optional<model::evidence>> bundles_fixture()
{
    model::evidence evidence;
    evidence.id = "e1";
    evidence.path = "evidence/x.tar.gz";
    evidence.sha256 = std::string(64, 'a');
    evidence.failing = 3;
    return {evidence, std::nullopt};
}

TEST(findings, say_what_was_found_and_where_its_evidence_is)
{
    const auto text = render_findings(window_fixture(), bundles_fixture(), "reprise test");

    const auto json = boost::json::parse(text).as_object();
    EXPECT_EQ(json.at("format"), 1);
    EXPECT_EQ(json.at("producer"), "reprise test");
    EXPECT_EQ(json.at("service"), "../shop");
    EXPECT_EQ(json.at("window_start_at"), "2025-11-21T11:15:00.000Z");
    EXPECT_EQ(json.at("window_end_at"), "2025-11-21T11:16:00.000Z");
    const auto& counts = json.at("counts").as_object();
    EXPECT_EQ(counts.at("records"), 7);
    EXPECT_EQ(counts.at("late"), 2);
    EXPECT_EQ(counts.at("operations"), 2);
    EXPECT_EQ(counts.at("requests"), 10);
    EXPECT_EQ(counts.at("failing"), 6);
    EXPECT_EQ(counts.at("signals"), 2);
    EXPECT_EQ(json.at("versions").as_array().at(0), "1.2.3");
    const auto& signals = json.at("signals").as_array();
    EXPECT_EQ(signals.at(0).at("explanation"), "3 of 5 requests fail");
    EXPECT_EQ(signals.at(0).at("evidence").at("path"), "evidence/x.tar.gz");
    EXPECT_FALSE(signals.at(1).as_object().contains("evidence"));
}

TEST(findings, are_one_file_that_no_name_leads_astray)
{
    std::string name = (std::filesystem::temp_directory_path() / "reprise-findings-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    const std::filesystem::path directory = name;

    const auto first = write_findings(directory, window_fixture(), bundles_fixture(), "reprise 1", 42);
    const auto again = write_findings(directory, window_fixture(), bundles_fixture(), "reprise 2", 43);

    ASSERT_TRUE(first && again);
    EXPECT_EQ(again->path, "findings/%2E.%2Fshop/20251121T111500.000000000Z.json");
    EXPECT_EQ(again->kind, store::archive_kind::findings);
    EXPECT_EQ(again->created_ns, 43);
    std::ifstream file(directory / again->path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text.size(), again->bytes);
    EXPECT_EQ(sha256_hex(text), again->sha256);
    EXPECT_NE(first->sha256, again->sha256);
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace reprise::pipeline
