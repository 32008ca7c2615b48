#include "store_fixture.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/overview.hpp"
#include "reprise/store/replay_marks.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace reprise::store {
namespace {

constexpr std::int64_t minute_ns = 60 * ns_per_s;

class observed_test : public store_test {
protected:
    result<void> touch(std::vector<service_sight> seen)
    {
        return write([&](transaction& tx) { return touch_services(tx, seen, t0); });
    }
    model::service service(const std::string& name)
    {
        return read([&](reader& r) { return find_service(r, name); }).value().value();
    }
};

model::operation_key key_of(std::string route, std::string service = "checkout")
{
    model::operation_key key;
    key.service = std::move(service);
    key.protocol = "http";
    key.method = "POST";
    key.route = std::move(route);
    return key;
}

operation_window window_of(std::uint64_t operation, std::int64_t start_ns)
{
    operation_window row;
    row.operation = operation;
    row.window_start_ns = start_ns;
    row.window_ns = minute_ns;
    row.counts = {165, 1, 2, 28, 3};
    row.p50_ns = 12;
    row.p90_ns = 90;
    row.p95_ns = 95;
    row.max_ns = 100;
    row.sketch = std::string("\0\x01 sketch \xff\0", 12);
    return row;
}

model::signal signal_of(std::string id, std::string service = "checkout")
{
    model::signal signal;
    signal.id = std::move(id);
    signal.kind = model::signal_kind::error_rate;
    signal.severity = model::severity::critical;
    signal.operation = key_of("/orders", std::move(service));
    signal.operation_id = operation_id(signal.operation.view());
    signal.window_start_ns = t0;
    signal.window_end_ns = t0 + minute_ns;
    signal.metric = "share of failing responses";
    signal.unit = "ratio";
    signal.observed = 28.0 / 193.0;
    signal.observed_k = 28;
    signal.observed_n = 193;
    signal.baseline = 1e-300;
    signal.effect = 72.5;
    signal.p_value = 3e-17;
    signal.numbers = {{"peak_in_flight", 100}, {"max_arrivals_50ms", 200.5}};
    signal.message = "quote ' and \" and ?";
    signal.fingerprint = std::string(64, 'a');
    signal.confirm_with = model::confirm_metric::burst;
    signal.gate = 1.3;
    signal.trace_ids = {"0af7651916cd43dd8448eb211c80319c", ""};
    return signal;
}

TEST_F(observed_test, a_service_is_created_on_sight_and_grows)
{
    ASSERT_TRUE(touch({{"checkout", t0 + 5, 10}, {"cart", t0, 1}}));
    ASSERT_TRUE(touch({{"checkout", t0 + 3, 32}}));

    const auto seen = service("checkout");
    EXPECT_EQ(seen.records, 42U);
    EXPECT_EQ(seen.first_seen_ns, t0 + 5);
    EXPECT_EQ(seen.last_seen_ns, t0 + 5) << "never backwards";
    EXPECT_EQ(seen.version, 1);
    const auto listed = read([](reader& r) { return list_services(r, "cart", 10); }).value();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].name, "checkout");
    EXPECT_EQ(db->last_seq(), 3);
    EXPECT_EQ(touch({{"", t0, 1}}).error(), reprise::errc::invalid_argument);
}

TEST_F(observed_test, settings_are_compared_by_version_and_leave_the_counters_alone)
{
    ASSERT_TRUE(touch({{"checkout", t0, 10}}));
    auto mine = service("checkout");
    auto theirs = mine;
    mine.replay_target = "http://127.0.0.1:3000";
    mine.replay_last_good_target = "http://127.0.0.1:3001";
    mine.replay_unsafe_methods = true;
    mine.owner = "payments";
    ASSERT_TRUE(touch({{"checkout", t0 + 1, 5}})) << "sight does not disturb who edits settings";
    ASSERT_TRUE(write([&](transaction& tx) { return save_service_settings(tx, mine, 1, t0); }));
    EXPECT_EQ(mine.version, 2);

    EXPECT_EQ(write([&](transaction& tx) { return save_service_settings(tx, theirs, 1, t0); }).error(),
              reprise::errc::stale);
    theirs.name = "nobody";
    EXPECT_EQ(write([&](transaction& tx) { return save_service_settings(tx, theirs, 1, t0); }).error(),
              reprise::errc::not_found);
    const auto stored = service("checkout");
    EXPECT_EQ(stored.replay_target, "http://127.0.0.1:3000");
    EXPECT_EQ(stored.replay_last_good_target, "http://127.0.0.1:3001");
    EXPECT_TRUE(stored.replay_unsafe_methods);
    EXPECT_EQ(stored.records, 15U);
    const auto live = read([](reader& r) { return list_events(r, 0, 10); }).value();
    EXPECT_EQ(live.back().rev, 3) << "rev counts both kinds of change";
}

