#include "store_fixture.hpp"

#include "raw_sqlite.hpp"

#include "reprise/base/id.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/services.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace reprise::store {
namespace {

result<void> see(transaction& tx, const std::string& name)
{
    const std::vector<service_sight> seen = {{name, t0, 1}};
    return touch_services(tx, seen, t0);
}

// Keeps the writer inside one unit until released, so that what comes next is queued behind it.
class held_writer {
public:
    explicit held_writer(database& db)
        : answer_(std::async(std::launch::async, [this, &db] {
              return db.write_blocking([this](transaction&) -> result<void> {
                  entered_.count_down();
                  released_.wait();
                  return {};
              });
          }))
    {
        entered_.wait();
    }

    result<void> release()
    {
        released_.count_down();
        return answer_.get();
    }

private:
    std::latch entered_{1};
    std::latch released_{1};
    std::future<result<void>> answer_;  // Last: it uses the latches.
};

void wait_until_queued(const database& db, std::size_t count)
{
    while (db.stats().writes_queued < count)
        std::this_thread::yield();
}

TEST_F(store_test, a_new_database_has_an_identity_and_no_events)
{
    EXPECT_TRUE(is_ulid(db->epoch()));
    EXPECT_EQ(db->last_seq(), 0);
    EXPECT_TRUE(db->healthy());
}

TEST_F(store_test, the_identity_and_the_sequence_survive_a_restart)
{
    const std::string epoch = db->epoch();
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "checkout"); }));
    reopen();

    EXPECT_EQ(db->epoch(), epoch);
    EXPECT_EQ(db->last_seq(), 1);
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "checkout"); }));
    EXPECT_EQ(db->last_seq(), 2);
}

TEST_F(store_test, a_unit_that_fails_leaves_nothing_and_the_others_of_its_group_stay)
{
    held_writer held(*db);  // So that the three share a commit.
    const auto add = [&](const std::string& name, bool fail) {
        return std::async(std::launch::async, [this, name, fail] {
            return db->write_blocking([&](transaction& tx) -> result<void> {
                const auto seen = see(tx, name);
                return fail ? result<void>(reprise::errc::conflict) : seen;
            });
        });
    };
    auto first = add("a", false);
    auto second = add("b", true);
    auto third = add("c", false);
    wait_until_queued(*db, 3);

    EXPECT_TRUE(held.release());
    EXPECT_TRUE(first.get());
    EXPECT_EQ(second.get().error(), reprise::errc::conflict);
    EXPECT_TRUE(third.get());
    const auto stats = db->stats();
    EXPECT_EQ(stats.groups, 2U);
    EXPECT_EQ(stats.group_largest, 3U);
    EXPECT_EQ(stats.writes, 3U);
    EXPECT_EQ(stats.writes_failed, 1U);
    const auto names = read([](reader& r) { return list_services(r, "", 10); }).value();
    ASSERT_EQ(names.size(), 2U);
    EXPECT_EQ(names[0].name, "a");
    EXPECT_EQ(names[1].name, "c");
    const auto events = read([](reader& r) { return list_events(r, 0, 10); }).value();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].seq, 1);
    EXPECT_EQ(events[1].seq, 2) << "the rolled back unit must not leave a gap";
}

TEST_F(store_test, an_exception_of_the_work_comes_back_and_rolls_its_unit_back)
{
    const auto broken = [](transaction& tx) -> result<void> {
        (void)see(tx, "checkout");
        throw std::logic_error("a bug");
    };

    EXPECT_THROW((void)db->write_blocking(broken), std::logic_error);
    EXPECT_TRUE(read([](reader& r) { return list_services(r, "", 10); }).value().empty());
    EXPECT_TRUE(write([](transaction& tx) { return see(tx, "cart"); })) << "the writer goes on";
}

TEST_F(store_test, a_reader_cannot_write)
{
    const auto sly = [](reader& r) { return see(static_cast<transaction&>(r), "checkout"); };
    EXPECT_FALSE(read(sly));
    EXPECT_TRUE(read([](reader& r) { return list_services(r, "", 10); }).value().empty());
}

