#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/store/audit.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

constexpr std::int64_t hour_ns = 3600 * ns_per_s;

std::string in(running_api& on, std::int64_t ns, const std::string& more = {})
{
    return R"({"until":")" + format_rfc3339(on.time().now_ns() + ns) + "\"" + more + "}";
}

std::string of_approval(const seeded& all, const std::string& rest = {})
{
    return "/api/v1/approvals/" + all.approval.id + rest;
}

std::string of_incident(const seeded& all, const std::string& rest = {})
{
    return "/api/v1/incidents/" + all.incident.id + rest;
}

std::vector<std::string> audited(running_api& on)
{
    std::vector<std::string> actions;
    const auto rows = on.store().read_blocking([](store::reader& r) { return store::list_audit(r, 0, 100); }).value();
    for (const store::audit_row& row : rows)
        actions.push_back(row.entry.action);
    return actions;
}

void sweep(running_api& on)
{
    on.write([&](store::transaction& tx) { return runs::sweep_approvals(tx, {}, on.time().now_ns()); }).value();
}

TEST(approval_snoozes, follow_the_person_and_nobody_else)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,approver");
    const actor bo = on.sign_in("bo", "viewer,approver");
    const seeded all = seed(on);
    const raw_answer kept = on.call(ada, "POST", of_approval(all, "/snooze"), in(on, hour_ns));
    ASSERT_EQ(kept.status, 200) << kept.body;
    const auto item = json_of(kept).at("item");
    EXPECT_EQ(find_misfit(item, "ApprovalSnoozed"), "");
    EXPECT_FALSE(item.at("expires_first").as_bool());

    const auto rows = [&](const actor& who) {
        return json_of(on.call(who, "GET", "/api/v1/approvals/snoozes")).at("items").as_array().size();
    };
    EXPECT_EQ(rows(ada), 1U);
    EXPECT_EQ(rows(bo), 0U);
    const auto mine = json_of(on.call(ada, "GET", "/api/v1/approvals?mine=true")).at("items").at(0);
    EXPECT_EQ(mine.at("snoozed_until"), item.at("until"));
    EXPECT_EQ(mine.at("proof").at("trials_shown").as_int64(), 1);
    EXPECT_EQ(mine.at("proof").at("trials_planned").as_int64(), 5);
    EXPECT_TRUE(json_of(on.call(ada, "GET", of_approval(all))).at("item").as_object().contains("snoozed_until"));
    EXPECT_FALSE(json_of(on.call(bo, "GET", of_approval(all))).at("item").as_object().contains("snoozed_until"));

    on.time().advance_ns(hour_ns);
    EXPECT_EQ(rows(ada), 0U) << "it comes back by itself";
    EXPECT_EQ(audited(on), std::vector<std::string>{"approval.snooze"});
}

TEST(approval_snoozes, end_by_hand)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,approver");
    const seeded all = seed(on);
    ASSERT_EQ(on.call(ada, "POST", of_approval(all, "/snooze"), in(on, hour_ns)).status, 200);
    EXPECT_EQ(on.call(ada, "DELETE", of_approval(all, "/snooze")).status, 204);
    EXPECT_EQ(on.call(ada, "DELETE", of_approval(all, "/snooze")).status, 404);
    EXPECT_TRUE(json_of(on.call(ada, "GET", "/api/v1/approvals/snoozes")).at("items").as_array().empty());
}

TEST(approval_snoozes, say_when_the_expiry_comes_first)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,approver");
    const seeded all = seed(on);
    const raw_answer kept = on.call(ada, "POST", of_approval(all, "/snooze"), in(on, 48 * hour_ns));
    ASSERT_EQ(kept.status, 200) << kept.body;
    EXPECT_TRUE(json_of(kept).at("item").at("expires_first").as_bool());
    const auto until_ns = parse_rfc3339(json_of(kept).at("item").at("until").as_string()).value();
    EXPECT_LT(until_ns, all.approval.expires_ns);

    on.time().advance_ns(all.approval.expires_ns - on.time().now_ns() - 60 * ns_per_s);
    const actor again = on.sign_in("cy", "viewer,approver");
    const raw_answer refused = on.call(again, "POST", of_approval(all, "/snooze"), in(on, hour_ns));
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "expires_first");
}

TEST(approval_snoozes, refuse_what_they_cannot_be_with_a_reason)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,approver");
    const seeded all = seed(on);
    const auto code = [&](const std::string& body) {
        return code_of(on.call(ada, "POST", of_approval(all, "/snooze"), body));
    };
    EXPECT_EQ(code(R"({"until":"tomorrow"})"), "bad_request");
    EXPECT_EQ(code("{}"), "bad_request");
    EXPECT_EQ(code(in(on, -1 * ns_per_s)), "time_passed");
    EXPECT_EQ(
        on.call(ada, "POST", "/api/v1/approvals/" + test::missing_id + "/snooze", in(on, hour_ns)).status, 404
    );
    const std::string reject = R"({"comment":"no","content_hash":")" + all.approval.content_hash + "\"}";
    ASSERT_EQ(on.call(ada, "POST", of_approval(all, "/reject"), reject).status, 200);
    EXPECT_EQ(code(in(on, hour_ns)), "already_decided");
}

