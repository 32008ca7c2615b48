#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/suppressions.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;

constexpr const char* path = "/api/v1/suppressions";

std::string detail_of(const raw_answer& answer)
{
    return std::string(json_of(answer).at("detail").as_string());
}

std::string id_of(const raw_answer& answer)
{
    return std::string(json_of(answer).at("item").at("id").as_string());
}

std::vector<std::string> ids_of(const raw_answer& page)
{
    std::vector<std::string> ids;
    const auto body = json_of(page);
    for (const auto& item : body.at("items").as_array())
        ids.emplace_back(item.at("id").as_string());
    return ids;
}

TEST(suppressions, one_is_made_listed_and_lifted)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const auto all = seed(on);
    const std::string body = R"({"service":"checkout","kind":"latency","reason":"a load test","operation_id":")" +
                             model::span_to_hex(all.signal.operation_id) + R"(","until":")" +
                             format_rfc3339(test::t0 + 3600 * ns_per_s) + "\"}";

    const raw_answer made = on.call(who, "POST", path, body);

    ASSERT_EQ(made.status, 201) << made.body;
    const auto item = json_of(made).at("item");
    EXPECT_EQ(find_misfit(item, "Suppression"), "");
    EXPECT_EQ(item.at("state").as_string(), "active");
    EXPECT_EQ(item.at("operation").as_string(), "POST /orders");
    EXPECT_EQ(item.at("created_by").as_string(), "user:ada");
    EXPECT_EQ(item.at("hits").as_int64(), 0);
    const std::string id = id_of(made);
    EXPECT_EQ(ids_of(on.call(who, "GET", std::string(path) + "?state=active&service=checkout")),
              std::vector<std::string>{id});

    const raw_answer lifted = on.call(who, "DELETE", std::string(path) + "/" + id);
    ASSERT_EQ(lifted.status, 200) << lifted.body;
    EXPECT_EQ(json_of(lifted).at("item").at("state").as_string(), "lifted");
    EXPECT_EQ(json_of(lifted).at("item").at("lifted_by").as_string(), "user:ada");
    EXPECT_TRUE(ids_of(on.call(who, "GET", std::string(path) + "?state=active")).empty());
    EXPECT_EQ(ids_of(on.call(who, "GET", std::string(path) + "?state=lifted")), std::vector<std::string>{id});
    EXPECT_EQ(on.call(who, "GET", std::string(path) + "/" + id).status, 200) << "the row stays";
}

TEST(suppressions, lifting_twice_is_one_deed)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator,admin");
    seed(on);
    const std::string id = id_of(on.call(who, "POST", path, R"({"service":"checkout","reason":"known"})"));
    on.call(who, "DELETE", std::string(path) + "/" + id);
    EXPECT_EQ(on.call(who, "DELETE", std::string(path) + "/" + id).status, 200);

    const auto rows = json_of(on.call(who, "GET", "/api/v1/audit?action=suppression&order=newest")).at("items");
    ASSERT_EQ(rows.as_array().size(), 2U);
    EXPECT_EQ(rows.at(0).at("action").as_string(), "suppression.lift");
    EXPECT_EQ(rows.at(1).at("action").as_string(), "suppression.create");
    EXPECT_EQ(rows.at(1).at("object").as_string(), "suppression/" + id);
    EXPECT_EQ(rows.at(1).at("detail").at("reason").as_string(), "known");
}

TEST(suppressions, its_time_ends_it)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string until = format_rfc3339(test::t0 + 60 * ns_per_s);
    const std::string body = R"({"service":"checkout","reason":"known","until":")" + until + "\"}";
    const std::string id = id_of(on.call(who, "POST", path, body));
    on.time().advance_ns(60 * ns_per_s);
    EXPECT_EQ(ids_of(on.call(who, "GET", std::string(path) + "?state=expired")), std::vector<std::string>{id});
    EXPECT_TRUE(ids_of(on.call(who, "GET", std::string(path) + "?state=active")).empty());
}

TEST(suppressions, lists_go_page_by_page_newest_first)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    std::vector<std::string> made;
    for (int i = 0; i < 3; ++i) {
        on.time().advance_ns(ns_per_s);
        made.insert(made.begin(), id_of(on.call(who, "POST", path, R"({"service":"checkout","reason":"known"})")));
    }
    const raw_answer first = on.call(who, "GET", std::string(path) + "?limit=2");
    EXPECT_EQ(ids_of(first), (std::vector<std::string>{made[0], made[1]}));
    const std::string next(json_of(first).at("next").as_string());
    EXPECT_EQ(ids_of(on.call(who, "GET", std::string(path) + "?limit=2&after=" + next)),
              std::vector<std::string>{made[2]});
}

