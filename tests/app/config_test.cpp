#include "../../server/app/config.hpp"
#include "../../server/app/redaction.hpp"
#include "../../server/app/settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace reprise::app {
namespace {

class config_file : public testing::Test {
protected:
    const std::string name_ = "reprise-config-" + std::to_string(getpid());
    std::string path_ = (std::filesystem::temp_directory_path() / name_).string();

    void TearDown() override { std::filesystem::remove(path_); }

    std::optional<config_error> read(std::string_view text)
    {
        std::ofstream(path_) << text;
        return read_config_file(made_, path_);
    }

    config made_;
};

TEST_F(config_file, sets_every_kind_of_value)
{
    ASSERT_FALSE(read(
        "server:\n  listen: 127.0.0.1:5000\nwindows:\n  length: 2 s\n  lateness: 500 ms\n"
        "intake:\n  request_bytes_max: 4 MiB\n  operations_max: 50\n"
        "replay:\n  targets:\n    - http://127.0.0.1:3000\n    - http://127.0.0.1:3001\n"
        "detection:\n  profile: agent_factory\n"
    ));
    EXPECT_EQ(made_.listen, "127.0.0.1:5000");
    EXPECT_EQ(made_.window_length, milliseconds(2000));
    EXPECT_EQ(made_.window_lateness, milliseconds(500));
    EXPECT_EQ(made_.request_bytes_max, 4 * 1024 * 1024);
    EXPECT_EQ(made_.operations_max, 50);
    EXPECT_EQ(made_.replay_targets, (std::vector<std::string>{"http://127.0.0.1:3000", "http://127.0.0.1:3001"}));
    EXPECT_EQ(made_.profile, "agent_factory");
}

TEST_F(config_file, an_unknown_key_names_file_line_and_the_nearest_one)
{
    const auto wrong = read("windows:\n  length: 2 s\n  latenes: 1 s\n");
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->text, path_ + ":3: unknown key 'windows.latenes', did you mean 'windows.lateness'?");
}

struct bad_file {
    const char* text;
    const char* says;
};

class bad_files : public config_file, public testing::WithParamInterface<bad_file> {};

TEST_P(bad_files, stop_with_the_place_and_the_way_out)
{
    const auto wrong = read(GetParam().text);
    ASSERT_TRUE(wrong);
    EXPECT_NE(wrong->text.find(GetParam().says), std::string::npos) << wrong->text;
}

INSTANTIATE_TEST_SUITE_P(
    cases, bad_files,
    testing::Values(
        bad_file{"windows:\n  length: 60\n", ":2: windows.length = '60' must be a duration like"},
        bad_file{"windows:\n  length: 10 ms\n", "must lie between 1 s and 1 h"},
        bad_file{"intake:\n  request_bytes_max: lots\n", "must be a size like 20 MiB"},
        bad_file{"runs:\n  workers: two\n", "must be a whole number"},
        bad_file{"detection:\n  profile: best\n", "must be one of default,agent_factory"},
        bad_file{"windows: 60\n", "section 'windows' must hold"},
        bad_file{"- a\n- b\n", "must hold sections"},
        bad_file{"server:\n\tlisten: x\n", "not YAML"},
        bad_file{"server:\n  listen: {a: b}\n", "must be one value or a list"},
        bad_file{"intake:\n  operations_max: 99999999999999999999\n", "must be a whole number"}
    )
);

TEST(config, a_missing_file_is_said)
{
    config made;
    const auto wrong = read_config_file(made, "/nonexistent/reprise.yaml");
    ASSERT_TRUE(wrong);
    EXPECT_NE(wrong->text.find("cannot be read"), std::string::npos);
}

TEST(config, the_environment_uses_the_same_names_and_refuses_unknown_ones)
{
    config made;
    const std::vector<std::string> good = {"PATH=/bin", "REPRISE_WINDOWS_IDLE_CLOSE=1 s"};
    EXPECT_FALSE(read_environment(made, good));
    EXPECT_EQ(made.window_idle_close, milliseconds(1000));

    const std::vector<std::string> bad = {"REPRISE_WINDOW_LENGTH=1 s"};
    const auto wrong = read_environment(made, bad);
    ASSERT_TRUE(wrong);
    EXPECT_NE(wrong->text.find("did you mean REPRISE_WINDOWS_LENGTH"), std::string::npos) << wrong->text;
}

