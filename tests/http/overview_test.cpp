#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/store/deployments.hpp"
#include "reprise/store/service_windows.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using test::actor;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

boost::json::object overview_of(running_api& on, const actor& who)
{
    return json_of(on.call(who, "GET", "/api/v1/overview")).at("item").as_object();
}

void add_window(
    running_api& on, const std::string& service, std::int64_t ago_ns, std::uint64_t requests, std::int64_t lag_ns
)
{
    const std::int64_t start_ns = on.time().now_ns() - ago_ns;
    const store::service_window row{service, start_ns, 60 * ns_per_s, requests, 2, 30 * ns_per_ms, lag_ns};
    on.write([&](store::transaction& tx) { return store::save_service_window(tx, row); }).value();
}

TEST(overview, draws_the_busiest_services_of_the_last_hour_with_what_was_deployed)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    seed(on);
    for (int i = 0; i < 8; ++i)
        add_window(on, "service " + std::to_string(i), 60 * ns_per_s, 100 + static_cast<std::uint64_t>(i), ns_per_ms);
    add_window(on, "checkout", 120 * ns_per_s, 900, ns_per_ms);
    add_window(on, "checkout", 60 * ns_per_s, 500, ns_per_ms);
    add_window(on, "forgotten", 2 * 3600 * ns_per_s, 10'000, ns_per_ms);
    model::deployment deployed;
    deployed.service = "checkout";
    deployed.version = "2.4.1";
    deployed.at_ns = on.time().now_ns() - 90 * ns_per_s;
    const auto report = [&](store::transaction& tx) {
        return store::report_deployment(tx, deployed, on.time().now_ns());
    };
    on.write(report).value();

    const auto overview = overview_of(on, who);
    EXPECT_EQ(find_misfit(overview, "Overview"), "");
    const auto& busy = overview.at("busy").as_array();
    ASSERT_EQ(busy.size(), 6U);
    EXPECT_EQ(busy[0].at("service").as_string(), "checkout");
    EXPECT_EQ(busy[0].at("requests").as_int64(), 1400);
    EXPECT_EQ(busy[0].at("points").as_array().size(), 2U);
    EXPECT_EQ(busy[0].at("points").at(0).at("requests").as_int64(), 900) << "oldest first";
    EXPECT_EQ(busy[0].at("points").at(0).at("p95_ms").as_double(), 30.0);
    ASSERT_EQ(busy[0].at("marks").as_array().size(), 1U);
    EXPECT_EQ(busy[0].at("marks").at(0).at("text").as_string(), "2.4.1");
    EXPECT_EQ(busy[1].at("service").as_string(), "service 7");
}

TEST(overview, says_how_late_windows_are_and_nothing_while_there_is_none)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    EXPECT_FALSE(overview_of(on, who).contains("lag"));
    for (int i = 1; i <= 20; ++i)
        add_window(on, "s" + std::to_string(i), 60 * ns_per_s, 1, i * ns_per_ms);
    const auto overview = overview_of(on, who);
    EXPECT_EQ(overview.at("lag").at("p50_ms").as_double(), 10.0);
    EXPECT_EQ(overview.at("lag").at("p95_ms").as_double(), 19.0);
    EXPECT_EQ(overview.at("lag").at("windows").as_int64(), 20);
}

TEST(overview, counts_the_queue_dead_letters_and_what_is_snoozed)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    on.time().advance_ns(ns_per_s);
    for (const auto state : {model::run_state::queued, model::run_state::leased, model::run_state::dead_letter}) {
        auto run = all.run;
        run.id = make_ulid(on.time().now_ns());
        run.state = state;
        run.created_ns = on.time().now_ns();
        on.write([&run](store::transaction& tx) { return store::enqueue_run(tx, run); }).value();
    }
    on.write([&](store::transaction& tx) -> result<void> {
        auto incident = *store::find_incident(tx, all.incident.id).value();
        incident.snoozed_until_ns = on.time().now_ns() + ns_per_s;
        return store::save_incident(tx, incident, incident.version);
    }).value();
    const auto overview = overview_of(on, who);
    const auto& queue = overview.at("queue");
    EXPECT_EQ(queue.at("queued").as_int64(), 1);
    EXPECT_EQ(queue.at("running").as_int64(), 1);
    EXPECT_EQ(queue.at("waiting_approval").as_int64(), 1);
    EXPECT_EQ(queue.at("oldest_at").as_string(), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(overview.at("runs_active").as_int64(), 3);
    EXPECT_EQ(overview.at("dead_letters").as_int64(), 1);
    EXPECT_EQ(overview.at("incidents_snoozed").as_int64(), 1);
}

TEST(overview, passes_on_what_intake_and_disk_say)
{
    test::api_options options;
    options.change_parts = [](api_parts& parts) {
        parts.intake = [] {
            intake_figures figures;
            figures.records = 1000;
            figures.refused = 3;
            figures.late = 7;
            return figures;
        };
        parts.storage = [] { return storage_figures{1 << 20, 1 << 10, 1 << 22, 1 << 30}; };
    };
    running_api on(std::move(options));
    const actor who = on.sign_in("ada", "viewer");
    seed(on);
    const auto overview = overview_of(on, who);
    EXPECT_EQ(overview.at("records_refused").as_int64(), 3);
    EXPECT_EQ(overview.at("records_late").as_int64(), 7);
    EXPECT_EQ(overview.at("records_last_minute").as_int64(), 193) << "the newest window's";
    EXPECT_EQ(overview.at("storage").at("free_bytes").as_int64(), 1 << 30);
    on.time().advance_ns(3600 * ns_per_s);
    EXPECT_EQ(overview_of(on, who).at("records_last_minute").as_int64(), 0) << "nothing came for an hour";
}

TEST(overview, names_what_is_connected_failing_ones_first)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    test::seed_hook(on, "1", store::hook_state::done);
    test::seed_alarms(on);
    on.write([&](store::transaction& tx) -> result<void> {
        const auto asked = store::list_publications(tx, "", 10).value().front();
        const auto claimed = store::claim_publication(tx, asked.id, on.time().now_ns(), ns_per_s).value();
        return store::mark_failed(
            tx, asked.id, claimed->attempts, "401 from the tracker", std::nullopt, on.time().now_ns()
        );
    }).value();
    const auto overview = overview_of(on, who);
    EXPECT_EQ(find_misfit(overview, "Overview"), "");
    std::vector<std::string> seen;
    for (const auto& each : overview.at("integrations").as_array()) {
        seen.push_back(
            std::string(each.at("kind").as_string()) + (each.at("failing").as_bool() ? " failing " : " ok ") +
            std::string(each.at("name").as_string())
        );
    }
    EXPECT_EQ(
        seen, (std::vector<std::string>{
                  "tracker failing file", "webhook ok https://hooks.example.com/in", "hook ok github",
                  "log_store ok production"})
    );
    EXPECT_EQ(overview.at("integrations").at(0).at("error").as_string(), "401 from the tracker");
}

}  // namespace
}  // namespace reprise::http
