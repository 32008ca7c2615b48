#include "../../server/pipeline/operation_index.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::pipeline {
namespace {

model::operation_view get(std::string_view route)
{
    return {model::source::span, model::operation_kind::server, "shop", "http", "GET", route};
}

TEST(operation_index, finds_what_was_added_and_nothing_else)
{
    operation_index index;
    EXPECT_EQ(index.find(7), nullptr);
    // Ids that want the same place, too.
    for (std::uint32_t slot = 0; slot < 1000; ++slot) {
        const std::string route = "/" + std::to_string(slot);
        index.add(std::uint64_t{slot} << (slot % 3 == 0 ? 32 : 0), get(route), {slot});
    }
    for (std::uint32_t slot = 0; slot < 1000; ++slot) {
        const auto* const found = index.find(std::uint64_t{slot} << (slot % 3 == 0 ? 32 : 0));
        ASSERT_NE(found, nullptr) << slot;
        EXPECT_EQ(found->place.slot, slot);
        EXPECT_TRUE(found->is_same(get("/" + std::to_string(slot))));
    }
    EXPECT_EQ(index.find(1'000'000), nullptr);
}

TEST(operation_index, tells_two_operations_with_one_id_apart)
{
    operation_index index;
    index.add(0, get("/a"), {1});
    const auto* const found = index.find(0);
    ASSERT_NE(found, nullptr);
    EXPECT_TRUE(found->is_same(get("/a")));
    EXPECT_FALSE(found->is_same(get("/b")));
    model::operation_view other = get("/a");
    other.method = "PUT";
    EXPECT_FALSE(found->is_same(other));
    other = get("/a");
    other.kind = model::operation_kind::client;
    EXPECT_FALSE(found->is_same(other));
}

}  // namespace
}  // namespace reprise::pipeline
