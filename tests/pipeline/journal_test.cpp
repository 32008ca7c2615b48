#include "reprise/pipeline/journal.hpp"

#include "../../server/pipeline/block_buffer.hpp"
#include "../../server/pipeline/journal_format.hpp"

#include "pipeline/memory_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace reprise::pipeline {
namespace {

namespace fs = std::filesystem;
using texts = std::vector<std::string>;

const std::string key(32, 'k');

class journal_test : public testing::Test {
protected:
    void SetUp() override
    {
        std::string pattern = (fs::temp_directory_path() / "reprise-journal-XXXXXX").string();
        directory = fs::path(::mkdtemp(pattern.data())) / "journal";
    }
    void TearDown() override { fs::remove_all(directory.parent_path()); }

    std::unique_ptr<journal> open()
    {
        std::string problem;
        return journal::open(directory, config, key, time, counts, problem).value();
    }

    std::future<placed_entry> append(journal& log, std::string text)
    {
        auto placed = std::make_shared<std::promise<placed_entry>>();
        journal_entry entry;
        entry.body = log.hash_of(text);
        entry.payload = std::make_shared<const std::string>(std::move(text));
        log.append(std::move(entry), [placed](placed_entry one) { placed->set_value(std::move(one)); });
        return placed->get_future();
    }

    texts stored()
    {
        texts found;
        const auto report = open()->replay([&found](stored_entry entry) {
            found.push_back(entry.payload);
            entry.hold->keep();
        });
        EXPECT_TRUE(report);
        return found;
    }

    fs::path only_segment() const
    {
        for (const auto& one : fs::directory_iterator(directory)) {
            if (one.path().extension() == ".segment")
                return one.path();
        }
        return {};
    }

    fs::path directory;
    journal_config config;
    manual_clock time;
    metrics counts;
};

TEST_F(journal_test, keeps_over_a_restart_what_it_answered)
{
    {
        const auto log = open();
        ASSERT_TRUE(log->replay([](stored_entry) { FAIL() << "there was nothing"; }));
        log->start();
        const placed_entry one = append(*log, "one").get();
        const placed_entry two = append(*log, "two").get();
        EXPECT_EQ(one.fate, entry_fate::kept);
        EXPECT_EQ(two.number, one.number + 1);
        EXPECT_EQ(two.time_ns, time.now_ns());
        log->stop();
    }
    EXPECT_EQ(stored(), (texts{"one", "two"}));
}

TEST_F(journal_test, files_and_directory_are_for_their_owner_only)
{
    const auto log = open();
    log->start();
    const placed_entry one = append(*log, "one").get();
    struct stat found {};
    ASSERT_EQ(::stat(only_segment().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(directory.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700U);
}

TEST_F(journal_test, answers_come_in_the_order_of_the_entries_from_however_many_threads)
{
    const auto log = open();
    log->start();
    std::mutex mutex;
    std::vector<std::uint64_t> numbers;
    std::vector<shared_hold> holds;
    {
        std::vector<std::jthread> senders;
        for (int sender = 0; sender < 4; ++sender) {
            senders.emplace_back([&, sender] {
                for (int i = 0; i < 50; ++i) {
                    journal_entry entry;
                    const std::string text = std::to_string(sender) + "/" + std::to_string(i);
                    entry.body = log->hash_of(text);
                    entry.payload = std::make_shared<const std::string>(text);
                    log->append(std::move(entry), [&](placed_entry one) {
                        const std::lock_guard lock(mutex);
                        numbers.push_back(one.number);
                        holds.push_back(std::move(one.hold));
                    });
                }
            });
        }
    }
    log->settle();
    ASSERT_EQ(numbers.size(), 200U);
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
    log->stop();
    holds.clear();
    EXPECT_EQ(stored().size(), 200U);
}

TEST_F(journal_test, what_was_let_go_after_the_stop_is_still_there_at_the_next_start)
{
    const auto log = open();
    log->start();
    placed_entry one = append(*log, "one").get();
    log->stop();
    one.hold.reset();
    EXPECT_EQ(stored(), (texts{"one"}));
    EXPECT_EQ(append(*log, "late").get().fate, entry_fate::refused);
}

TEST_F(journal_test, a_segment_that_has_served_is_deleted)
{
    const auto log = open();
    log->start();
    append(*log, "one").get();
    log->stop();
    EXPECT_TRUE(only_segment().empty());
    EXPECT_FALSE(has_segments(directory));
}

TEST_F(journal_test, a_full_journal_has_no_room)
{
    config.bytes_max = block_buffer::block_bytes + 1500;
    const auto log = open();
    log->start();
    EXPECT_TRUE(log->has_room(2000));
    const placed_entry one = append(*log, std::string(1500, 'x')).get();
    EXPECT_FALSE(log->has_room(2000));
    EXPECT_TRUE(log->has_room(10));
}

TEST_F(journal_test, damage_on_disk_is_listed_by_the_inspection_and_then_lies_aside)
{
    {
        const auto log = open();
        log->start();
        // Held, as windows do: a segment that nobody holds is not written any further.
        std::vector<placed_entry> held;
        for (const char* text : {"one", "two", "three"}) {
            held.push_back(append(*log, text).get());
            held.back().hold->keep();
        }
    }
    {
        std::fstream file(only_segment(), std::ios::in | std::ios::out | std::ios::binary);
        constexpr std::streamoff in_first_payload = segment_header_bytes + frame_head_bytes + 1;
        file.seekg(in_first_payload);
        const int byte = file.get();
        file.seekp(in_first_payload);
        file.put(static_cast<char>(byte ^ 1));
    }
    const auto before = inspect_journal(directory, key);
    ASSERT_TRUE(before);
    EXPECT_EQ(before->entries, 2U);
    ASSERT_EQ(before->damages.size(), 1U);
    EXPECT_FALSE(before->damages[0].torn);
    EXPECT_EQ(before->set_aside, 0U);
    EXPECT_EQ(before->other_key, 0U);
    const auto without_key = inspect_journal(directory, std::string(32, 'x'));
    EXPECT_EQ(without_key->entries, 3U);
    EXPECT_EQ(without_key->other_key, 1U);

    EXPECT_EQ(stored(), (texts{"two", "three"}));
    EXPECT_EQ(inspect_journal(directory, key)->set_aside, 1U);
}

TEST_F(journal_test, a_place_that_cannot_be_a_directory_is_told_with_the_way_out)
{
    std::string problem;
    const auto opened = journal::open(directory / "missing" / "deeper", config, key, time, counts, problem);
    ASSERT_FALSE(opened);
    EXPECT_NE(problem.find("deeper"), std::string::npos) << problem;
}

}  // namespace
}  // namespace reprise::pipeline
