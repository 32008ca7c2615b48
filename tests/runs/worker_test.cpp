#include "runs_fixture.hpp"
#include "silent_server.hpp"

#include "../../server/runs/steps.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/archive/object_store.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/net/client.hpp"
#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/runs/run_pause.hpp"
#include "reprise/runs/worker.hpp"
#include "support/io_threads.hpp"

#include <atomic>
#include <optional>

namespace reprise::runs {
namespace {

namespace asio = boost::asio;
using model::run_state;

// No run of these tests gets so far.
class no_tracker final : public forge::tracker {
public:
    bool takes(std::string_view) const noexcept override { return true; }
    asio::awaitable<forge::effect_result> publish(forge::effect) override
    {
        forge::effect_failure failure;
        failure.text = "nothing is published here";
        co_return failure;
    }
};

// A worker that neither looks at the queue nor beats by itself within the test, unless told otherwise.
class worker_test : public fixture::runs_fixture {
protected:
    reprise::test::io_threads io;
    fixture::silent_server target;
    metrics numbers;
    pipeline::trial_sink trials;
    run_policy policy;
    no_tracker trackers;
    std::unique_ptr<archive::object_store> files = archive::make_file_store(directory.path(), io.executor());
    archive::evidence_reader evidence{*files, nullptr, io.executor(), numbers};
    net::http_client http{net::target_guard::allow_all(), net::client_limits()};
    std::optional<worker> subject;
    task_group tasks{io.executor()};

    void SetUp() override
    {
        constexpr auto long_time = std::chrono::hours(1);
        policy.timing.heartbeat_ns = std::chrono::nanoseconds(long_time).count();
        policy.claim_pause = long_time;
        policy.trial.request_limit = long_time;
        policy.targets.push_back(replay::parse_target(target.url()).value());
        policy.data_dir = directory.path();
        add_incident();
        set_target(target.url());
    }
    void TearDown() override
    {
        tasks.stop();
        EXPECT_TRUE(io.run(tasks.drain(std::chrono::seconds(5))));
        subject.reset();
        io.join();
        db.reset();  // Before the pool that its answers go to.
    }