TEST_F(observed_test, windows_come_back_with_their_bytes)
{
    const auto key = key_of("/orders");
    const auto id = operation_id(key.view());
    const std::vector<model::operation_key> keys = {key, key_of("/a")};
    std::vector<operation_window> rows = {window_of(id, t0), window_of(id, t0 + minute_ns)};
    rows[1].sketch.clear();
    rows[1].anomalous = true;
    const auto commit = [&](transaction& tx) -> result<void> {
        const auto known = upsert_operations(tx, keys, t0);
        return known ? insert_windows(tx, rows) : known;
    };
    ASSERT_TRUE(write(commit));
    ASSERT_TRUE(write(commit)) << "closing the same window again replaces";

    const auto series = read([&](reader& r) { return list_windows(r, id, t0, t0 + 2 * minute_ns, 10); }).value();
    ASSERT_EQ(series.size(), 2U);
    EXPECT_EQ(series[0].window_start_ns, t0);
    EXPECT_EQ(series[0].sketch, rows[0].sketch);
    EXPECT_EQ(series[0].counts, rows[0].counts);
    EXPECT_EQ(series[0].p95_ns, 95);
    EXPECT_FALSE(series[0].anomalous);
    EXPECT_TRUE(series[1].sketch.empty());
    EXPECT_TRUE(series[1].anomalous);
    const auto newest = read([&](reader& r) { return list_windows(r, id, t0, t0 + 2 * minute_ns, 1); }).value();
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].window_start_ns, t0 + minute_ns);

    const auto states = read([](reader& r) { return list_operations(r, "checkout", 10); }).value();
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].key, key_of("/a"));
    EXPECT_FALSE(states[0].latest);
    EXPECT_EQ(states[1].id, id);
    EXPECT_EQ(states[1].latest->window_start_ns, t0 + minute_ns);
    EXPECT_EQ(read([&](reader& r) { return find_operation(r, id); }).value(), key);
}

TEST_F(observed_test, operation_ids_use_all_64_bits)
{
    const std::uint64_t high = 0xffff'ffff'ffff'fff1U;
    const std::vector<operation_window> rows = {window_of(high, t0)};
    const std::vector<baseline> baselines = {{high, t0, std::string("\0\0b", 3)}};
    const auto commit = [&](transaction& tx) -> result<void> {
        const auto inserted = insert_windows(tx, rows);
        return inserted ? save_baselines(tx, baselines) : inserted;
    };
    ASSERT_TRUE(write(commit));

    const auto back = read([&](reader& r) { return list_windows(r, high, 0, t0 + 1, 10); }).value();
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].operation, high);
    const auto kept = read([&](reader& r) { return find_baseline(r, high); }).value();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state, baselines[0].state);
    EXPECT_EQ(kept->operation, high);
}

TEST_F(observed_test, baselines_are_replaced_and_loaded_by_service)
{
    const std::vector<model::operation_key> keys = {key_of("/a"), key_of("/b"), key_of("/c", "cart")};
    std::vector<baseline> baselines;
    for (const auto& key : keys)
        baselines.push_back({operation_id(key.view()), t0, "first and longer"});
    const auto commit = [&](transaction& tx) -> result<void> {
        const auto known = upsert_operations(tx, keys, t0);
        if (!known)
            return known.error();
        const auto saved = save_baselines(tx, baselines);
        baselines[0].state = "second";
        return saved ? save_baselines(tx, std::span(baselines).first(1)) : saved;
    };
    ASSERT_TRUE(write(commit));

    const auto loaded = read([](reader& r) { return load_baselines(r, "checkout", 10); }).value();
    ASSERT_EQ(loaded.size(), 2U);
    EXPECT_EQ(loaded[0].state, "second");
    EXPECT_EQ(loaded[1].state, "first and longer");
}

TEST_F(observed_test, traffic_adds_up_and_retention_takes_the_oldest)
{
    const auto add = [&](std::int64_t start_ns, std::uint64_t records, std::uint64_t failing) {
        return write([&](transaction& tx) { return add_traffic(tx, start_ns, records, failing, t0); });
    };
    ASSERT_TRUE(add(t0, 100, 1));
    ASSERT_TRUE(add(t0, 50, 2));
    ASSERT_TRUE(add(t0 + minute_ns, 7, 0));
    const std::vector<operation_window> rows = {window_of(1, t0), window_of(2, t0), window_of(1, t0 + minute_ns)};
    ASSERT_TRUE(write([&](transaction& tx) { return insert_windows(tx, rows); }));

    auto points = read([](reader& r) { return list_traffic(r, 0, 10); }).value();
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[0].records, 150U);
    EXPECT_EQ(points[0].failing, 3U);
    EXPECT_EQ(read([](reader& r) { return list_traffic(r, 0, 1); }).value()[0].records, 7U);

    EXPECT_EQ(write([](transaction& tx) { return delete_windows(tx, t0 + 1, 1); }).value(), 2U);
    EXPECT_EQ(write([](transaction& tx) { return delete_windows(tx, t0 + 1); }).value(), 1U);
    EXPECT_EQ(write([](transaction& tx) { return delete_windows(tx, t0 + 1); }).value(), 0U);
    EXPECT_EQ(read([](reader& r) { return list_windows(r, 1, 0, t0 + 2 * minute_ns, 10); }).value().size(), 1U);
}