struct refused_suppression {
    std::string body;
    int status;
    const char* says;
};

TEST(suppressions, what_is_wrong_is_told)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const refused_suppression cases[] = {
        {R"({"service":"checkout"})", 400, "reason must be given"},
        {R"({"service":"checkout","reason":"   "})", 400, "reason must be given"},
        {R"({"service":"checkout","reason":"a\nb"})", 400, "control character"},
        {R"({"service":"checkout","reason":")" + std::string(501, 'x') + "\"}", 400, "limited to 500 bytes"},
        {R"({"service":"checkout","reason":7})", 400, "reason must be text"},
        {R"({"reason":"known"})", 400, "service must be given"},
        {R"({"service":"other","reason":"known"})", 404, "service other"},
        {R"({"service":"checkout","reason":"known","kind":"slow"})", 400, "\"slow\" is no signal kind"},
        {R"({"service":"checkout","reason":"known","operation_id":"12"})", 400, "16 hex digits"},
        {R"({"service":"checkout","reason":"known","operation_id":"00000000000000ff"})", 404,
         "operation 00000000000000ff of service checkout"},
        {R"({"service":"checkout","reason":"known","fingerprint":"AB"})", 400, "64 lower-case hex digits"},
        {R"({"service":"checkout","reason":"known","until":"soon"})", 400, "until must be a date-time"},
        {R"({"service":"checkout","reason":"known","until":"2001-01-01T00:00:00Z"})", 422, "over already"},
        {R"({"service":"checkout","reason":"known","for":"ever"})", 400, "no member \"for\""},
    };
    for (const refused_suppression& one : cases) {
        const raw_answer answer = on.call(who, "POST", path, one.body);
        EXPECT_EQ(answer.status, one.status) << one.body << " " << answer.body;
        EXPECT_NE(detail_of(answer).find(one.says), std::string::npos) << one.body << " " << detail_of(answer);
    }
    EXPECT_TRUE(ids_of(on.call(who, "GET", path)).empty());
    EXPECT_EQ(on.call(who, "GET", std::string(path) + "?state=asleep").status, 400);
    EXPECT_EQ(on.call(who, "GET", std::string(path) + "/" + test::missing_id).status, 404);
    EXPECT_EQ(on.call(who, "DELETE", std::string(path) + "/" + test::missing_id).status, 404);
    const actor eve = on.sign_in("eve", "viewer");
    EXPECT_EQ(on.call(eve, "POST", path, R"({"service":"checkout","reason":"known"})").status, 403);
}

TEST(suppressions, a_service_has_at_most_a_hundred_that_stand)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    on.write([](store::transaction& tx) -> result<void> {
        for (std::uint64_t i = 0; i < store::suppressions_standing_max; ++i) {
            model::suppression one;
            one.id = make_ulid(test::t0);
            one.service = "checkout";
            one.reason = "known";
            if (auto kept = store::insert_suppression(tx, one, test::t0); !kept)
                return kept;
        }
        return {};
    }).value();

    const raw_answer refused = on.call(who, "POST", path, R"({"service":"checkout","reason":"one more"})");

    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "too_many_suppressions");
    EXPECT_EQ(on.numbers().add_counter("reprise_suppressions_refused_total", "").value(), 1U);
}

TEST(suppressions, signals_name_what_keeps_them_quiet_and_are_chosen_by_it)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const auto all = seed(on);
    auto quiet = all.signal;
    quiet.id = make_ulid(test::t0);
    quiet.suppressed_by = "01SUPPRESSION";
    on.write([&](store::transaction& tx) { return store::insert_signal(tx, quiet, test::t0); }).value();

    const raw_answer hidden = on.call(who, "GET", "/api/v1/signals?suppressed=true");
    EXPECT_EQ(ids_of(hidden), std::vector<std::string>{quiet.id});
    const auto item = json_of(hidden).at("items").at(0);
    EXPECT_EQ(item.at("suppressed_by").as_string(), "01SUPPRESSION");
    EXPECT_EQ(find_misfit(item, "Signal"), "");
    EXPECT_EQ(ids_of(on.call(who, "GET", "/api/v1/signals?suppressed=false")),
              std::vector<std::string>{all.signal.id});
    EXPECT_EQ(ids_of(on.call(who, "GET", "/api/v1/signals")).size(), 2U);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/signals?suppressed=maybe").status, 400);
}

}  // namespace
}  // namespace reprise::http