    void start(int loops = 1)
    {
        subject.emplace(worker_parts{*db, evidence, time, trials, http, io.executor(), numbers, policy, trackers});
        for (int i = 0; i < loops; ++i)
            tasks.spawn("worker", subject->run_worker("w" + std::to_string(i)));
    }
    bool has_state(run_state state, const std::string& id = "01RUN")
    {
        return fixture::eventually([&] { return stored(id).state == state; });
    }
    bool has_line(const std::string& line) { return numbers.render().find("\n" + line + "\n") != std::string::npos; }
};

TEST_F(worker_test, a_cancelled_run_stops_in_the_middle_of_a_request_that_nobody_answers)
{
    enqueue();
    start();
    ASSERT_TRUE(fixture::eventually([&] { return target.requests() == 1; }));

    ASSERT_TRUE(act(run_action::cancel, "wrong target"));

    EXPECT_TRUE(fixture::eventually([&] { return target.hung_up() == 1; })) << "the request goes on";
    EXPECT_EQ(stored().state, run_state::cancelled);
    EXPECT_EQ(stored_incident().reason, "cancelled");
    EXPECT_TRUE(fixture::eventually([&] { return has_line("reprise_runs_leases_ended_total 1"); }));
    EXPECT_TRUE(has_line("reprise_runs_leases_lost_total 0"));
}

TEST_F(worker_test, a_worker_whose_run_was_cancelled_takes_the_next)
{
    enqueue();
    start();
    ASSERT_TRUE(fixture::eventually([&] { return target.requests() == 1; }));
    ASSERT_TRUE(act(run_action::cancel));

    run_start again;
    again.incident_id = incident.id;
    again.person.name = "ada";
    const auto queue = [&](store::transaction& tx) { return start_reproduce(tx, again, time.now_ns()); };
    ASSERT_TRUE(write(queue));

    EXPECT_TRUE(fixture::eventually([&] { return target.requests() == 2; }));
}

TEST_F(worker_test, a_paused_run_stops_at_once_and_goes_on_when_it_is_resumed)
{
    enqueue();
    start();
    ASSERT_TRUE(fixture::eventually([&] { return target.requests() == 1; }));

    ASSERT_TRUE(act(run_action::pause));
    EXPECT_TRUE(fixture::eventually([&] { return target.hung_up() == 1; }));
    EXPECT_EQ(stored().state, run_state::paused);
    EXPECT_EQ(stored().attempt, 0U);

    ASSERT_TRUE(act(run_action::resume));
    EXPECT_TRUE(fixture::eventually([&] { return target.requests() == 2; }));
    EXPECT_EQ(stored().state, run_state::leased);
    EXPECT_EQ(stored().attempt, 1U);
    EXPECT_EQ(stored().lease_epoch, 2);
}

TEST_F(worker_test, pausing_all_work_stops_what_is_under_way_and_resuming_goes_on_with_it)
{
    enqueue();
    start();
    ASSERT_TRUE(fixture::eventually([&] { return target.requests() == 1; }));

    const store::run_pause pause{"the target is shared today", "ada", time.now_ns()};
    ASSERT_TRUE(write([&](store::transaction& tx) { return pause_all_runs(tx, pause); }));
    EXPECT_TRUE(fixture::eventually([&] { return target.hung_up() == 1; })) << "the request goes on";
    EXPECT_EQ(stored().state, run_state::queued);
    EXPECT_EQ(stored().attempt, 0U);

    ASSERT_TRUE(write([&](store::transaction& tx) { return resume_all_runs(tx, time.now_ns()); }));
    EXPECT_TRUE(fixture::eventually([&] { return target.requests() == 2; })) << "nobody was told to go on";
    EXPECT_EQ(stored().lease_epoch, 2);
}

TEST_F(worker_test, a_worker_that_is_not_told_learns_of_the_cancel_at_its_heartbeat)
{
    policy.timing.heartbeat_ns = 20 * ns_per_ms;
    enqueue();
    start();
    db->set_run_listener({});  // As if another process did it.
    ASSERT_TRUE(fixture::eventually([&] { return target.requests() == 1; }));

    ASSERT_TRUE(act(run_action::cancel));

    EXPECT_TRUE(fixture::eventually([&] { return target.hung_up() == 1; }));
    EXPECT_TRUE(fixture::eventually([&] { return has_line("reprise_runs_leases_lost_total 1"); }));
}

TEST_F(worker_test, a_run_that_becomes_due_is_claimed_at_once)
{
    start(4);

    enqueue();

    EXPECT_TRUE(fixture::eventually([&] { return target.requests() == 1; })) << "it waits for the next look";
}

TEST_F(worker_test, what_becomes_due_in_one_commit_is_shared_among_the_idle)
{
    start(3);
    const auto fill = [&](store::transaction& tx) -> result<void> {
        for (const std::string id : {"r1", "r2", "r3"}) {
            auto other = incident;
            other.id = "01INCIDENT" + id;
            store::insert_incident(tx, other, {}).value();
            auto one = run_of(id, run.signal_id, run.evidence_id);
            one.incident_id = other.id;
            store::enqueue_run(tx, one).value();
        }
        return {};
    };
    write(fill).value();

    EXPECT_TRUE(fixture::eventually([&] { return target.requests() == 3; }));
}

TEST_F(worker_test, a_worker_that_is_stopped_gives_its_run_back)
{
    enqueue();
    start();
    ASSERT_TRUE(fixture::eventually([&] { return target.requests() == 1; }));

    tasks.stop();

    EXPECT_TRUE(has_state(run_state::queued));
    EXPECT_EQ(stored().attempt, 0U);
    EXPECT_EQ(target.hung_up(), 1);
}

TEST_F(worker_test, a_run_whose_worker_was_lost_in_each_attempt_is_a_dead_letter)
{
    run.attempt = run.attempts_max;
    enqueue();
    start();

    EXPECT_TRUE(has_state(run_state::dead_letter));
    EXPECT_EQ(stored_incident().reason, "dead_letter");
    EXPECT_TRUE(fixture::eventually([&] { return has_line("reprise_runs_dead_letters_total 1"); }));
}

TEST_F(worker_test, the_heartbeat_tells_how_far_the_step_is)
{
    const worker_parts parts{*db, evidence, time, trials, http, io.executor(), numbers, policy, trackers};
    run_context context(parts);

    EXPECT_TRUE(context.advance(1, 10));
    EXPECT_DOUBLE_EQ(context.run.progress, 0.1);
    EXPECT_FALSE(context.advance(2, 10)) << "the log gets one a second";
    EXPECT_DOUBLE_EQ(context.run.progress, 0.2);
    time.advance_ns(progress_pause_ns);
    EXPECT_TRUE(context.advance(3, 10));
    EXPECT_TRUE(context.advance(10, 10)) << "the end is always told";
    EXPECT_DOUBLE_EQ(context.run.progress, 1.0);
    EXPECT_FALSE(context.advance(0, 0));
}

}  // namespace
}  // namespace reprise::runs
