#include "store_fixture.hpp"

#include "reprise/store/events.hpp"

#include <array>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace reprise::store {
namespace {

constexpr std::int64_t lease_ns = 30 * ns_per_s;

class claims_test : public store_test {
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

TEST_F(claims_test, the_highest_priority_goes_first_then_the_oldest_whatever_the_kind)
{
    const auto fill = [](transaction& tx) -> result<void> {
        for (const auto& [id, priority, kind] :
             {std::tuple("r2", 30, model::run_kind::reproduce), std::tuple("r3", 80, model::run_kind::publish),
              std::tuple("r4", 30, model::run_kind::publish), std::tuple("r5", 0, model::run_kind::fix)}) {
            auto run = run_of(id, "i1");
            run.priority = priority;
            run.kind = kind;
            if (const auto added = enqueue_run(tx, run); !added)
                return added.error();
        }
        return {};
    };
    ASSERT_TRUE(write(fill));

    std::string order;
    while (const auto run = claim(t0))
        order += run->id + " ";

    EXPECT_EQ(order, "r3 r2 r4 r1 r5 ");
}

TEST_F(claims_test, a_worker_gets_only_the_kinds_it_asks_for)
{
    auto fix = run_of("r2", "i1");
    fix.kind = model::run_kind::fix;
    ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, fix); }));
    claim_filter filter;
    filter.kinds = {model::run_kind::fix, model::run_kind::publish};
    const auto claim_kinds = [&](transaction& tx) { return claim_run(tx, "worker", t0, lease_ns, filter); };

    const auto claimed = write(claim_kinds).value();
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->id, "r2");
    EXPECT_FALSE(write(claim_kinds).value());
}

TEST_F(claims_test, replays_can_be_left_to_whoever_reaches_their_service)
{
    ASSERT_TRUE(write([](transaction& tx) {
        return insert_incident(tx, incident_of("i2", "billing"), opened_event());
    }));
    const auto put = [&](const char* id, const char* incident, const char* step) {
        auto run = run_of(id, incident);
        run.step = step;
        ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, run); }));
    };
    put("r2", "i1", "replay");
    put("r3", "i1", "gate");
    put("r4", "i2", "replay");
    put("r5", "i1", "");
    claim_filter filter;
    const auto claim_one = [&](transaction& tx) { return claim_run(tx, "worker", t0, lease_ns, filter); };
    const auto claim_all = [&] {
        std::string order;
        while (const auto run = write(claim_one).value())
            order += run->id + " ";
        return order;
    };

    filter.of_replays = claim_filter::replays::only;
    filter.services = std::vector<std::string>{};
    EXPECT_EQ(claim_all(), "");
    filter.services = std::vector<std::string>{"billing", "shop \"x\""};
    EXPECT_EQ(claim_all(), "r4 ");
    filter.services.reset();
    filter.of_replays = claim_filter::replays::not_started;
    EXPECT_EQ(claim_all(), "r1 r3 r5 ");
    filter.of_replays = claim_filter::replays::only;
    EXPECT_EQ(claim_all(), "r2 ");
}

TEST_F(claims_test, a_service_is_fixed_by_one_run_at_a_time)
{
    const auto fill = [](transaction& tx) -> result<void> {
        if (const auto other = insert_incident(tx, incident_of("i2", "billing"), opened_event()); !other)
            return other.error();
        for (const auto& [id, incident] : {std::pair("f1", "i1"), std::pair("f2", "i1"), std::pair("f3", "i2")}) {
            auto run = run_of(id, incident);
            run.kind = model::run_kind::fix;
            run.priority = 50;
            if (const auto added = enqueue_run(tx, run); !added)
                return added.error();
        }
        return {};
    };
    ASSERT_TRUE(write(fill));

    auto first = claim(t0).value();
    EXPECT_EQ(first.id, "f1");
    EXPECT_EQ(claim(t0)->id, "f3") << "another service";
    EXPECT_EQ(claim(t0)->id, "r1") << "f2 waits";
    EXPECT_FALSE(claim(t0));

    first.state = model::run_state::succeeded;
    ASSERT_TRUE(write([&](transaction& tx) { return save_run(tx, first, 1); }));
    EXPECT_EQ(claim(t0)->id, "f2");
}

TEST_F(claims_test, a_fix_whose_worker_died_is_taken_over_before_the_next_of_its_service)
{
    const auto fill = [](transaction& tx) -> result<void> {
        for (const std::string id : {"f1", "f2"}) {
            auto run = run_of(id, "i1");
            run.kind = model::run_kind::fix;
            run.priority = id == "f1" ? 95 : 90;
            if (const auto added = enqueue_run(tx, run); !added)
                return added.error();
        }
        return {};
    };
    ASSERT_TRUE(write(fill));
    EXPECT_EQ(claim(t0)->id, "f1");

    const auto again = claim(t0 + lease_ns, "second").value();

    EXPECT_EQ(again.id, "f1");
    EXPECT_EQ(again.attempt, 2U);
}

TEST_F(claims_test, a_heartbeat_after_the_end_of_a_lease_that_nobody_took_keeps_it)
{
    claim(t0);
    auto other = run_of("r2", "i1");
    other.priority = 90;
    ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, other); }));
    EXPECT_EQ(claim(t0 + lease_ns)->id, "r2") << "r1 is ready now, too";

    ASSERT_TRUE(write([&](transaction& tx) { return heartbeat_run(tx, "r1", 1, t0 + lease_ns, lease_ns); }));

    EXPECT_FALSE(claim(t0 + lease_ns + 1));
}

