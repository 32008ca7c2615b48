#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include "reprise/store/alarms.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/incident_likeness.hpp"

namespace reprise::store {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * 1'000'000'000;

stored_alarm alarm_of(std::string id, std::string source = "api")
{
    stored_alarm row;
    row.alarm.id = std::move(id);
    row.alarm.source = std::move(source);
    row.alarm.event_key = row.alarm.id;
    row.alarm.service = "shop";
    row.alarm.received_ns = t0;
    return row;
}

held_event event_of(std::string id, std::string signature)
{
    held_event event;
    event.id = std::move(id);
    event.signature = std::move(signature);
    event.service = "shop";
    event.first_seen_ns = t0;
    event.last_seen_ns = t0;
    return event;
}

class alarms_test : public store_test {
protected:
    result<void> insert(const stored_alarm& row)
    {
        return write([&](transaction& tx) { return insert_alarm(tx, row); });
    }
    std::string ids(const alarm_filter& filter)
    {
        std::string text;
        for (const auto& one : read([&](reader& r) { return list_alarms(r, filter); }).value())
            text += one.alarm.id + " ";
        return text;
    }
    void run(const std::string& sql)
    {
        raw_sqlite raw(options_in(directory).path);
        raw.run(sql);
    }
};

TEST_F(alarms_test, an_alarm_comes_back_as_it_was_put_in)
{
    stored_alarm row = alarm_of("a1", "sns");
    row.alarm.group_key = "arn";
    row.alarm.state = model::alarm_state::resolved;
    row.alarm.error_type = "CW_ALARM";
    row.alarm.title = "'; DROP TABLE alarms; --";
    row.alarm.description = "two\nlines \xc3\xa9";
    row.alarm.route = "GET /users/{id}";
    row.alarm.frames = {"f a.js", "g b.js"};
    row.alarm.status_code = 503;
    row.alarm.severity = model::severity::high;
    row.alarm.resource = "arn:aws:x";
    row.alarm.link = "https://x.test/";
    row.alarm.labels = {{"zone", "b"}, {"a\"b", "c"}};
    row.alarm.occurred_ns = t0 - 5;
    row.fingerprint = "f1";
    row.signature = "shop|CW_ALARM|x";
    row.handling = model::handling_class::caught;
    row.handling_text = "ERROR x";
    row.fate = alarm_fate::counted;
    row.layer = dedup_layer::lexical;
    row.incident_id = "i1";
    row.event_id = "e1";
    ASSERT_TRUE(insert(row));

    const auto back = read([](reader& r) { return find_alarm(r, "a1"); }).value().value();

    EXPECT_EQ(back.alarm.source, "sns");
    EXPECT_EQ(back.alarm.state, model::alarm_state::resolved);
    EXPECT_EQ(back.alarm.title, row.alarm.title);
    EXPECT_EQ(back.alarm.description, row.alarm.description);
    EXPECT_EQ(back.alarm.frames, row.alarm.frames);
    EXPECT_EQ(back.alarm.status_code, 503);
    EXPECT_EQ(back.alarm.severity, model::severity::high);
    EXPECT_EQ(back.alarm.labels, row.alarm.labels);
    EXPECT_EQ(back.alarm.occurred_ns, t0 - 5);
    EXPECT_EQ(back.handling, model::handling_class::caught);
    EXPECT_EQ(back.fate, alarm_fate::counted);
    EXPECT_EQ(back.layer, dedup_layer::lexical);
    EXPECT_EQ(back.incident_id, "i1");
    EXPECT_EQ(insert(row).error(), reprise::errc::conflict);
    EXPECT_FALSE(read([](reader& r) { return find_alarm(r, "a2"); }).value());
}

TEST_F(alarms_test, lists_are_filtered_and_paged_newest_first)
{
    auto stale = alarm_of("a2");
    stale.fate = alarm_fate::stale;
    auto other = alarm_of("a3", "sns");
    other.alarm.service = "cart";
    other.incident_id = "i1";
    for (const auto& one : {alarm_of("a1"), stale, other, alarm_of("a4")})
        ASSERT_TRUE(insert(one));

    EXPECT_EQ(ids({}), "a4 a3 a2 a1 ");
    alarm_filter filter;
    filter.limit = 2;
    EXPECT_EQ(ids(filter), "a4 a3 ");
    filter.after = "a3";
    EXPECT_EQ(ids(filter), "a2 a1 ");
    filter = {};
    filter.fate = alarm_fate::stale;
    EXPECT_EQ(ids(filter), "a2 ");
    filter = {};
    filter.service = "cart";
    EXPECT_EQ(ids(filter), "a3 ");
    filter = {};
    filter.source = "sns";
    filter.incident_id = "i1";
    EXPECT_EQ(ids(filter), "a3 ");
}

TEST_F(alarms_test, only_the_newest_rows_and_keys_are_kept)
{
    const auto claim = [this](const std::string& key, const std::string& id) {
        return write([&](transaction& tx) { return claim_alarm_key(tx, "api", key, id); }).value();
    };
    ASSERT_TRUE(insert(alarm_of("a1")));
    ASSERT_TRUE(insert(alarm_of("a2")));
    claim("k1", "a1");
    claim("k2", "a2");
    run("UPDATE alarms SET number = number + " + std::to_string(alarms_kept_max - 1) + " WHERE id = 'a2'");
    run("UPDATE alarm_keys SET number = number + " + std::to_string(alarm_keys_kept_max - 1) +
        " WHERE alarm_id = 'a2'");

    ASSERT_TRUE(insert(alarm_of("a3")));
    claim("k3", "a3");

    EXPECT_EQ(ids({}), "a3 a2 ");
    EXPECT_EQ(claim("k2", "a9"), "a2");
    EXPECT_EQ(claim("k1", "a9"), "");
}

TEST_F(alarms_test, a_key_belongs_to_its_source)
{
    EXPECT_EQ(write([](transaction& tx) { return claim_alarm_key(tx, "sns", "k", "a1"); }).value(), "");
    EXPECT_EQ(write([](transaction& tx) { return claim_alarm_key(tx, "api", "k", "a2"); }).value(), "");
    EXPECT_EQ(write([](transaction& tx) { return claim_alarm_key(tx, "sns", "k", "a3"); }).value(), "a1");
}

TEST_F(alarms_test, the_alarm_of_a_group_is_the_newest_with_an_incident)
{
    auto first = alarm_of("a1", "sns");
    first.alarm.group_key = "arn";
    first.incident_id = "i1";
    auto second = first;
    second.alarm.id = "a2";
    second.incident_id = "";
    ASSERT_TRUE(insert(first));
    ASSERT_TRUE(insert(second));

    EXPECT_EQ(read([](reader& r) { return find_alarm_of_group(r, "sns", "arn"); }).value()->alarm.id, "a1");
    EXPECT_FALSE(read([](reader& r) { return find_alarm_of_group(r, "api", "arn"); }).value());
    EXPECT_FALSE(read([](reader& r) { return find_alarm_of_group(r, "sns", ""); }).value());
}

TEST_F(alarms_test, totals_are_kept_by_day)
{
    for (const std::int64_t at : {t0, t0, t0 + day_ns})
        ASSERT_TRUE(write([&](transaction& tx) { return add_alarm_total(tx, "fate.stale", at); }));
    ASSERT_TRUE(write([](transaction& tx) { return add_alarm_total(tx, "cold_start", t0); }));

    const auto all = read([](reader& r) { return list_alarm_totals(r, 0); }).value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "cold_start");
    EXPECT_EQ(all[1].count, 3U);
    const auto since = read([](reader& r) { return list_alarm_totals(r, t0 + day_ns); }).value();
    ASSERT_EQ(since.size(), 1U);
    EXPECT_EQ(since[0].count, 1U);

