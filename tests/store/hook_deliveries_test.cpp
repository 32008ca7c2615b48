#include "store_fixture.hpp"

#include "reprise/base/id.hpp"
#include "reprise/store/hook_deliveries.hpp"

#include <ostream>
#include <vector>

namespace reprise::store {

void PrintTo(hook_state value, std::ostream* out)
{
    *out << to_text(value);
}

namespace {

constexpr std::int64_t minute_ns = 60 * ns_per_s;

class hook_deliveries_test : public store_test {
protected:
    kept_hook hook(std::string key, std::optional<std::string> body_key = std::nullopt)
    {
        kept_hook made;
        made.delivery.id = make_ulid(t0 / ns_per_ms + ++made_);
        made.delivery.source = "github";
        made.delivery.dedup_key = std::move(key);
        made.delivery.body_key = std::move(body_key);
        made.delivery.event = "workflow_run";
        made.delivery.received_ns = t0 + made_;
        made.body = std::string("sealed\0bytes", 12);
        made.delivery.body_bytes = made.body.size();
        return made;
    }
    hook_receipt insert(const kept_hook& one)
    {
        return write([&](transaction& tx) { return insert_hook(tx, one); }).value();
    }
    std::vector<kept_hook> claim(std::int64_t now_ns = t0, std::size_t limit = 10)
    {
        return write([&](transaction& tx) { return claim_hooks(tx, now_ns, now_ns + minute_ns, limit); }).value();
    }
    result<void> finish(const hook_delivery& claimed, const hook_end& end)
    {
        return write([&](transaction& tx) { return finish_hook(tx, claimed, end, t0 + 7); });
    }
    hook_delivery find(const std::string& id)
    {
        return read([&](reader& r) { return find_hook(r, id); }).value().value();
    }
    std::vector<hook_delivery> list(const hook_filter& filter = {}, const std::string& after = {})
    {
        return read([&](reader& r) { return list_hooks(r, filter, after, 100); }).value();
    }

private:
    std::int64_t made_ = 0;
};

TEST_F(hook_deliveries_test, a_delivery_is_kept_as_it_came)
{
    const kept_hook one = hook("delivery-1", "a hash");
    EXPECT_TRUE(insert(one).is_new);

    const auto claimed = claim();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].body, one.body);
    EXPECT_EQ(claimed[0].delivery.id, one.delivery.id);
    EXPECT_EQ(claimed[0].delivery.body_key, "a hash");
    EXPECT_EQ(claimed[0].delivery.attempts, 1U);
}

TEST_F(hook_deliveries_test, the_same_key_or_the_same_body_is_a_repeat)
{
    const kept_hook first = hook("delivery-1", "a hash");
    insert(first);

    const auto same_key = insert(hook("delivery-1"));
    const auto same_body = insert(hook("delivery-2", "a hash"));
    kept_hook elsewhere = hook("delivery-1", "a hash");
    elsewhere.delivery.source = "gitlab";

    EXPECT_FALSE(same_key.is_new);
    EXPECT_EQ(same_key.id, first.delivery.id);
    EXPECT_FALSE(same_body.is_new);
    EXPECT_EQ(same_body.id, first.delivery.id);
    EXPECT_TRUE(insert(elsewhere).is_new);
    EXPECT_EQ(find(first.delivery.id).repeats, 2U);
}

TEST_F(hook_deliveries_test, bodies_without_a_key_may_be_equal)
{
    EXPECT_TRUE(insert(hook("delivery-1")).is_new);
    EXPECT_TRUE(insert(hook("delivery-2")).is_new);
}

TEST_F(hook_deliveries_test, the_oldest_are_claimed_and_nobody_else_gets_them_meanwhile)
{
    const kept_hook first = hook("1");
    const kept_hook second = hook("2");
    const kept_hook third = hook("3");
    for (const kept_hook* one : {&third, &first, &second})
        insert(*one);

    const auto two = claim(t0, 2);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].delivery.id, first.delivery.id);
    EXPECT_EQ(two[1].delivery.id, second.delivery.id);
    EXPECT_EQ(claim(t0, 2).at(0).delivery.id, third.delivery.id);
    EXPECT_TRUE(claim(t0, 2).empty());
}

TEST_F(hook_deliveries_test, those_that_were_tried_come_one_at_a_time)
{
    insert(hook("1"));
    insert(hook("2"));
    ASSERT_EQ(claim().size(), 2U);

    const auto again = claim(t0 + 2 * minute_ns);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].delivery.attempts, 2U);
}

TEST_F(hook_deliveries_test, what_a_process_left_is_due_at_once)
{
    insert(hook("1"));
    ASSERT_EQ(claim().size(), 1U);
    ASSERT_TRUE(claim().empty());

    reopen();
    EXPECT_EQ(write([](transaction& tx) { return release_hooks(tx); }).value(), 1U);
    EXPECT_EQ(claim().size(), 1U);
}

TEST_F(hook_deliveries_test, only_the_current_claim_finishes)
{
    insert(hook("1"));
    const auto claimed = claim().at(0).delivery;
    auto older = claimed;
    older.attempts = 0;

    EXPECT_EQ(finish(older, {hook_state::done, "", 1}).error(), reprise::errc::stale);
    EXPECT_TRUE(finish(claimed, {hook_state::done, "2 alarms", 2}).has_value());
    EXPECT_EQ(finish(claimed, {hook_state::done, "", 1}).error(), reprise::errc::stale);
    const auto found = find(claimed.id);
    EXPECT_EQ(found.state, hook_state::done);
    EXPECT_EQ(found.reason, "2 alarms");
    EXPECT_EQ(found.alarms, 2U);
    EXPECT_EQ(found.processed_ns, t0 + 7);
}

