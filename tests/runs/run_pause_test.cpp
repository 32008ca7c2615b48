#include "runs_fixture.hpp"

#include "reprise/runs/run_pause.hpp"

namespace reprise::runs {
namespace {

using model::run_state;

class run_pause_test : public fixture::runs_fixture {
protected:
    void SetUp() override
    {
        add_incident();
        enqueue();
    }

    result<std::optional<model::run>> claim()
    {
        return write([&](store::transaction& tx) {
            return store::claim_run(tx, "worker", time.now_ns(), 30 * ns_per_s);
        });
    }
    result<void> pause()
    {
        const store::run_pause wanted{"the target is shared today", "ada", time.now_ns()};
        return write([&](store::transaction& tx) { return pause_all_runs(tx, wanted); });
    }
    std::string last_line()
    {
        const auto rows =
            db->read_blocking([](const store::reader& from) { return store::list_run_events(from, "01RUN", 0, 100); });
        return rows->empty() ? std::string() : rows->back().data;
    }
};

TEST_F(run_pause_test, a_lease_is_given_back_with_its_attempt_and_the_log_says_why)
{
    const auto claimed = claim().value().value();
    ASSERT_EQ(claimed.attempt, 1U);

    ASSERT_TRUE(pause());

    EXPECT_EQ(stored().state, run_state::queued);
    EXPECT_EQ(stored().attempt, 0U);
    EXPECT_NE(last_line().find("all runs are paused by ada: the target is shared today"), std::string::npos);
    const auto beat = write([&](store::transaction& tx) {
        return store::heartbeat_run(tx, "01RUN", claimed.lease_epoch, time.now_ns(), 30 * ns_per_s, std::nullopt);
    });
    EXPECT_EQ(beat.error(), errc::stale) << "a worker elsewhere stops by this";
}

TEST_F(run_pause_test, a_full_log_keeps_nobody_from_pausing)
{
    ASSERT_TRUE(claim().value());
    const auto fill = [&](store::transaction& tx) -> result<void> {
        model::run_event line;
        line.run_id = "01RUN";
        line.type = "log";
        line.data = R"({"text":"again"})";
        result<void> logged;
        while (logged)
            logged = store::append_run_event(tx, line);
        EXPECT_EQ(logged.error(), errc::too_large);
        return {};
    };
    ASSERT_TRUE(write(fill));

    ASSERT_TRUE(pause());

    EXPECT_EQ(stored().state, run_state::queued);
}

TEST_F(run_pause_test, what_waits_for_people_or_was_paused_alone_stays_as_it_is)
{
    store_run(run_state::waiting_approval);
    ASSERT_TRUE(pause());
    EXPECT_EQ(stored().state, run_state::waiting_approval);

    store_run(run_state::paused);
    ASSERT_TRUE(write([&](store::transaction& tx) { return resume_all_runs(tx, time.now_ns()); }));
    EXPECT_EQ(stored().state, run_state::paused);
}

TEST_F(run_pause_test, pausing_twice_changes_nothing_and_what_waited_is_claimed_after_it)
{
    ASSERT_TRUE(pause());
    EXPECT_EQ(pause().error(), errc::conflict);
    EXPECT_FALSE(claim().value());

    ASSERT_TRUE(write([&](store::transaction& tx) { return resume_all_runs(tx, time.now_ns()); }));
    EXPECT_EQ(claim().value().value().id, "01RUN");
}

}  // namespace
}  // namespace reprise::runs
