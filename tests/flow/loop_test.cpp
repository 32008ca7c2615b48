#include "flow_server.hpp"

#include "reprise/telemetry/rrpair.hpp"
#include "support/traffic.hpp"

#include <boost/json/object.hpp>

#include <fstream>
#include <iterator>

namespace reprise::flow {
namespace {

namespace json = boost::json;

constexpr std::int64_t second = 1'000'000'000;
constexpr const char* good_body = R"({"sku":"A-1","discount_code":"SPRING"})";
constexpr const char* bad_body = R"({"sku":"A-1","discount_code":null})";

// Fails exactly the orders without a discount code, as the captured service did.
int shop(const net::request& req)
{
    return req.body.find("null") != std::string::npos ? 500 : 200;
}

// A minute of good orders, then ten seconds in which most orders fail. Ends two minutes ago.
std::vector<support::call> outage()
{
    std::uint64_t trace = 0;
    const std::int64_t from = system_clock().now_ns() - 200 * second;
    auto calls = support::make_calls(from, 60, 20, trace, [](support::call& one, int) { one.body = good_body; });
    const auto bad = support::make_calls(from + 60 * second, 10, 20, trace, [](support::call& one, int i) {
        const bool fails = i % 4 != 0;
        one.status = fails ? 500 : 200;
        one.body = fails ? bad_body : good_body;
    });
    calls.insert(calls.end(), bad.begin(), bad.end());
    return calls;
}

class loop : public flow_test {
protected:
    void send_outage()
    {
        const auto exchanges = support::to_exchanges(outage());
        ASSERT_EQ(send_logs(telemetry::encode_logs_request(exchanges)), 200);
    }

    // The one incident, once `done` holds for it.
    json::value wait_for_incident(const std::string& what, const std::function<bool(const json::value&)>& done)
    {
        const auto list = admin().wait_for("/incidents", what, [&done](const json::value& page) {
            const auto& items = page.at("items").as_array();
            return !items.empty() && done(items.front());
        });
        return list.at("items").as_array().front();
    }

    json::value wait_for_status(const std::string& status)
    {
        return wait_for_incident("incident " + status, [&status](const json::value& incident) {
            return incident.at("status").as_string() == status;
        });
    }

    json::value wait_for_pending_approval()
    {
        const auto any = [](const json::value& all) { return !all.at("items").as_array().empty(); };
        const auto page = admin().wait_for("/approvals?state=pending", "a pending approval", any);
        return page.at("items").as_array().front();
    }