TEST_F(hook_deliveries_test, a_long_reason_is_cut_between_characters)
{
    insert(hook("1"));
    const auto claimed = claim().at(0).delivery;
    std::string reason(hook_reason_bytes_max - 1, 'a');
    reason += "\xC3\xBC";

    ASSERT_TRUE(finish(claimed, {hook_state::failed, reason, 0}).has_value());
    EXPECT_EQ(find(claimed.id).reason, std::string(hook_reason_bytes_max - 1, 'a'));
}

TEST_F(hook_deliveries_test, an_attempt_that_does_not_count_is_taken_back)
{
    insert(hook("1"));
    const auto claimed = claim().at(0).delivery;
    const auto put_back = [&](bool counts, const hook_delivery& one) {
        return write([&](transaction& tx) { return put_back_hook(tx, one, t0 + 5, counts); });
    };

    ASSERT_TRUE(put_back(false, claimed).has_value());
    EXPECT_TRUE(claim(t0 + 4).empty());
    const auto again = claim(t0 + 5).at(0).delivery;
    EXPECT_EQ(again.attempts, 1U);
    ASSERT_TRUE(put_back(true, again).has_value());
    EXPECT_EQ(claim(t0 + 5).at(0).delivery.attempts, 2U);
}

TEST_F(hook_deliveries_test, what_failed_is_replayed_with_all_its_attempts)
{
    insert(hook("1"));
    const auto claimed = claim().at(0).delivery;
    const auto replay = [&](const std::string& id) {
        return write([&](transaction& tx) { return replay_hook(tx, id); });
    };

    EXPECT_EQ(replay(claimed.id).error(), reprise::errc::conflict);
    EXPECT_EQ(replay("nothing").error(), reprise::errc::not_found);
    ASSERT_TRUE(finish(claimed, {hook_state::failed, "no JSON", 0}).has_value());
    const auto replayed = replay(claimed.id);
    ASSERT_TRUE(replayed.has_value());
    EXPECT_EQ(replayed->state, hook_state::waiting);
    EXPECT_EQ(replayed->reason, "");
    EXPECT_EQ(claim().at(0).delivery.attempts, 1U);
}

TEST_F(hook_deliveries_test, lists_are_newest_first_and_filtered)
{
    const kept_hook first = hook("1");
    kept_hook second = hook("2");
    second.delivery.source = "generic/backup";
    insert(first);
    insert(second);
    ASSERT_TRUE(finish(claim(t0, 1).at(0).delivery, {hook_state::failed, "no", 0}).has_value());

    EXPECT_EQ(list().size(), 2U);
    EXPECT_EQ(list().front().id, second.delivery.id);
    EXPECT_EQ(list({}, second.delivery.id).at(0).id, first.delivery.id);
    EXPECT_EQ(list({hook_state::failed, ""}).at(0).id, first.delivery.id);
    EXPECT_EQ(list({std::nullopt, "generic/backup"}).at(0).id, second.delivery.id);
    EXPECT_TRUE(list({hook_state::failed, "generic/backup"}).empty());
}

TEST_F(hook_deliveries_test, old_rows_go_and_their_bodies_go_before)
{
    insert(hook("1"));
    insert(hook("2"));
    insert(hook("3"));
    for (const auto& one : claim(t0, 2))
        ASSERT_TRUE(finish(one.delivery, {hook_state::done, "", 1}).has_value());
    const auto totals = read([](reader& r) { return sum_hooks(r); }).value();
    EXPECT_EQ(totals.waiting, 1U);
    EXPECT_EQ(totals.done_body_bytes, 24U);

    const auto dropped = write([](transaction& tx) { return drop_hook_bodies(tx, 5, 100); });
    EXPECT_EQ(dropped.value(), 1U);
    const auto oldest = list({hook_state::done, ""}).back();
    EXPECT_EQ(oldest.body_bytes, 0U);
    EXPECT_EQ(
        write([&](transaction& tx) { return replay_hook(tx, oldest.id); }).error(), reprise::errc::conflict
    );

    const auto pruned =
        write([](transaction& tx) { return prune_hooks(tx, hook_state::done, t0 + minute_ns, 100); });
    EXPECT_EQ(pruned.value(), 2U);
    EXPECT_EQ(list().size(), 1U);
}

TEST_F(hook_deliveries_test, events_are_found_by_what_they_are_about)
{
    const hook_event merged = {make_ulid(t0), "hook", "github", hook_event_kind::pull_request_merged,
                               "https://github.com/o/r/pull/7", R"({"number":7})", t0};
    ASSERT_TRUE(write([&](transaction& tx) { return insert_hook_event(tx, merged); }).has_value());

    const auto list_of = [&](const std::string& subject) {
        return read([&](reader& r) { return list_hook_events(r, subject, 10); }).value();
    };
    ASSERT_EQ(list_of(merged.subject).size(), 1U);
    EXPECT_EQ(list_of(merged.subject)[0].kind, hook_event_kind::pull_request_merged);
    EXPECT_EQ(list_of(merged.subject)[0].detail, R"({"number":7})");
    EXPECT_TRUE(list_of("https://github.com/o/r/pull/8").empty());
    EXPECT_EQ(write([](transaction& tx) { return prune_hook_events(tx, t0 + 1, 10); }).value(), 1U);
}

}  // namespace
}  // namespace reprise::store
