#include "reprise/pipeline/archivist.hpp"

#include "bucket_in_memory.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/run_answers.hpp"
#include "reprise/store/runs.hpp"
#include "support/io_threads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

namespace reprise::pipeline {
namespace {

using archive::store_failure;
using store::archive_place;
using testing::HasSubstr;

class archivist_test : public testing::Test {
protected:
    archivist_test()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-archivist-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        open();
        local = archive::make_file_store(directory_, io.executor());
    }
    ~archivist_test() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    void open()
    {
        database.reset();
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
    }

    // On the disk and in the database, as after a commit.
    void add_evidence(const std::string& id, const std::string& bytes)
    {
        model::evidence evidence;
        evidence.id = id;
        evidence.signal_id = "s-" + id;
        evidence.service = "shop";
        evidence.path = "evidence/shop/" + id;
        evidence.bytes = bytes.size();
        evidence.sha256 = sha256_hex(bytes);
        evidence.created_ns = time.now_ns();
        ASSERT_TRUE(io.run(local->put(evidence.path, bytes)));
        auto insert = [&](store::transaction& tx) { return store::insert_evidence(tx, evidence); };
        ASSERT_TRUE(database->write_blocking(std::move(insert)));
    }
    std::optional<store::archive_object> find(const std::string& id)
    {
        auto look = [&](store::reader& from) { return store::find_archive_object(from, "evidence/shop/" + id); };
        return database->read_blocking(std::move(look)).value();
    }
    bool is_on_disk(const std::string& id) { return std::filesystem::exists(directory_ / "evidence/shop" / id); }
    upload_report upload(archivist_config config = {})
    {
        archivist one(*database, *local, &remote, time, numbers, config);
        return io.run(one.upload_due());
    }
    retention_report remove_expired(archivist_config config)
    {
        archivist one(*database, *local, &remote, time, numbers, config);
        return io.run(one.remove_expired());
    }
    static store_failure busy() { return {errc::unavailable, "busy"}; }

