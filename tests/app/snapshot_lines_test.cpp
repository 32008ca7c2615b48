#include "../../server/app/snapshot_lines.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace reprise::app {
namespace {

using step = line_reader::step;

TEST(snapshot_lines, are_given_one_by_one_with_their_number)
{
    std::istringstream from("\xef\xbb\xbf" "one\r\n\n  \t\ntwo\nthree");
    line_reader lines(from, 100);
    ASSERT_EQ(lines.next(), step::line);
    EXPECT_EQ(lines.line(), "one\r");
    ASSERT_EQ(lines.next(), step::line);
    EXPECT_EQ(lines.line(), "two");
    EXPECT_EQ(lines.number(), 4U);
    ASSERT_EQ(lines.next(), step::line);
    EXPECT_EQ(lines.line(), "three");
    EXPECT_EQ(lines.next(), step::end);
}

TEST(snapshot_lines, over_the_limit_are_passed_over)
{
    std::istringstream from("short\n" + std::string(50, 'x') + "\nagain\n");
    line_reader lines(from, 10);
    ASSERT_EQ(lines.next(), step::line);
    ASSERT_EQ(lines.next(), step::too_long);
    EXPECT_EQ(lines.number(), 2U);
    EXPECT_LE(lines.line().size(), 10U);
    ASSERT_EQ(lines.next(), step::line);
    EXPECT_EQ(lines.line(), "again");
    EXPECT_EQ(lines.next(), step::end);
}

}  // namespace
}  // namespace reprise::app
