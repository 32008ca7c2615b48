#include "reprise/forge/file_sink.hpp"

#include "ticket_fixture.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reprise::forge {
namespace {

namespace fs = std::filesystem;

class file_sink_test : public testing::Test {
protected:
    file_sink_test() : dir_(fs::temp_directory_path() / ("reprise-sink-" + random_token(8)))
    {
        fs::create_directories(dir_);
        // A test may become another user.
        fs::permissions(dir_, fs::perms::all);
    }
    ~file_sink_test() override
    {
        std::error_code ignored;
        fs::remove_all(dir_, ignored);
    }

    std::string read(const fs::path& path) const
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    released_ticket released() const
    {
        const auto source = source_fixture();
        return *parse_ticket_content(ticket_content(source, *draft_ticket(source), file_sink::target));
    }

    fs::path dir_;
};

TEST_F(file_sink_test, writes_what_was_released_under_its_key)
{
    const auto ticket = released();
    const auto published = file_sink(dir_).publish(ticket);

    ASSERT_TRUE(published);
    EXPECT_EQ(published->path, "tickets/01JD6Z0000000000000000000A-g2.md");
    EXPECT_FALSE(published->adopted);
    const std::string file = read(dir_ / published->path);
    EXPECT_TRUE(file.starts_with("---\nincident: 01JD6Z0000000000000000000A\ngeneration: 2\ncontent_hash: "));
    EXPECT_TRUE(file.ends_with(ticket.text.body));
    EXPECT_NE(file.find("\n# GET /messages/{id} answered 429"), std::string::npos);
    struct stat found {};
    ASSERT_EQ(::stat((dir_ / published->path).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0600U);
}

TEST_F(file_sink_test, after_a_crash_between_writing_and_recording_the_file_is_adopted)
{
    const auto ticket = released();
    const pid_t child = ::fork();
    if (child == 0) {
        const auto published = file_sink(dir_).publish(ticket);
        // Dies before anyone hears of it.
        ::_exit(published ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    const std::string before = read(dir_ / "tickets/01JD6Z0000000000000000000A-g2.md");

    const auto published = file_sink(dir_).publish(ticket);
    ASSERT_TRUE(published);
    EXPECT_TRUE(published->adopted);
    EXPECT_TRUE(published->same_content);
    EXPECT_EQ(read(dir_ / published->path), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(dir_ / "tickets"), fs::directory_iterator()), 1);
}

TEST_F(file_sink_test, a_file_with_other_content_is_kept_and_told)
{
    fs::create_directories(dir_ / "tickets");
    const fs::path path = dir_ / "tickets/01JD6Z0000000000000000000A-g2.md";
    std::ofstream(path) << "edited by a person";

    const auto published = file_sink(dir_).publish(released());
    ASSERT_TRUE(published);
    EXPECT_TRUE(published->adopted);
    EXPECT_FALSE(published->same_content);
    EXPECT_EQ(read(path), "edited by a person");
}

TEST_F(file_sink_test, each_generation_is_its_own_ticket)
{
    auto ticket = released();
    ASSERT_TRUE(file_sink(dir_).publish(ticket));
    ticket.generation = 3;
    const auto next = file_sink(dir_).publish(ticket);

    ASSERT_TRUE(next);
    EXPECT_EQ(next->path, "tickets/01JD6Z0000000000000000000A-g3.md");
    EXPECT_FALSE(next->adopted);
}

TEST_F(file_sink_test, a_key_that_is_none_never_becomes_a_path)
{
    for (const char* id : {"", "../../etc/cron.d/x", "01JD6Z0000000000000000000A/../x", "01jd6z"}) {
        auto ticket = released();
        ticket.incident_id = id;
        EXPECT_EQ(file_sink(dir_).publish(ticket).error(), errc::invalid_argument) << id;
    }
    auto ticket = released();
    ticket.generation = 0;
    EXPECT_EQ(file_sink(dir_).publish(ticket).error(), errc::invalid_argument);
    ticket = released();
    ticket.target = "github:x/y";
    EXPECT_EQ(file_sink(dir_).publish(ticket).error(), errc::invalid_argument);
    EXPECT_FALSE(fs::exists(dir_ / "tickets"));
}

TEST_F(file_sink_test, an_unwritable_directory_is_denied)
{
    fs::create_directories(dir_ / "tickets");
    fs::permissions(dir_ / "tickets", fs::perms::owner_read | fs::perms::owner_exec);
    const auto ticket = released();
    const pid_t child = ::fork();
    if (child == 0) {
        // Root writes anywhere, so the test steps down.
        if (::getuid() == 0 && ::setuid(65534) != 0)
            ::_exit(2);
        ::_exit(file_sink(dir_).publish(ticket).error() == errc::denied ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(file_sink_test, what_is_no_file_is_a_conflict)
{
    fs::create_directories(dir_ / "tickets/01JD6Z0000000000000000000A-g2.md");
    EXPECT_EQ(file_sink(dir_).publish(released()).error(), errc::conflict);

    fs::remove_all(dir_ / "tickets");
    std::ofstream(dir_ / "tickets") << "a file";
    EXPECT_EQ(file_sink(dir_).publish(released()).error(), errc::conflict);
}

}  // namespace
}  // namespace reprise::forge
