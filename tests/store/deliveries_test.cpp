#include "store_fixture.hpp"

#include "reprise/store/deliveries.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/notices.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/slack.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t lease_ns = 60 * ns_per_s;

class deliveries_test : public store_test {
protected:
    void SetUp() override
    {
        add("e1");
        add("e2");
    }

    result<void> add(const std::string& id)
    {
        notice_endpoint value;
        value.id = id;
        value.url = "https://receiver.test/" + id;
        value.description = "the pager";
        value.secret = "c2VhbGVk";
        value.created_ns = t0;
        value.updated_ns = t0;
        return write([&](transaction& tx) { return insert_endpoint(tx, value); });
    }
    void tell(const std::string& key, std::int64_t at_ns = t0)
    {
        notice what;
        what.key = key;
        what.subject = "incident/i1";
        what.at_ns = at_ns;
        write([&](transaction& tx) { return enqueue_deliveries(tx, what); }).value();
    }
    std::vector<delivery> claim(const std::string& endpoint, std::int64_t now_ns, std::size_t limit = 10)
    {
        return write([&](transaction& tx) { return claim_deliveries(tx, endpoint, now_ns, lease_ns, limit); }).value();
    }
    result<void> end(const delivery& one, const delivery_end& how, std::int64_t now_ns = t0)
    {
        return write([&](transaction& tx) { return end_attempt(tx, one.id, one.attempts, how, now_ns); });
    }
    delivery stored(const std::string& id)
    {
        return read([&](reader& r) { return find_delivery(r, id); }).value().value();
    }
    notice_endpoint endpoint(const std::string& id)
    {
        return read([&](reader& r) { return find_endpoint(r, id); }).value().value();
    }
    std::vector<std::string> due(std::int64_t now_ns)
    {
        return read([&](reader& r) { return list_due_endpoints(r, now_ns); }).value();
    }
};

TEST_F(deliveries_test, a_claim_hides_what_it_took_until_its_lease_ends)
{
    tell("k1");
    tell("k2", t0 + 1);
    EXPECT_EQ(due(t0), (std::vector<std::string>{"e1", "e2"}));

    const auto first = claim("e1", t0 + 1, 1);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].notice_key, "k1");
    EXPECT_EQ(first[0].attempts, 1U);
    EXPECT_EQ(first[0].rung, 1U);
    EXPECT_EQ(claim("e1", t0 + 1).size(), 1U);
    EXPECT_TRUE(claim("e1", t0 + 1).empty());
    EXPECT_EQ(due(t0 + 1), std::vector<std::string>{"e2"});

    const auto again = claim("e1", t0 + 1 + lease_ns);
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].attempts, 2U);
    EXPECT_EQ(again[0].attempts_known, 0U) << "nobody knows what came of the first";
    EXPECT_EQ(end(first[0], {}).error(), reprise::errc::stale) << "the earlier claim says nothing any more";
}

TEST_F(deliveries_test, an_attempt_ends_delivered_put_back_or_given_up)
{
    tell("k1");
    auto one = claim("e1", t0).front();
    delivery_end later;
    later.due_ns = t0 + 5 * ns_per_s;
    later.status = 500;
    later.error = "answered 500";
    later.snippet = "oops";
    ASSERT_TRUE(end(one, later));
    EXPECT_TRUE(claim("e1", t0 + 4 * ns_per_s).empty());

    one = claim("e1", t0 + 5 * ns_per_s).front();
    EXPECT_EQ(one.attempts_known, 1U);
    EXPECT_EQ(one.rung, 2U);
    EXPECT_EQ(one.status, 500);
    delivery_end put_off;
    put_off.due_ns = t0 + 9 * ns_per_s;
    put_off.uses_rung = false;
    ASSERT_TRUE(end(one, put_off));
    one = claim("e1", t0 + 9 * ns_per_s).front();
    EXPECT_EQ(one.rung, 2U) << "being put off is no attempt of the ladder";

    delivery_end done;
    done.state = delivery_state::delivered;
    done.status = 204;
    ASSERT_TRUE(end(one, done, t0 + 10 * ns_per_s));
    const auto back = stored(one.id);
    EXPECT_EQ(back.state, delivery_state::delivered);
    EXPECT_EQ(back.ended_ns, t0 + 10 * ns_per_s);
    EXPECT_TRUE(back.error.empty());
    EXPECT_EQ(end(one, done).error(), reprise::errc::stale);
}

