// What a journal is for: whatever ends a process or a machine, nothing that was acknowledged is lost.

#include "pipeline/journal_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string_view>

namespace reprise::pipeline {
namespace {

using test::journal_life;
using test::master_key;
using test::memory_disk;
using test::memory_files;
using test::payloads_of;
using texts = std::vector<std::string>;

constexpr int rounds = 300;

// One life with random groups and failures, on whatever the lives before left. Adds what it was told to
// be kept to `acknowledged`.
void live(memory_disk& disk, const journal_config& config, std::mt19937_64& random, int& next, texts& acknowledged)
{
    journal_life life(disk, config);
    const auto found = life.open();
    ASSERT_TRUE(life.report);
    for (int step = 0; step < 12; ++step) {
        disk.sync_fails = random() % 6 == 0 ? std::optional(errc::io) : std::nullopt;
        disk.write_fails = random() % 8 == 0 ? std::optional(errc::too_large) : std::nullopt;
        disk.truncate_fails = random() % 2 == 0;
        texts group;
        for (std::uint64_t i = random() % 4 + 1; i > 0; --i)
            group.push_back(std::to_string(++next) + std::string(random() % 1500, 'x'));
        const auto placed = life.write(group);
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (placed[i].fate != entry_fate::kept)
                continue;
            acknowledged.push_back(group[i]);
            placed[i].hold->keep();  // Nothing is ever committed here.
        }
        life.now += std::chrono::milliseconds(random() % 1500);
        life.writer().tend(life.now);
        life.writer().sweep();
    }
    for (const stored_entry& entry : found)
        entry.hold->keep();
    disk.sync_fails.reset();
    disk.write_fails.reset();
    disk.truncate_fails = false;
}

void expect_all_there(memory_disk& disk, const journal_config& config, const texts& acknowledged)
{
    journal_life last(disk, config);
    const auto found = last.open();
    ASSERT_TRUE(last.report);
    std::map<std::string, int> times;
    std::uint64_t number = 0;
    for (const stored_entry& entry : found) {
        EXPECT_GT(entry.number, number);
        number = entry.number;
        ++times[entry.payload];
    }
    for (const auto& [payload, count] : times)
        EXPECT_EQ(count, 1);
    for (const std::string& payload : acknowledged)
        ASSERT_EQ(times.count(payload), 1U) << "lost: " << payload.substr(0, 8);
    EXPECT_TRUE(disk.aside.empty()) << "a power cut is no damage";
    for (const stored_entry& entry : found)
        entry.hold->keep();
}

TEST(journal_fault, a_power_cut_loses_nothing_that_was_acknowledged)
{
    journal_config config;
    config.segment_bytes_max = 12'000;
    for (int seed = 0; seed < rounds; ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        memory_disk disk;
        texts acknowledged;
        int next = 0;
        for (int lives = 0; lives < 3; ++lives) {
            live(disk, config, random, next, acknowledged);
            disk.cut_power(random);
        }
        expect_all_there(disk, config, acknowledged);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

class journal_kill : public testing::TestWithParam<sync_policy> {};

TEST_P(journal_kill, kill_9_loses_nothing_whatever_the_policy)
{
    journal_config config;
    config.sync = GetParam();
    config.segment_bytes_max = 12'000;
    for (int seed = 0; seed < rounds; ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        memory_disk disk;
        texts acknowledged;
        int next = 0;
        for (int lives = 0; lives < 3; ++lives)
            live(disk, config, random, next, acknowledged);
        expect_all_there(disk, config, acknowledged);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

std::string name_of(const testing::TestParamInfo<sync_policy>& one)
{
    const std::array<std::string, 3> names = {"always", "interval", "never"};
    return names.at(static_cast<std::size_t>(one.param));
}

INSTANTIATE_TEST_SUITE_P(
    policies, journal_kill, testing::Values(sync_policy::always, sync_policy::interval, sync_policy::never), name_of
);

// Whatever was written before, in whichever life and whatever became of it: a nonce belongs to one text.
TEST(journal_fault, no_number_comes_twice_under_one_key)
{
    journal_config config;
    config.segment_bytes_max = 12'000;
    for (int seed = 0; seed < rounds / 10; ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        memory_disk disk;
        texts acknowledged;
        int next = 0;
        for (int lives = 0; lives < 4; ++lives)
            live(disk, config, random, next, acknowledged);

        std::set<std::array<char, salt_bytes>> salts;
        for (const auto& [name, file] : disk.files) {
            const auto parsed = parse_segment(file.bytes);
            if (!parsed)
                continue;
            EXPECT_TRUE(salts.insert(parsed->header.salt).second) << "seed " << seed << ", " << name;
            std::uint64_t number = 0;
            for (const frame_view& frame : parsed->frames) {
                EXPECT_GT(frame.head.number, number) << "seed " << seed << ", " << name;
                number = frame.head.number;
            }
        }
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

// Three entries of the earlier versions of the format, as they were written then.
constexpr std::string_view first_version =
    "5250524a524e4c31010000000000000094a18dd07f3c256c1c914740c89a22fdbf636869675f349cb106735e40da86d9"
    "7ac8a0b54cb61de936828a56dc722552ded5dd58802eb57252504a661300000001000000000000000000000000000000"
    "0000f323845bd7180100000091371b884f952f6ef5b1bc355a3403e11624204f4173eb2e6342657f602a7b52504a6613"
    "000000020000000000000001000000000000000000f323845bd7180200000014e4db8925b9975366a98257d1f81a0c28"
    "27db89ba44122aaa332f7b2a48c252504a6615000000030000000000000002000000000000000000f323845bd7180100"
    "0000c36c03161ba07ea1cf01ebdc1c0d53ac34c7f2f4a7e10a260f61ba436c6804378d";

constexpr std::string_view second_version =
    "5250524a524e4c32010000000000000094a18dd07f3c256c1c914740c89a22fd0b30557a9fc4e90e33587da2c7ec1136"
    "5b80a5caef14395e83a8cdf2173c6186286d565448a17edf52504a661300000001000000000000000000000000000000"
    "0000f323845bd7180100000029b393d0f25bb4f3fd0cb649812f2675ed8ab218b40afa52504a66130000000200000000"
    "00000001000000000000000000f323845bd71802000000439ca676273ed549bfd0d65046816087552b491345c3915250"
    "4a6615000000030000000000000002000000000000000000f323845bd718010000006882bca8224e6f9d8066f7a04d91"
    "b9b1fe9d368ad579010d66";

std::string segment_of(std::string_view hex)
{
    std::string bytes;
    for (std::size_t at = 0; at < hex.size(); at += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    bytes.resize(block_buffer::block_bytes);
    return bytes;
}

class earlier_journal : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(
    version, earlier_journal, testing::Values(first_version, second_version),
    [](const auto& row) { return row.param == first_version ? "first" : "second"; }
);

TEST_P(earlier_journal, is_replayed)
{
    memory_disk disk;
    disk.files["000000000001"].bytes = segment_of(GetParam());
    journal_life next(disk, journal_config());

    const auto found = next.open();

    EXPECT_EQ(payloads_of(found), (texts{"one", "two", "three"}));
    EXPECT_TRUE(next.report->damages.empty());
    EXPECT_EQ(found[1].kind, entry_kind::traces);
    EXPECT_EQ(found[1].time_ns, 1'790'000'000'000'000'000);
    EXPECT_EQ(next.write_one("two").fate, entry_fate::repeated);
    EXPECT_EQ(next.write_one("four").number, found[2].number + 1);
}

class journal_damage_test : public testing::Test {
protected:
    memory_disk disk;
    journal_config config;

    void SetUp() override
    {
        journal_life life(disk, config);
        life.open();
        for (const char* text : {"one", "two", "three"})
            life.write_one(text).hold->keep();
        life.writer().close(life.now);
    }

    std::string& segment() { return disk.files.begin()->second.bytes; }
};

TEST_F(journal_damage_test, flipped_bits_are_set_aside_once_and_the_rest_is_used)
{
    segment()[segment_header_bytes + frame_head_bytes] ^= 1;
    for (int start = 0; start < 2; ++start) {
        journal_life next(disk, config);
        const auto found = next.open();
        EXPECT_EQ(payloads_of(found), (texts{"two", "three"}));
        ASSERT_EQ(next.report->damages.size(), 1U);
        EXPECT_FALSE(next.report->damages[0].torn);
        EXPECT_EQ(next.report->damages[0].offset, segment_header_bytes);
        EXPECT_EQ(next.numbers().damaged_bytes.value(), next.report->damages[0].bytes);
        for (const stored_entry& entry : found)
            entry.hold->keep();
    }
    EXPECT_EQ(disk.aside.size(), 1U);
}

TEST_F(journal_damage_test, a_torn_end_is_cut_off_and_no_longer_there_the_next_time)
{
    segment().resize(parse_segment(segment())->good_bytes - 3);
    std::size_t damages = 0;
    for (int start = 0; start < 2; ++start) {
        journal_life next(disk, config);
        const auto found = next.open();
        EXPECT_EQ(payloads_of(found), (texts{"one", "two"}));
        damages += next.report->damages.size();
        for (const stored_entry& entry : found)
            entry.hold->keep();
    }
    EXPECT_EQ(damages, 1U);
    EXPECT_TRUE(disk.aside.empty());
}

TEST_F(journal_damage_test, any_flipped_bit_anywhere_never_stops_the_start_nor_changes_an_entry)
{
    const std::string whole = segment();
    for (std::size_t bit = 0; bit < whole.size() * 8; bit += 3) {
        segment() = whole;
        segment()[bit / 8] = static_cast<char>(whole[bit / 8] ^ (1 << (bit % 8)));
        memory_disk copy = disk;
        journal_life next(copy, config);
        const auto found = next.open();
        ASSERT_TRUE(next.report) << bit;
        for (const std::string& payload : payloads_of(found))
            EXPECT_TRUE(payload == "one" || payload == "two" || payload == "three") << bit;
        EXPECT_GE(found.size(), bit / 8 < segment_header_bytes ? 0U : 2U) << bit;
        EXPECT_FALSE(next.report->damages.empty()) << bit;
    }
}

TEST_F(journal_damage_test, a_file_without_a_header_is_set_aside_and_an_empty_one_goes)
{
    disk.files["000000000007"].bytes = "this is no segment, and it is longer than the header of one would be, is it?";
    disk.files["000000000008"];
    disk.files["notes"].bytes = "left alone";
    journal_life next(disk, config);
    const auto found = next.open();
    next.writer().sweep();

    EXPECT_EQ(found.size(), 3U);
    EXPECT_EQ(disk.aside.size(), 1U);
    EXPECT_FALSE(disk.files.contains("000000000007"));
    EXPECT_FALSE(disk.files.contains("000000000008"));
    EXPECT_TRUE(disk.files.contains("notes"));
}

TEST_F(journal_damage_test, another_key_is_refused_before_anything_is_touched)
{
    const std::string before = segment();
    metrics counts;
    manual_clock time;
    journal other(std::make_unique<memory_files>(disk), config, std::string(32, 'x'), time, counts);

    EXPECT_EQ(other.replay([](stored_entry) {}).error(), errc::denied);
    EXPECT_EQ(segment(), before);
}

TEST_F(journal_damage_test, a_later_version_is_refused_and_left_as_it_is)
{
    segment_header later = *parse_header(segment());
    later.version = static_cast<segment_version>(4);
    segment().replace(0, segment_header_bytes, encode_header(later));
    const std::string before = segment();
    metrics counts;
    manual_clock time;
    journal other(std::make_unique<memory_files>(disk), config, master_key, time, counts);

    EXPECT_EQ(other.replay([](stored_entry) {}).error(), errc::conflict);
    EXPECT_EQ(segment(), before);
    EXPECT_TRUE(disk.aside.empty());
}

}  // namespace
}  // namespace reprise::pipeline