    const std::int64_t much_later = t0 + (alarm_days_kept_max + 1) * day_ns;
    ASSERT_TRUE(write([&](transaction& tx) { return add_alarm_total(tx, "fate.stale", much_later); }));
    EXPECT_EQ(read([](reader& r) { return list_alarm_totals(r, 0); }).value().front().count, 2U);
}

TEST_F(alarms_test, one_event_per_signature_waits)
{
    const auto insert_event = [this](const held_event& event) {
        return write([&](transaction& tx) { return insert_held_event(tx, event); });
    };
    auto event = event_of("e1", "s1");
    ASSERT_TRUE(insert_event(event));
    EXPECT_EQ(insert_event(event_of("e2", "s1")).error(), reprise::errc::conflict);
    EXPECT_EQ(read([](reader& r) { return find_pending_event(r, "s1"); }).value()->id, "e1");

    event.state = event_state::approved;
    event.occurrences = 7;
    event.incident_id = "i1";
    event.decided_by = "user:ada";
    event.decided_ns = t0 + 9;
    ASSERT_TRUE(write([&](transaction& tx) { return save_held_event(tx, event, 1); }));
    auto stale = event;
    EXPECT_EQ(write([&](transaction& tx) { return save_held_event(tx, stale, 1); }).error(), reprise::errc::stale);
    ASSERT_TRUE(insert_event(event_of("e3", "s1")));

    const auto back = read([](reader& r) { return find_held_event(r, "e1"); }).value().value();
    EXPECT_EQ(back.state, event_state::approved);
    EXPECT_EQ(back.occurrences, 7U);
    EXPECT_EQ(back.decided_ns, t0 + 9);
    EXPECT_EQ(back.version, 2);
    const auto pending = read([](reader& r) { return list_held_events(r, event_state::pending, "", 10); }).value();
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].id, "e3");
    EXPECT_EQ(read([](reader& r) { return list_held_events(r, std::nullopt, "e3", 10); }).value().size(), 1U);
}