TEST_F(deliveries_test, a_replay_starts_the_ladder_anew_under_the_same_message_id)
{
    tell("k1");
    const auto one = claim("e1", t0).front();
    const auto replay = [&](const std::string& id, std::int64_t now_ns) {
        return write([&](transaction& tx) { return replay_delivery(tx, id, now_ns); });
    };
    EXPECT_EQ(replay(one.id, t0).error(), reprise::errc::conflict);
    EXPECT_EQ(replay("nobody", t0).error(), reprise::errc::not_found);
    delivery_end failed;
    failed.state = delivery_state::failed;
    ASSERT_TRUE(end(one, failed));

    const auto replayed = replay(one.id, t0 + 7).value();
    EXPECT_EQ(replayed.state, delivery_state::pending);
    EXPECT_EQ(replayed.rung, 0U);
    EXPECT_FALSE(replayed.ended_ns);
    const auto again = claim("e1", t0 + 7).front();
    EXPECT_EQ(again.message_id, one.message_id);
    EXPECT_EQ(again.attempts, 2U);
}

TEST_F(deliveries_test, disabling_gives_up_what_waits_and_takes_nothing_more)
{
    tell("k1");
    write([](transaction& tx) { return disable_endpoint(tx, "e1", "answered 410 Gone", t0 + 1); }).value();
    tell("k2");

    delivery_filter filter;
    filter.endpoint_id = "e1";
    const auto list = read([&](reader& r) { return list_deliveries(r, filter); }).value();
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].state, delivery_state::failed);
    EXPECT_EQ(list[0].error, "its endpoint was disabled: answered 410 Gone");
    EXPECT_EQ(endpoint("e1").disabled_reason, "answered 410 Gone");
    EXPECT_FALSE(endpoint("e1").enabled);
    EXPECT_EQ(read([](reader& r) { return count_disabled_endpoints(r); }).value(), 1U);
    EXPECT_EQ(due(t0 + 1), std::vector<std::string>{"e2"});
}

TEST_F(deliveries_test, an_endpoint_remembers_since_when_it_fails)
{
    const auto fail = [&](std::int64_t now_ns) {
        return write([&](transaction& tx) { return note_endpoint_failure(tx, "e1", "refused", now_ns); }).value();
    };
    EXPECT_EQ(fail(t0 + 1), t0 + 1);
    EXPECT_EQ(fail(t0 + 9), t0 + 1);
    EXPECT_EQ(endpoint("e1").last_error, "refused");
    const auto ailing = [&](std::int64_t before_ns) {
        return read([&](reader& r) { return list_ailing_endpoints(r, before_ns); }).value().size();
    };
    EXPECT_EQ(ailing(t0 + 2), 1U);
    EXPECT_EQ(ailing(t0 + 1), 0U);

    write([](transaction& tx) { return note_endpoint_success(tx, "e1"); }).value();
    EXPECT_FALSE(endpoint("e1").failing_since_ns);
    EXPECT_TRUE(endpoint("e1").last_error.empty());
    EXPECT_EQ(fail(t0 + 20), t0 + 20);
}

TEST_F(deliveries_test, endpoints_are_saved_by_version_and_keep_what_people_do_not_set)
{
    write([](transaction& tx) { return note_endpoint_failure(tx, "e1", "refused", t0 + 1); }).value();
    auto value = endpoint("e1");
    value.types = {"run.dead_lettered"};
    value.severity_from = model::severity::high;
    value.previous_secret = "b2xk";
    value.previous_until_ns = t0 + 99;
    value.last_error = "not for people to set";
    const auto save = [&](std::int64_t version) {
        return write([&](transaction& tx) { return save_endpoint(tx, value, version); });
    };
    EXPECT_EQ(save(7).error(), reprise::errc::stale);
    ASSERT_TRUE(save(1));
    EXPECT_EQ(value.version, 2);
    const auto back = endpoint("e1");
    EXPECT_EQ(back.types, value.types);
    EXPECT_EQ(back.severity_from, model::severity::high);
    EXPECT_EQ(back.secret, "c2VhbGVk");
    EXPECT_EQ(back.previous_secret, "b2xk");
    EXPECT_EQ(back.last_error, "refused");

    tell("k1");
    ASSERT_TRUE(write([](transaction& tx) { return delete_endpoint(tx, "e2"); }));
    EXPECT_EQ(write([](transaction& tx) { return delete_endpoint(tx, "e2"); }).error(), reprise::errc::not_found);
    EXPECT_TRUE(read([](reader& r) { return list_deliveries(r, {}); }).value().empty()) << "gone with it";
}

