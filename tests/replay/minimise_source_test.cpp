#include "builders.hpp"

#include "reprise/replay/minimise.hpp"

#include <gtest/gtest.h>

namespace reprise::replay {
namespace {

using namespace test;

// A login, a created order with its id in Location, a look at it, and something that needs neither.
std::vector<model::exchange> make_session()
{
    std::vector<model::exchange> all = {
        make_exchange("POST", "/login", 201), make_exchange("POST", "/orders", 201),
        make_exchange("GET", "/health", 200), make_exchange("GET", "/orders/82734651/items", 500)};
    std::int64_t at_ns = 1'000'000'000;
    for (model::exchange& one : all) {
        one.start_ns = at_ns;
        one.duration_ns = 5 * ns_per_ms;
        at_ns += 100 * ns_per_ms;
    }
    all[0].response_headers = {{"Content-Type", "application/json"}};
    all[0].response_body =
        R"({"session":{"token":"f81d4fae7dec11d0a76500a0c91e6bf6","list":[{"csrf":"Zx81-kLm92_Qq7"}]}})";
    all[1].request_headers = {{"Authorization", "Bearer f81d4fae7dec11d0a76500a0c91e6bf6"}};
    all[1].response_headers = {{"Location", "/orders/82734651"}};
    all[3].request_headers = {
        {"Authorization", "Bearer f81d4fae7dec11d0a76500a0c91e6bf6"}, {"Cookie", "lang=en; csrf=Zx81-kLm92_Qq7"}};
    return all;
}

TEST(minimise_source, knows_which_requests_need_which)
{
    const auto source = make_minimise_source(make_session(), std::vector<bool>(4, true), 3, "status==500");

    ASSERT_EQ(source.needs.size(), 4U);
    EXPECT_TRUE(source.needs[0].empty());
    EXPECT_EQ(source.needs[1], std::vector<std::uint32_t>{0});
    EXPECT_TRUE(source.needs[2].empty());
    EXPECT_NE(std::find(source.needs[3].begin(), source.needs[3].end(), 0U), source.needs[3].end());
    EXPECT_NE(std::find(source.needs[3].begin(), source.needs[3].end(), 1U), source.needs[3].end());
}

TEST(minimise_source, puts_markers_where_values_of_this_run_go)
{
    const auto source = make_minimise_source(make_session(), std::vector<bool>(4, true), 3, "status==500");
    scenario all = source.all;

    ASSERT_EQ(all.values.size(), 3U);
    for (const carried_value& value : source.all.values) {
        const std::string fresh = value.from == 1 ? "17" : value.name == "/session/token" ? "new-token" : "new-csrf";
        for (scenario_request& one : all.requests)
            put_value(one, value.marker, fresh);
    }
    EXPECT_EQ(model::find_header(all.requests[1].headers, "authorization"), "Bearer new-token");
    EXPECT_EQ(model::find_header(all.requests[3].headers, "authorization"), "Bearer new-token");
    EXPECT_EQ(model::find_header(all.requests[3].headers, "cookie"), "csrf=new-csrf");
    EXPECT_EQ(all.requests[3].path, "/orders/17/items");
    EXPECT_EQ(all.requests[2].path, "/health");
}

// In a bundle a secret's token has the type of the place it stands in.
TEST(minimise_source, carries_on_what_redaction_replaced)
{
    auto session = make_session();
    session[0].response_body = R"({"access_token":"<token:9f86d081................>"})";
    session[3].request_headers = {{"Authorization", "Bearer <auth:9f86d081...........>"}};
    session.erase(session.begin() + 1);
    const auto source = make_minimise_source(session, std::vector<bool>(3, true), 2, "status==500");

    ASSERT_EQ(source.all.values.size(), 1U);
    scenario all = source.all;
    put_value(all.requests[2], all.values[0].marker, "new");
    EXPECT_EQ(model::find_header(all.requests[2].headers, "authorization"), "Bearer new");
}

TEST(minimise_source, sends_what_was_captured_when_the_answer_is_not_asked_for)
{
    const auto source = make_minimise_source(make_session(), std::vector<bool>(4, true), 3, "status==500");
    const scenario alone = keep_requests(source.all, {false, false, false, true});

    EXPECT_TRUE(alone.values.empty());
    EXPECT_EQ(alone.requests[0].path, "/orders/82734651/items");
}

TEST(minimise_source, judges_the_answers_it_is_told_to)
{
    const auto source = make_minimise_source(make_session(), {false, false, false, true}, 3, "status==500");

    EXPECT_FALSE(source.all.requests[0].watched);
    EXPECT_TRUE(source.all.requests[3].watched);
    EXPECT_EQ(source.all.pacing, pacing::recorded);
    EXPECT_EQ(source.all.requests[3].at_ns, 300 * ns_per_ms);
}

}  // namespace
}  // namespace reprise::replay