TEST_F(observed_test, a_signal_comes_back_as_it_was_put_in)
{
    const auto signal = signal_of("s1");
    ASSERT_TRUE(write([&](transaction& tx) { return insert_signal(tx, signal, t0); }));

    const auto back = read([](reader& r) { return find_signal(r, "s1"); }).value().value();

    EXPECT_EQ(back.kind, signal.kind);
    EXPECT_EQ(back.severity, signal.severity);
    EXPECT_EQ(back.operation, signal.operation);
    EXPECT_EQ(back.operation_id, signal.operation_id);
    EXPECT_EQ(back.observed, signal.observed) << "to the last bit";
    EXPECT_EQ(back.baseline, 1e-300);
    EXPECT_EQ(back.observed_k, 28U);
    EXPECT_EQ(back.p_value, 3e-17);
    EXPECT_EQ(back.numbers, signal.numbers);
    EXPECT_EQ(back.message, signal.message);
    EXPECT_EQ(back.confirm_with, signal.confirm_with);
    EXPECT_EQ(back.gate, 1.3);
    EXPECT_EQ(back.trace_ids, signal.trace_ids);
    EXPECT_TRUE(back.evidence_id.empty());
}

TEST_F(observed_test, a_number_that_is_none_is_refused_not_stored)
{
    auto signal = signal_of("s1");
    signal.observed = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(write([&](transaction& tx) { return insert_signal(tx, signal, t0); }).error(),
              reprise::errc::invalid_argument);
}

TEST_F(observed_test, signals_are_filtered_linked_and_paged)
{
    auto burst = signal_of("s2");
    burst.kind = model::signal_kind::rate_limit_burst;
    auto late = signal_of("s3");
    late.window_end_ns += minute_ns;
    const auto fill = [&](transaction& tx) -> result<void> {
        for (const auto& one : {signal_of("s1"), burst, late, signal_of("s4", "cart")}) {
            const auto inserted = insert_signal(tx, one, t0);
            if (!inserted)
                return inserted.error();
        }
        for (const auto* id : {"s1", "s2", "s3"}) {
            const auto linked = set_signal_incident(tx, id, "i1", t0);
            if (!linked)
                return linked.error();
        }
        return set_signal_evidence(tx, "s1", "e1", t0);
    };
    ASSERT_TRUE(write(fill));
    const auto ids = [&](const signal_filter& filter) {
        std::string text;
        for (const auto& one : read([&](reader& r) { return list_signals(r, filter); }).value())
            text += one.id + " ";
        return text;
    };

    signal_filter filter;
    EXPECT_EQ(ids(filter), "s4 s3 s2 s1 ");
    filter.service = "checkout";
    EXPECT_EQ(ids(filter), "s3 s2 s1 ");
    filter.after = "s3";
    filter.limit = 1;
    EXPECT_EQ(ids(filter), "s2 ");
    filter = {};
    filter.kind = model::signal_kind::rate_limit_burst;
    EXPECT_EQ(ids(filter), "s2 ");
    filter = {};
    filter.service = "checkout";
    filter.ended_since_ns = t0 + 2 * minute_ns;
    EXPECT_EQ(ids(filter), "s3 ");

    EXPECT_EQ(read([](reader& r) { return find_signal(r, "s1"); }).value()->evidence_id, "e1");
    EXPECT_EQ(read([](reader& r) { return list_incident_signals(r, "i1", 10); }).value().size(), 3U);
    const std::vector<model::signal_kind> kinds = {
        model::signal_kind::error_rate, model::signal_kind::rate_limit_burst};
    EXPECT_EQ(read([](reader& r) { return list_incident_kinds(r, "i1"); }).value(), kinds);
    EXPECT_EQ(write([](transaction& tx) { return set_signal_incident(tx, "nobody", "i1", t0); }).error(),
              reprise::errc::not_found);
}

