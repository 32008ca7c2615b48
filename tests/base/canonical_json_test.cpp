#include "reprise/base/canonical_json.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(canonical_json, sorts_keys_at_every_depth_and_drops_white_space)
{
    const auto value = boost::json::parse(R"({ "b": 1, "a": { "z": [ {"y":2,"x":1} ], "c": null } })");
    EXPECT_EQ(canonical_json(value), R"({"a":{"c":null,"z":[{"x":1,"y":2}]},"b":1})");
}

TEST(canonical_json, keeps_the_order_of_arrays)
{
    EXPECT_EQ(canonical_json(boost::json::parse("[3, 1, 2]")), "[3,1,2]");
}

TEST(canonical_json, escapes_keys_and_text)
{
    boost::json::object object;
    object["a\"b"] = "line\nbreak";
    EXPECT_EQ(canonical_json(object), R"({"a\"b":"line\nbreak"})");
}

}  // namespace
}  // namespace reprise
