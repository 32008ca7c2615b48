#include "store_fixture.hpp"

#include "reprise/store/events.hpp"

#include <algorithm>
#include <string>

namespace reprise::store {
namespace {

constexpr std::int64_t lease_ns = 30 * ns_per_s;

class runs_test : public store_test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(write([](transaction& tx) { return add_run(tx, "i1", "r1"); }));
    }

    std::optional<model::run> claim(std::int64_t now_ns, const std::string& owner = "worker")
    {
        return write([&](transaction& tx) { return claim_run(tx, owner, now_ns, lease_ns); }).value();
    }
    model::run stored(const std::string& id = "r1")
    {
        return read([&](reader& r) { return find_run(r, id); }).value().value();
    }
};

TEST_F(runs_test, a_run_comes_back_as_it_was_put_in)
{
    auto run = run_of("r2", "i1");
    run.kind = model::run_kind::publish;
    run.generation = 3;
    run.evidence_id = "e1";
    run.signal_id = "s1";
    run.attempts_max = 7;
    run.verdict = model::verdict::flaky;
    run.result = R"({"trials":5})";
    run.error = "connection refused";
    run.risk = model::risk::critical;
    run.priority = 42;
    run.progress = 0.5;
    run.counted = true;
    run.hold = "storm";
    run.hold_why = "3 incidents";
    run.input = R"({"patch":1})";
    ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, run); }));

    const auto back = stored("r2");

    EXPECT_EQ(back.kind, model::run_kind::publish);
    EXPECT_EQ(back.generation, 3);
    EXPECT_EQ(back.evidence_id, "e1");
    EXPECT_EQ(back.signal_id, "s1");
    EXPECT_EQ(back.attempts_max, 7U);
    EXPECT_EQ(back.verdict, model::verdict::flaky);
    EXPECT_EQ(back.result, run.result);
    EXPECT_EQ(back.error, run.error);
    EXPECT_EQ(back.risk, model::risk::critical);
    EXPECT_EQ(back.priority, 42);
    EXPECT_DOUBLE_EQ(back.progress, 0.5);
    EXPECT_TRUE(back.counted);
    EXPECT_EQ(back.hold, "storm");
    EXPECT_EQ(back.hold_why, "3 incidents");
    EXPECT_EQ(back.input, run.input);
    EXPECT_EQ(back.requested_by, "pipeline");
    EXPECT_FALSE(stored("r1").verdict.has_value());
}

TEST_F(runs_test, the_same_id_twice_is_a_conflict_and_an_unknown_incident_is_refused)
{
    const auto again = run_of("r1", "i1");
    EXPECT_EQ(write([&](transaction& tx) { return enqueue_run(tx, again); }).error(), reprise::errc::conflict);
    const auto lost = run_of("r2", "nobody");
    EXPECT_EQ(write([&](transaction& tx) { return enqueue_run(tx, lost); }).error(), reprise::errc::invalid_argument);
}

TEST_F(runs_test, a_claim_counts_the_attempt_and_the_epoch_before_the_work)
{
    const auto run = claim(t0);

    ASSERT_TRUE(run);
    EXPECT_EQ(run->id, "r1");
    EXPECT_EQ(run->state, model::run_state::leased);
    EXPECT_EQ(run->attempt, 1U);
    EXPECT_EQ(run->lease_epoch, 1);
    EXPECT_EQ(run->lease_owner, "worker");
    EXPECT_EQ(run->lease_until_ns, t0 + lease_ns);
    EXPECT_EQ(run->version, 2);
    EXPECT_FALSE(claim(t0 + lease_ns - 1)) << "leased to somebody";
}

TEST_F(runs_test, a_run_waits_for_its_backoff)
{
    auto later = run_of("r0", "i1");
    later.not_before_ns = t0 + 5;
    ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, later); }));

    EXPECT_EQ(claim(t0)->id, "r1");
    EXPECT_FALSE(claim(t0 + 4));
    EXPECT_EQ(read([](reader& r) { return find_next_due_ns(r); }).value(), t0 + 5);
    EXPECT_EQ(claim(t0 + 5)->id, "r0");
}

