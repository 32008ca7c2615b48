#include "store_fixture.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/signals.hpp"
#include "reprise/store/suppressions.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t hour_ns = 3600LL * 1'000'000'000;

class suppressions_test : public store_test {
protected:
    model::suppression insert(model::suppression what)
    {
        what.id = "s" + std::to_string(1000 + ++inserted_);
        what.service = what.service.empty() ? "shop" : what.service;
        what.reason = "known";
        what.created_by = "user:ada";
        what.created_ns = t0;
        write([&](transaction& tx) { return insert_suppression(tx, what, t0); }).value();
        return what;
    }
    std::vector<std::string> list(std::optional<model::suppression_state> state, std::int64_t now_ns)
    {
        suppression_filter filter;
        filter.service = "shop";
        filter.state = state;
        const auto rows = db->read_blocking([&](reader& r) { return list_suppressions(r, filter, now_ns); }).value();
        std::vector<std::string> ids;
        for (const model::suppression& row : rows) {
            ids.push_back(row.id);
            EXPECT_EQ(row.state_at(now_ns), state.value_or(row.state_at(now_ns)));
        }
        return ids;
    }
    std::optional<std::string> match(const model::signal& signal, std::int64_t now_ns = t0)
    {
        return db->read_blocking([&](reader& r) { return find_suppression_of(r, signal, now_ns); }).value();
    }

private:
    int inserted_ = 0;
};

model::signal some_signal()
{
    model::signal signal;
    signal.id = "signal-1";
    signal.kind = model::signal_kind::slow_query;
    signal.operation.service = "shop";
    signal.operation_id = 0xfedc'ba98'7654'3210;  // Above what a signed number holds.
    signal.fingerprint = std::string(64, 'b');
    return signal;
}

TEST_F(suppressions_test, everything_is_kept)
{
    model::suppression what;
    what.operation_id = some_signal().operation_id;
    what.kind = model::signal_kind::slow_query;
    what.fingerprint = some_signal().fingerprint;
    what.until_ns = t0 + hour_ns;
    what = insert(what);

    const auto found = db->read_blocking([&](reader& r) { return find_suppression(r, what.id); }).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->operation_id, what.operation_id);
    EXPECT_EQ(found->kind, what.kind);
    EXPECT_EQ(found->fingerprint, what.fingerprint);
    EXPECT_EQ(found->until_ns, what.until_ns);
    EXPECT_EQ(found->reason, "known");
    EXPECT_EQ(found->created_by, "user:ada");
    EXPECT_FALSE(found->lifted_ns);
    EXPECT_EQ(match(some_signal()), what.id);
}

TEST_F(suppressions_test, lists_go_by_state_and_the_state_by_the_clock)
{
    model::suppression ends;
    ends.until_ns = t0 + hour_ns;
    const auto first = insert(ends);
    const auto second = insert({});
    const auto third = insert({});
    write([&](transaction& tx) { return lift_suppression(tx, third.id, "user:bob", t0 + 1); }).value();
    using state = model::suppression_state;

    EXPECT_EQ(list(state::active, t0), (std::vector<std::string>{second.id, first.id}));
    EXPECT_EQ(list(state::active, t0 + hour_ns), std::vector<std::string>{second.id});
    EXPECT_EQ(list(state::expired, t0 + hour_ns), std::vector<std::string>{first.id});
    EXPECT_EQ(list(state::lifted, t0), std::vector<std::string>{third.id});
    EXPECT_EQ(list({}, t0).size(), 3U);
}

TEST_F(suppressions_test, the_oldest_that_stands_is_the_one_that_counts)
{
    model::suppression other;
    other.service = "cart";
    insert(other);
    const auto first = insert({});
    const auto second = insert({});
    EXPECT_EQ(match(some_signal()), first.id);
    write([&](transaction& tx) { return lift_suppression(tx, first.id, "user:bob", t0); }).value();
    EXPECT_EQ(match(some_signal()), second.id);

    write([&](transaction& tx) { return count_suppressed(tx, second.id, t0 + 5); }).value();
    const auto found = db->read_blocking([&](reader& r) { return find_suppression(r, second.id); }).value();
    EXPECT_EQ(found->hits, 1U);
    EXPECT_EQ(found->last_hit_ns, t0 + 5);
}

TEST_F(suppressions_test, one_that_was_lifted_is_not_lifted_again)
{
    const auto what = insert({});
    const auto lift = [&](std::string by) {
        return write([&](transaction& tx) { return lift_suppression(tx, what.id, by, t0); });
    };
    EXPECT_TRUE(lift("user:ada"));
    EXPECT_EQ(lift("user:bob").error(), reprise::errc::not_found);
    const auto found = db->read_blocking([&](reader& r) { return find_suppression(r, what.id); }).value();
    EXPECT_EQ(found->lifted_by, "user:ada");
}

TEST_F(suppressions_test, each_change_is_a_live_event_of_the_services)
{
    const auto before = db->last_seq();
    const auto what = insert({});
    write([&](transaction& tx) { return count_suppressed(tx, what.id, t0); }).value();
    write([&](transaction& tx) { return lift_suppression(tx, what.id, "user:ada", t0); }).value();
    const auto events = db->read_blocking([&](reader& r) { return list_events(r, before, 10); }).value();
    ASSERT_EQ(events.size(), 3U);
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i].topic, "services");
        EXPECT_EQ(events[i].type, "suppression");
        EXPECT_EQ(events[i].rev, static_cast<std::int64_t>(i) + 1);
    }
}

TEST_F(suppressions_test, a_service_has_at_most_a_hundred_that_stand)
{
    for (std::uint64_t i = 0; i + 1 < suppressions_standing_max; ++i)
        insert({});
    model::suppression over;
    over.until_ns = t0 + hour_ns;
    insert(over);
    const auto try_one = [&](std::int64_t now_ns) {
        return write([&](transaction& tx) {
            model::suppression one;
            one.id = "t" + std::to_string(now_ns);
            one.service = "shop";
            one.reason = "x";
            return insert_suppression(tx, one, now_ns);
        });
    };
    EXPECT_EQ(try_one(t0).error(), reprise::errc::too_large);
    EXPECT_TRUE(try_one(t0 + hour_ns)) << "what is over takes no place";
}

TEST_F(suppressions_test, signals_are_listed_by_whether_they_are_suppressed)
{
    auto loud = some_signal();
    auto quiet = some_signal();
    quiet.id = "signal-2";
    quiet.suppressed_by = "s1";
    write([&](transaction& tx) -> result<void> {
        if (auto kept = insert_signal(tx, loud, t0); !kept)
            return kept;
        return insert_signal(tx, quiet, t0);
    }).value();
    const auto ids = [&](std::optional<bool> suppressed) {
        signal_filter filter;
        filter.suppressed = suppressed;
        std::vector<std::string> found;
        for (const auto& one : db->read_blocking([&](reader& r) { return list_signals(r, filter); }).value())
            found.push_back(one.id + "/" + one.suppressed_by);
        return found;
    };
    EXPECT_EQ(ids(true), std::vector<std::string>{"signal-2/s1"});
    EXPECT_EQ(ids(false), std::vector<std::string>{"signal-1/"});
    EXPECT_EQ(ids({}).size(), 2U);
}

}  // namespace
}  // namespace reprise::store