TEST_F(deliveries_test, there_are_as_many_webhooks_as_the_limit_says)
{
    for (std::size_t i = 2; i < webhooks_max; ++i)
        ASSERT_TRUE(add("more" + std::to_string(i)));
    EXPECT_EQ(add("one too many").error(), reprise::errc::too_large);
    EXPECT_EQ(read([](reader& r) { return list_webhooks(r); }).value().size(), webhooks_max);
}

TEST_F(deliveries_test, slack_is_the_configurations_and_no_webhook)
{
    const auto set = [&](const std::string& channel) {
        const auto work = [&](transaction& tx) {
            return set_slack_endpoint(tx, channel, model::severity::high, {"approval.opened"}, t0 + 1);
        };
        write(work).value();
    };
    set("C1");
    set("C2");
    EXPECT_EQ(endpoint("slack").url, "C2");
    EXPECT_EQ(endpoint("slack").kind, endpoint_kind::slack);
    EXPECT_EQ(read([](reader& r) { return list_webhooks(r); }).value().size(), 2U);

    write([](transaction& tx) { return unset_slack_endpoint(tx, t0 + 2); }).value();
    EXPECT_FALSE(endpoint("slack").enabled);
    EXPECT_EQ(read([](reader& r) { return count_disabled_endpoints(r); }).value(), 0U) << "nobody's loss";
    set("C2");
    EXPECT_TRUE(endpoint("slack").enabled);
}

TEST_F(deliveries_test, old_ones_go_and_waiting_ones_stay)
{
    tell("k1");
    tell("k2");
    const auto one = claim("e1", t0, 1).front();
    delivery_end done;
    done.state = delivery_state::delivered;
    ASSERT_TRUE(end(one, done));
    const auto prune = [&](std::int64_t now_ns) {
        return write([&](transaction& tx) { return prune_deliveries(tx, now_ns); }).value();
    };
    EXPECT_EQ(prune(t0 + deliveries_kept_ns), 0U);
    EXPECT_EQ(prune(t0 + deliveries_kept_ns + 1), 1U);
    const auto queue = read([](reader& r) { return look_at_deliveries(r); }).value();
    EXPECT_EQ(queue.waiting, 3U);
    EXPECT_EQ(queue.oldest_ns, t0);
}

TEST_F(deliveries_test, a_slack_message_is_remembered_and_the_first_one_stays)
{
    const auto keep = [&](const std::string& ts) {
        const slack_message value{"approval/a1", "C1", ts, t0};
        write([&](transaction& tx) { return insert_slack_message(tx, value); }).value();
    };
    EXPECT_FALSE(read([](reader& r) { return find_slack_message(r, "approval/a1"); }).value());
    keep("1.1");
    keep("2.2");
    EXPECT_EQ(read([](reader& r) { return find_slack_message(r, "approval/a1"); }).value()->ts, "1.1");
}

TEST_F(deliveries_test, a_slack_user_is_one_person)
{
    for (const std::string name : {"ada", "bo"}) {
        model::person person;
        person.id = "p-" + name;
        person.name = name;
        write([&](transaction& tx) { return insert_person(tx, person); }).value();
    }
    const auto link = [&](const std::string& person, const std::string& user) {
        return write([&](transaction& tx) { return link_slack_user(tx, person, user, "user:root", t0); });
    };
    const auto who = [&](const std::string& user) {
        return read([&](reader& r) { return find_person_by_slack_user(r, user); }).value();
    };
    ASSERT_TRUE(link("p-ada", "U1"));
    EXPECT_EQ(who("U1")->name, "ada");
    EXPECT_FALSE(who("U2"));
    EXPECT_EQ(link("p-bo", "U1").error(), reprise::errc::conflict);
    const auto list = read([](reader& r) { return list_slack_people(r, 10); }).value();
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].name, "ada");
    EXPECT_EQ(list[0].linked_by, "user:root");
    ASSERT_TRUE(link("p-ada", "U2"));
    EXPECT_FALSE(who("U1"));
    EXPECT_EQ(read([](reader& r) { return find_slack_user(r, "p-ada"); }).value(), "U2");
    ASSERT_TRUE(link("p-ada", ""));
    EXPECT_FALSE(who("U2"));
    EXPECT_EQ(link("p-nobody", "U3").error(), reprise::errc::invalid_argument);
}

}  // namespace
}  // namespace reprise::store