TEST(config, what_is_shown_can_be_read_again)
{
    const config defaults;
    for (const config_key& key : config_keys()) {
        config copy;
        EXPECT_FALSE(set_key(copy, key.name, show_key(defaults, key), "test")) << key.name;
        EXPECT_EQ(show_key(copy, key), show_key(defaults, key));
    }
}

TEST(config, durations_and_sizes_need_their_unit)
{
    EXPECT_EQ(parse_duration("60s"), milliseconds(60'000));
    EXPECT_EQ(parse_duration("24 h"), milliseconds(86'400'000));
    EXPECT_EQ(show_duration(milliseconds(90'000)), "90 s");
    EXPECT_EQ(parse_duration("60"), std::nullopt);
    EXPECT_EQ(parse_duration("-1 s"), std::nullopt);
    EXPECT_EQ(parse_duration("9999999999999999 h"), std::nullopt);
    EXPECT_EQ(parse_bytes("20 MiB"), 20 * 1024 * 1024);
    EXPECT_EQ(parse_bytes("20 MB"), std::nullopt);
}

TEST(config, listeners_must_differ_and_outside_needs_a_public_url)
{
    config made;
    EXPECT_FALSE(check_config(made));
    made.otlp_http = made.otlp_grpc;
    EXPECT_NE(check_config(made)->text.find("give each its own port"), std::string::npos);
    made = {};
    made.listen = "0.0.0.0:4380";
    EXPECT_NE(check_config(made)->text.find("server.public_url"), std::string::npos);
    made = {};
    made.listen = "4380";
    EXPECT_NE(check_config(made)->text.find("host:port"), std::string::npos);
}

TEST(config, a_trace_with_a_part_missing_waits_no_shorter_than_a_whole_one)
{
    config made;
    made.traces_idle_after = milliseconds(1000);
    ASSERT_TRUE(check_config(made));
    EXPECT_NE(check_config(made)->text.find("traces.idle_after"), std::string::npos);
}

TEST(config, redaction_rules_are_read_at_the_start)
{
    config made;
    ASSERT_FALSE(set_key(made, "redaction.bodies", "drop", "test"));
    ASSERT_FALSE(set_key(made, "redaction.keep_bodies", "shop POST /orders, * * /carts/*", "test"));
    ASSERT_FALSE(set_key(made, "redaction.allow_fields", "shop POST /orders request.body.note", "test"));
    ASSERT_FALSE(set_key(made, "redaction.secret_names", "tenantRef", "test"));
    ASSERT_FALSE(set_key(made, "redaction.allow_headers", "X-Tenant", "test"));
    EXPECT_FALSE(check_config(made));
    const auto rules = redaction_rules_of(made);
    ASSERT_TRUE(std::holds_alternative<telemetry::redaction_rules>(rules));
    EXPECT_EQ(std::get<telemetry::redaction_rules>(rules).keep_bodies.size(), 2U);

    made.redaction_allow_fields = {"shop POST /orders request.header.Cookie"};
    EXPECT_EQ(check_config(made)->text,
              "redaction.allow_fields: 'shop POST /orders request.header.Cookie' names a header that is never kept");
    made.redaction_allow_fields = {};
    made.redaction_drop_bodies = {"/admin"};
    EXPECT_NE(check_config(made)->text.find("redaction.drop_bodies: '/admin' must be SERVICE METHOD ROUTE"),
              std::string::npos);
    made.redaction_drop_bodies = {};
    made.redaction_bodies = "keep";
    EXPECT_NE(check_config(made)->text.find("set redaction.bodies = drop"), std::string::npos);
}

TEST(config, the_documentation_is_the_table)
{
    std::ifstream file(REPRISE_SOURCE_DIR "/docs/configuration.md", std::ios::binary);
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(written, render_config_docs());
}

}  // namespace
}  // namespace reprise::app
