#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include "reprise/store/audit.hpp"

namespace reprise::store {
namespace {

audit_entry entry_of(std::string action, std::string detail = R"({"comment_sha256":"ab"})")
{
    audit_entry entry;
    entry.actor = "user:ada";
    entry.actor_type = "person";
    entry.auth = "session";
    entry.action = std::move(action);
    entry.object = "approval/01J";
    entry.detail = std::move(detail);
    entry.request_id = "req-1";
    entry.at_ns = t0;
    return entry;
}

class audit_test : public store_test {
protected:
    void append(int count)
    {
        for (int i = 0; i < count; ++i) {
            const auto entry = entry_of("approval.approve" + std::to_string(i));
            ASSERT_TRUE(write([&](transaction& tx) { return append_audit(tx, entry); }));
        }
    }
    audit_report verify()
    {
        return read([](reader& r) { return verify_audit(r); }).value();
    }
    // What somebody with write access to the file may do.
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
};

TEST_F(audit_test, an_untouched_chain_verifies)
{
    EXPECT_TRUE(verify().ok());
    append(5);

    const auto report = verify();
    const auto rows = read([](reader& r) { return list_audit(r, 3, 10); }).value();

    EXPECT_TRUE(report.ok()) << report.reason;
    EXPECT_EQ(report.rows, 5U);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].seq, 4);
    EXPECT_EQ(rows[1].entry.action, "approval.approve4");
    EXPECT_EQ(rows[1].entry.detail, R"({"comment_sha256":"ab"})");
    EXPECT_EQ(rows[1].previous_hash, rows[0].hash);
    EXPECT_EQ(rows[1].hash, report.head_hash);
}

TEST_F(audit_test, rows_are_found_by_who_did_what_to_which_in_either_order)
{
    const auto add = [this](std::string actor, std::string action, std::string object) {
        audit_entry entry = entry_of(std::move(action));
        entry.actor = std::move(actor);
        entry.object = std::move(object);
        ASSERT_TRUE(write([&](transaction& tx) { return append_audit(tx, entry); }));
    };
    add("user:ada", "webhook.create", "webhook/1");
    add("user:ada", "service.change", "service/shop");
    add("user:bob", "webhook.test", "webhook/1");
    add("user:bob", "webhooks", "webhook/2");
    const auto found = [this](const audit_filter& filter) {
        const audit_page page = read([&](reader& r) { return find_audit(r, filter); }).value();
        std::string text;
        for (const audit_row& row : page.rows)
            text += std::to_string(row.seq) + " ";
        return text + "next " + std::to_string(page.next);
    };

    audit_filter filter;
    EXPECT_EQ(found(filter), "1 2 3 4 next 0");
    filter.newest_first = true;
    EXPECT_EQ(found(filter), "4 3 2 1 next 0");
    filter.limit = 3;
    EXPECT_EQ(found(filter), "4 3 2 next 2");
    filter.after = 2;
    EXPECT_EQ(found(filter), "1 next 0");
    filter.after = 1;
    EXPECT_EQ(found(filter), "next 0");

    filter = audit_filter();
    filter.action = "webhook";
    EXPECT_EQ(found(filter), "1 3 next 0") << "the group, and nothing that only begins like it";
    filter.actor = "user:bob";
    EXPECT_EQ(found(filter), "3 next 0");
    filter.object = "webhook/2";
    EXPECT_EQ(found(filter), "next 0");
}

TEST_F(audit_test, rows_are_found_from_a_time_on_and_before_another)
{
    for (int minute = 0; minute < 4; ++minute) {
        audit_entry entry = entry_of("service.change");
        entry.at_ns = t0 + minute * 60 * ns_per_s;
        ASSERT_TRUE(write([&](transaction& tx) { return append_audit(tx, entry); }));
    }
    audit_filter filter;
    const auto seqs = [&] {
        std::vector<std::int64_t> found;
        for (const audit_row& row : read([&](reader& r) { return find_audit(r, filter); }).value().rows)
            found.push_back(row.seq);
        return found;
    };
    filter.from_ns = t0 + 60 * ns_per_s;
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{2, 3, 4}));
    filter.to_ns = t0 + 180 * ns_per_s;
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{2, 3})) << "the end itself is not in it";
    filter.newest_first = true;
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{3, 2}));
}

TEST_F(audit_test, a_page_compares_only_so_many_rows_and_says_where_it_stopped)
{
    append(5);
    audit_filter filter;
    filter.action = "approval.approve4";
    filter.compared_max = 2;
    const auto look = [&] { return read([&](reader& r) { return find_audit(r, filter); }).value(); };
    EXPECT_TRUE(look().rows.empty());
    EXPECT_EQ(look().next, 2);
    filter.after = 4;
    EXPECT_EQ(look().rows.size(), 1U);
    EXPECT_EQ(look().next, 0);

    filter.action = "approval.approve0";
    filter.newest_first = true;
    filter.after = 0;
    EXPECT_EQ(look().next, 4);
    filter.after = 2;
    EXPECT_EQ(look().rows.size(), 1U);
    EXPECT_EQ(look().next, 0);
}

