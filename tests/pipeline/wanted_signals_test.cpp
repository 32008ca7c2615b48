#include "alarm_fixture.hpp"

#include "reprise/lifecycle/fingerprint.hpp"
#include "reprise/store/detection_settings.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"
#include "reprise/store/suppressions.hpp"

#include <algorithm>
#include <array>

namespace reprise::pipeline {
namespace {

// Signals that people said something about, through the commit of a window.
class wanted_signals_test : public alarm_fixture {
protected:
    static model::signal signal_in(std::int64_t window, model::signal_kind kind = model::signal_kind::error_rate)
    {
        model::signal signal;
        signal.kind = kind;
        signal.severity = model::severity::high;
        signal.operation.service = "shop";
        signal.operation.method = "POST";
        signal.operation.route = kind == model::signal_kind::error_rate ? "/orders" : "/carts";
        signal.operation_id = model::operation_id(signal.operation.view());
        signal.window_start_ns = t0 + window * minute_ns;
        signal.window_end_ns = signal.window_start_ns + minute_ns;
        signal.observed_k = 10;
        signal.rule = "beta-binomial tail";
        signal.explanation = "POST /orders fails";
        signal.fingerprint = lifecycle::fingerprint(signal);
        return signal;
    }

    // As the committer does: an id, evidence where the rules ask for it, one window.
    commit_report commit(const model::signal& signal)
    {
        closed_window closed;
        closed.window.service = signal.operation.service;
        closed.window.start_ns = signal.window_start_ns;
        closed.window.end_ns = signal.window_end_ns;
        closed.found.push_back({signal, {}});
        const auto need = read([&](store::reader& r) { return find_evidence_need(r, signal, now_ns); });
        std::vector<std::optional<model::evidence>> bundles(1);
        if (need == evidence_need::bundle) {
            bundles[0].emplace();
            bundles[0]->id = "evidence-" + std::to_string(++bundles_);
            bundles[0]->service = "shop";
            bundles[0]->path = "evidence/x/" + bundles[0]->id + ".tar.gz";
            bundles[0]->created_ns = now_ns;
        }
        return write([&](store::transaction& tx) {
            return commit_window(tx, closed, bundles, commit_policy(), now_ns);
        }).value();
    }

    std::string suppress(model::suppression what)
    {
        what.id = "suppression-" + std::to_string(++suppressions_);
        what.service = "shop";
        what.reason = "a load test";
        what.created_by = "user:ada";
        what.created_ns = now_ns;
        write([&](store::transaction& tx) { return store::insert_suppression(tx, what, now_ns); }).value();
        return what.id;
    }

    void want_occurrences(std::int64_t count)
    {
        write([&](store::transaction& tx) -> result<void> {
            const std::array seen = {store::service_sight{"shop", t0, 0}};
            if (auto touched = store::touch_services(tx, seen, now_ns); !touched)
                return touched;
            store::service_detection set;
            set.service = "shop";
            set.settings.occurrences_min = count;
            return store::save_service_detection(tx, set, 1, now_ns);
        }).value();
    }

    // Oldest first.
    std::vector<model::signal> signals()
    {
        auto list = read([](store::reader& r) { return store::list_signals(r, {}); });
        std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
            return a.window_start_ns < b.window_start_ns;
        });
        return list;
    }
    model::suppression suppression(const std::string& id)
    {
        return read([&](store::reader& r) { return store::find_suppression(r, id); }).value();
    }
    int bundles() const { return bundles_; }

private:
    int bundles_ = 0;
    int suppressions_ = 0;
};

TEST_F(wanted_signals_test, a_suppressed_signal_is_kept_and_nothing_follows_from_it)
{
    model::suppression what;
    what.kind = model::signal_kind::error_rate;
    const std::string id = suppress(what);

    const auto report = commit(signal_in(0));

    EXPECT_EQ(report.signals, 1U);
    EXPECT_EQ(report.suppressed, 1U);
    ASSERT_EQ(signals().size(), 1U);
    EXPECT_EQ(signals()[0].suppressed_by, id);
    EXPECT_EQ(signals()[0].incident_id, "");
    EXPECT_EQ(bundles(), 0) << "nobody will look at its evidence";
    EXPECT_TRUE(incidents().empty());
    EXPECT_TRUE(runs().empty());
    EXPECT_EQ(suppression(id).hits, 1U);
    EXPECT_EQ(suppression(id).last_hit_ns, now_ns);
}

