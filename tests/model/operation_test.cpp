#include "reprise/model/operation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::model {
namespace {

operation_view post_orders()
{
    return {source::rrpair, operation_kind::server, "shop", "http", "POST", "/orders"};
}

TEST(operation, every_member_is_part_of_the_identity)
{
    const auto id = operation_id(post_orders());
    auto other = post_orders();
    other.source = source::span;
    EXPECT_NE(operation_id(other), id);
    other = post_orders();
    other.kind = operation_kind::client;
    EXPECT_NE(operation_id(other), id);
    other = post_orders();
    other.service = "radar";
    EXPECT_NE(operation_id(other), id);
    other = post_orders();
    other.protocol = "grpc";
    EXPECT_NE(operation_id(other), id);
    other = post_orders();
    other.method = "GET";
    EXPECT_NE(operation_id(other), id);
    other = post_orders();
    other.route = "/orders/{id}";
    EXPECT_NE(operation_id(other), id);
    EXPECT_EQ(operation_id(operation_key(post_orders()).view()), id);
}

TEST(operation, text_does_not_flow_from_one_member_into_the_next)
{
    auto one = post_orders();
    one.method = "POST/";
    one.route = "orders";
    auto two = post_orders();
    two.method = "POST";
    two.route = "/orders";
    EXPECT_NE(operation_id(one), operation_id(two));
}

TEST(operation, names_are_short_and_keep_whole_characters)
{
    EXPECT_EQ(operation_name(post_orders()), "POST /orders");
    operation_view query{source::span, operation_kind::db, "shop", "sql", "SELECT", "SELECT 1"};
    EXPECT_EQ(operation_name(query), "SELECT 1");

    const std::string route = std::string(119, 'a') + "\u00e9\u00e9\u00e9";
    query.route = route;
    EXPECT_EQ(operation_name(query), std::string(119, 'a') + "...");
}

}  // namespace
}  // namespace reprise::model