TEST_F(audit_test, a_rolled_back_action_leaves_no_row_and_no_gap)
{
    append(1);
    const auto fails = [](transaction& tx) -> result<void> {
        const auto appended = append_audit(tx, entry_of("incident.skip"));
        EXPECT_TRUE(appended);
        return reprise::errc::conflict;
    };
    EXPECT_FALSE(write(fails));
    append(1);

    const auto report = verify();
    EXPECT_TRUE(report.ok()) << report.reason;
    EXPECT_EQ(report.rows, 2U);
}

TEST_F(audit_test, rows_cannot_be_edited_or_deleted_by_sql)
{
    append(1);
    raw_sqlite raw(options_in(directory).path);
    EXPECT_TRUE(raw.refuses("UPDATE audit_log SET actor = 'user:eve'"));
    EXPECT_TRUE(raw.refuses("DELETE FROM audit_log"));
    EXPECT_TRUE(raw.refuses("DELETE FROM audit_head"));
    EXPECT_TRUE(verify().ok());
}

struct tamper_case {
    std::string name;
    std::string sql;
    std::int64_t first_bad;
};

class audit_tamper_test : public audit_test, public testing::WithParamInterface<tamper_case> {};

TEST_P(audit_tamper_test, is_found_at_the_first_bad_row)
{
    append(5);
    tamper(GetParam().sql);

    const auto report = verify();

    EXPECT_EQ(report.first_bad, GetParam().first_bad);
    EXPECT_FALSE(report.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(
    table, audit_tamper_test,
    testing::Values(
        tamper_case{"edited_actor", "UPDATE audit_log SET actor = 'user:eve' WHERE seq = 3", 3},
        tamper_case{"edited_time", "UPDATE audit_log SET at_ns = at_ns + 1 WHERE seq = 1", 1},
        tamper_case{"text_moved_between_fields",
                    "UPDATE audit_log SET actor = 'user:adap', actor_type = 'erson' WHERE seq = 2", 2},
        tamper_case{"row_in_the_middle_deleted", "DELETE FROM audit_log WHERE seq = 2", 2},
        tamper_case{"row_deleted_and_renumbered",
                    "DELETE FROM audit_log WHERE seq = 2; UPDATE audit_log SET seq = seq - 1 WHERE seq > 2", 2},
        tamper_case{"tail_cut", "DELETE FROM audit_log WHERE seq >= 4", 4},
        tamper_case{"tail_cut_and_head_moved_back",
                    "DELETE FROM audit_log WHERE seq >= 4; UPDATE audit_head SET seq = 3,"
                    " hash = (SELECT hash FROM audit_log WHERE seq = 3)", 4},
        tamper_case{"everything_gone", "DELETE FROM audit_log", 1},
        tamper_case{"everything_gone_with_the_head", "DELETE FROM audit_log; DELETE FROM audit_head", 1},
        tamper_case{"forged_row_appended",
                    "INSERT INTO audit_log SELECT 6, at_ns, actor, actor_type, auth, action, object, detail,"
                    " request_id, hash, hash FROM audit_log WHERE seq = 5", 6}
    ),
    [](const auto& named) { return named.param.name; }
);

TEST_F(audit_test, another_key_does_not_verify)
{
    append(2);
    db.reset();
    auto options = options_in(directory);
    options.audit_key = "somebody else's key, as long too";
    db = database::open(options).value();
    EXPECT_EQ(verify().first_bad, 1);
}

TEST_F(audit_test, a_field_over_the_limit_is_refused)
{
    const auto entry = entry_of("x", std::string(audit_text_bytes_max + 1, 'x'));
    EXPECT_EQ(write([&](transaction& tx) { return append_audit(tx, entry); }).error(), reprise::errc::too_large);
    EXPECT_EQ(verify().rows, 0U);
}

TEST_F(audit_test, a_chain_longer_than_a_page_verifies)
{
    const auto many = [](transaction& tx) -> result<void> {
        for (std::size_t i = 0; i < audit_listed_max + 10; ++i) {
            const auto appended = append_audit(tx, entry_of("x"));
            if (!appended)
                return appended.error();
        }
        return {};
    };
    ASSERT_TRUE(write(many));
    const auto report = verify();
    EXPECT_TRUE(report.ok()) << report.reason;
    EXPECT_EQ(report.rows, audit_listed_max + 10);
}

}  // namespace
}  // namespace reprise::store
