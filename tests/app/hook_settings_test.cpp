#include "../../server/app/hook_settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace reprise::app {
namespace {

class hook_settings_test : public testing::Test {
protected:
    const std::filesystem::path directory_ =
        std::filesystem::temp_directory_path() / ("reprise-hook-settings-" + std::to_string(getpid()));
    config from_;

    void SetUp() override { std::filesystem::create_directories(directory_); }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string file(const std::string& name, const std::string& text)
    {
        const std::filesystem::path path = directory_ / name;
        std::ofstream(path) << text;
        return path.string();
    }
    ingest::hook_settings loaded() { return std::get<ingest::hook_settings>(load_hook_settings(from_)); }
    std::string refused()
    {
        const auto made = load_hook_settings(from_);
        const auto* wrong = std::get_if<config_error>(&made);
        return wrong == nullptr ? "" : wrong->text;
    }
};

TEST_F(hook_settings_test, nothing_is_taken_unless_it_is_set_up)
{
    EXPECT_FALSE(has_hooks(from_));
    EXPECT_TRUE(loaded().secrets.empty());
    EXPECT_TRUE(loaded().generic.empty());
    EXPECT_TRUE(loaded().sns.topics.empty());
}

TEST_F(hook_settings_test, secrets_and_keys_are_read_from_their_files)
{
    from_.hooks_github_secret_file = file("github", "the-secret-of-github\nthe-one-before-it\n");
    from_.hooks_generic = {"backup=" + file("backup", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")};
    from_.hooks_sns_topics = {"arn:aws:sns:eu-west-1:123456789012:alarms"};
    from_.hooks_sns_confirm = from_.hooks_sns_topics;
    from_.hooks_sns_sha1 = "allow";
    from_.hooks_sns_token_file = file("sns", "0123456789abcdef0123456789abcdef\n");

    EXPECT_TRUE(has_hooks(from_));
    const auto made = loaded();
    EXPECT_EQ(made.secrets.at("github").size(), 2U);
    EXPECT_TRUE(made.generic.contains("backup"));
    EXPECT_EQ(made.sns.confirm, from_.hooks_sns_topics);
    EXPECT_TRUE(made.sns.takes_sha1);
    EXPECT_EQ(made.sns.tokens.size(), 1U);
}

TEST_F(hook_settings_test, what_cannot_be_used_names_its_key_and_the_way_out)
{
    from_.hooks_github_secret_file = (directory_ / "nothing").string();
    EXPECT_NE(refused().find("intake.hooks.github.secret_file"), std::string::npos);
    EXPECT_NE(refused().find("cannot be read"), std::string::npos);

    from_.hooks_github_secret_file = file("short", "short\n");
    EXPECT_NE(refused().find("line 1: a secret has 16 to 512"), std::string::npos);

    from_.hooks_github_secret_file.clear();
    from_.hooks_sns_token_file = file("token", "sixteen-characters\n");
    EXPECT_NE(refused().find("32 to 512"), std::string::npos);

    from_.hooks_sns_token_file.clear();
    from_.hooks_generic = {"backup"};
    EXPECT_NE(refused().find("is no name=file"), std::string::npos);
    from_.hooks_generic = {"back/up=" + file("key", "x")};
    EXPECT_NE(refused().find("is no name=file"), std::string::npos);
    from_.hooks_generic = {"backup=" + file("key", "x")};
    EXPECT_NE(refused().find("whsec_"), std::string::npos);

    from_.hooks_generic.clear();
    from_.hooks_sns_topics = {"alarms"};
    EXPECT_NE(refused().find("is no topic"), std::string::npos);
    from_.hooks_sns_topics.clear();
    from_.hooks_sns_confirm = {"arn:aws:sns:eu-west-1:123456789012:alarms"};
    EXPECT_NE(refused().find("is not in intake.hooks.sns.topics"), std::string::npos);
}

TEST_F(hook_settings_test, secrets_that_travel_in_the_clear_are_warned_of)
{
    from_.hooks_alertmanager_secret_file = file("alertmanager", "a-token-of-alertmanager");
    EXPECT_TRUE(list_hook_exposures(from_).empty());
    from_.listen = "0.0.0.0:4380";
    ASSERT_EQ(list_hook_exposures(from_).size(), 1U);
    EXPECT_NE(list_hook_exposures(from_)[0].find("server.tls"), std::string::npos);
    from_.public_url = "https://reprise.example.org";
    EXPECT_TRUE(list_hook_exposures(from_).empty());
}

}  // namespace
}  // namespace reprise::app
