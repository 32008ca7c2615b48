#include "reprise/pipeline/archive_check.hpp"

#include "bucket_in_memory.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/store/archive_objects.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "support/io_threads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace reprise::pipeline {
namespace {

using store::archive_place;
using testing::ElementsAre;
using testing::HasSubstr;

class archive_check_test : public testing::Test {
protected:
    archive_check_test()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-check-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
        local = archive::make_file_store(directory_, io.executor());
    }
    ~archive_check_test() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    // A row that says `place` for JSON that is put where the caller wants it.
    void add_row(const std::string& path, const std::string& bytes, archive_place place)
    {
        store::archive_object object;
        object.path = path;
        object.kind = store::archive_kind::findings;
        object.bytes = bytes.size();
        object.sha256 = sha256_hex(bytes);
        object.place = place;
        auto save = [&](store::transaction& tx) { return store::save_archive_object(tx, object); };
        ASSERT_TRUE(database->write_blocking(std::move(save)));
    }
    void put_local(const std::string& path, const std::string& bytes)
    {
        ASSERT_TRUE(io.run(local->put(path, bytes)));
    }
    model::evidence add_bundle(const std::string& id)
    {
        archive::bundle_source source;
        source.evidence.id = id;
        source.evidence.signal_id = "s1";
        source.evidence.service = "shop";
        source.evidence.fingerprint = std::string(64, 'f');
        source.signal_json = "{}";
        source.redaction_version = "1";
        source.producer = "test";
        model::evidence written = archive::write_bundle(directory_, source).value();
        auto insert = [&](store::transaction& tx) { return store::insert_evidence(tx, written); };
        EXPECT_TRUE(database->write_blocking(std::move(insert)));
        return written;
    }
    // "missing findings/a in disk", sorted.
    std::vector<std::string> check(bool with_remote = true)
    {
        auto work = check_archive(*database, *local, with_remote ? &remote : nullptr, {});
        auto done = io.run(std::move(work));
        EXPECT_TRUE(done);
        report = done.value();
        std::vector<std::string> found;
        for (const archive_finding& one : report.findings) {
            const char* where = one.place == local->place() ? "disk" : "bucket";
            found.push_back(std::string(to_text(one.fault)) + " " + one.path + " in " + where);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    reprise::test::io_threads io;
    std::unique_ptr<store::database> database;
    std::unique_ptr<archive::object_store> local;
    test::bucket_in_memory remote;
    archive_check_report report;

private:
    std::filesystem::path directory_;
};

TEST_F(archive_check_test, finds_nothing_where_everything_is_as_it_should_be)
{
    const model::evidence bundle = add_bundle("e1");
    add_row("findings/a", "{}", archive_place::both);
    put_local("findings/a", "{}");
    remote.objects["findings/a"] = "{}";
    add_row("findings/b", "[1]", archive_place::remote);
    remote.objects["findings/b"] = "[1]";

    EXPECT_THAT(check(), ElementsAre());
    EXPECT_EQ(report.objects, 4);
    EXPECT_EQ(report.bytes, bundle.bytes + 2 + 2 + 3);
}

TEST_F(archive_check_test, tells_what_is_missing_spoilt_unreadable_and_of_nobody)
{
    add_row("findings/lost", "{}", archive_place::local);
    add_row("findings/lost-there", "{}", archive_place::remote);
    add_row("findings/spoilt", "{}", archive_place::both);
    put_local("findings/spoilt", "{}");
    remote.objects["findings/spoilt"] = "{ }";
    add_row("findings/unreadable", "{", archive_place::local);
    put_local("findings/unreadable", "{");
    put_local("evidence/shop/orphan", "x");
    remote.objects["evidence/shop/stranger"] = "x";
    remote.objects["elsewhere/of another program"] = "x";

    EXPECT_THAT(
        check(), ElementsAre(
                     "mismatch findings/spoilt in bucket", "missing findings/lost in disk",
                     "missing findings/lost-there in bucket", "orphan evidence/shop/orphan in disk",
                     "orphan evidence/shop/stranger in bucket", "unreadable findings/unreadable in disk"
                 )
    );
    EXPECT_EQ(report.wrong, 6);
}

TEST_F(archive_check_test, a_bundle_whose_bytes_are_right_and_that_is_none_is_unreadable)
{
    model::evidence bundle = add_bundle("e1");
    bundle.id = "e2";
    bundle.path = "evidence/shop/none.tar.gz";
    bundle.sha256 = sha256_hex("no bundle");
    bundle.bytes = 9;
    put_local(bundle.path, "no bundle");
    auto insert = [&](store::transaction& tx) { return store::insert_evidence(tx, bundle); };
    ASSERT_TRUE(database->write_blocking(std::move(insert)));

    EXPECT_THAT(check(), ElementsAre("unreadable evidence/shop/none.tar.gz in disk"));
    EXPECT_EQ(report.findings.front().evidence_id, "e2");
}

TEST_F(archive_check_test, a_copy_that_should_have_gone_is_an_orphan_one_that_comes_is_none)
{
    add_row("findings/up", "{}", archive_place::remote);
    remote.objects["findings/up"] = "{}";
    put_local("findings/up", "{}");
    add_row("findings/waiting", "{}", archive_place::local);
    put_local("findings/waiting", "{}");
    remote.objects["findings/waiting"] = "half of it";

    EXPECT_THAT(check(), ElementsAre("orphan findings/up in disk"));
    EXPECT_THAT(report.findings.front().detail, HasSubstr("after its upload"));
}

TEST_F(archive_check_test, what_was_uploaded_is_missing_without_an_object_store)
{
    add_row("findings/up", "{}", archive_place::remote);

    EXPECT_THAT(check(false), ElementsAre("missing findings/up in bucket"));
    EXPECT_THAT(report.findings.front().detail, HasSubstr("names no object store"));
}

TEST_F(archive_check_test, says_how_far_it_is)
{
    for (const char* path : {"findings/a", "findings/b"}) {
        add_row(path, "{}", archive_place::local);
        put_local(path, "{}");
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
    auto note = [&seen](std::uint64_t done, std::uint64_t all) { seen.emplace_back(done, all); };

    ASSERT_TRUE(io.run(check_archive(*database, *local, nullptr, note)));

    EXPECT_THAT(seen, ElementsAre(std::pair(1U, 2U), std::pair(2U, 2U)));
}

}  // namespace
}  // namespace reprise::pipeline
