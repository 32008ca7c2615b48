#include "support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace reprise::support {
namespace {

TEST(allocation_count, counts_what_this_thread_allocates_and_nothing_else)
{
    std::vector<int> numbers;
    numbers.reserve(4);
    const allocation_scope quiet;
    numbers.assign({1, 2, 3, 4});
    EXPECT_EQ(quiet.count(), 0U);

    const allocation_scope counted;
    numbers.push_back(5);
    EXPECT_EQ(counted.count(), 1U);

    const allocation_scope before_thread;
    std::thread other([] { auto value = std::make_unique<int>(1); });
    const std::uint64_t for_the_thread_itself = before_thread.count();
    other.join();
    EXPECT_EQ(before_thread.count(), for_the_thread_itself);
}

TEST(allocation_count, sees_aligned_memory_too)
{
    struct alignas(64) line {
        char bytes[64];
    };
    const allocation_scope counted;
    const auto one = std::make_unique<line>();
    EXPECT_EQ(counted.count(), 1U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one.get()) % 64, 0U);
}

}  // namespace
}  // namespace reprise::support
