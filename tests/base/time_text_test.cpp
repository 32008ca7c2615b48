#include "reprise/base/time_text.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace reprise {
namespace {

TEST(time_text, formats_in_utc_with_milliseconds)
{
    EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_rfc3339(1'700'000'000'123'456'789), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(time_text, any_time_has_a_text)
{
    EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::max()).substr(0, 4), "2262");
    EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::min()).substr(0, 4), "1677");
}

TEST(time_text, parses_fractions_and_offsets)
{
    EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20Z").value(), 1'700'000'000'000'000'000);
    EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.123456789Z").value(), 1'700'000'000'123'456'789);
    EXPECT_EQ(parse_rfc3339("2023-11-14T23:43:20.5+01:30").value(), 1'700'000'000'500'000'000);
    EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.1234567899999Z").value(), 1'700'000'000'123'456'789);
}

class refused_times : public testing::TestWithParam<const char*> {};

TEST_P(refused_times, are_invalid)
{
    EXPECT_EQ(parse_rfc3339(GetParam()).error(), errc::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(
    cases, refused_times,
    testing::Values(
        "", "yesterday", "2023-11-14", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", "2023-02-29T22:13:20Z",
        "2023-11-14T24:13:20Z", "2023-11-14T22:60:20Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+0130",
        "2023-11-14T22:13:20Zjunk", "1600-01-01T00:00:00Z", "9999-01-01T00:00:00Z"
    )
);

TEST(time_text, durations_read_well)
{
    EXPECT_EQ(format_duration(820 * ns_per_us), "820 us");
    EXPECT_EQ(format_duration(12'400 * ns_per_us), "12.4 ms");
    EXPECT_EQ(format_duration(208 * ns_per_ms), "208 ms");
    EXPECT_EQ(format_duration(3'200 * ns_per_ms), "3.2 s");
    EXPECT_EQ(format_duration(250 * ns_per_s), "4 min 10 s");
}

}  // namespace
}  // namespace reprise
