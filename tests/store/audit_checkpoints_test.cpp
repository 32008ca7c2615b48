#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/audit.hpp"

namespace reprise::store {
namespace {

const std::string seed(ed25519_seed_bytes, 's');

class audit_checkpoints_test : public store_test {
protected:
    audit_checkpoints_test() { keys.add(key.public_bytes()); }

    void append(int count, const std::string& actor = "user:ada")
    {
        for (int i = 0; i < count; ++i) {
            audit_entry entry;
            entry.actor = actor;
            entry.action = "approval.approve";
            entry.detail = "{}";
            entry.at_ns = t0 + i;
            ASSERT_TRUE(write([&](transaction& tx) { return append_audit(tx, entry); }));
        }
    }
    std::optional<audit_checkpoint> sign(std::int64_t now_ns, const std::optional<signing_key>& by = {})
    {
        const signing_key& with = by ? *by : key;
        return write([&](transaction& tx) { return add_checkpoint(tx, with, now_ns); }).value();
    }
    audit_report verify(std::span<const audit_checkpoint> outside = {})
    {
        audit_checks checks;
        checks.keys = &keys;
        checks.outside = outside;
        return read([&](reader& r) { return verify_audit(r, checks); }).value();
    }
    // What somebody with the file, the key of the chain and time may do.
    void tamper(const std::string& sql)
    {
        db.reset();
        raw_sqlite raw(options_in(directory).path);
        raw.run("DROP TRIGGER audit_log_is_never_edited; DROP TRIGGER audit_log_is_never_cut;"
                "DROP TRIGGER audit_head_is_never_cut; DROP TRIGGER audit_checkpoints_are_never_edited;"
                "DROP TRIGGER audit_checkpoints_are_never_cut;");
        raw.run(sql);
        db = database::open(options_in(directory)).value();
    }
    // A database that was put back to an earlier copy of itself, with everything in it genuine.
    void restore(const std::filesystem::path& copy)
    {
        db.reset();
        std::filesystem::copy_file(
            copy, options_in(directory).path, std::filesystem::copy_options::overwrite_existing
        );
        db = database::open(options_in(directory)).value();
    }
    std::filesystem::path copy_database()
    {
        db.reset();
        raw_sqlite(options_in(directory).path).run("PRAGMA wal_checkpoint(TRUNCATE)");
        const auto copy = directory.path() / "copy.db";
        std::filesystem::copy_file(options_in(directory).path, copy);
        db = database::open(options_in(directory)).value();
        return copy;
    }

    signing_key key = *signing_key::from_seed(seed);
    checkpoint_keys keys;
};

TEST_F(audit_checkpoints_test, the_head_is_signed_once_for_each_place_it_was_at)
{
    EXPECT_FALSE(sign(t0)) << "an empty chain has no head";
    append(3);
    const auto first = sign(t0);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->seq, 3);
    EXPECT_EQ(first->key_id, checkpoint_key_id(key.public_bytes()));
    EXPECT_FALSE(sign(t0 + 1)) << "it has not moved";
    append(1);
    EXPECT_EQ(sign(t0 + 2)->seq, 4);

    const auto report = verify();
    EXPECT_TRUE(report.ok()) << report.reason;
    EXPECT_EQ(report.checkpoints, 2U);
    EXPECT_EQ(report.checkpoint_seq, 4);
    EXPECT_EQ(report.checkpoint_ns, t0 + 2);
    EXPECT_EQ(read([](reader& r) { return list_checkpoints(r, 3, 10); }).value().size(), 1U);
    EXPECT_EQ(read([](reader& r) { return find_audit_seq(r); }).value(), 4);
}

TEST_F(audit_checkpoints_test, checkpoints_cannot_be_edited_or_deleted_by_sql)
{
    append(1);
    ASSERT_TRUE(sign(t0));
    raw_sqlite raw(options_in(directory).path);
    EXPECT_TRUE(raw.refuses("UPDATE audit_checkpoints SET hash = ''"));
    EXPECT_TRUE(raw.refuses("DELETE FROM audit_checkpoints"));
}

TEST_F(audit_checkpoints_test, an_earlier_copy_of_the_database_is_found_out_by_the_file)
{
    append(5);
    std::vector<audit_checkpoint> file = {*sign(t0)};
    const auto copy = copy_database();
    append(5);
    file.push_back(*sign(t0 + 1));
    EXPECT_TRUE(verify(file).ok());
    EXPECT_EQ(verify(file).checkpoints, 4U);

    restore(copy);

    EXPECT_TRUE(verify().ok()) << "the copy is whole in itself";
    const auto report = verify(file);
    EXPECT_EQ(report.first_bad, 6);
    EXPECT_NE(report.reason.find("rows up to 10 are missing"), std::string::npos) << report.reason;

    append(7, "user:eve");
    EXPECT_EQ(verify(file).first_bad, 10) << "other rows in their place do not do";
}

TEST_F(audit_checkpoints_test, a_checkpoint_of_another_key_or_database_does_not_count)
{
    append(2);
    const auto stranger = signing_key::from_seed(std::string(ed25519_seed_bytes, 'x'));
    ASSERT_TRUE(sign(t0, stranger));
    EXPECT_EQ(verify().first_bad, 2);
    keys.add(stranger->public_bytes());
    EXPECT_TRUE(verify().ok()) << "a key that was rotated away is still known";

    scratch_directory elsewhere;
    const auto other = database::open(options_in(elsewhere)).value();
    audit_entry entry;
    entry.actor = "user:ada";
    entry.at_ns = t0;
    for (int i = 0; i < 4; ++i) {
        auto add = [&entry](transaction& tx) { return append_audit(tx, entry); };
        ASSERT_TRUE(other->write_blocking(std::move(add)));
    }
    auto add = [this](transaction& tx) { return add_checkpoint(tx, key, t0); };
    const std::vector<audit_checkpoint> foreign = {*other->write_blocking(std::move(add)).value()};
    EXPECT_EQ(verify(foreign).first_bad, 4);
}

struct checkpoint_case {
    std::string name;
    std::string sql;
    std::int64_t first_bad;
};

class checkpoint_tamper_test : public audit_checkpoints_test, public testing::WithParamInterface<checkpoint_case> {};

TEST_P(checkpoint_tamper_test, is_found)
{
    append(2);
    ASSERT_TRUE(sign(t0));
    append(3);
    ASSERT_TRUE(sign(t0 + 1));
    tamper(GetParam().sql);

    const auto report = verify();

    EXPECT_EQ(report.first_bad, GetParam().first_bad) << report.reason;
    EXPECT_FALSE(report.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(
    table, checkpoint_tamper_test,
    testing::Values(
        checkpoint_case{"another_hash", "UPDATE audit_checkpoints SET hash = 'ab' WHERE seq = 2", 2},
        checkpoint_case{"another_time", "UPDATE audit_checkpoints SET at_ns = 1 WHERE seq = 5", 5},
        checkpoint_case{"another_row", "UPDATE audit_checkpoints SET seq = 3 WHERE seq = 2", 3},
        checkpoint_case{"no_signature", "UPDATE audit_checkpoints SET signature = '' WHERE seq = 2", 2},
        checkpoint_case{"an_unknown_key", "UPDATE audit_checkpoints SET key_id = 'ab' WHERE seq = 2", 2},
        checkpoint_case{"a_forged_one_ahead_of_the_rows",
                        "INSERT INTO audit_checkpoints SELECT 9, hash, at_ns, key_id, signature FROM audit_checkpoints"
                        " WHERE seq = 5", 9}
    ),
    [](const auto& named) { return named.param.name; }
);

}  // namespace
}  // namespace reprise::store
