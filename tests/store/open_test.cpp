#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include "../../server/store/connection.hpp"
#include "../../server/store/migrate.hpp"

#include <cstdint>
#include <fstream>
#include <vector>

#include <sys/stat.h>

namespace reprise {
std::span<const embedded_file> sqlite_migrations();
}

namespace reprise::store {
namespace {

class open_test : public testing::Test {
protected:
    scratch_directory directory;
    std::filesystem::path file = options_in(directory).path;
    std::string problem;

    error_code open_error()
    {
        const auto opened = database::open(options_in(directory), &problem);
        return opened ? error_code() : opened.error();
    }
    bool problem_says(std::string_view words) const { return problem.find(words) != std::string::npos; }
};

TEST_F(open_test, creates_the_file_with_everything_in_place)
{
    ASSERT_FALSE(open_error());

    raw_sqlite raw(file);
    const int newest = std::stoi(std::string(sqlite_migrations().back().path));
    EXPECT_EQ(raw.value("PRAGMA user_version"), std::to_string(newest));
    EXPECT_EQ(raw.value("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(raw.value("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND sql LIKE '%)%'"
                        " AND sql NOT LIKE '%STRICT%' AND name NOT LIKE 'sqlite_%'"
                        " AND name NOT LIKE 'incident\\_words%' ESCAPE '\\'"), "0");
}

TEST_F(open_test, opening_again_changes_nothing)
{
    ASSERT_FALSE(open_error());
    const std::string schema = raw_sqlite(file).value("SELECT group_concat(sql) FROM sqlite_master");
    ASSERT_FALSE(open_error());
    EXPECT_EQ(raw_sqlite(file).value("SELECT group_concat(sql) FROM sqlite_master"), schema);
}

TEST_F(open_test, a_newer_schema_is_refused_and_left_alone)
{
    ASSERT_FALSE(open_error());
    raw_sqlite(file).run("PRAGMA user_version = 999");

    EXPECT_EQ(open_error(), errc::newer_schema);
    EXPECT_TRUE(problem_says(file.string())) << problem;
    EXPECT_TRUE(problem_says("999")) << problem;
    EXPECT_TRUE(problem_says("Start the newer version")) << problem;
    EXPECT_EQ(raw_sqlite(file).value("PRAGMA user_version"), "999");
}

TEST_F(open_test, another_programs_database_is_refused)
{
    raw_sqlite(file).run("CREATE TABLE theirs (x)");

    EXPECT_EQ(open_error(), errc::foreign_file);
    EXPECT_TRUE(problem_says("not a Reprise database")) << problem;
    EXPECT_EQ(raw_sqlite(file).value("SELECT COUNT(*) FROM sqlite_master"), "1");
}

TEST_F(open_test, a_second_user_is_refused_until_the_first_has_gone)
{
    auto first = database::open(options_in(directory)).value();

    EXPECT_EQ(open_error(), errc::locked);
    EXPECT_TRUE(problem_says(std::to_string(::getpid()))) << problem;
    EXPECT_TRUE(problem_says(file.string() + ".lock")) << problem;

    first.reset();
    EXPECT_FALSE(open_error());
}

TEST_F(open_test, a_file_of_noise_is_called_damaged_and_says_the_way_out)
{
    std::ofstream(file) << std::string(8192, 'x');

    EXPECT_EQ(open_error(), reprise::errc::corrupt);
    EXPECT_TRUE(problem_says(file.string())) << problem;
    EXPECT_TRUE(problem_says("move the file away")) << problem;
    EXPECT_EQ(std::filesystem::file_size(file), 8192U) << "nothing may be written into it";
}

TEST_F(open_test, a_damaged_schema_page_is_called_damaged)
{
    ASSERT_FALSE(open_error());
    {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(100);  // Behind the file header: the b-tree of the schema.
        bytes << std::string(400, '\xfe');
    }

    EXPECT_EQ(open_error(), reprise::errc::corrupt);
    EXPECT_TRUE(problem_says("damaged")) << problem;
}

TEST_F(open_test, a_missing_directory_is_named)
{
    auto options = options_in(directory);
    options.path = directory.path() / "nowhere" / "reprise.db";

    const auto opened = database::open(options, &problem);

    EXPECT_EQ(opened.error(), reprise::errc::io);
    EXPECT_TRUE(problem_says("nowhere")) << problem;
    EXPECT_TRUE(problem_says("No such file")) << problem;
}

TEST_F(open_test, bad_options_are_refused_before_anything_is_touched)
{
    auto options = options_in(directory);
    options.audit_key = "short";
    EXPECT_EQ(database::open(options, &problem).error(), reprise::errc::invalid_argument);
    EXPECT_TRUE(problem_says("audit key")) << problem;

    options = options_in(directory);
    options.readers = 0;
    EXPECT_EQ(database::open(options, &problem).error(), reprise::errc::invalid_argument);
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(open_test, paths_with_spaces_and_equal_signs_work)
{
    auto options = options_in(directory);
    options.path = directory.path() / "a  b = c 'd'.db";
    ASSERT_TRUE(database::open(options, &problem)) << problem;
    EXPECT_TRUE(std::filesystem::exists(options.path));
}

TEST_F(open_test, a_failing_migration_is_rolled_back_whole)
{
    auto session = connection::open({file, false, {}, 1U << 20, ""}, problem).value();
    const std::vector<embedded_file> files = {
        {"0001_one.sql", "CREATE TABLE one (x INTEGER) STRICT;"},
        {"0002_two.sql", "CREATE TABLE two (x INTEGER) STRICT; INSERT INTO three VALUES (1);"},
    };

    EXPECT_EQ(migrate(*session, files, problem).error(), errc::migration_failed);

    EXPECT_TRUE(problem_says("0002_two.sql")) << problem;
    raw_sqlite raw(file);
    EXPECT_EQ(raw.value("PRAGMA user_version"), "1");
    EXPECT_EQ(raw.value("SELECT group_concat(name) FROM sqlite_master"), "one");
}

TEST_F(open_test, migrations_go_on_where_the_last_version_stopped)
{
    auto session = connection::open({file, false, {}, 1U << 20, ""}, problem).value();
    const std::vector<embedded_file> files = {
        {"0001_one.sql", "CREATE TABLE one (x INTEGER) STRICT; INSERT INTO one VALUES (7);"},
        {"0002_two.sql", "ALTER TABLE one ADD COLUMN y INTEGER NOT NULL DEFAULT 8;"},
    };
    ASSERT_TRUE(migrate(*session, std::span(files).first(1), problem)) << problem;
    ASSERT_TRUE(migrate(*session, files, problem)) << problem;
    ASSERT_TRUE(migrate(*session, files, problem)) << problem;

    raw_sqlite raw(file);
    EXPECT_EQ(raw.value("SELECT x || '/' || y FROM one"), "7/8");
    EXPECT_EQ(raw.value("PRAGMA user_version"), "2");
}

}  // namespace
}  // namespace reprise::store