    // A retry needs a new run: the first one stopped because there was no target.
    void reproduce_against(const std::string& url, const std::string& last_good = {})
    {
        const auto incident = wait_for_status("needs_human");
        set_target("shop", url, last_good);
        const std::string id(incident.at("id").as_string());
        const auto asked = admin().post("/incidents/" + id + "/reproduce", json::object{{"comment", "target added"}});
        ASSERT_EQ(asked.status, 200) << asked.body;
    }
};

TEST_F(loop, runs_from_telemetry_to_a_released_ticket)
{
    target_service target(shop);
    start({target.url()});
    send_outage();
    const auto stopped = wait_for_status("needs_human");
    EXPECT_EQ(stopped.at("reason").as_string(), "no_target");
    reproduce_against(target.url());

    const auto approval = wait_for_pending_approval();
    const std::string id(approval.at("id").as_string());
    const std::string hash(approval.at("content_hash").as_string());
    const auto run = admin().get("/runs/" + std::string(approval.at("run_id").as_string())).json().at("item");
    EXPECT_EQ(run.at("state").as_string(), "waiting_approval");
    EXPECT_EQ(run.at("verdict").as_string(), "reproduced");
    EXPECT_EQ(run.at("result").at("trials").as_array().size(), 5U);
    EXPECT_FALSE(std::filesystem::exists(data_dir_ / "tickets")) << "nothing may exist before the release";

    const auto released = admin().post(
        "/approvals/" + id + "/approve",
        json::object{{"content_hash", hash}, {"comment", "go"}, {"confirm", hash.substr(0, 8)}}
    );
    // CRITICAL is refused to the person who asked for the run; then two others decide.
    if (approval.at("risk").as_string() == "critical") {
        EXPECT_EQ(released.code(), "self_review");
        for (const char* name : {"lead", "sre"}) {
            auto approver = add_person(name, {"viewer", "approver"});
            const auto given = approver->post(
                "/approvals/" + id + "/approve",
                json::object{{"content_hash", hash}, {"comment", "go"}, {"confirm", hash.substr(0, 8)}}
            );
            EXPECT_EQ(given.status, 200) << given.body;
        }
    } else {
        EXPECT_EQ(released.status, 200) << released.body;
    }

    const auto submitted = wait_for_status("submitted");
    const auto publications = admin().get("/publications").json().at("items").as_array();
    ASSERT_EQ(publications.size(), 1U);
    EXPECT_EQ(publications[0].at("state").as_string(), "published");
    std::ifstream ticket(data_dir_ / std::string(publications[0].at("url").as_string()));
    const std::string text{std::istreambuf_iterator<char>(ticket), {}};
    EXPECT_NE(text.find("5 of 5"), std::string::npos) << text;
    EXPECT_NE(text.find("curl"), std::string::npos) << text;
    EXPECT_EQ(text.find("user@example.test"), std::string::npos);

    const json::object once_more{{"content_hash", hash}, {"comment", "x"}};
    const auto again = admin().post("/approvals/" + id + "/approve", once_more);
    EXPECT_EQ(again.status, 409) << again.body;
    EXPECT_TRUE(admin().get("/audit/verify").json().at("item").at("ok").as_bool());
}

TEST_F(loop, tells_a_regression_by_the_last_good_target)
{
    target_service target(shop);
    target_service last_good([](const net::request&) { return 200; });
    start({target.url(), last_good.url()});
    send_outage();
    reproduce_against(target.url(), last_good.url());

    const auto approval = wait_for_pending_approval();
    const auto run = admin().get("/runs/" + std::string(approval.at("run_id").as_string())).json().at("item");
    EXPECT_EQ(run.at("verdict").as_string(), "reproduced");
    EXPECT_EQ(run.at("result").at("last_good_target").as_string(), last_good.url());
    EXPECT_EQ(run.at("result").at("trials").at(0).at("last_good_k").to_number<int>(), 0);
    EXPECT_EQ(last_good.requests(), 50U);
    EXPECT_EQ(target.requests(), 100U);
}

TEST_F(loop, what_the_last_good_target_shows_as_well_is_not_reproduced)
{
    target_service target(shop);
    target_service last_good(shop);
    start({target.url(), last_good.url()});
    send_outage();
    reproduce_against(target.url(), last_good.url());
    const auto incident = wait_for_incident("a verdict", [](const json::value& one) {
        return one.at("status").as_string() == "needs_human" && one.at("reason").as_string() != "no_target";
    });
    EXPECT_EQ(incident.at("reason").as_string(), "inconclusive");
    EXPECT_EQ(last_good.requests(), 50U);
}

TEST_F(loop, a_target_that_fails_everything_is_never_reproduced)
{
    target_service target([](const net::request&) { return 500; });
    start({target.url()});
    send_outage();
    reproduce_against(target.url());
    const auto incident = wait_for_incident("a verdict", [](const json::value& one) {
        return one.at("status").as_string() == "needs_human" && one.at("reason").as_string() != "no_target";
    });
    EXPECT_EQ(incident.at("reason").as_string(), "inconclusive");
    EXPECT_GT(target.requests(), 0U);
}

TEST_F(loop, a_target_that_is_well_is_not_reproduced)
{
    target_service target([](const net::request&) { return 200; });
    start({target.url()});
    send_outage();
    reproduce_against(target.url());
    const auto incident = wait_for_incident("a verdict", [](const json::value& one) {
        return one.at("status").as_string() == "needs_human" && one.at("reason").as_string() != "no_target";
    });
    EXPECT_EQ(incident.at("reason").as_string(), "not_reproduced");
}

TEST_F(loop, replayed_traffic_never_feeds_detection)
{
    start({});
    send_outage();
    wait_for_status("needs_human");
    wait_until_committed();
    const auto incident = wait_for_status("needs_human");
    const auto before = incident.at("occurrences").to_number<std::uint64_t>();
    const auto services = admin().get("/services/shop").json().at("item");

    // The service reports the replay as it reports everything: with the header, later than the outage.
    auto calls = outage();
    for (support::call& one : calls) {
        one.replayed = true;
        one.start_ns += 80 * second;
        one.status = 500;
    }
    const auto exchanges = support::to_exchanges(calls);
    ASSERT_EQ(send_logs(telemetry::encode_logs_request(exchanges)), 200);
    const std::string dropped = "reprise_stream_records_dropped_total{reason=\"replayed\"}";
    for (int i = 0; i < 1000 && metric(dropped) < static_cast<double>(calls.size()); ++i) {
    }
    EXPECT_EQ(metric(dropped), static_cast<double>(calls.size()));
    wait_until_committed();

    EXPECT_EQ(admin().get("/incidents").json().at("items").as_array().size(), 1U);
    const auto after = admin().get("/incidents").json().at("items").at(0).at("occurrences").to_number<std::uint64_t>();
    EXPECT_EQ(after, before);
    const auto records = admin().get("/services/shop").json().at("item").at("records").to_number<std::uint64_t>();
    EXPECT_EQ(records, services.at("records").to_number<std::uint64_t>());
}

TEST_F(loop, a_reject_needs_a_comment_and_ends_the_incident)
{
    target_service target(shop);
    start({target.url()});
    send_outage();
    reproduce_against(target.url());
    const auto approval = wait_for_pending_approval();
    const std::string path = "/approvals/" + std::string(approval.at("id").as_string());
    const std::string hash(approval.at("content_hash").as_string());

    auto lead = add_person("lead", {"viewer", "approver"});  // Whoever started the run may not decide CRITICAL.
    const auto silent = lead->post(path + "/reject", json::object{{"content_hash", hash}});
    EXPECT_EQ(silent.code(), "comment_required") << silent.body;
    const json::object other{{"content_hash", std::string(64, '0')}, {"comment", "no"}};
    const auto stale = lead->post(path + "/reject", other);
    EXPECT_EQ(stale.code(), "hash_mismatch") << stale.body;
    auto viewer = add_person("viewer", {"viewer"});
    EXPECT_EQ(viewer->post(path + "/reject", json::object{{"content_hash", hash}, {"comment", "no"}}).status, 403);

    const json::object spoken{{"content_hash", hash}, {"comment", "known, fixed"}};
    const auto rejected = lead->post(path + "/reject", spoken);
    EXPECT_EQ(rejected.status, 200) << rejected.body;
    wait_for_status("rejected");
    EXPECT_FALSE(std::filesystem::exists(data_dir_ / "tickets"));
}

TEST_F(loop, what_was_decided_survives_a_restart)
{
    target_service target(shop);
    start({target.url()});
    send_outage();
    reproduce_against(target.url());
    const auto approval = wait_for_pending_approval();
    restart();
    const auto again = wait_for_pending_approval();
    EXPECT_EQ(again.at("id").as_string(), approval.at("id").as_string());
    EXPECT_EQ(again.at("content_hash").as_string(), approval.at("content_hash").as_string());
}

}  // namespace
}  // namespace reprise::flow
