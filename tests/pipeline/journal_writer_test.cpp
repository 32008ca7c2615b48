#include "pipeline/journal_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reprise::pipeline {
namespace {

using test::journal_life;
using test::payloads_of;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class journal_writer_test : public testing::Test {
protected:
    test::memory_disk disk;
    journal_config config;

    // As the next process finds it.
    texts stored()
    {
        journal_life next(disk, config);
        return payloads_of(next.open());
    }

    static std::vector<entry_fate> fates_of(const std::vector<placed_entry>& placed)
    {
        std::vector<entry_fate> fates;
        for (const placed_entry& one : placed)
            fates.push_back(one.fate);
        return fates;
    }
};

constexpr auto kept = entry_fate::kept;
constexpr auto refused = entry_fate::refused;
constexpr auto repeated = entry_fate::repeated;

TEST_F(journal_writer_test, what_waits_together_shares_one_sync_and_keeps_its_order)
{
    journal_life life(disk, config);
    life.open();
    const auto first = life.write_one("a");
    const int before = disk.syncs;

    const auto placed = life.write({"b", "c", "d"});

    EXPECT_EQ(disk.syncs, before + 1);
    EXPECT_EQ(fates_of(placed), (std::vector{kept, kept, kept}));
    EXPECT_EQ(placed[0].number, first.number + 1);
    EXPECT_EQ(placed[2].number, first.number + 3);
    EXPECT_EQ(placed[1].time_ns, life.time_ns);
    EXPECT_EQ(stored(), (texts{"a", "b", "c", "d"}));
}

TEST_F(journal_writer_test, nothing_of_a_payload_is_readable_on_disk)
{
    journal_life life(disk, config);
    life.open();
    const auto placed = life.write_one("password=hunter2 password=hunter2");
    for (const auto& [name, file] : disk.files)
        EXPECT_EQ(file.bytes.find("hunter2"), std::string::npos);
}

TEST_F(journal_writer_test, a_failed_sync_keeps_nothing_of_its_group_and_the_segment_is_never_written_again)
{
    journal_life life(disk, config);
    life.open();
    const auto before = life.write_one("before");
    disk.sync_fails = errc::io;

    EXPECT_EQ(fates_of(life.write({"x", "y"})), (std::vector{refused, refused}));
    EXPECT_FALSE(life.writer().healthy());
    disk.sync_fails.reset();
    EXPECT_EQ(life.write_one("at once").fate, refused) << "not before the delay has passed";
    life.now += journal_writer::retry_delay;
    const auto after = life.write_one("after");

    EXPECT_EQ(after.fate, kept);
    EXPECT_TRUE(life.writer().healthy());
    EXPECT_NE(after.hold, before.hold);
    EXPECT_EQ(stored(), (texts{"before", "after"}));
}

TEST_F(journal_writer_test, what_a_failed_group_left_behind_is_recognised_when_it_is_sent_again)
{
    journal_life life(disk, config);
    life.open();
    disk.sync_fails = errc::io;
    disk.truncate_fails = true;
    life.write_one("x");
    disk.sync_fails.reset();
    life.now += journal_writer::retry_delay;

    EXPECT_EQ(life.write_one("x").fate, kept);
    EXPECT_EQ(stored(), (texts{"x"}));
}

TEST_F(journal_writer_test, a_full_disk_is_refused_and_left_by_itself)
{
    journal_life life(disk, config);
    life.open();
    const auto first = life.write_one("first");
    disk.write_fails = errc::too_large;

    EXPECT_EQ(life.write_one("x").fate, refused);
    life.now += journal_writer::retry_delay;
    EXPECT_EQ(life.write_one("y").fate, refused);
    disk.write_fails.reset();
    life.now += journal_writer::retry_delay;
    life.writer().tend(life.now);

    EXPECT_TRUE(life.writer().healthy()) << "although nobody sent anything";
    EXPECT_EQ(life.write_one("last").fate, kept);
    EXPECT_EQ(stored(), (texts{"first", "last"}));
}

TEST_F(journal_writer_test, a_segment_that_cannot_be_made_refuses)
{
    journal_life life(disk, config);
    life.open();
    disk.create_fails = errc::io;
    EXPECT_EQ(life.write_one("x").fate, refused);
    disk.create_fails.reset();
    life.now += journal_writer::retry_delay;
    EXPECT_EQ(life.write_one("y").fate, kept);
    EXPECT_EQ(stored(), (texts{"y"}));
}

TEST_F(journal_writer_test, by_interval_it_syncs_when_due_and_early_when_much_waits)
{
    config.sync = sync_policy::interval;
    config.sync_interval = 100ms;
    config.unsynced_bytes_max = 1000;
    journal_life life(disk, config);
    life.open();
    const auto a = life.write_one("a");
    const int before = disk.syncs;

    life.writer().tend(life.now);
    EXPECT_EQ(disk.syncs, before);
    EXPECT_EQ(life.writer().next_sync(), life.now + 100ms);
    life.now += 100ms;
    life.writer().tend(life.now);
    EXPECT_EQ(disk.syncs, before + 1);
    EXPECT_FALSE(life.writer().next_sync());
    const auto b = life.write_one(std::string(1000, 'b'));
    life.writer().tend(life.now);
    EXPECT_EQ(disk.syncs, before + 2);
}

TEST_F(journal_writer_test, by_interval_a_failed_sync_writes_again_what_was_acknowledged)
{
    config.sync = sync_policy::interval;
    journal_life life(disk, config);
    life.open();
    const auto a = life.write_one("a");
    life.now += 1s;
    life.writer().tend(life.now);
    const auto b = life.write_one("b");
    disk.sync_fails = errc::io;
    life.now += 1s;
    life.writer().tend(life.now);
    ASSERT_FALSE(life.writer().healthy());
    // The cache is gone, as after a failed sync it may be.
    disk.files.begin()->second.bytes = disk.files.begin()->second.synced;
    disk.sync_fails.reset();
    life.now += journal_writer::retry_delay;
    life.writer().tend(life.now);

    EXPECT_TRUE(life.writer().healthy());
    EXPECT_EQ(life.write_one("c").number, b.number + 1);
    EXPECT_EQ(stored(), (texts{"a", "b", "c"}));
}

TEST_F(journal_writer_test, what_was_written_again_lasts_as_long_as_what_it_feeds)
{
    config.sync = sync_policy::interval;
    journal_life life(disk, config);
    life.open();
    auto a = life.write_one("a");
    disk.sync_fails = errc::io;
    life.now += 1s;
    life.writer().tend(life.now);
    disk.sync_fails.reset();
    life.now += journal_writer::retry_delay;
    life.writer().tend(life.now);
    ASSERT_EQ(disk.files.size(), 2U);

    life.writer().sweep();
    EXPECT_EQ(disk.files.size(), 2U);
    a.hold.reset();
    life.writer().sweep();
    life.writer().sweep();
    EXPECT_TRUE(disk.files.empty());
}

TEST_F(journal_writer_test, by_never_it_does_not_sync)
{
    config.sync = sync_policy::never;
    journal_life life(disk, config);
    life.open();
    const auto a = life.write_one("a");
    life.now += 1h;
    life.writer().tend(life.now);
    life.writer().close(life.now);
    EXPECT_EQ(disk.syncs, 0);
    EXPECT_EQ(stored(), (texts{"a"}));
}

TEST_F(journal_writer_test, an_equal_body_is_kept_once_within_the_horizon)
{
    config.repeats_horizon_ns = 1000;
    journal_life life(disk, config);
    life.open();

    EXPECT_EQ(fates_of(life.write({"a", "a", "b"})), (std::vector{kept, repeated, kept}));
    life.time_ns += 1000;
    EXPECT_EQ(life.write_one("a").fate, repeated);
    life.time_ns += 1;
    EXPECT_EQ(life.write_one("a").fate, kept);
    EXPECT_EQ(life.numbers().repeated.value(), 2U);
}

TEST_F(journal_writer_test, a_refused_body_is_not_remembered)
{
    journal_life life(disk, config);
    life.open();
    disk.sync_fails = errc::io;
    EXPECT_EQ(life.write_one("a").fate, refused);
    disk.sync_fails.reset();
    life.now += journal_writer::retry_delay;
    EXPECT_EQ(life.write_one("a").fate, kept);
}

TEST_F(journal_writer_test, a_restart_remembers_the_bodies_that_are_still_there)
{
    {
        journal_life life(disk, config);
        life.open();
        const auto a = life.write_one("a");
        a.hold->keep();
    }
    journal_life next(disk, config);
    const auto found = next.open();
    EXPECT_EQ(next.write_one("a").fate, repeated);
}

TEST_F(journal_writer_test, segments_are_limited_and_go_when_nobody_needs_them)
{
    config.segment_bytes_max = 1000;
    journal_life life(disk, config);
    life.open();
    auto first = life.write_one(std::string(1000, 'a'));
    auto second = life.write_one("b");
    ASSERT_EQ(disk.files.size(), 2U);
    EXPECT_NE(first.hold, second.hold);
    EXPECT_EQ(life.bytes(), disk.bytes());

    first.hold.reset();
    life.writer().sweep();
    EXPECT_EQ(disk.files.size(), 1U);
    EXPECT_EQ(stored(), (texts{"b"}));

    second.hold.reset();
    life.writer().sweep();  // The current one, too, when it has served.
    EXPECT_TRUE(disk.files.empty());
    EXPECT_EQ(life.bytes(), 0U);
    const auto third = life.write_one("c");
    EXPECT_EQ(third.fate, kept);
}

TEST_F(journal_writer_test, a_segment_that_somebody_keeps_stays)
{
    journal_life life(disk, config);
    life.open();
    auto placed = life.write_one("a");
    placed.hold->keep();
    placed.hold.reset();
    life.writer().close(life.now);
    life.writer().sweep();
    EXPECT_EQ(stored(), (texts{"a"}));
}

TEST_F(journal_writer_test, large_groups_go_to_disk_in_pieces)
{
    journal_life life(disk, config);
    life.open();
    texts large;
    for (char c = 'a'; c < 'g'; ++c)
        large.push_back(std::string(700'000, c));

    const auto placed = life.write(large);

    EXPECT_EQ(std::count_if(placed.begin(), placed.end(), [](const auto& one) { return one.fate == kept; }), 6);
    EXPECT_EQ(stored(), large);
}

}  // namespace
}  // namespace reprise::pipeline
