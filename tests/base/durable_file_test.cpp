#include "reprise/base/durable_file.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace reprise {
namespace {

namespace fs = std::filesystem;

class durable_file : public testing::Test {
protected:
    durable_file() : dir_(fs::temp_directory_path() / ("reprise-durable-" + random_token(8)))
    {
        fs::create_directories(dir_);
    }
    ~durable_file() override
    {
        std::error_code ignored;
        fs::remove_all(dir_, ignored);
    }

    std::size_t files_in_dir() const
    {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()));
    }

    fs::path dir_;
};

TEST_F(durable_file, is_written_with_its_directories_and_read_back)
{
    const fs::path path = dir_ / "a" / "b" / "c.txt";
    const std::string bytes("zero \0 inside", 13);
    const auto written = write_durable_file(path, bytes, when_present::keep);

    ASSERT_TRUE(written);
    EXPECT_EQ(*written, file_outcome::written);
    EXPECT_EQ(*read_small_file(path, 100), bytes);
    struct stat file {};
    struct stat directory {};
    ASSERT_EQ(::stat(path.c_str(), &file), 0);
    ASSERT_EQ(::stat((dir_ / "a").c_str(), &directory), 0);
    EXPECT_EQ(file.st_mode & 07777U, 0600U);
    EXPECT_EQ(directory.st_mode & 07777U, 0700U);
}

TEST_F(durable_file, what_is_there_is_kept_or_replaced_as_asked)
{
    const fs::path path = dir_ / "x";
    ASSERT_TRUE(write_durable_file(path, "first", when_present::replace));

    EXPECT_EQ(*write_durable_file(path, "second", when_present::keep), file_outcome::kept);
    EXPECT_EQ(*read_small_file(path, 100), "first");
    EXPECT_EQ(*write_durable_file(path, "third", when_present::replace), file_outcome::written);
    EXPECT_EQ(*read_small_file(path, 100), "third");
    EXPECT_EQ(files_in_dir(), 1U);
}

TEST_F(durable_file, of_many_writers_exactly_one_wins_and_its_bytes_are_whole)
{
    const fs::path path = dir_ / "x";
    std::vector<std::thread> writers;
    std::vector<char> won(8, 0);
    for (std::size_t i = 0; i < won.size(); ++i) {
        writers.emplace_back([&, i] {
            const std::string bytes(100'000, static_cast<char>('a' + i));
            const auto written = write_durable_file(path, bytes, when_present::keep);
            won[i] = written && *written == file_outcome::written;
        });
    }
    for (std::thread& writer : writers)
        writer.join();

    EXPECT_EQ(std::count(won.begin(), won.end(), 1), 1);
    const auto winner = static_cast<char>('a' + (std::find(won.begin(), won.end(), 1) - won.begin()));
    EXPECT_EQ(*read_small_file(path, 200'000), std::string(100'000, winner));
    EXPECT_EQ(files_in_dir(), 1U);
}

TEST_F(durable_file, never_follows_or_replaces_what_is_no_regular_file)
{
    fs::create_symlink(dir_ / "elsewhere", dir_ / "link");
    fs::create_directory(dir_ / "directory");

    for (const auto rule : {when_present::keep, when_present::replace}) {
        EXPECT_EQ(write_durable_file(dir_ / "link", "x", rule).error(), errc::conflict);
        EXPECT_EQ(write_durable_file(dir_ / "directory", "x", rule).error(), errc::conflict);
    }
    EXPECT_FALSE(fs::exists(dir_ / "elsewhere"));
}

TEST_F(durable_file, a_file_in_the_place_of_a_directory_is_a_conflict)
{
    ASSERT_TRUE(write_durable_file(dir_ / "file", "x", when_present::keep));
    EXPECT_EQ(write_durable_file(dir_ / "file" / "below", "x", when_present::keep).error(), errc::conflict);
    EXPECT_EQ(read_small_file(dir_ / "file" / "below", 10).error(), errc::conflict);
}

TEST_F(durable_file, reading_says_missing_and_too_large_apart)
{
    ASSERT_TRUE(write_durable_file(dir_ / "ten", "0123456789", when_present::keep));

    EXPECT_EQ(read_small_file(dir_ / "none", 10).error(), errc::not_found);
    EXPECT_EQ(read_small_file(dir_ / "ten", 9).error(), errc::too_large);
    EXPECT_EQ(read_small_file(dir_ / "ten", 10)->size(), 10U);
    EXPECT_EQ(read_small_file(dir_, 10).error(), errc::conflict);
}

}  // namespace
}  // namespace reprise