TEST_F(runs_test, an_expired_lease_can_be_claimed_and_the_old_worker_is_told_everywhere)
{
    auto old = claim(t0, "first").value();
    const auto taken = claim(t0 + lease_ns, "second");
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->lease_epoch, 2);
    EXPECT_EQ(taken->attempt, 2U);

    const std::int64_t epoch = old.lease_epoch;
    model::run_step step;
    step.run_id = "r1";
    step.name = "prepare";
    model::run_event event;
    event.run_id = "r1";
    event.type = "log";
    event.data = "{}";
    const auto beat = [&](transaction& tx) { return heartbeat_run(tx, "r1", epoch, t0, lease_ns); };
    EXPECT_EQ(write(beat).error(), reprise::errc::stale);
    EXPECT_EQ(write([&](transaction& tx) { return save_step(tx, step, epoch); }).error(), reprise::errc::stale);
    EXPECT_EQ(write([&](transaction& tx) { return append_run_event(tx, event, epoch); }).error(),
              reprise::errc::stale);
    EXPECT_EQ(write([&](transaction& tx) { return save_run(tx, old, epoch); }).error(), reprise::errc::stale);
    EXPECT_TRUE(read([](reader& r) { return list_steps(r, "r1"); }).value().empty());
    EXPECT_EQ(stored().lease_owner, "second");
}

TEST_F(runs_test, a_save_keeps_what_heartbeats_moved)
{
    auto run = claim(t0).value();
    ASSERT_TRUE(write([&](transaction& tx) { return heartbeat_run(tx, "r1", 1, t0 + 100, lease_ns); }));
    run.step = "replay";
    ASSERT_TRUE(write([&](transaction& tx) { return save_run(tx, run, 1); }));

    EXPECT_EQ(stored().lease_until_ns, t0 + 100 + lease_ns);
    EXPECT_EQ(stored().step, "replay");
    EXPECT_EQ(run.version, stored().version);
}

TEST_F(runs_test, finishing_gives_the_lease_back_and_ends_the_fence)
{
    auto run = claim(t0).value();
    run.state = model::run_state::succeeded;
    run.verdict = model::verdict::reproduced;
    ASSERT_TRUE(write([&](transaction& tx) { return save_run(tx, run, 1); }));

    EXPECT_EQ(stored().state, model::run_state::succeeded);
    EXPECT_EQ(stored().verdict, model::verdict::reproduced);
    EXPECT_TRUE(stored().lease_owner.empty());
    EXPECT_EQ(write([&](transaction& tx) { return save_run(tx, run, 1); }).error(), reprise::errc::stale);
    EXPECT_FALSE(claim(t0 + 100 * lease_ns));
    EXPECT_FALSE(read([](reader& r) { return find_next_due_ns(r); }).value());
}

TEST_F(runs_test, a_person_cancels_a_leased_run_and_the_worker_notices)
{
    auto mine = claim(t0).value();
    auto theirs = stored();
    theirs.state = model::run_state::cancelled;
    ASSERT_TRUE(write([&](transaction& tx) { return save_run_by_version(tx, theirs, theirs.version); }));

    EXPECT_EQ(write([&](transaction& tx) { return heartbeat_run(tx, "r1", 1, t0, lease_ns); }).error(),
              reprise::errc::stale);
    EXPECT_EQ(write([&](transaction& tx) { return save_run(tx, mine, 1); }).error(), reprise::errc::stale);
    EXPECT_EQ(stored().state, model::run_state::cancelled);
}

TEST_F(runs_test, two_people_at_once_the_second_is_stale)
{
    auto first = stored();
    auto second = first;
    first.state = model::run_state::cancelled;
    ASSERT_TRUE(write([&](transaction& tx) { return save_run_by_version(tx, first, 1); }));
    EXPECT_EQ(write([&](transaction& tx) { return save_run_by_version(tx, second, 1); }).error(),
              reprise::errc::stale);
    second.id = "nobody";
    EXPECT_EQ(write([&](transaction& tx) { return save_run_by_version(tx, second, 1); }).error(),
              reprise::errc::not_found);
}

