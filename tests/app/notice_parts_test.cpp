#include "../../server/app/notice_parts.hpp"

#include "reprise/base/hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace reprise::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class notice_parts_test : public testing::Test {
protected:
    notice_parts_test() : dir(std::filesystem::temp_directory_path() / ("reprise-notices-" + random_token(8)))
    {
        std::filesystem::create_directories(dir);
        settings.data_dir = dir.string();
        settings.slack_token_file = write("token", "xoxb-1-secret\n");
        settings.slack_signing_secret_file = write("signing", "new\r\n\r\nold\n");
        settings.slack_channel = "C0123456789";
    }
    ~notice_parts_test() override { std::filesystem::remove_all(dir); }

    std::string write(const std::string& name, const std::string& text)
    {
        std::ofstream(dir / name) << text;
        return (dir / name).string();
    }
    config_result<notice_senders> make() { return make_notice_senders(settings, time, numbers); }
    // What is wrong; empty: it was made.
    std::string problem()
    {
        auto made = make();
        const auto* wrong = std::get_if<config_error>(&made);
        return wrong != nullptr ? wrong->text : std::string();
    }

    std::filesystem::path dir;
    config settings;
    manual_clock time;
    metrics numbers;
};

TEST_F(notice_parts_test, slack_has_a_token_and_every_line_of_its_signing_secrets)
{
    auto made = make();
    ASSERT_TRUE(std::holds_alternative<notice_senders>(made)) << problem();
    const auto& senders = std::get<notice_senders>(made);
    ASSERT_NE(senders.slack, nullptr);
    EXPECT_EQ(senders.slack->channel(), "C0123456789");
    EXPECT_THAT(senders.slack_signing_secrets, ElementsAre("new", "old"));
    EXPECT_EQ(http_parts_of(senders).slack, senders.slack.get());
}

TEST_F(notice_parts_test, without_a_token_there_is_no_slack_and_the_rest_works)
{
    settings.slack_token_file.clear();
    auto made = make();
    ASSERT_TRUE(std::holds_alternative<notice_senders>(made));
    EXPECT_EQ(std::get<notice_senders>(made).slack, nullptr);
    EXPECT_NE(std::get<notice_senders>(made).webhooks, nullptr);
}

TEST_F(notice_parts_test, the_key_of_the_secrets_is_made_once)
{
    auto first = make();
    const std::string sealed = std::get<notice_senders>(first).secrets->seal("e1", "whsec_1");
    auto second = make();
    EXPECT_EQ(std::get<notice_senders>(second).secrets->open("e1", sealed).value(), "whsec_1");
    EXPECT_TRUE(std::filesystem::exists(dir / "keys" / "webhook.key"));
}

TEST_F(notice_parts_test, what_cannot_work_is_named_with_its_key)
{
    settings.webhooks_allow = {"10.0.0.0/8", "https://hooks.internal"};
    EXPECT_THAT(problem(), HasSubstr("forge.webhooks.allow: 'https://hooks.internal'"));
    settings.webhooks_allow.clear();

    settings.slack_channel = "#alerts";
    EXPECT_THAT(problem(), HasSubstr("forge.slack.channel must be the channel's id"));
    settings.slack_channel = "C0123456789";

    settings.slack_api_url = "slack.com";
    EXPECT_THAT(problem(), HasSubstr("forge.slack.api_url"));
    settings.slack_api_url = "https://slack.com/api";

    settings.slack_token_file = (dir / "nowhere").string();
    EXPECT_THAT(problem(), HasSubstr("forge.slack.token_file"));
    settings.slack_token_file = write("token", "\n");
    EXPECT_THAT(problem(), HasSubstr("is empty"));
    settings.slack_token_file = write("token", "xoxb-1 and more\n");
    const std::string spaced = problem();
    EXPECT_THAT(spaced, HasSubstr("forge.slack.token_file"));
    EXPECT_THAT(spaced, HasSubstr("like xoxb-...")) << "how it looks, not what it is";
    EXPECT_THAT(spaced, Not(HasSubstr("and more")));
    settings.slack_token_file = write("token", "xoxb-1\n");

    settings.webhooks_ca_file = (dir / "nowhere.pem").string();
    EXPECT_THAT(problem(), HasSubstr("forge.webhooks.ca_file"));
}

}  // namespace
}  // namespace reprise::app
