#include "store_fixture.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/run_pause.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t lease_ns = 30 * ns_per_s;

class run_pause_test : public store_test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(write([](transaction& tx) { return add_run(tx, "i1", "r1"); }));
    }

    result<void> pause(const std::string& reason = "the target is shared today")
    {
        return write([&](transaction& tx) { return insert_run_pause(tx, {reason, "ada", t0}); });
    }
    std::optional<model::run> claim()
    {
        return write([](transaction& tx) { return claim_run(tx, "worker", t0, lease_ns); }).value();
    }
    std::optional<std::int64_t> next_due()
    {
        return read([](reader& from) { return find_next_due_ns(from); }).value();
    }
};

TEST_F(run_pause_test, nothing_is_claimed_and_nobody_is_told_to_come_while_it_is_set)
{
    ASSERT_TRUE(next_due());
    ASSERT_TRUE(pause());

    EXPECT_FALSE(claim());
    EXPECT_FALSE(next_due()) << "a worker that sleeps until then would not sleep";

    ASSERT_TRUE(write([](transaction& tx) { return delete_run_pause(tx, t0 + 1); }));
    EXPECT_TRUE(next_due());
    EXPECT_EQ(claim().value().id, "r1");
}

TEST_F(run_pause_test, is_set_once_and_says_by_whom_and_why)
{
    EXPECT_FALSE(read([](reader& from) { return find_run_pause(from); }).value());
    ASSERT_TRUE(pause());

    EXPECT_EQ(pause("another").error(), reprise::errc::conflict);
    const auto found = read([](reader& from) { return find_run_pause(from); }).value();
    EXPECT_EQ(found.value().reason, "the target is shared today");
    EXPECT_EQ(found.value().paused_by, "ada");
    EXPECT_EQ(found.value().since_ns, t0);
}

TEST_F(run_pause_test, what_is_not_set_cannot_be_ended)
{
    const auto ended = write([](transaction& tx) { return delete_run_pause(tx, t0); });

    EXPECT_EQ(ended.error(), reprise::errc::not_found);
}

TEST_F(run_pause_test, each_change_is_a_live_event_of_the_overview)
{
    const auto before = read([](reader& from) { return last_seq(from); }).value();
    ASSERT_TRUE(pause());
    ASSERT_TRUE(write([](transaction& tx) { return delete_run_pause(tx, t0 + 7); }));

    const auto told = read([&](reader& from) { return list_events(from, before, 10); }).value();
    ASSERT_EQ(told.size(), 2U);
    for (const live_event& event : told) {
        EXPECT_EQ(event.topic, "overview");
        EXPECT_EQ(event.type, "run_pause");
    }
    EXPECT_GT(told[1].rev, told[0].rev);
}

}  // namespace
}  // namespace reprise::store
