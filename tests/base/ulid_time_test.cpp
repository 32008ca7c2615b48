#include "reprise/base/ulid_time.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"

#include <gtest/gtest.h>

namespace reprise {
namespace {

constexpr std::int64_t at_ns = 1'700'000'000'123 * ns_per_ms;

TEST(ulid_time, bounds_what_was_made_in_its_millisecond)
{
    const std::string made = make_ulid(at_ns);

    EXPECT_LE(first_ulid(at_ns), made);
    EXPECT_GT(first_ulid(at_ns + ns_per_ms), made);
    EXPECT_LT(first_ulid(at_ns - ns_per_ms), made);
    EXPECT_EQ(first_ulid(at_ns).substr(0, 10), made.substr(0, 10));
    EXPECT_TRUE(is_ulid(first_ulid(at_ns)));
}

TEST(ulid_time, is_read_back_to_the_millisecond)
{
    EXPECT_EQ(find_ulid_time_ms(make_ulid(at_ns)), at_ns / ns_per_ms);
    EXPECT_EQ(find_ulid_time_ms(first_ulid(0)), 0U);
    EXPECT_EQ(find_ulid_time_ms("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), (1ULL << 48U) - 1);
    for (const char* const none : {"", "01HF7YAT8V", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01HF7YAT8UI000000000000000"})
        EXPECT_FALSE(find_ulid_time_ms(none)) << none;
}

TEST(ulid_time, rises_with_the_time_and_begins_at_zero)
{
    EXPECT_EQ(first_ulid(0), std::string(26, '0'));
    EXPECT_EQ(first_ulid(-5 * ns_per_s), std::string(26, '0'));
    EXPECT_LT(first_ulid(at_ns), first_ulid(at_ns + 1'000 * ns_per_s));
}

}  // namespace
}  // namespace reprise
