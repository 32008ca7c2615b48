#include "store_fixture.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/service_windows.hpp"
#include "reprise/store/snoozes.hpp"

#include <algorithm>

namespace reprise::store {
namespace {

model::approval approval_of(const std::string& id)
{
    model::approval approval;
    approval.id = id;
    approval.run_id = "r-" + id;
    approval.incident_id = "i-" + id;
    approval.action = "ticket";
    approval.content = "{}";
    approval.created_ns = t0;
    approval.expires_ns = t0 + 1000;
    return approval;
}

class snoozes_test : public store_test {
protected:
    void SetUp() override
    {
        for (const std::string id : {"a1", "a2"}) {
            write([&](transaction& tx) { return add_run(tx, "i-" + id, "r-" + id); }).value();
            write([&](transaction& tx) { return insert_approval(tx, approval_of(id)); }).value();
        }
        for (const std::string name : {"ada", "bo"}) {
            model::person person;
            person.id = name;
            person.name = name;
            write([&](transaction& tx) { return insert_person(tx, person); }).value();
        }
    }
    result<void> put_off(const std::string& person, const std::string& approval, std::int64_t until_ns)
    {
        return write([&](transaction& tx) { return save_approval_snooze(tx, person, {approval, until_ns, t0}); });
    }
    std::vector<std::string> snoozed(const std::string& person, std::int64_t now_ns)
    {
        std::vector<std::string> ids;
        for (const approval_snooze& each :
             read([&](reader& r) { return list_approval_snoozes(r, person, now_ns); }).value())
            ids.push_back(each.approval_id);
        return ids;
    }
};

using ids = std::vector<std::string>;

TEST_F(snoozes_test, belong_to_one_person_and_the_first_to_end_comes_first)
{
    ASSERT_TRUE(put_off("ada", "a1", t0 + 20));
    ASSERT_TRUE(put_off("ada", "a2", t0 + 10));
    EXPECT_EQ(snoozed("ada", t0), (ids{"a2", "a1"}));
    EXPECT_EQ(snoozed("bo", t0), ids{});
    ASSERT_TRUE(put_off("ada", "a2", t0 + 30)) << "once more is another time";
    EXPECT_EQ(snoozed("ada", t0), (ids{"a1", "a2"}));
}

TEST_F(snoozes_test, say_nothing_any_more_once_their_time_is_up)
{
    ASSERT_TRUE(put_off("ada", "a1", t0 + 20));
    const auto until = [&](std::int64_t now_ns) {
        return read([&](reader& r) { return find_snoozed_until(r, "ada", "a1", now_ns); }).value();
    };
    EXPECT_EQ(until(t0 + 19), t0 + 20);
    EXPECT_EQ(until(t0 + 20), std::nullopt);
    EXPECT_EQ(snoozed("ada", t0 + 20), ids{});
    EXPECT_EQ(write([](transaction& tx) { return prune_approval_snoozes(tx, t0 + 19, 10); }).value(), 0U);
    EXPECT_EQ(write([](transaction& tx) { return prune_approval_snoozes(tx, t0 + 20, 10); }).value(), 1U);
}

TEST_F(snoozes_test, are_live_events_of_their_approval)
{
    const std::int64_t before = db->last_seq();
    ASSERT_TRUE(put_off("ada", "a1", t0 + 20));
    ASSERT_TRUE(write([](transaction& tx) { return delete_approval_snooze(tx, "ada", "a1", t0 + 1); }));
    const auto events = read([&](reader& r) { return list_events(r, before, 10); }).value();
    ASSERT_EQ(events.size(), 2U);
    for (const live_event& event : events) {
        EXPECT_EQ(event.topic, "approvals");
        EXPECT_EQ(event.entity_id, "a1");
    }
}

TEST_F(snoozes_test, of_what_is_not_there_are_refused)
{
    EXPECT_EQ(put_off("ada", "nothing", t0 + 20).error(), reprise::errc::not_found);
    EXPECT_EQ(
        write([](transaction& tx) { return delete_approval_snooze(tx, "ada", "a1", t0); }).error(),
        reprise::errc::not_found
    );
}

class snoozed_incidents : public store_test {
protected:
    void add(const std::string& id, std::optional<std::int64_t> until_ns, const std::string& assignee = {})
    {
        model::incident incident = incident_of(id);
        incident.snoozed_until_ns = until_ns;
        incident.snooze_reason = until_ns ? "later" : "";
        incident.snoozed_by = until_ns ? "ada" : "";
        incident.assigned_to = assignee;
        write([&](transaction& tx) { return insert_incident(tx, incident, opened_event()); }).value();
    }
    ids list(const incident_filter& filter)
    {
        ids found;
        for (const model::incident& each : read([&](reader& r) { return list_incidents(r, filter); }).value())
            found.push_back(each.id);
        return found;
    }
};

TEST_F(snoozed_incidents, are_listed_apart_until_their_time_is_up)
{
    add("1", std::nullopt);
    add("2", t0 + 100);
    incident_filter filter;
    filter.now_ns = t0;
    EXPECT_EQ(list(filter), (ids{"2", "1"}));
    filter.snoozed = false;
    EXPECT_EQ(list(filter), ids{"1"});
    filter.snoozed = true;
    EXPECT_EQ(list(filter), ids{"2"});
    filter.now_ns = t0 + 100;
    EXPECT_EQ(list(filter), ids{});

    const auto stored = read([](reader& r) { return find_incident(r, "2"); }).value().value();
    EXPECT_EQ(stored.snooze_reason, "later");
    EXPECT_EQ(stored.snoozed_by, "ada");
    const auto worst = read([](reader& r) { return list_worst_incidents(r, t0, 5); }).value();
    ASSERT_EQ(worst.size(), 1U);
    EXPECT_EQ(worst.front().id, "1");
}

TEST_F(snoozed_incidents, whose_time_is_up_are_found)
{
    add("1", t0 + 50);
    add("2", t0 + 20);
    add("3", std::nullopt);
    const auto passed = [&](std::int64_t now_ns) {
        return read([&](reader& r) { return list_passed_snoozes(r, now_ns, 10); }).value().size();
    };
    EXPECT_EQ(passed(t0 + 19), 0U);
    EXPECT_EQ(passed(t0 + 20), 1U);
    EXPECT_EQ(passed(t0 + 50), 2U);
}

TEST_F(snoozed_incidents, are_listed_by_whose_they_are)
{
    add("1", std::nullopt, "ada");
    add("2", std::nullopt);
    incident_filter filter;
    filter.assigned_to = "ada";
    EXPECT_EQ(list(filter), ids{"1"});
    filter.assigned_to = "";
    EXPECT_EQ(list(filter), ids{"2"});
}

class drawn_windows_test : public store_test {
protected:
    void add(const std::string& service, std::int64_t start_ns, std::uint64_t requests, std::int64_t lag_ns = 5)
    {
        const service_window row{service, start_ns, 10, requests, 1, 7, lag_ns};
        write([&](transaction& tx) { return save_service_window(tx, row); }).value();
    }
};

TEST_F(drawn_windows_test, come_back_oldest_first_and_the_later_row_of_a_window_counts)
{
    add("checkout", t0 + 10, 3);
    add("checkout", t0, 2);
    add("checkout", t0 + 10, 4);
    add("cart", t0, 9);
    const auto rows = read([](reader& r) { return list_drawn_windows(r, "checkout", t0, 10); }).value();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].requests, 2U);
    EXPECT_EQ(rows[1].requests, 4U);
    EXPECT_EQ(rows[1].p95_ns, 7);
    const auto newest = read([](reader& r) { return list_drawn_windows(r, "checkout", t0, 1); }).value();
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest.front().window_start_ns, t0 + 10);
}

TEST_F(drawn_windows_test, tell_which_services_are_busy_and_how_late_windows_were)
{
    add("cart", t0, 5, 1);
    add("cart", t0 + 10, 6, 2);
    add("checkout", t0, 20, 3);
    add("old", t0 - 10, 500, 4);
    const auto busy = read([](reader& r) { return list_busy_services(r, t0, 10); }).value();
    ASSERT_EQ(busy.size(), 2U);
    EXPECT_EQ(busy[0].service, "checkout");
    EXPECT_EQ(busy[1].requests, 11U);
    auto lags = read([](reader& r) { return list_window_lags(r, t0, 10); }).value();
    std::sort(lags.begin(), lags.end());
    EXPECT_EQ(lags, (std::vector<std::int64_t>{1, 2, 3}));
}

}  // namespace
}  // namespace reprise::store