TEST(incident_snoozes, hide_it_with_a_reason_until_their_time_is_up)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,operator");
    const seeded all = seed(on);
    const auto listed = [&](const std::string& query) {
        return json_of(on.call(ada, "GET", "/api/v1/incidents?" + query)).at("items").as_array().size();
    };
    EXPECT_EQ(listed("open=true&snoozed=false"), 1U);
    const raw_answer kept = on.call(
        ada, "POST", of_incident(all, "/snooze"), in(on, hour_ns, R"(,"reason":"the owner is told")"),
        "If-Match: \"1\"\r\n"
    );
    ASSERT_EQ(kept.status, 200) << kept.body;
    const auto item = json_of(kept).at("item");
    EXPECT_EQ(find_misfit(item, "Incident"), "");
    EXPECT_EQ(item.at("snooze_reason").as_string(), "the owner is told");
    EXPECT_EQ(item.at("snoozed_by").as_string(), "ada");
    EXPECT_EQ(listed("open=true&snoozed=false"), 0U);
    EXPECT_EQ(listed("open=true&snoozed=true"), 1U);
    EXPECT_EQ(listed("open=true"), 1U) << "who asks for nothing gets everything";
    EXPECT_TRUE(json_of(on.call(ada, "GET", "/api/v1/overview")).at("item").at("worst_incidents").as_array().empty());

    on.time().advance_ns(hour_ns);
    sweep(on);
    EXPECT_EQ(listed("open=true&snoozed=false"), 1U);
    const auto timeline = json_of(on.call(ada, "GET", of_incident(all, "/timeline"))).at("items").as_array();
    ASSERT_EQ(timeline.size(), 3U);
    EXPECT_EQ(timeline[1].at("actor").as_string(), "user:ada");
    EXPECT_EQ(timeline[2].at("why").as_string(), "the snooze is over");
    EXPECT_FALSE(json_of(on.call(ada, "GET", of_incident(all))).at("item").as_object().contains("snoozed_until"));
    EXPECT_EQ(audited(on), std::vector<std::string>{"incident.snooze"});
}

TEST(incident_snoozes, are_for_operators_who_saw_the_present_version_and_say_why)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,operator");
    const actor bo = on.sign_in("bo", "viewer,approver");
    const seeded all = seed(on);
    const std::string good = in(on, hour_ns, R"(,"reason":"r")");
    EXPECT_EQ(on.call(bo, "POST", of_incident(all, "/snooze"), good).status, 403);
    EXPECT_EQ(on.call(ada, "POST", of_incident(all, "/snooze"), good, "If-Match: \"7\"\r\n").status, 412);
    EXPECT_EQ(code_of(on.call(ada, "POST", of_incident(all, "/snooze"), in(on, hour_ns))), "comment_required");
    EXPECT_EQ(
        code_of(on.call(ada, "POST", of_incident(all, "/snooze"), in(on, 31 * 24 * hour_ns, R"(,"reason":"r")"))),
        "too_far"
    );
    EXPECT_EQ(code_of(on.call(ada, "DELETE", of_incident(all, "/snooze"))), "not_snoozed");
    ASSERT_EQ(on.call(ada, "POST", of_incident(all, "/snooze"), good).status, 200);
    EXPECT_EQ(on.call(ada, "DELETE", of_incident(all, "/snooze")).status, 200);
}

TEST(assignments, hand_an_incident_over_and_back_and_filter_the_list)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,operator");
    const actor bo = on.sign_in("bo", "viewer");
    const seeded all = seed(on);
    const auto listed = [&](const std::string& whose) {
        return json_of(on.call(ada, "GET", "/api/v1/incidents?assigned=" + whose)).at("items").as_array().size();
    };
    EXPECT_EQ(listed("none"), 1U);
    const raw_answer given = on.call(ada, "POST", of_incident(all, "/assign"), R"({"user":"ada"})");
    ASSERT_EQ(given.status, 200) << given.body;
    EXPECT_EQ(json_of(given).at("item").at("assigned_to").as_string(), "ada");
    EXPECT_EQ(listed("me"), 1U);
    EXPECT_EQ(listed("ada"), 1U);
    EXPECT_EQ(listed("none"), 0U);

    const auto code = [&](const std::string& body) {
        return code_of(on.call(ada, "POST", of_incident(all, "/assign"), body));
    };
    EXPECT_EQ(code(R"({"user":"ada"})"), "unchanged");
    EXPECT_EQ(code(R"({"user":"bo"})"), "refused") << "a viewer cannot act on it";
    EXPECT_EQ(code(R"({"user":"nobody"})"), "refused");
    EXPECT_EQ(code("{}"), "bad_request");
    EXPECT_EQ(on.call(bo, "POST", of_incident(all, "/assign"), R"({"user":""})").status, 403);
    EXPECT_EQ(on.call(ada, "POST", of_incident(all, "/assign"), R"({"user":""})").status, 200);
    const auto detail = json_of(on.call(ada, "GET", of_incident(all))).at("item");
    EXPECT_EQ(detail.at("assignable").as_array().size(), 1U);
    EXPECT_EQ(audited(on), (std::vector<std::string>{"incident.assign", "incident.assign"}));
}

TEST(void_approvals, say_why_and_what_is_asked_instead)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer,operator,approver");
    const seeded all = seed(on);
    on.write([&](store::transaction& tx) -> result<void> {
        auto old = *store::find_approval(tx, all.approval.id).value();
        old.state = model::approval_state::voided;
        old.void_reason = "the severity is critical now";
        if (auto saved = store::save_approval(tx, old, old.version, on.time().now_ns()); !saved)
            return saved;
        on.time().advance_ns(ns_per_s);
        model::approval next = all.approval;
        next.id = make_ulid(on.time().now_ns());
        return store::insert_approval(tx, next);
    }).value();
    const auto item = json_of(on.call(ada, "GET", of_approval(all))).at("item");
    EXPECT_EQ(find_misfit(item, "ApprovalDetail"), "");
    EXPECT_EQ(item.at("void_reason").as_string(), "the severity is critical now");
    EXPECT_NE(item.at("replaced_by").as_string(), all.approval.id);
}

}  // namespace
}  // namespace reprise::http
