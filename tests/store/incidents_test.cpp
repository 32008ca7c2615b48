#include "store_fixture.hpp"

#include "reprise/base/id.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/services.hpp"

#include <future>

namespace reprise::store {
namespace {

class incidents_test : public store_test {
protected:
    result<void> insert(const model::incident& incident)
    {
        return write([&](transaction& tx) { return insert_incident(tx, incident, opened_event()); });
    }
    std::string ids(const incident_filter& filter)
    {
        std::string text;
        for (const auto& one : read([&](reader& r) { return list_incidents(r, filter); }).value())
            text += one.id + " ";
        return text;
    }
    result<void> attach(const std::string& fingerprint, const std::string& incident)
    {
        return write([&](transaction& tx) { return attach_fingerprint(tx, fingerprint, incident, t0); });
    }
    std::string active_of(const std::string& fingerprint)
    {
        const auto found = read([&](reader& r) { return find_incident_by_fingerprint(r, fingerprint); }).value();
        return found ? found->id : "";
    }
};

TEST_F(incidents_test, an_incident_comes_back_as_it_was_put_in)
{
    auto incident = incident_of("i1");
    incident.status = model::incident_status::needs_human;
    incident.reason = "no_target";
    incident.generation = 2;
    incident.occurrences = 28;
    incident.signal_count = 3;
    incident.recurred = true;
    incident.resolved_ns = t0 + 5;
    incident.assigned_to = "ada";
    incident.title = "'; DROP TABLE incidents; -- \xc3\xa9\n";
    ASSERT_TRUE(insert(incident));

    const auto back = read([](reader& r) { return find_incident(r, "i1"); }).value().value();

    EXPECT_EQ(back.title, incident.title);
    EXPECT_EQ(back.severity, model::severity::high);
    EXPECT_EQ(back.status, model::incident_status::needs_human);
    EXPECT_EQ(back.reason, "no_target");
    EXPECT_EQ(back.generation, 2);
    EXPECT_EQ(back.occurrences, 28U);
    EXPECT_EQ(back.signal_count, 3U);
    EXPECT_TRUE(back.recurred);
    EXPECT_EQ(back.resolved_ns, t0 + 5);
    EXPECT_EQ(back.assigned_to, "ada");
    EXPECT_EQ(back.version, 1);
    EXPECT_FALSE(read([](reader& r) { return find_incident(r, "i2"); }).value());
    EXPECT_EQ(insert(incident).error(), reprise::errc::conflict);
}

TEST_F(incidents_test, a_change_writes_the_row_its_timeline_and_its_live_event_together)
{
    auto incident = incident_of("i1");
    ASSERT_TRUE(insert(incident));
    incident.status = model::incident_status::reproducing;
    incident.updated_ns = t0 + 9;
    model::incident_event event;
    event.at_ns = t0 + 9;
    event.actor = "run:r1";
    event.from = "detected/queued";
    event.to = "reproducing/running";
    event.why = "a worker took it";
    ASSERT_TRUE(write([&](transaction& tx) { return save_incident(tx, incident, 1, event); }));

    EXPECT_EQ(incident.version, 2);
    const auto timeline = read([](reader& r) { return list_timeline(r, "i1", 0, 10); }).value();
    ASSERT_EQ(timeline.size(), 2U);
    EXPECT_EQ(timeline[0].actor, "pipeline");
    EXPECT_EQ(timeline[1].sequence, 2);
    EXPECT_EQ(timeline[1].from, "detected/queued");
    EXPECT_EQ(timeline[1].to, "reproducing/running");
    const auto live = read([](reader& r) { return list_events(r, 0, 10); }).value();
    ASSERT_EQ(live.size(), 2U);
    EXPECT_EQ(live[1].topic, "incidents");
    EXPECT_EQ(live[1].rev, 2);
    EXPECT_EQ(live[1].at_ns, t0 + 9);
}

TEST_F(incidents_test, a_stale_version_changes_nothing)
{
    auto incident = incident_of("i1");
    ASSERT_TRUE(insert(incident));
    auto other = incident;
    ASSERT_TRUE(write([&](transaction& tx) { return save_incident(tx, incident, 1); }));

    other.title = "lost";
    EXPECT_EQ(write([&](transaction& tx) { return save_incident(tx, other, 1, opened_event()); }).error(),
              reprise::errc::stale);
    EXPECT_EQ(other.version, 1);
    EXPECT_EQ(read([](reader& r) { return list_timeline(r, "i1", 0, 10); }).value().size(), 1U);
    EXPECT_NE(read([](reader& r) { return find_incident(r, "i1"); }).value()->title, "lost");
    other.id = "nobody";
    EXPECT_EQ(write([&](transaction& tx) { return save_incident(tx, other, 1); }).error(), reprise::errc::not_found);
}

TEST_F(incidents_test, lists_are_filtered_and_paged_newest_first)
{
    auto solved = incident_of("i2", "cart");
    solved.status = model::incident_status::resolved;
    auto worst = incident_of("i3", "cart");
    worst.severity = model::severity::critical;
    auto mild = incident_of("i4");
    mild.severity = model::severity::low;
    for (const auto& one : {incident_of("i1"), solved, worst, mild})
        ASSERT_TRUE(insert(one));

    incident_filter filter;
    EXPECT_EQ(ids(filter), "i4 i3 i2 i1 ");
    filter.open = true;
    EXPECT_EQ(ids(filter), "i4 i3 i1 ");
    filter.after = "i4";
    filter.limit = 1;
    EXPECT_EQ(ids(filter), "i3 ");
    filter = {};
    filter.service = "cart";
    EXPECT_EQ(ids(filter), "i3 i2 ");
    filter.status = model::incident_status::resolved;
    EXPECT_EQ(ids(filter), "i2 ");
    filter = {};
    filter.severity = model::severity::high;
    EXPECT_EQ(ids(filter), "i2 i1 ");

    const auto first = read([](reader& r) { return list_worst_incidents(r, 0, 2); }).value();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].id, "i3");
    EXPECT_EQ(first[1].id, "i1");
    EXPECT_EQ(read([](reader& r) { return count_open_incidents(r, "cart"); }).value(), 1U);
}