TEST_F(observed_test, evidence_is_found_by_id_signal_and_incident)
{
    model::evidence bundle;
    bundle.id = "e1";
    bundle.signal_id = "s1";
    bundle.service = "checkout";
    bundle.path = "evidence/checkout/a/1.tar.gz";
    bundle.bytes = 123;
    bundle.failing = 28;
    bundle.control = 50;
    bundle.cut = 2;
    const auto fill = [&](transaction& tx) -> result<void> {
        auto signal = signal_of("s1");
        signal.incident_id = "i1";
        const auto inserted = insert_signal(tx, signal, t0);
        return inserted ? insert_evidence(tx, bundle) : inserted;
    };
    ASSERT_TRUE(write(fill));

    EXPECT_EQ(read([](reader& r) { return find_evidence(r, "e1"); }).value()->path, bundle.path);
    EXPECT_EQ(read([](reader& r) { return find_signal_evidence(r, "s1"); }).value()->failing, 28U);
    EXPECT_EQ(read([](reader& r) { return list_incident_evidence(r, "i1", 10); }).value().size(), 1U);
    EXPECT_TRUE(read([](reader& r) { return list_incident_evidence(r, "i2", 10); }).value().empty());
    EXPECT_EQ(write([&](transaction& tx) { return insert_evidence(tx, bundle); }).error(), reprise::errc::conflict);
}

TEST_F(observed_test, replay_marks_belong_to_one_run)
{
    const std::uint64_t mark = 0xfedc'ba98'7654'3210U;
    const auto add = [&](const std::string& run) {
        return write([&](transaction& tx) { return insert_replay_mark(tx, mark, run, t0); });
    };
    ASSERT_TRUE(add("r1"));
    EXPECT_TRUE(add("r1"));
    EXPECT_EQ(add("r2").error(), reprise::errc::conflict);

    const auto marks = read([](reader& r) { return list_replay_marks(r, t0, 10); }).value();
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_EQ(marks[0].mark, mark);
    EXPECT_EQ(marks[0].run_id, "r1");
    EXPECT_TRUE(read([](reader& r) { return list_replay_marks(r, t0 + 1, 10); }).value().empty());
    EXPECT_EQ(write([](transaction& tx) { return prune_replay_marks(tx, t0 + 1); }).value(), 1U);
}

TEST_F(observed_test, pruning_events_keeps_the_newest_and_the_numbers)
{
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(touch({{"checkout", t0, 1}}));
    EXPECT_EQ(write([](transaction& tx) { return prune_events(tx, 3, 5); }).value(), 5U);
    EXPECT_EQ(write([](transaction& tx) { return prune_events(tx, 3); }).value(), 2U);
    EXPECT_EQ(read([](reader& r) { return first_seq(r); }).value(), 8);
    reopen();

    EXPECT_EQ(db->last_seq(), 10);
    ASSERT_TRUE(touch({{"checkout", t0, 1}}));
    EXPECT_EQ(db->last_seq(), 11);
}

TEST_F(observed_test, the_overview_counts_what_is_there)
{
    const auto empty = read([](reader& r) { return load_overview(r, t0); }).value();
    EXPECT_EQ(empty.incidents_open, 0U);
    EXPECT_FALSE(empty.last_record_ns);
    EXPECT_FALSE(empty.approval_oldest_ns);

    ASSERT_TRUE(touch({{"checkout", t0, 10}, {"cart", t0 + 1, 5}}));
    const auto fill = [](transaction& tx) -> result<void> {
        auto closed = incident_of("i2");
        closed.status = model::incident_status::noise;
        const std::vector<model::operation_key> keys = {key_of("/a"), key_of("/b")};
        for (const auto& done :
             {add_run(tx, "i1", "r1"), insert_incident(tx, closed, opened_event()), upsert_operations(tx, keys, t0),
              insert_signal(tx, signal_of("s1"), t0)}) {
            if (!done)
                return done.error();
        }
        return {};
    };
    ASSERT_TRUE(write(fill));

    const auto counts = read([](reader& r) { return load_overview(r, t0 + minute_ns); }).value();
    EXPECT_EQ(counts.incidents_open, 1U);
    EXPECT_EQ(counts.incidents_by_severity, (std::array<std::uint64_t, 4>{0, 0, 1, 0}));
    EXPECT_EQ(counts.runs_active, 1U);
    EXPECT_EQ(counts.services, 2U);
    EXPECT_EQ(counts.operations, 2U);
    EXPECT_EQ(counts.signals_last_hour, 1U);
    EXPECT_EQ(counts.records_total, 15U);
    EXPECT_EQ(counts.last_record_ns, t0 + 1);
    const auto later = read([](reader& r) { return load_overview(r, t0 + 62 * minute_ns); }).value();
    EXPECT_EQ(later.signals_last_hour, 0U);
}

}  // namespace
}  // namespace reprise::store
