#include "../../server/http/checkpoints.hpp"
#include "running_api.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/http/audit_text.hpp"
#include "reprise/store/audit.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::json_of;
using test::running_api;

store::audit_checkpoint checkpoint_of(std::int64_t seq)
{
    return {seq, "ab", 7, "k", "cd"};
}

class checkpoint_file : public testing::Test {
protected:
    void write(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
    std::string text() const
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    test::scratch_directory directory;
    const std::filesystem::path path = directory.path() / "checkpoints.jsonl";
};

TEST_F(checkpoint_file, is_read_as_it_was_written)
{
    ASSERT_TRUE(append_lines(path, checkpoint_line(checkpoint_of(3)) + "\n"));
    ASSERT_TRUE(append_lines(path, checkpoint_line(checkpoint_of(5)) + "\n"));
    const auto read = read_checkpoint_file(path);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->at(1).seq, 5);
    EXPECT_EQ(read->at(1).hash, "ab");
    EXPECT_EQ(read->at(1).at_ns, 7);
    EXPECT_EQ(read->at(1).key_id, "k");
    EXPECT_EQ(read->at(1).signature, "cd");
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(read_checkpoint_file(directory.path() / "none").error(), errc::not_found);
}

TEST_F(checkpoint_file, a_line_cut_off_by_a_crash_is_dropped_by_the_next)
{
    const std::string first = checkpoint_line(checkpoint_of(1)) + "\n";
    write(first + R"({"seq":2,"ha)");
    EXPECT_EQ(read_checkpoint_file(path)->size(), 1U);
    const std::string third = checkpoint_line(checkpoint_of(3)) + "\n";
    ASSERT_TRUE(append_lines(path, third));
    EXPECT_EQ(text(), first + third);

    write(R"({"seq":2,"ha)");
    ASSERT_TRUE(append_lines(path, third));
    EXPECT_EQ(text(), third);
}

TEST_F(checkpoint_file, another_line_that_is_no_checkpoint_is_named)
{
    for (const std::string bad : {"no json", "{}", R"({"seq":0,"hash":"","at_ns":1,"key_id":"","signature":""})",
                                  R"({"seq":"1","hash":"","at_ns":1,"key_id":"","signature":""})"}) {
        write(checkpoint_line(checkpoint_of(1)) + "\n" + bad + "\n");
        std::size_t line = 0;
        EXPECT_EQ(read_checkpoint_file(path, &line).error(), errc::corrupt) << bad;
        EXPECT_EQ(line, 2U);
    }
}

TEST_F(checkpoint_file, that_cannot_be_written_is_an_error)
{
    EXPECT_EQ(append_lines(directory.path() / "none" / "file", "x\n").error(), errc::io);
}

TEST(checkpoints, are_due_after_many_rows_or_a_minute)
{
    EXPECT_FALSE(is_checkpoint_due(0, 1000 * ns_per_s));
    EXPECT_FALSE(is_checkpoint_due(1, 59 * ns_per_s));
    EXPECT_TRUE(is_checkpoint_due(1, 60 * ns_per_s));
    EXPECT_TRUE(is_checkpoint_due(100, 0));
    EXPECT_FALSE(is_checkpoint_due(99, 0));
}

result<void> append_rows(store::transaction& tx, int count, std::int64_t now_ns)
{
    for (int i = 0; i < count; ++i) {
        store::audit_entry entry;
        entry.actor = "user:ada";
        entry.action = "test";
        entry.detail = "{}";
        entry.at_ns = now_ns;
        const auto appended = store::append_audit(tx, entry);
        if (!appended)
            return appended.error();
    }
    return {};
}

test::api_options with_checkpoints(const std::filesystem::path& file)
{
    test::api_options options;
    options.change = [file](api_config& config) {
        config.audit.key = signing_key::from_seed(std::string(ed25519_seed_bytes, 'c'));
        config.audit.known_keys.add(config.audit.key->public_bytes());
        config.audit.checkpoint_file = file;
    };
    return options;
}

// What the file has once it has something; empty after ten seconds without.
std::vector<store::audit_checkpoint> wait_for_checkpoint(const std::filesystem::path& file)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
        const auto read = read_checkpoint_file(file);
        if (read && !read->empty())
            return *read;
        std::this_thread::yield();
    }
    return {};
}

