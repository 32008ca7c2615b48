#include "store_fixture.hpp"

#include "reprise/store/breakers.hpp"

namespace reprise::store {
namespace {

class breakers_test : public store_test {
protected:
    void SetUp() override
    {
        const auto fill = [](transaction& tx) -> result<void> {
            for (const std::string id : {"i1", "i2", "i3"}) {
                if (const auto added = insert_incident(tx, incident_of(id), opened_event()); !added)
                    return added.error();
            }
            return {};
        };
        ASSERT_TRUE(write(fill));
    }

    void enqueue(const std::string& id, const std::string& incident, std::int64_t at_ns, bool counted = true)
    {
        auto run = run_of(id, incident);
        run.created_ns = at_ns;
        run.counted = counted;
        ASSERT_TRUE(write([&](transaction& tx) { return enqueue_run(tx, run); }));
    }
    void note(const std::string& cause, const std::string& incident, std::int64_t at_ns)
    {
        ASSERT_TRUE(write([&](transaction& tx) { return note_cause(tx, cause, incident, at_ns); }));
    }
    std::string incidents_with(const std::string& cause, std::int64_t since_ns)
    {
        std::string text;
        for (const auto& id : read([&](reader& r) { return list_incidents_by_cause(r, cause, since_ns, 10); }).value())
            text += id + " ";
        return text;
    }
};

TEST_F(breakers_test, runs_are_counted_by_time_incident_and_kind)
{
    enqueue("r1", "i1", t0);
    enqueue("r2", "i1", t0 + 10);
    enqueue("r3", "i2", t0 + 10);
    enqueue("r4", "i1", t0 + 10, false);

    const auto all = [&](std::int64_t since_ns) {
        return read([&](reader& r) { return count_automatic_runs(r, since_ns); }).value();
    };
    EXPECT_EQ(all(t0), 3U);
    EXPECT_EQ(all(t0 + 1), 2U);
    const auto of = [&](const std::string& incident, model::run_kind kind) {
        return read([&](reader& r) { return count_automatic_runs(r, incident, kind, t0); }).value();
    };
    EXPECT_EQ(of("i1", model::run_kind::reproduce), 2U);
    EXPECT_EQ(of("i1", model::run_kind::fix), 0U);
    EXPECT_EQ(of("i3", model::run_kind::reproduce), 0U);
}

TEST_F(breakers_test, a_cause_has_each_incident_once_at_its_last_time)
{
    note("deployment:1", "i1", t0);
    note("deployment:1", "i2", t0 + 5);
    note("deployment:1", "i1", t0 + 9);
    note("message:1", "i3", t0 + 9);

    EXPECT_EQ(incidents_with("deployment:1", t0), "i1 i2 ");
    EXPECT_EQ(incidents_with("deployment:1", t0 + 6), "i1 ");
    EXPECT_EQ(incidents_with("nothing", t0), "");
}

TEST_F(breakers_test, old_causes_are_forgotten)
{
    note("a", "i1", t0);
    note("a", "i2", t0 + 5);

    EXPECT_EQ(write([](transaction& tx) { return prune_causes(tx, t0 + 5); }).value(), 1U);
    EXPECT_EQ(incidents_with("a", 0), "i2 ");
}

}  // namespace
}  // namespace reprise::store
