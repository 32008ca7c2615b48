#include "../../server/pipeline/automatic_runs.hpp"
#include "../../server/pipeline/incidents_of.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/deployments.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t t0 = 1'764'000'000 * ns_per_s;
constexpr std::int64_t minute_ns = 60 * ns_per_s;

class automatic_runs_test : public testing::Test {
protected:
    automatic_runs_test()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-breakers-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
    }
    ~automatic_runs_test() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    template <class Work>
    auto write(Work work)
    {
        return database->write_blocking(std::move(work)).value();
    }

    // A new incident with its first run; the incident as it is then.
    model::incident open(const std::vector<lifecycle::problem_cause>& causes, std::int64_t now_ns)
    {
        model::incident incident;
        incident.id = make_ulid(now_ns);
        incident.service = "checkout";
        incident.severity = model::severity::high;
        incident.phase = "queued";
        incident.opened_ns = incident.updated_ns = now_ns;
        write([&](store::transaction& tx) { return store::insert_incident(tx, incident, {}); });
        return queue(incident, causes, now_ns);
    }
    model::incident queue(
        model::incident incident, const std::vector<lifecycle::problem_cause>& causes, std::int64_t now_ns
    )
    {
        model::run run;
        run.id = make_ulid(now_ns);
        run.incident_id = incident.id;
        run.requested_by = "pipeline";
        run.created_ns = run.updated_ns = run.not_before_ns = now_ns;
        hold = write([&](store::transaction& tx) {
            return queue_automatic(tx, incident, run, causes, limits, now_ns);
        });
        return incident;
    }

    model::run newest_run(const std::string& incident_id)
    {
        store::run_filter filter;
        filter.incident_id = incident_id;
        return database->read_blocking([&](const store::reader& r) { return store::list_runs(r, filter); })->front();
    }

    std::unique_ptr<store::database> database;
    lifecycle::breaker_limits limits;
    std::optional<lifecycle::run_hold> hold;

private:
    std::filesystem::path directory_;
};

TEST_F(automatic_runs_test, a_run_is_queued_by_the_severity_of_its_incident_and_counted)
{
    const auto incident = open({}, t0);

    EXPECT_FALSE(hold);
    const auto run = newest_run(incident.id);
    EXPECT_EQ(run.state, model::run_state::queued);
    EXPECT_EQ(run.priority, 20);
    EXPECT_TRUE(run.counted);
    EXPECT_EQ(incident.phase, "queued");
}

TEST_F(automatic_runs_test, the_third_incident_with_one_cause_is_held_and_says_why)
{
    const std::vector causes = {lifecycle::error_cause("checkout", "latency")};
    const auto first = open(causes, t0);
    EXPECT_FALSE(hold);
    open(causes, t0 + 10 * minute_ns);
    EXPECT_FALSE(hold);

    const auto third = open(causes, t0 + 20 * minute_ns);

    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->reason, lifecycle::hold_reason::storm);
    EXPECT_EQ(third.status, model::incident_status::detected);
    EXPECT_EQ(third.phase, "held");
    const auto timeline = database->read_blocking([&](const store::reader& r) {
        return store::list_timeline(r, third.id, 0, 10);
    });
    EXPECT_EQ(timeline->back().to, "detected/held");
    EXPECT_NE(timeline->back().why.find("3 incidents within 30 min have one cause, latency in checkout"),
              std::string::npos);
    EXPECT_NE(timeline->back().why.find(first.id), std::string::npos);
    const auto run = newest_run(third.id);
    EXPECT_EQ(run.state, model::run_state::paused);
    EXPECT_EQ(run.hold, "storm");
    EXPECT_FALSE(run.counted);

    open(causes, t0 + 30 * minute_ns);
    EXPECT_TRUE(hold) << "the storm goes on";
    open(causes, t0 + 90 * minute_ns);
    EXPECT_FALSE(hold) << "the storm is over";
}

TEST_F(automatic_runs_test, one_incident_that_comes_again_is_no_storm_but_has_its_own_limit)
{
    const std::vector causes = {lifecycle::error_cause("checkout", "latency")};
    auto incident = open(causes, t0);
    for (int i = 1; i < 5; ++i) {
        incident = queue(incident, causes, t0 + i * minute_ns);
        EXPECT_FALSE(hold) << i;
    }

    incident = queue(incident, causes, t0 + 6 * minute_ns);

    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->reason, lifecycle::hold_reason::incident_limit);
    EXPECT_EQ(incident.phase, "held");
    EXPECT_EQ(newest_run(incident.id).hold, "incident_limit");
}

TEST_F(automatic_runs_test, all_incidents_together_have_a_limit_by_the_hour)
{
    limits.hour_runs_max = 2;
    open({}, t0);
    open({}, t0 + minute_ns);
    EXPECT_FALSE(hold);

    open({}, t0 + 2 * minute_ns);
    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->reason, lifecycle::hold_reason::hour_limit);
    open({}, t0 + 61 * minute_ns);
    EXPECT_FALSE(hold) << "held runs are not counted, and the first was an hour ago";
}

TEST_F(automatic_runs_test, causes_are_the_running_deployment_the_message_and_the_kind)
{
    const auto deploy = [](store::transaction& tx) -> result<void> {
        const std::array seen = {store::service_sight{"checkout", t0, 1}};
        store::touch_services(tx, seen, t0).value();
        for (const auto& [version, at_ns] : {std::pair("2.4.0", t0), std::pair("2.4.1", t0 + 30 * minute_ns)})
            store::report_deployment(tx, {"checkout", version, at_ns, model::deployment_origin::reported}, t0).value();
        return {};
    };
    write(deploy);
    const auto texts = [&](std::string_view message, std::int64_t seen_ns) {
        problem what;
        what.service = "checkout";
        what.error_type = "error_rate";
        what.message = message;
        what.seen_ns = seen_ns;
        std::string text;
        const auto causes =
            database->read_blocking([&](const store::reader& r) { return find_causes(r, what); }).value();
        for (const auto& cause : causes)
            text += cause.text + "; ";
        return text;
    };

    EXPECT_EQ(texts("connection refused", t0 + 10 * minute_ns),
              "deployment checkout 2.4.0; the error \"connection refused\"; error_rate in checkout; ");
    EXPECT_EQ(texts("", t0 + 40 * minute_ns), "deployment checkout 2.4.1; error_rate in checkout; ");
    EXPECT_EQ(texts("", t0 + 200 * minute_ns), "error_rate in checkout; ") << "long after the deployment";
    EXPECT_EQ(texts("", t0 - minute_ns), "error_rate in checkout; ") << "before any";
}

TEST_F(automatic_runs_test, signals_of_three_services_with_one_message_make_a_storm)
{
    commit_report report;
    for (const std::string service : {"checkout", "billing", "search"}) {
        model::signal signal;
        signal.id = make_ulid(t0);
        signal.operation.service = service;
        signal.operation.route = "/orders";
        signal.message = "connection to {host} refused";
        signal.fingerprint = std::string(60, 'a') + service.substr(0, 4);
        signal.window_start_ns = t0 - minute_ns;
        signal.window_end_ns = t0;
        write([&](store::transaction& tx) { return place_signal(tx, signal, {}, t0, report); });
    }

    EXPECT_EQ(report.incidents_opened, 3U);
    EXPECT_EQ(report.runs_queued, 2U);
    EXPECT_EQ(report.runs_held[static_cast<std::size_t>(lifecycle::hold_reason::storm)], 1U);
}

}  // namespace
}  // namespace reprise::pipeline
