#include "../../server/app/exit_code.hpp"
#include "../../server/app/snapshot_redact.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace reprise::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* pair_text =
    R"({"ts":"2025-11-21T12:00:00Z","duration":3,"direction":"IN","l7protocol":"http","service":"shop","status":"OK",)"
    R"("http":{"request":{"method":"POST","url":"http://shop.test/orders?token=abcdef",)"
    R"("headers":{"cookie":"sid=secretsid"},)"
    R"("body":"{\"email\":\"bob@example.com\",\"note\":\"call me\"}"},"response":{"statusCode":200}}})";

std::string read(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class snapshot_redact : public testing::Test {
protected:
    void SetUp() override
    {
        std::string pattern = (fs::temp_directory_path() / "reprise-redact-XXXXXX").string();
        dir_ = ::mkdtemp(pattern.data());
        fs::create_directories(dir_ / "in" / "shop.test");
        std::ofstream(dir_ / "in" / "shop.test" / "1.json") << pair_text;
        std::ofstream(dir_ / "reprise.yaml") << "server:\n  data_dir: " << (dir_ / "data").string() << "\nredaction:\n"
                                             << "  allow_fields: '* * * request.query.token'\n";
        redaction_.paths = {(dir_ / "in").string()};
        redaction_.config_file = (dir_ / "reprise.yaml").string();
    }
    void TearDown() override { fs::remove_all(dir_); }

    // What the command prints on stdout.
    std::string run(int code, bool json = false)
    {
        output_style style;
        style.json = json;
        testing::internal::CaptureStdout();
        EXPECT_EQ(run_snapshot_redaction(redaction_, style), code);
        return testing::internal::GetCapturedStdout();
    }

    fs::path dir_;
    snapshot_redaction redaction_;
};

TEST_F(snapshot_redact, preview_tells_fields_types_and_lengths_but_no_secret)
{
    redaction_.preview = true;
    const std::string shown = run(exit_ok);
    EXPECT_NE(shown.find("request.body.email"), std::string::npos) << shown;
    EXPECT_NE(shown.find("<email:"), std::string::npos) << shown;
    EXPECT_NE(shown.find("request.header.cookie"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("request.query.token"), std::string::npos) << "the configuration allows it\n" << shown;
    EXPECT_NE(shown.find("1 of 1 exchanges"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("bob@example.com"), std::string::npos) << shown;
    const std::string json = run(exit_ok, true);
    EXPECT_NE(json.find(R"("field":"request.body.email","type":"email","count":1,"bytes_min":15)"), std::string::npos)
        << json;
    EXPECT_EQ(json.find("bob@example.com"), std::string::npos) << json;
    EXPECT_FALSE(fs::exists(dir_ / "data")) << "a preview makes no keys";
}

TEST_F(snapshot_redact, copies_hold_tokens_and_keep_the_rest)
{
    redaction_.out = (dir_ / "out").string();
    run(exit_ok);
    std::string copy;
    for (const auto& entry : fs::recursive_directory_iterator(dir_ / "out"))
        copy += entry.path().extension() == ".json" ? read(entry.path()) : "";
    EXPECT_NE(copy.find("<email:"), std::string::npos) << copy;
    EXPECT_NE(copy.find("call me"), std::string::npos) << copy;
    EXPECT_NE(copy.find("token=abcdef"), std::string::npos) << copy;
    EXPECT_EQ(copy.find("bob@example.com"), std::string::npos) << copy;
    EXPECT_EQ(copy.find("secretsid"), std::string::npos) << copy;
    EXPECT_EQ(read(dir_ / "in" / "shop.test" / "1.json"), pair_text);
    run(exit_usage);  // It is there already.
}

TEST_F(snapshot_redact, what_is_not_among_the_copies_is_counted)
{
    std::ofstream(dir_ / "in" / "b.jsonl")
        << R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
        << R"("spanId":"eee19b7ec3c1b174","name":"I'm idle","kind":1,"startTimeUnixNano":"1544712660000000000",)"
        << R"("endTimeUnixNano":"1544712661000000000"}]}]}]})" << "\n"
        << R"({"resourceMetrics":[]})" << "\n";
    redaction_.out = (dir_ / "out").string();
    const std::string shown = run(exit_ok);
    EXPECT_NE(shown.find("left out: 1 records that say too little for an RRPair\n"), std::string::npos) << shown;
    EXPECT_NE(shown.find("skipped: 1 requests of metrics or profiles\n"), std::string::npos) << shown;
}

TEST_F(snapshot_redact, wrong_flags_and_rules_are_refused)
{
    run(exit_usage);  // Neither preview nor a directory.
    redaction_.preview = true;
    redaction_.show_values = true;
    EXPECT_EQ(run(exit_usage), "") << "secrets go to a terminal only";
    redaction_.show_values = false;
    std::ofstream(dir_ / "reprise.yaml") << "redaction:\n  drop_bodies: /orders\n";
    run(exit_usage);
    redaction_.config_file = (dir_ / "missing.yaml").string();
    run(exit_usage);
}

}  // namespace
}  // namespace reprise::app
