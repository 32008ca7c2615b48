#include "../../server/app/commands.hpp"
#include "../../server/app/exit_code.hpp"
#include "../../server/app/running_server.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace reprise::app {
namespace {

constexpr std::int64_t t0 = 1'764'000'000'000'000'000;
constexpr std::int64_t hour_ns = 3'600'000'000'000;

class preferences_command : public testing::Test {
protected:
    preferences_command()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-preferences-XXXXXX").string();
        settings_.data_dir = ::mkdtemp(name.data());
    }
    ~preferences_command() override { std::filesystem::remove_all(settings_.data_dir); }

    // So many records, an hour apart.
    void store(int records)
    {
        store::database_options options;
        options.path = database_path(settings_);
        options.audit_key = std::get<std::string>(load_or_make_key(settings_.data_dir, "audit.key"));
        const auto database = store::database::open(options).value();
        auto work = [records](store::transaction& tx) -> result<void> {
            for (int i = 0; i < records; ++i) {
                store::preference one;
                one.id = "01JD6Z000000000000000" + std::to_string(10'000 + i);
                one.incident_id = "i";
                const std::string text(6'000, 'x');
                one.rejected = R"({"id":"pref_)" + std::to_string(i) + R"(","text":")" + text + "\"}";
                one.created_ns = t0 + i * hour_ns;
                if (auto inserted = store::insert_preference(tx, one); !inserted)
                    return inserted;
            }
            return {};
        };
        ASSERT_TRUE(database->write_blocking(std::move(work)));
    }
    std::string printed(const std::string& since = {})
    {
        testing::internal::CaptureStdout();
        code_ = run_preferences_export(settings_, since, output_style());
        return testing::internal::GetCapturedStdout();
    }

    config settings_;
    int code_ = -1;
};

TEST_F(preferences_command, prints_every_record_as_one_line_over_all_pages)
{
    store(450);
    const std::string text = printed();
    EXPECT_EQ(code_, exit_ok);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 450);
    EXPECT_NE(text.find("\"id\":\"pref_449\""), std::string::npos);
    EXPECT_TRUE(text.starts_with("{\"chosen\":null,"));
}

TEST_F(preferences_command, since_leaves_out_what_is_older)
{
    store(3);
    const std::string text = printed("2025-11-24T17:00:00Z");
    EXPECT_EQ(code_, exit_ok);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
    EXPECT_EQ(printed("yesterday"), "");
    EXPECT_EQ(code_, exit_usage);
}

TEST_F(preferences_command, without_a_database_says_what_to_do)
{
    EXPECT_EQ(printed(), "");
    EXPECT_EQ(code_, exit_unavailable);
}

}  // namespace
}  // namespace reprise::app
