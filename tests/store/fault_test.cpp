#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include "reprise/store/services.hpp"

#include <csignal>
#include <fstream>
#include <vector>

#include <sys/resource.h>

namespace reprise::store {
namespace {

// No file of this process may grow past a size while this lives: the next write to the log fails as a
// broken disk would make it fail.
class file_size_limit {
public:
    explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit lower{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &lower);
    }
    ~file_size_limit()
    {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

result<void> see(transaction& tx, const std::string& name)
{
    const std::vector<service_sight> seen = {{name, t0, 1}};
    return touch_services(tx, seen, t0);
}

TEST_F(store_test, a_commit_that_fails_on_disk_ends_all_writing_but_not_reading)
{
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "before"); }));
    result<void> failed;
    {
        const file_size_limit limit(db->stats().wal_bytes);
        failed = write([](transaction& tx) { return see(tx, "lost"); });
    }

    EXPECT_EQ(failed.error(), reprise::errc::io);
    EXPECT_FALSE(db->healthy());
    EXPECT_FALSE(db->stats().healthy);
    EXPECT_EQ(db->last_seq(), 1);
    EXPECT_EQ(write([](transaction& tx) { return see(tx, "after"); }).error(), reprise::errc::unavailable)
        << "also when the disk is well again: nobody knows what is on it";
    EXPECT_EQ(read([](reader& r) { return list_services(r, "", 10); }).value().size(), 1U);

    reopen();
    EXPECT_TRUE(db->healthy());
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "after"); }));
    EXPECT_EQ(read([](reader& r) { return list_services(r, "", 10); }).value().size(), 2U);
    EXPECT_EQ(db->last_seq(), 2);
}

TEST_F(store_test, a_foreign_writer_makes_us_wait_and_then_say_unavailable)
{
    db.reset();
    auto options = options_in(directory);
    options.busy_limit = std::chrono::milliseconds(20);
    db = database::open(options).value();
    raw_sqlite raw(options.path);
    raw.run("BEGIN IMMEDIATE");

    EXPECT_EQ(write([](transaction& tx) { return see(tx, "a"); }).error(), reprise::errc::unavailable);
    EXPECT_TRUE(db->healthy());

    raw.run("ROLLBACK");
    EXPECT_TRUE(write([](transaction& tx) { return see(tx, "a"); }));
}

TEST_F(store_test, a_page_damaged_while_running_is_reported_as_corrupt)
{
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "a"); }));
    db.reset();
    raw_sqlite raw(options_in(directory).path);
    raw.run("UPDATE services SET replay_unsafe_methods = 1");
    const auto page = raw.value("SELECT rootpage FROM sqlite_master WHERE name = 'services'");
    raw.run("PRAGMA wal_checkpoint(TRUNCATE)");
    {
        std::fstream bytes(options_in(directory).path, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp((std::stoll(page) - 1) * 4096);
        bytes << std::string(200, '\xfe');
    }
    db = database::open(options_in(directory)).value();

    EXPECT_EQ(read([](reader& r) { return list_services(r, "", 10); }).error(), reprise::errc::corrupt);
}

TEST_F(store_test, an_unknown_word_in_an_enum_column_is_corrupt)
{
    ASSERT_TRUE(write([](transaction& tx) { return add_run(tx, "i1", "r1"); }));
    raw_sqlite(options_in(directory).path).run("UPDATE runs SET state = 'dancing'");

    EXPECT_EQ(read([](reader& r) { return find_run(r, "r1"); }).error(), reprise::errc::corrupt);
}

}  // namespace
}  // namespace reprise::store