TEST_F(store_test, a_read_sees_one_snapshot_while_writes_go_on)
{
    const auto look = [&](reader& r) -> result<std::size_t> {
        const auto before = list_services(r, "", 10);
        const auto written = write([](transaction& tx) { return see(tx, "checkout"); });
        EXPECT_TRUE(written);
        const auto after = list_services(r, "", 10);
        EXPECT_EQ(before->size(), after->size());
        return after->size();
    };

    EXPECT_EQ(read(look).value(), 0U);
    EXPECT_EQ(read([](reader& r) { return list_services(r, "", 10); }).value().size(), 1U);
}

TEST_F(store_test, the_commit_listener_hears_of_events_before_the_answer)
{
    std::atomic<std::int64_t> heard{0};
    db->set_commit_listener([&](std::int64_t seq) { heard = seq; });

    ASSERT_TRUE(write([](transaction&) -> result<void> { return {}; }));
    EXPECT_EQ(heard.load(), 0);
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "checkout"); }));
    EXPECT_EQ(heard.load(), 1);

    db->set_commit_listener({});
    ASSERT_TRUE(write([](transaction& tx) { return see(tx, "checkout"); }));
    EXPECT_EQ(heard.load(), 1);
}

boost::asio::awaitable<result<std::int64_t>> write_then_read(database& db)
{
    auto add = [](transaction& tx) { return see(tx, "checkout"); };
    const auto added = co_await db.write(std::move(add));
    if (!added)
        co_return added.error();
    auto look = [](reader& r) { return last_seq(r); };
    co_return co_await db.read(std::move(look));
}

TEST_F(store_test, coroutines_wait_on_their_own_executor)
{
    boost::asio::io_context io;
    std::vector<std::future<result<std::int64_t>>> answers;
    for (int i = 0; i < 20; ++i)
        answers.push_back(boost::asio::co_spawn(io, write_then_read(*db), boost::asio::use_future));
    io.run();  // Ends by itself: what waits here counts as work.

    for (auto& answer : answers)
        EXPECT_GE(answer.get().value(), 1);
    EXPECT_EQ(db->last_seq(), 20);
    EXPECT_GT(db->stats().writes, db->stats().groups) << "concurrent writes share commits";
}

TEST(store_limits, a_full_queue_answers_unavailable_at_once)
{
    const scratch_directory directory;
    auto options = options_in(directory);
    options.writes_queued_max = 1;
    const auto db = database::open(options).value();
    held_writer held(*db);
    auto queued = std::async(std::launch::async, [&] {
        return db->write_blocking([](transaction& tx) { return see(tx, "a"); });
    });
    wait_until_queued(*db, 1);

    const auto refused = db->write_blocking([](transaction& tx) { return see(tx, "b"); });

    EXPECT_EQ(refused.error(), reprise::errc::unavailable);
    EXPECT_TRUE(held.release());
    EXPECT_TRUE(queued.get());
    EXPECT_EQ(db->stats().writes_refused, 1U);
}

TEST(store_limits, closing_answers_what_is_queued)
{
    const scratch_directory directory;
    auto db = database::open(options_in(directory)).value();
    held_writer held(*db);
    std::vector<std::future<result<void>>> answers;
    for (int i = 0; i < 8; ++i)
        answers.push_back(std::async(std::launch::async, [&one = *db, i] {
            return one.write_blocking([i](transaction& tx) { return see(tx, "service " + std::to_string(i)); });
        }));
    wait_until_queued(*db, 8);
    auto closing = std::async(std::launch::async, [&db] { db.reset(); });
    EXPECT_TRUE(held.release());
    closing.get();

    for (auto& answer : answers)
        EXPECT_TRUE(answer.get());
    db = database::open(options_in(directory)).value();
    EXPECT_EQ(db->last_seq(), 8);
}

}  // namespace
}  // namespace reprise::store