TEST_F(runs_test, steps_are_checkpoints_in_order_and_replaced_when_repeated)
{
    claim(t0);
    model::run_step prepare{"r1", "prepare", 1, R"({"n":1})", t0, t0 + 1};
    model::run_step replay{"r1", "replay", 1, R"({"n":2})", t0 + 2, t0 + 3};
    const auto save = [&](transaction& tx) -> result<void> {
        for (const auto& step : {prepare, replay}) {
            const auto saved = save_step(tx, step, 1);
            if (!saved)
                return saved.error();
        }
        prepare.output = R"({"n":3})";
        return save_step(tx, prepare, 1);
    };
    ASSERT_TRUE(write(save));
    reopen();

    const auto steps = read([](reader& r) { return list_steps(r, "r1"); }).value();
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].name, "prepare");
    EXPECT_EQ(steps[0].output, R"({"n":3})");
    EXPECT_EQ(steps[1].name, "replay");

    replay.output.assign(run_output_bytes_max + 1, 'x');
    EXPECT_EQ(write([&](transaction& tx) { return save_step(tx, replay, 1); }).error(), reprise::errc::too_large);
}

TEST_F(runs_test, events_are_numbered_per_run_and_told_live)
{
    claim(t0);
    model::run_event event;
    event.run_id = "r1";
    event.at_ns = t0;
    event.type = "log";
    event.data = R"({"text":"hello"})";
    const std::int64_t before = db->last_seq();
    ASSERT_TRUE(write([&](transaction& tx) { return append_run_event(tx, event, 1); }));
    ASSERT_TRUE(write([&](transaction& tx) { return append_run_event(tx, event); }));
    EXPECT_EQ(event.sequence, 2);

    const auto rest = read([](reader& r) { return list_run_events(r, "r1", 1, 10); }).value();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].sequence, 2);
    EXPECT_EQ(rest[0].data, event.data);
    const auto live = read([&](reader& r) { return list_events(r, before, 10); }).value();
    ASSERT_EQ(live.size(), 2U);
    EXPECT_EQ(live[1].topic, "runs/r1");
    EXPECT_EQ(live[1].type, "run_event");
    EXPECT_EQ(live[1].entity_id, "r1");
    EXPECT_EQ(live[1].rev, 2);
}

TEST_F(runs_test, every_visible_change_is_told_on_both_topics)
{
    const std::int64_t before = db->last_seq();
    auto run = claim(t0).value();
    run.step = "replay";
    ASSERT_TRUE(write([&](transaction& tx) { return save_run(tx, run, 1); }));

    const auto live = read([&](reader& r) { return list_events(r, before, 10); }).value();
    ASSERT_EQ(live.size(), 4U);
    EXPECT_EQ(live[0].topic, "runs");
    EXPECT_EQ(live[1].topic, "runs/r1");
    EXPECT_EQ(live[2].rev, 3);
    EXPECT_EQ(live[2].entity_id, "r1");
}

TEST_F(runs_test, lists_are_filtered_and_paged_newest_first)
{
    const auto fill = [](transaction& tx) -> result<void> {
        auto done = run_of("r2", "i1");
        done.state = model::run_state::succeeded;
        auto waiting = run_of("r3", "i1");
        waiting.state = model::run_state::waiting_approval;
        for (const auto& run : {done, waiting}) {
            const auto added = enqueue_run(tx, run);
            if (!added)
                return added.error();
        }
        return add_run(tx, "i2", "r4");
    };
    ASSERT_TRUE(write(fill));
    const auto ids = [&](const run_filter& filter) {
        std::string text;
        for (const auto& run : read([&](reader& r) { return list_runs(r, filter); }).value())
            text += run.id + " ";
        return text;
    };

    run_filter filter;
    EXPECT_EQ(ids(filter), "r4 r3 r2 r1 ");
    filter.limit = 2;
    EXPECT_EQ(ids(filter), "r4 r3 ");
    filter.after = "r3";
    EXPECT_EQ(ids(filter), "r2 r1 ");
    filter = {};
    filter.active = true;
    EXPECT_EQ(ids(filter), "r4 r3 r1 ");
    filter.incident_id = "i1";
    EXPECT_EQ(ids(filter), "r3 r1 ");
    filter.kind = model::run_kind::publish;
    EXPECT_EQ(ids(filter), "");
    filter.kind = model::run_kind::reproduce;
    EXPECT_EQ(ids(filter), "r3 r1 ");
    filter.state = model::run_state::waiting_approval;
    EXPECT_EQ(ids(filter), "r3 ");
    filter.incident_id = "' OR 1=1 --";
    EXPECT_EQ(ids(filter), "");
}

}  // namespace
}  // namespace reprise::store