TEST_F(incidents_test, lists_are_cut_to_when_they_were_opened)
{
    const std::string early = make_ulid(t0);
    const std::string late = make_ulid(t0 + 60 * ns_per_s);
    ASSERT_TRUE(insert(incident_of(early)));
    ASSERT_TRUE(insert(incident_of(late)));

    incident_filter filter;
    filter.opened_from_ns = t0 + ns_per_s;
    EXPECT_EQ(ids(filter), late + " ");
    filter.opened_from_ns = 0;
    filter.opened_to_ns = t0 + 60 * ns_per_s;
    EXPECT_EQ(ids(filter), early + " ") << "before it, not at it";
    filter.opened_from_ns = t0;
    EXPECT_EQ(ids(filter), early + " ") << "at it, too";
    filter.opened_to_ns = t0 + 61 * ns_per_s;
    EXPECT_EQ(ids(filter), late + " " + early + " ");
}

TEST_F(incidents_test, closing_an_incident_takes_it_out_of_the_open_list)
{
    auto incident = incident_of("i1");
    ASSERT_TRUE(insert(incident));
    incident.status = model::incident_status::wontfix;
    ASSERT_TRUE(write([&](transaction& tx) { return save_incident(tx, incident, 1); }));

    incident_filter filter;
    filter.open = true;
    EXPECT_EQ(ids(filter), "");
}

TEST_F(incidents_test, a_fingerprint_has_one_active_incident)
{
    ASSERT_TRUE(insert(incident_of("i1")));
    ASSERT_TRUE(insert(incident_of("i2")));
    ASSERT_TRUE(attach("f1", "i1"));
    EXPECT_TRUE(attach("f1", "i1")) << "again is nothing new";
    EXPECT_EQ(attach("f1", "i2").error(), reprise::errc::conflict);
    EXPECT_EQ(attach("f2", "nobody").error(), reprise::errc::invalid_argument);
    EXPECT_EQ(active_of("f1"), "i1");

    ASSERT_TRUE(write([](transaction& tx) { return release_fingerprint(tx, "f1"); }));
    EXPECT_EQ(active_of("f1"), "");
    ASSERT_TRUE(attach("f1", "i2"));
    EXPECT_EQ(active_of("f1"), "i2");
    EXPECT_EQ(read([](reader& r) { return find_latest_by_fingerprint(r, "f1"); }).value()->id, "i2");
    EXPECT_EQ(read([](reader& r) { return list_fingerprints(r, "i1", 10); }).value().size(), 0U);
    EXPECT_EQ(read([](reader& r) { return list_fingerprints(r, "i2", 10); }).value(),
              std::vector<std::string>{"f1"});
}

TEST_F(incidents_test, two_racing_detectors_create_one_incident)
{
    const auto detect = [&](const std::string& id) {
        return write([&](transaction& tx) -> result<void> {
            const auto inserted = insert_incident(tx, incident_of(id), opened_event());
            return inserted ? attach_fingerprint(tx, "f1", id, t0) : inserted;
        });
    };
    auto other = std::async(std::launch::async, [&] { return detect("i1"); });
    const auto mine = detect("i2");
    const auto theirs = other.get();

    EXPECT_NE(mine.has_value(), theirs.has_value());
    EXPECT_EQ((mine ? theirs : mine).error(), reprise::errc::conflict);
    EXPECT_EQ(ids({}).size(), 3U) << "the loser's incident is gone with its unit";
}

TEST_F(incidents_test, an_event_is_counted_once)
{
    const auto count = [&](const std::string& key) {
        return write([&](transaction& tx) { return record_occurrence(tx, key, "i1", t0); }).value();
    };
    EXPECT_TRUE(count("f1/60"));
    EXPECT_FALSE(count("f1/60"));
    EXPECT_TRUE(count("f1/120"));

    EXPECT_EQ(write([](transaction& tx) { return prune_occurrences(tx, t0); }).value(), 0U);
    EXPECT_EQ(write([](transaction& tx) { return prune_occurrences(tx, t0 + 1, 1); }).value(), 1U);
    EXPECT_EQ(write([](transaction& tx) { return prune_occurrences(tx, t0 + 1); }).value(), 1U);
    EXPECT_TRUE(count("f1/60"));
}

}  // namespace
}  // namespace reprise::store
