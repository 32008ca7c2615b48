#include "reprise/base/id.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace reprise {
namespace {

constexpr std::int64_t now_ns = 1'700'000'000'000'000'000;

TEST(id, ulids_of_one_millisecond_stay_in_order)
{
    std::string last = make_ulid(now_ns);
    for (int i = 0; i < 10'000; ++i) {
        const std::string next = make_ulid(now_ns);
        ASSERT_LT(last, next);
        last = next;
    }
}

TEST(id, ulids_sort_by_time_and_carry_it_in_ten_digits)
{
    EXPECT_LT(make_ulid(now_ns), make_ulid(now_ns + 1'000'000));
    EXPECT_EQ(make_ulid(now_ns).substr(0, 10), "01HF7YAT00");
}

TEST(id, threads_never_make_the_same_ulid)
{
    std::vector<std::vector<std::string>> made(4);
    std::vector<std::thread> threads;
    for (auto& ids : made) {
        threads.emplace_back([&ids] {
            for (int i = 0; i < 2'000; ++i)
                ids.push_back(make_ulid(now_ns));
        });
    }
    for (auto& thread : threads)
        thread.join();
    std::unordered_set<std::string> all;
    for (const auto& ids : made)
        all.insert(ids.begin(), ids.end());
    EXPECT_EQ(all.size(), 8'000U);
}

TEST(id, is_ulid_refuses_what_is_none)
{
    EXPECT_TRUE(is_ulid(make_ulid(now_ns)));
    EXPECT_FALSE(is_ulid(""));
    EXPECT_FALSE(is_ulid("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
    EXPECT_FALSE(is_ulid("01hf7yat000000000000000000"));
    EXPECT_FALSE(is_ulid("01HF7YAT00/../../etc/passw"));
}

}  // namespace
}  // namespace reprise