TEST_F(alarms_test, too_many_waiting_events_are_refused)
{
    run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(held_events_max) +
        ") INSERT INTO held_events (id, signature, service, error_type, title, source, handling, handling_text,"
        " first_seen_ns, state, occurrences, last_seen_ns, incident_id, decided_by, version)"
        " SELECT 'e' || i, 's' || i, '', '', '', '', 'unknown', '', 0, 'pending', 1, 0, '', '', 1 FROM n");

    const auto refused = write([](transaction& tx) { return insert_held_event(tx, event_of("more", "more")); });

    EXPECT_EQ(refused.error(), reprise::errc::unavailable);
}

TEST_F(alarms_test, a_dismissed_signature_counts_what_it_drops_until_it_is_lifted)
{
    event_dismissal dismissal;
    dismissal.id = "d1";
    dismissal.signature = "s1";
    dismissal.dismissed_by = "user:ada";
    dismissal.dismissed_ns = t0;
    ASSERT_TRUE(write([&](transaction& tx) { return insert_dismissal(tx, dismissal); }));

    EXPECT_TRUE(write([](transaction& tx) { return count_dismissed(tx, "s1"); }).value());
    EXPECT_FALSE(write([](transaction& tx) { return count_dismissed(tx, "s2"); }).value());
    EXPECT_EQ(read([](reader& r) { return find_dismissal(r, "d1"); }).value()->dropped, 1U);
    EXPECT_EQ(read([](reader& r) { return list_dismissals(r, "", 10); }).value().size(), 1U);

    ASSERT_TRUE(write([](transaction& tx) { return delete_dismissal(tx, "d1"); }));
    EXPECT_FALSE(write([](transaction& tx) { return count_dismissed(tx, "s1"); }).value());
    EXPECT_EQ(write([](transaction& tx) { return delete_dismissal(tx, "d1"); }).error(), reprise::errc::not_found);
}

TEST_F(alarms_test, held_alarms_become_what_their_event_became)
{
    auto held = alarm_of("a1");
    held.fate = alarm_fate::held;
    held.event_id = "e1";
    auto other = held;
    other.alarm.id = "a2";
    other.event_id = "e2";
    ASSERT_TRUE(insert(held));
    ASSERT_TRUE(insert(other));

    ASSERT_TRUE(write([](transaction& tx) {
        return settle_held_alarms(tx, "e1", alarm_fate::opened, dedup_layer::none, "i1");
    }));

    EXPECT_EQ(read([](reader& r) { return find_alarm_of_event(r, "e1"); }).value()->fate, alarm_fate::opened);
    EXPECT_EQ(read([](reader& r) { return find_alarm(r, "a1"); }).value()->incident_id, "i1");
    EXPECT_EQ(read([](reader& r) { return find_alarm(r, "a2"); }).value()->fate, alarm_fate::held);
}

class likeness_test : public store_test {
protected:
    void add(std::string incident, std::string service, std::string key, std::string text)
    {
        const incident_text row{std::move(incident), std::move(service), "TypeError", std::move(key), std::move(text)};
        ASSERT_TRUE(write([&](transaction& tx) { return add_incident_text(tx, row); }));
    }
    std::string similar(const std::string& service, const std::string& text)
    {
        std::string ids;
        for (const auto& one : read([&](reader& r) { return find_similar_texts(r, service, text); }).value())
            ids += one.incident_id + " ";
        return ids;
    }
    std::vector<std::string> equal(const std::string& service, const std::string& key)
    {
        return read([&](reader& r) { return find_equal_incidents(r, service, "TypeError", key); }).value();
    }
};

