#include "store_fixture.hpp"

#include "reprise/store/archive_objects.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/signals.hpp"

namespace reprise::store {
namespace {

archive_object object_of(std::string path, std::int64_t created_ns, std::uint64_t bytes = 10)
{
    archive_object object;
    object.path = std::move(path);
    object.kind = archive_kind::findings;
    object.created_ns = created_ns;
    object.bytes = bytes;
    object.sha256 = std::string(64, 'a');
    return object;
}

model::evidence evidence_of(std::string id, std::string signal_id)
{
    model::evidence evidence;
    evidence.id = std::move(id);
    evidence.signal_id = std::move(signal_id);
    evidence.service = "checkout";
    evidence.path = "evidence/checkout/" + evidence.id + ".tar.gz";
    evidence.sha256 = std::string(64, 'b');
    evidence.bytes = 100;
    evidence.created_ns = t0;
    return evidence;
}

class archive_objects_test : public store_test {
protected:
    void save(const archive_object& object)
    {
        ASSERT_TRUE(write([&](transaction& tx) { return save_archive_object(tx, object); }));
    }
    archive_object find(const std::string& path)
    {
        return read([&](reader& r) { return find_archive_object(r, path); }).value().value();
    }
    std::vector<std::string> due(std::int64_t now_ns)
    {
        std::vector<std::string> paths;
        for (const archive_object& one : read([&](reader& r) { return list_due_uploads(r, now_ns, 10); }).value())
            paths.push_back(one.path);
        return paths;
    }
    std::vector<std::string> expirable(archive_kind kind, std::int64_t before_ns)
    {
        std::vector<std::string> paths;
        const auto list = read([&](reader& r) { return list_expirable(r, kind, before_ns, 10); }).value();
        for (const archive_object& one : list)
            paths.push_back(one.path);
        return paths;
    }
    void insert_incident_with_signal(const std::string& id, model::incident_status status)
    {
        auto done = write([&](transaction& tx) -> result<void> {
            model::incident incident = incident_of("i-" + id);
            incident.status = status;
            if (auto inserted = insert_incident(tx, incident, model::incident_event()); !inserted)
                return inserted;
            model::signal signal;
            signal.id = "s-" + id;
            signal.operation.service = "checkout";
            signal.fingerprint = "f-" + id;
            signal.incident_id = incident.id;
            return insert_signal(tx, signal, t0);
        });
        ASSERT_TRUE(done) << done.error().message();
    }
};

using strings = std::vector<std::string>;

TEST_F(archive_objects_test, a_bundle_is_an_object_from_the_transaction_on_that_stores_it)
{
    ASSERT_TRUE(write([](transaction& tx) { return insert_evidence(tx, evidence_of("e1", "s1")); }));

    const archive_object object = find("evidence/checkout/e1.tar.gz");
    EXPECT_EQ(object.kind, archive_kind::evidence);
    EXPECT_EQ(object.owner_id, "e1");
    EXPECT_EQ(object.bytes, 100);
    EXPECT_EQ(object.place, archive_place::local);
    EXPECT_EQ(due(0), strings{object.path});
    EXPECT_TRUE(read([](reader& r) { return list_evidence_without_object(r, 10); }).value().empty());
}

TEST_F(archive_objects_test, an_upload_waits_until_it_is_due_and_is_done_once)
{
    save(object_of("b", t0));
    save(object_of("a", t0));
    const archive_object b = find("b");
    ASSERT_TRUE(write([&](transaction& tx) { return mark_upload_failed(tx, b, "busy", t0 + 5); }));

    EXPECT_EQ(due(t0), strings{"a"});
    EXPECT_EQ(due(t0 + 5), (strings{"a", "b"}));
    EXPECT_EQ(find("b").attempts, 1);
    EXPECT_EQ(find("b").error, "busy");
    ASSERT_TRUE(write([&](transaction& tx) { return mark_uploaded(tx, b, false); }));
    EXPECT_EQ(find("b").place, archive_place::remote);
    EXPECT_EQ(find("b").error, "");
    EXPECT_EQ(due(t0 + 5), strings{"a"});
    EXPECT_EQ(write([&](transaction& tx) { return mark_uploaded(tx, b, false); }).error(), reprise::errc::stale);
}

TEST_F(archive_objects_test, an_upload_of_bytes_that_were_replaced_meanwhile_does_not_count)
{
    const archive_object before = object_of("a", t0);
    save(before);
    archive_object after = before;
    after.sha256 = std::string(64, 'c');
    save(after);

    EXPECT_EQ(write([&](transaction& tx) { return mark_uploaded(tx, before, true); }).error(), reprise::errc::stale);
    EXPECT_EQ(find("a").place, archive_place::local);
}

TEST_F(archive_objects_test, sums_say_what_is_there_and_what_waits)
{
    save(object_of("a", t0, 3));
    save(object_of("b", t0, 4));
    save(object_of("c", t0, 5));
    const archive_object b = find("b");
    ASSERT_TRUE(write([&](transaction& tx) { return mark_uploaded(tx, b, true); }));
    const archive_object c = find("c");
    ASSERT_TRUE(write([&](transaction& tx) { return begin_removal(tx, c, t0); }));

    const auto all = read([](reader& r) { return sum_archive(r); }).value();
    const auto waiting = read([](reader& r) { return sum_waiting(r); }).value();
    EXPECT_EQ(all.objects, 2);
    EXPECT_EQ(all.bytes, 7);
    EXPECT_EQ(waiting.objects, 1);
    EXPECT_EQ(waiting.bytes, 3);
}

TEST_F(archive_objects_test, evidence_of_an_open_incident_is_never_too_old)
{
    insert_incident_with_signal("open", model::incident_status::needs_human);
    insert_incident_with_signal("over", model::incident_status::resolved);
    ASSERT_TRUE(write([](transaction& tx) { return insert_evidence(tx, evidence_of("e-open", "s-open")); }));
    ASSERT_TRUE(write([](transaction& tx) { return insert_evidence(tx, evidence_of("e-over", "s-over")); }));

    EXPECT_EQ(expirable(archive_kind::evidence, t0 + 1), strings{"evidence/checkout/e-over.tar.gz"});
    EXPECT_EQ(expirable(archive_kind::evidence, t0), strings());
    EXPECT_EQ(expirable(archive_kind::findings, t0 + 1), strings());
}

TEST_F(archive_objects_test, a_removal_marks_the_evidence_and_ends_with_the_row)
{
    ASSERT_TRUE(write([](transaction& tx) { return insert_evidence(tx, evidence_of("e1", "s1")); }));
    const archive_object object = find("evidence/checkout/e1.tar.gz");

    ASSERT_TRUE(write([&](transaction& tx) { return begin_removal(tx, object, t0 + 7); }));

    EXPECT_EQ(read([](reader& r) { return find_evidence(r, "e1"); }).value()->expired_ns, t0 + 7);
    EXPECT_EQ(read([](reader& r) { return list_removing(r, 10); }).value().size(), 1);
    EXPECT_EQ(due(t0), strings());
    EXPECT_EQ(write([&](transaction& tx) { return begin_removal(tx, object, t0 + 8); }).error(), reprise::errc::stale);
    ASSERT_TRUE(write([&](transaction& tx) { return end_removal(tx, object.path); }));
    EXPECT_FALSE(read([&](reader& r) { return find_archive_object(r, object.path); }).value());
    EXPECT_TRUE(read([](reader& r) { return list_evidence_without_object(r, 10); }).value().empty());
    EXPECT_EQ(write([&](transaction& tx) { return end_removal(tx, object.path); }).error(), reprise::errc::not_found);
}

TEST_F(archive_objects_test, lists_go_on_behind_a_path)
{
    for (const char* path : {"c", "a", "b"})
        save(object_of(path, t0));

    const auto page = read([](reader& r) { return list_archive_objects(r, "a", 10); }).value();
    ASSERT_EQ(page.size(), 2);
    EXPECT_EQ(page.front().path, "b");
}

}  // namespace
}  // namespace reprise::store
