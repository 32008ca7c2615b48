#include "../../server/pipeline/overflow_routes.hpp"

#include <gtest/gtest.h>

namespace reprise::pipeline {
namespace {

model::operation_view make_operation(std::string_view route)
{
    model::operation_view made;
    made.service = "shop";
    made.method = "GET";
    made.route = route;
    return made;
}

TEST(overflow_routes, lists_the_most_frequent_first_and_starts_anew)
{
    overflow_routes routes;
    routes.add(make_operation("/a"), 3);
    routes.add(make_operation("/b"), 5);
    routes.add(make_operation("/a"), 4);

    const auto listed = routes.take();

    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].operation.route, "/a");
    EXPECT_EQ(listed[0].records, 7U);
    EXPECT_EQ(listed[1].records, 5U);
    EXPECT_TRUE(routes.take().empty());
}

TEST(overflow_routes, keeps_frequent_ones_among_many_that_come_once_and_never_counts_too_much)
{
    overflow_routes routes;
    for (int i = 0; i < 1000; ++i) {
        routes.add(make_operation("/user/" + std::to_string(i) + "/page"), 1);
        if (i % 4 == 0)
            routes.add(make_operation("/frequent"), 1);
    }

    const auto listed = routes.take();

    ASSERT_EQ(listed.size(), overflow_routes::routes_max);
    EXPECT_EQ(listed[0].operation.route, "/frequent");
    std::uint64_t records = 0;
    for (const overflowed_route& one : listed)
        records += one.records;
    EXPECT_LE(records, 1250U);
}

TEST(overflow_routes, cuts_long_routes)
{
    overflow_routes routes;
    routes.add(make_operation(std::string(10'000, 'x')), 1);
    EXPECT_EQ(routes.take().at(0).operation.route.size(), overflow_routes::text_bytes_max);
}

}  // namespace
}  // namespace reprise::pipeline
