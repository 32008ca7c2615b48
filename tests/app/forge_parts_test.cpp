#include "../../server/app/forge_parts.hpp"

#include "reprise/base/hash.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace reprise::app {
namespace {

using testing::HasSubstr;

class forge_parts_test : public testing::Test {
protected:
    forge_parts_test() : dir(std::filesystem::temp_directory_path() / ("reprise-forge-" + random_token(8)))
    {
        std::filesystem::create_directories(dir);
        settings.data_dir = dir.string();
    }
    ~forge_parts_test() override { std::filesystem::remove_all(dir); }

    std::string write(const std::string& name, const std::string& text, mode_t mode = 0600)
    {
        std::ofstream(dir / name) << text;
        ::chmod((dir / name).c_str(), mode);
        return (dir / name).string();
    }
    // What is wrong; else the names of the trackers.
    std::string made()
    {
        auto answer = make_trackers(settings, pool.get_executor(), time, numbers);
        if (const auto* wrong = std::get_if<config_error>(&answer))
            return wrong->text;
        return std::get<std::unique_ptr<forge::tracker_set>>(answer)->names();
    }

    std::filesystem::path dir;
    config settings;
    system_clock time;
    metrics numbers;
    boost::asio::thread_pool pool{1};
};

TEST_F(forge_parts_test, without_credentials_there_is_the_directory)
{
    EXPECT_EQ(made(), "file");
    EXPECT_TRUE(probe_trackers(settings).empty());
    EXPECT_TRUE(list_forge_exposures(settings).empty());
}

TEST_F(forge_parts_test, every_tracker_with_credentials_is_there)
{
    settings.forge_github_token_file = write("github", "ghp_x\n");
    settings.forge_gitlab_token_file = write("gitlab", "glpat-x\r\n");
    settings.forge_linear_token_file = write("linear", "lin_api_x");
    settings.forge_jira_token_file = write("jira", "x");
    settings.forge_jira_url = "https://team.atlassian.net";
    EXPECT_FALSE(check_forge(settings));
    EXPECT_EQ(made(), "file, github, gitlab, linear, jira");
}

TEST_F(forge_parts_test, a_file_that_is_missing_empty_or_no_token_is_named_without_its_content)
{
    settings.forge_github_token_file = (dir / "none").string();
    EXPECT_THAT(made(), HasSubstr("forge.github.token_file = '" + (dir / "none").string() + "' cannot be read"));
    settings.forge_github_token_file = write("empty", "\n");
    EXPECT_THAT(made(), HasSubstr("is empty"));
    settings.forge_github_token_file = write("odd", "ghp_secret\nX-Evil: 1");
    EXPECT_THAT(made(), HasSubstr("forge.github.token_file: is no token"));
    EXPECT_THAT(made(), testing::Not(HasSubstr("ghp_secret")));
}

TEST_F(forge_parts_test, an_app_needs_its_key_and_excludes_a_token)
{
    settings.forge_github_app_id = 12;
    EXPECT_THAT(check_forge(settings)->text, HasSubstr("belong together"));
    settings.forge_github_app_key_file = write("key", "no key");
    EXPECT_FALSE(check_forge(settings));
    EXPECT_THAT(made(), HasSubstr("is no RSA private key in PEM"));
}

TEST_F(forge_parts_test, what_no_file_is_needed_for_is_checked_first)
{
    const auto wrong = [](auto change) {
        config changed;
        change(changed);
        const auto found = check_forge(changed);
        return found ? found->text : std::string();
    };
    EXPECT_EQ(wrong([](config&) {}), "");
    EXPECT_THAT(wrong([](config& one) { one.forge_github_api_url = "api.github.com"; }), HasSubstr("must be like"));
    EXPECT_THAT(wrong([](config& one) { one.forge_jira_token_file = "x"; }), HasSubstr("forge.jira.url is empty"));
    EXPECT_THAT(wrong([](config& one) { one.forge_networks = {"ten"}; }), HasSubstr("forge.networks"));
    for (const char* prefix : {"", "/", "reprise", "-x/", "a b/", "a//"})
        EXPECT_THAT(wrong([prefix](config& one) { one.forge_branch_prefix = prefix; }), HasSubstr("branch_prefix"));
}

TEST_F(forge_parts_test, credentials_that_others_can_read_are_told)
{
    settings.forge_github_token_file = write("github", "ghp_x", 0644);
    settings.forge_jira_url = "http://jira.internal";
    const auto told = list_forge_exposures(settings);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_THAT(told[0], HasSubstr("chmod 600 it"));
    EXPECT_THAT(told[1], HasSubstr("forge.jira.url is plain http"));
}

TEST_F(forge_parts_test, a_tracker_that_cannot_be_reached_is_said)
{
    settings.forge_github_token_file = write("github", "ghp_x");
    settings.forge_github_api_url = "http://127.0.0.1:1";
    const auto probes = probe_trackers(settings);
    ASSERT_EQ(probes.size(), 1U);
    EXPECT_FALSE(probes[0].works);
    EXPECT_THAT(probes[0].text, HasSubstr("GET /user at http://127.0.0.1:1"));
}

TEST(forge_environment, a_secret_of_the_environment_is_no_unknown_key)
{
    config made;
    const std::vector<std::string> environment = {"REPRISE_FORGE_GITHUB_TOKEN=ghp_x"};
    EXPECT_FALSE(read_environment(made, environment));
}

}  // namespace
}  // namespace reprise::app