TEST_F(wanted_signals_test, once_lifted_the_next_signal_opens_an_incident)
{
    const std::string id = suppress({});
    commit(signal_in(0));
    write([&](store::transaction& tx) { return store::lift_suppression(tx, id, "user:bob", now_ns); }).value();

    EXPECT_EQ(commit(signal_in(1)).incidents_opened, 1U);

    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].signal_count, 1U) << "what was suppressed stays out of it";
    EXPECT_EQ(signals()[1].incident_id, incidents()[0].id);
    EXPECT_EQ(suppression(id).hits, 1U);
}

TEST_F(wanted_signals_test, a_suppression_fits_by_every_member_that_is_set)
{
    const auto orders = signal_in(0);
    model::suppression what;
    what.kind = model::signal_kind::latency;
    suppress(what);
    what = {};
    what.operation_id = orders.operation_id + 1;
    suppress(what);
    what = {};
    what.operation_id = orders.operation_id;
    what.fingerprint = std::string(64, '0');
    suppress(what);
    EXPECT_EQ(commit(orders).suppressed, 0U);

    what.fingerprint = orders.fingerprint;
    const std::string id = suppress(what);
    commit(signal_in(1));
    EXPECT_EQ(signals()[1].suppressed_by, id);
}

TEST_F(wanted_signals_test, a_suppression_ends_at_its_time)
{
    model::suppression what;
    what.until_ns = now_ns + hour_ns;
    suppress(what);
    EXPECT_EQ(commit(signal_in(0)).suppressed, 1U);
    now_ns += hour_ns;
    EXPECT_EQ(commit(signal_in(1)).incidents_opened, 1U);
}

TEST_F(wanted_signals_test, an_open_incident_does_not_count_what_is_suppressed)
{
    commit(signal_in(0));
    suppress({});
    const auto report = commit(signal_in(1));
    EXPECT_EQ(report.suppressed, 1U);
    EXPECT_EQ(incidents()[0].signal_count, 1U);
    EXPECT_EQ(incidents()[0].occurrences, 10U);
}

TEST_F(wanted_signals_test, a_signal_waits_until_it_was_seen_in_enough_windows)
{
    want_occurrences(3);

    EXPECT_EQ(commit(signal_in(0)).waiting, 1U);
    EXPECT_EQ(commit(signal_in(0)).waiting, 1U) << "the same window again";
    EXPECT_EQ(commit(signal_in(4)).waiting, 1U);
    EXPECT_TRUE(incidents().empty());
    EXPECT_EQ(bundles(), 0);

    EXPECT_EQ(commit(signal_in(9)).incidents_opened, 1U);

    ASSERT_EQ(incidents().size(), 1U);
    const auto incident = incidents()[0];
    EXPECT_EQ(incident.first_seen_ns, t0);
    EXPECT_EQ(incident.occurrences, 30U) << "each window counts once";
    EXPECT_EQ(bundles(), 1);
    EXPECT_EQ(runs().size(), 1U);
    for (const model::signal& one : signals())
        EXPECT_EQ(one.incident_id, incident.id);
    EXPECT_EQ(incident.signal_count, signals().size());
    EXPECT_EQ(commit(signal_in(10)).waiting, 0U) << "it goes on counting";
}

TEST_F(wanted_signals_test, what_was_seen_more_than_a_day_ago_does_not_count)
{
    want_occurrences(2);
    commit(signal_in(0));
    EXPECT_EQ(commit(signal_in(24 * 60 + 1)).waiting, 1U);
    EXPECT_EQ(commit(signal_in(24 * 60 + 5)).incidents_opened, 1U);
}

TEST_F(wanted_signals_test, a_waiting_signal_still_joins_an_open_incident_near_it)
{
    commit(signal_in(0));
    ASSERT_EQ(incidents().size(), 1U);
    want_occurrences(5);
    auto other = signal_in(1, model::signal_kind::latency);
    other.operation = signal_in(0).operation;
    const auto report = commit(other);
    EXPECT_EQ(report.incidents_joined, 1U);
    EXPECT_EQ(report.waiting, 0U);
}

}  // namespace
}  // namespace reprise::pipeline
