#include "seeds.hpp"

#include "reprise/base/time_text.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using test::actor;
using test::json_of;
using test::running_api;
using test::seed;

constexpr std::int64_t minute_ns = 60 * ns_per_s;

TEST(time_range, signals_and_incidents_are_cut_to_when_they_came)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    seed(on);
    const std::int64_t now_ns = on.time().now_ns();
    const std::string before = format_rfc3339(now_ns - minute_ns);
    const std::string after = format_rfc3339(now_ns + minute_ns);

    for (const std::string list : {"/api/v1/signals", "/api/v1/incidents"}) {
        const auto found = [&](const std::string& query) {
            return json_of(on.call(who, "GET", list + "?" + query)).at("items").as_array().size();
        };
        const std::size_t all = found("");
        ASSERT_GT(all, 0U) << list;
        EXPECT_EQ(found("from=" + before + "&to=" + after), all) << list;
        EXPECT_EQ(found("from=" + after), 0U) << list;
        EXPECT_EQ(found("to=" + before), 0U) << list;
        EXPECT_EQ(found("from=&to="), all) << list;
    }
}

TEST(time_range, what_is_no_time_or_ends_before_it_begins_is_refused)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const std::string now = format_rfc3339(on.time().now_ns());

    for (const std::string list : {"/api/v1/signals", "/api/v1/incidents"}) {
        for (const std::string& wrong : {std::string("from=yesterday"), std::string("to=1700000000"),
                                         "from=" + now + "&to=" + now})
            EXPECT_EQ(on.call(who, "GET", list + "?" + wrong).status, 400) << list << wrong;
    }
}

}  // namespace
}  // namespace reprise::http