TEST_F(likeness_test, equal_keys_are_found_newest_first_and_an_empty_key_never)
{
    add("i1", "shop", "cart is empty", "x");
    add("i2", "shop", "cart is empty", "x");
    add("i2", "shop", "cart is empty", "again");
    add("i3", "cart", "cart is empty", "x");
    add("i4", "shop", "", "x");

    EXPECT_EQ(equal("shop", "cart is empty"), (std::vector<std::string>{"i2", "i1"}));
    EXPECT_TRUE(equal("shop", "").empty());
}

TEST_F(likeness_test, similar_texts_share_words_within_one_service)
{
    add("i1", "shop", "a", "typeerror cannot read discount of undefined");
    add("i2", "shop", "b", "connection refused by payments");
    add("i3", "cart", "c", "typeerror cannot read discount of undefined");

    EXPECT_EQ(similar("shop", "cannot read discount"), "i1 ");
    EXPECT_EQ(similar("shop", "refused"), "i2 ");
    EXPECT_EQ(similar("shop", "nothing alike"), "");
    EXPECT_EQ(similar("shop", "?? \" * ( ) NEAR"), "");
    EXPECT_EQ(similar("nobody", "discount"), "");
}

TEST_F(likeness_test, only_the_newest_texts_are_kept)
{
    add("i1", "shop", "a", "discount");
    raw_sqlite raw(options_in(directory).path);
    raw.run("UPDATE incident_texts SET number = number + " + std::to_string(incident_texts_kept_max));

    add("i2", "shop", "b", "discount");
    add("i3", "shop", "c", "discount");

    EXPECT_EQ(similar("shop", "discount"), "i3 i2 ");
    EXPECT_EQ(equal("shop", "a").size(), 1U);
}

TEST_F(likeness_test, hints_are_few_and_each_once)
{
    ASSERT_TRUE(write([](transaction& tx) { return insert_incident(tx, incident_of("i9"), opened_event()); }));
    for (const auto* other : {"i1", "i1", "i2", "i3", "i4", "i5", "i6"}) {
        const incident_hint hint{"i9", "similar", other, 0.5, "alike", t0};
        ASSERT_TRUE(write([&](transaction& tx) { return add_incident_hint(tx, hint); }));
    }
    EXPECT_EQ(read([](reader& r) { return list_incident_hints(r, "i9"); }).value().size(), incident_hints_max);
}

TEST_F(likeness_test, waiting_incidents_come_when_they_are_due)
{
    ASSERT_TRUE(write([](transaction& tx) { return insert_incident(tx, incident_of("i1"), opened_event()); }));
    ASSERT_TRUE(write([](transaction& tx) { return wait_for_evidence(tx, "i1", t0 + 5); }));
    const auto due = [this](std::int64_t now_ns) {
        return read([&](reader& r) { return list_waiting_due(r, now_ns, 10); }).value().size();
    };
    EXPECT_EQ(due(t0 + 4), 0U);
    EXPECT_EQ(due(t0 + 5), 1U);
    ASSERT_TRUE(write([](transaction& tx) { return wait_for_evidence(tx, "i1", t0 + 9); }));
    EXPECT_EQ(due(t0 + 5), 0U);
    ASSERT_TRUE(write([](transaction& tx) { return end_waiting(tx, "i1"); }));
    EXPECT_EQ(due(t0 + 99), 0U);
}

TEST_F(likeness_test, a_merge_is_told_from_the_place_before)
{
    const auto resolve_from = [this](const std::string& id, const std::string& place) {
        auto incident = incident_of(id);
        ASSERT_TRUE(write([&](transaction& tx) { return insert_incident(tx, incident, opened_event()); }));
        auto event = opened_event();
        event.from = place;
        event.to = "resolved";
        ASSERT_TRUE(write([&](transaction& tx) { return save_incident(tx, incident, 1, event); }));
    };
    resolve_from("i1", "submitted/merged");
    resolve_from("i2", "submitted/ticket_open");
    resolve_from("i3", "needs_human(no_target)");

    EXPECT_TRUE(read([](reader& r) { return was_resolved_by_merge(r, "i1"); }).value());
    EXPECT_FALSE(read([](reader& r) { return was_resolved_by_merge(r, "i2"); }).value());
    EXPECT_FALSE(read([](reader& r) { return was_resolved_by_merge(r, "i3"); }).value());
    EXPECT_FALSE(read([](reader& r) { return was_resolved_by_merge(r, "i4"); }).value());
}

}  // namespace
}  // namespace reprise::store