TEST_F(claims_test, progress_comes_with_the_heartbeat_and_is_told_when_it_changed)
{
    claim(t0);
    const std::int64_t before = db->last_seq();
    const auto beat = [&](double progress) {
        return write([&](transaction& tx) { return heartbeat_run(tx, "r1", 1, t0 + 1, lease_ns, progress); });
    };
    ASSERT_TRUE(beat(0.25));
    ASSERT_TRUE(beat(0.25));

    EXPECT_DOUBLE_EQ(stored().progress, 0.25);
    EXPECT_EQ(stored().version, 3);
    EXPECT_EQ(stored().updated_ns, t0 + 1);
    const auto live = read([&](reader& r) { return list_events(r, before, 10); }).value();
    ASSERT_EQ(live.size(), 2U) << "once on each topic";
    EXPECT_EQ(live[0].topic, "runs");
    EXPECT_EQ(live[0].rev, 3);
}

TEST_F(claims_test, figures_count_what_is_not_over_and_the_dead)
{
    const auto fill = [](transaction& tx) -> result<void> {
        auto later = run_of("r2", "i1");
        later.not_before_ns = t0 + 5;
        auto dead = run_of("r3", "i1");
        dead.kind = model::run_kind::publish;
        dead.state = model::run_state::dead_letter;
        auto over = run_of("r4", "i1");
        over.state = model::run_state::succeeded;
        for (const auto& run : {later, dead, over}) {
            if (const auto added = enqueue_run(tx, run); !added)
                return added.error();
        }
        return {};
    };
    ASSERT_TRUE(write(fill));

    const auto figures = read([](reader& r) { return list_run_figures(r); }).value();

    ASSERT_EQ(figures.size(), 2U);
    EXPECT_EQ(figures[0].state, model::run_state::queued);
    EXPECT_EQ(figures[0].count, 2U);
    EXPECT_EQ(figures[1].kind, model::run_kind::publish);
    EXPECT_EQ(figures[1].state, model::run_state::dead_letter);
    EXPECT_EQ(figures[1].count, 1U);
    EXPECT_EQ(read([](reader& r) { return find_ready_since_ns(r); }).value(), t0) << "the one in backoff is not due";
    EXPECT_TRUE(read([](reader& r) { return list_hold_figures(r); }).value().empty());

    auto held = run_of("r5", "i1");
    held.state = model::run_state::paused;
    held.hold = "storm";
    ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, held); }));
    const auto holds = read([](reader& r) { return list_hold_figures(r); }).value();
    ASSERT_EQ(holds.size(), 1U);
    EXPECT_EQ(holds[0].hold, "storm");
    EXPECT_EQ(holds[0].count, 1U);
}

// What a commit tells the workers.
class notice_test : public claims_test {
protected:
    std::vector<run_notice> told;
    std::mutex mutex;

    void listen()
    {
        db->set_run_listener([this](const run_notice& notice) {
            const std::lock_guard lock(mutex);
            told.push_back(notice);
        });
    }
};

TEST_F(notice_test, a_commit_that_makes_a_run_ready_tells_the_workers)
{
    listen();
    auto later = run_of("r2", "i1");
    later.not_before_ns = t0 + 5;
    ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, later); }));
    EXPECT_TRUE(told.empty()) << "it waits for its time";

    ASSERT_TRUE(write([](transaction& tx) { return enqueue_run(tx, run_of("r3", "i1")); }));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].work_due);
    EXPECT_TRUE(told[0].ended.empty());
}

TEST_F(notice_test, a_lease_that_a_person_ends_is_told_with_its_epoch)
{
    claim(t0);
    listen();
    auto run = stored();
    run.state = model::run_state::cancelled;
    run.lease_epoch = 77;
    ASSERT_TRUE(write([&](transaction& tx) { return save_run_by_version(tx, run, run.version); }));

    ASSERT_EQ(told.size(), 1U);
    EXPECT_FALSE(told[0].work_due);
    ASSERT_EQ(told[0].ended.size(), 1U);
    EXPECT_EQ(told[0].ended[0].run_id, "r1");
    EXPECT_EQ(told[0].ended[0].epoch, 1) << "the stored one, whatever the value says";
}

TEST_F(notice_test, a_unit_that_is_rolled_back_tells_nothing)
{
    listen();
    const auto fail = [](transaction& tx) -> result<void> {
        if (const auto added = enqueue_run(tx, run_of("r2", "i1")); !added)
            return added.error();
        return reprise::errc::conflict;
    };
    EXPECT_FALSE(write(fail));
    EXPECT_TRUE(told.empty());
}

TEST_F(claims_test, four_threads_that_claim_and_finish_never_get_the_same_run)
{
    constexpr int count = 1000;
    const auto fill = [](transaction& tx) -> result<void> {
        for (int i = 0; i < count - 1; ++i) {
            auto run = run_of("x" + std::to_string(i), "i1");
            run.priority = i % 7;
            if (const auto added = enqueue_run(tx, run); !added)
                return added.error();
        }
        return {};
    };
    ASSERT_TRUE(write(fill));
    std::mutex mutex;
    std::vector<std::string> claimed;
    const auto work = [&](const std::string& owner) {
        while (auto run = claim(t0, owner)) {
            {
                const std::lock_guard lock(mutex);
                claimed.push_back(run->id);
            }
            run->state = model::run_state::succeeded;
            ASSERT_TRUE(write([&](transaction& tx) { return save_run(tx, *run, run->lease_epoch); }));
        }
    };
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back(work, "worker " + std::to_string(i));
    for (std::thread& worker : workers)
        worker.join();

    EXPECT_EQ(claimed.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace reprise::store