    manual_clock time;
    metrics numbers;
    reprise::test::io_threads io;
    std::unique_ptr<store::database> database;
    std::unique_ptr<archive::object_store> local;
    test::bucket_in_memory remote;

private:
    std::filesystem::path directory_;
};

using strings = std::vector<std::string>;

TEST_F(archivist_test, a_bundle_leaves_the_disk_only_after_it_was_read_back)
{
    add_evidence("e1", "bytes");

    const auto report = upload();

    EXPECT_EQ(report.uploaded, 1);
    EXPECT_EQ(remote.objects["evidence/shop/e1"], "bytes");
    EXPECT_EQ(remote.calls, (strings{"put evidence/shop/e1", "get evidence/shop/e1"}));
    EXPECT_EQ(find("e1")->place, archive_place::remote);
    EXPECT_FALSE(is_on_disk("e1"));
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_archive_uploads_total 1\n"));
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_archive_upload_bytes_total 5\n"));
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_archive_waiting 0\n"));
    EXPECT_EQ(upload().uploaded, 0);
}

TEST_F(archivist_test, the_local_copy_stays_when_it_is_asked_for)
{
    add_evidence("e1", "bytes");
    archivist_config config;
    config.keeps_local = true;

    upload(config);

    EXPECT_EQ(remote.calls.back(), "head evidence/shop/e1");
    EXPECT_EQ(find("e1")->place, archive_place::both);
    EXPECT_TRUE(is_on_disk("e1"));
}

TEST_F(archivist_test, while_the_store_is_down_nothing_is_lost_and_the_rest_is_not_tried)
{
    add_evidence("e1", "one");
    add_evidence("e2", "two");
    remote.failures = {busy()};

    const auto down = upload();

    EXPECT_TRUE(down.store_failed);
    EXPECT_EQ(remote.calls.size(), 1);
    EXPECT_TRUE(is_on_disk("e1"));
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_archive_waiting 2\n"));
    EXPECT_THAT(
        numbers.render(), HasSubstr("reprise_archive_upload_failures_total{reason=\"unreachable\"} 1\n")
    );
    // What is to be done survives a restart.
    open();
    EXPECT_EQ(upload().uploaded, 2);
    EXPECT_EQ(remote.objects.size(), 2);
}

TEST_F(archivist_test, an_object_that_fails_alone_waits_longer_each_time_and_holds_up_no_other)
{
    add_evidence("e1", "one");
    remote.failures = {{archive::errc::request_refused, "no"}, {archive::errc::request_refused, "no"}};
    EXPECT_FALSE(upload().store_failed);
    EXPECT_EQ(find("e1")->error, "no");
    EXPECT_EQ(find("e1")->due_ns, time.now_ns() + 30 * ns_per_s);

    EXPECT_EQ(upload().failed, 0) << "not due yet";
    time.advance_ns(30 * ns_per_s);
    upload();
    EXPECT_EQ(find("e1")->due_ns, time.now_ns() + 60 * ns_per_s);
    add_evidence("e2", "two");
    EXPECT_EQ(upload().uploaded, 1);
    time.advance_ns(60 * ns_per_s);
    EXPECT_EQ(upload().uploaded, 1);
}

TEST_F(archivist_test, what_was_spoilt_on_its_way_keeps_its_local_copy)
{
    add_evidence("e1", "one");
    remote.spoils = true;

    const auto report = upload();

    EXPECT_EQ(report.failed, 1);
    EXPECT_TRUE(is_on_disk("e1"));
    EXPECT_EQ(find("e1")->place, archive_place::local);
    EXPECT_THAT(find("e1")->error, HasSubstr("is not what was uploaded there"));
}

TEST_F(archivist_test, what_was_spoilt_or_lost_on_the_disk_is_not_uploaded)
{
    add_evidence("e1", "one");
    add_evidence("e2", "two");
    ASSERT_TRUE(io.run(local->put("evidence/shop/e1", "other")));
    ASSERT_TRUE(io.run(local->remove("evidence/shop/e2")));

    const auto report = upload();

    EXPECT_EQ(report.failed, 2);
    EXPECT_FALSE(report.store_failed);
    EXPECT_TRUE(remote.calls.empty());
    EXPECT_THAT(find("e1")->error, HasSubstr("has changed since it was written"));
}

TEST_F(archivist_test, without_an_object_store_nothing_is_uploaded)
{
    add_evidence("e1", "one");
    archivist one(*database, *local, nullptr, time, numbers, {});

    EXPECT_EQ(io.run(one.upload_due()).uploaded, 0);
    EXPECT_TRUE(is_on_disk("e1"));
}

TEST_F(archivist_test, what_is_too_old_is_deleted_everywhere_and_its_evidence_says_when)
{
    archivist_config config;
    config.evidence_keep_ns = 10 * ns_per_s;
    add_evidence("old", "one");
    config.keeps_local = true;
    upload(config);
    time.advance_ns(11 * ns_per_s);
    add_evidence("new", "two");

    const auto report = remove_expired(config);

    EXPECT_EQ(report.removed, 1);
    EXPECT_TRUE(remote.objects.empty());
    EXPECT_FALSE(is_on_disk("old"));
    EXPECT_FALSE(find("old"));
    EXPECT_TRUE(find("new"));
    auto look = [](store::reader& from) { return store::find_evidence(from, "old"); };
    EXPECT_EQ(database->read_blocking(std::move(look)).value()->expired_ns, time.now_ns());
}

TEST_F(archivist_test, a_deletion_that_fails_goes_on_in_the_next_pass)
{
    archivist_config config;
    config.evidence_keep_ns = 1;
    add_evidence("e1", "one");
    time.advance_ns(ns_per_s);
    remote.failures = {busy()};

    EXPECT_EQ(remove_expired(config).failed, 1);
    EXPECT_EQ(find("e1")->place, archive_place::removing);
    EXPECT_EQ(upload().uploaded, 0) << "it is being deleted";
    EXPECT_EQ(remove_expired(config).removed, 1);
    EXPECT_FALSE(find("e1"));
}

TEST_F(archivist_test, the_oldest_go_when_all_together_are_too_large)
{
    for (const char* id : {"e1", "e2", "e3"}) {
        add_evidence(id, "0123456789");
        time.advance_ns(ns_per_s);
    }
    archivist_config config;
    config.bytes_max = 15;

    const auto report = remove_expired(config);

    EXPECT_EQ(report.removed, 2);
    EXPECT_FALSE(find("e1"));
    EXPECT_FALSE(find("e2"));
    EXPECT_TRUE(find("e3"));
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_archive_bytes 10\n"));
}

TEST_F(archivist_test, what_targets_answered_goes_when_all_runs_together_are_too_large)
{
    const auto fill = [&](store::transaction& tx) -> result<void> {
        model::incident incident;
        incident.id = "i1";
        incident.service = "shop";
        store::insert_incident(tx, incident, {}).value();
        model::run run;
        run.id = "r1";
        run.incident_id = "i1";
        store::enqueue_run(tx, run).value();
        const std::vector<model::exchange_answers> answers(1);
        return store::save_run_answers(tx, "r1", "e1", answers, time.now_ns());
    };
    ASSERT_TRUE(database->write_blocking(fill));
    const auto kept = [&] {
        const auto list = [](store::reader& from) { return store::list_run_answers(from, "r1"); };
        return database->read_blocking(list).value().size();
    };

    remove_expired({});
    EXPECT_EQ(kept(), 1U);
    EXPECT_GT(numbers.add_gauge("reprise_run_answers_bytes", "").value(), 0);

    archivist_config config;
    config.answers_bytes_max = 10;
    remove_expired(config);
    EXPECT_EQ(kept(), 0U);
    EXPECT_EQ(numbers.add_gauge("reprise_run_answers_bytes", "").value(), 0);
}

}  // namespace
}  // namespace reprise::pipeline