TEST(audit_list, is_cut_to_a_time_and_says_how_a_time_is_written)
{
    running_api on;
    const actor boss = on.sign_in("root", "admin");
    const std::int64_t now_ns = on.time().now_ns();
    on.write([&](store::transaction& tx) { return append_rows(tx, 1, now_ns - 3600 * ns_per_s); }).value();
    on.write([&](store::transaction& tx) { return append_rows(tx, 2, now_ns); }).value();
    const auto found = [&](const std::string& query) {
        return json_of(on.call(boss, "GET", "/api/v1/audit?action=test&" + query)).at("items").as_array().size();
    };
    const std::string half_an_hour_ago = format_rfc3339(now_ns - 1800 * ns_per_s);
    EXPECT_EQ(found("from=" + half_an_hour_ago), 2U);
    EXPECT_EQ(found("to=" + half_an_hour_ago), 1U);
    EXPECT_EQ(found("from=&to="), 3U);
    for (const std::string wrong : {"from=yesterday", "to=1700000000"})
        EXPECT_EQ(on.call(boss, "GET", "/api/v1/audit?" + wrong).status, 400) << wrong;
    EXPECT_EQ(on.call(boss, "GET", "/api/v1/audit?from=" + half_an_hour_ago + "&to=" + half_an_hour_ago).status, 400);
}

TEST(audit_export, gives_every_row_once_in_pages_and_is_itself_audited)
{
    running_api on;
    const actor boss = on.sign_in("boss", "admin");
    constexpr int rows = 1200;
    on.write([&](store::transaction& tx) { return append_rows(tx, rows, test::t0); }).value();

    std::string path = "/api/v1/audit.jsonl";
    std::int64_t next = 1;
    int pages = 0;
    while (!path.empty()) {
        const raw_answer answer = on.call(boss, "GET", path);
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.header("content-type"), "application/x-ndjson");
        std::string_view rest = answer.body;
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            const auto row = boost::json::parse(rest.substr(0, end));
            ASSERT_EQ(row.at("seq").as_int64(), next++);
            rest.remove_prefix(end + 1);
        }
        const std::string link = answer.header("link");
        path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        ++pages;
    }
    EXPECT_EQ(pages, 2);
    EXPECT_EQ(next, rows + 1) << "what the export itself writes is not part of it";
    auto list = [](store::reader& from) { return store::list_audit(from, rows, 10); };
    const auto written = on.store().read_blocking(std::move(list)).value();
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(written[0].entry.action, "audit.export");
    EXPECT_EQ(written[0].entry.actor, "user:boss");
    EXPECT_EQ(written[1].entry.detail, R"({"after":1000,"to":1200})");
}

TEST(audit_verify, counts_checkpoints_of_database_and_file_and_finds_what_is_missing)
{
    test::scratch_directory elsewhere;
    const auto file = elsewhere.path() / "checkpoints.jsonl";
    running_api on(with_checkpoints(file));
    const actor boss = on.sign_in("boss", "admin");
    const auto key = *signing_key::from_seed(std::string(ed25519_seed_bytes, 'c'));
    auto sign = [&key](store::transaction& tx) -> result<std::optional<store::audit_checkpoint>> {
        append_rows(tx, 3, test::t0).value();
        return store::add_checkpoint(tx, key, test::t0);
    };
    const auto checkpoint = on.write(std::move(sign)).value().value();
    const auto report = [&] { return json_of(on.call(boss, "GET", "/api/v1/audit/verify")).at("item"); };

    EXPECT_TRUE(report().at("ok").as_bool());
    EXPECT_EQ(report().at("checkpoints").as_int64(), 1);
    EXPECT_EQ(report().at("checkpoint_seq").as_int64(), 3);
    ASSERT_TRUE(append_lines(file, checkpoint_line(checkpoint) + "\n"));
    EXPECT_EQ(report().at("checkpoints").as_int64(), 2);

    auto ahead = checkpoint;
    ahead.seq = 9;
    ASSERT_TRUE(append_lines(file, checkpoint_line(ahead) + "\n"));
    EXPECT_FALSE(report().at("ok").as_bool()) << "nobody signed that";
    EXPECT_EQ(report().at("first_bad").as_int64(), 9);
}

TEST(audit_checkpoints, are_made_by_the_server_and_written_to_the_file)
{
    test::scratch_directory elsewhere;
    const auto file = elsewhere.path() / "checkpoints.jsonl";
    running_api on(with_checkpoints(file));
    on.write([&](store::transaction& tx) { return append_rows(tx, 1, test::t0); }).value();

    on.tasks().spawn("checkpoints", on.subject().run_checkpoints());

    const auto read = wait_for_checkpoint(file);
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read.front().seq, 1);
    EXPECT_NE(on.numbers().render().find("reprise_audit_checkpoints_total 1"), std::string::npos);
}

}  // namespace
}  // namespace reprise::http
