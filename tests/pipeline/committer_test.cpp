#include "reprise/pipeline/committer.hpp"

#include "made_records.hpp"

#include "reprise/pipeline/shard.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/deployments.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/service_windows.hpp"
#include "reprise/store/services.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

namespace reprise::pipeline {
namespace {

class committer_test : public testing::Test {
protected:
    committer_test()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-committer-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
    }
    ~committer_test() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    void commit(std::vector<closed_window> windows)
    {
        committer_config config;
        config.data_dir = directory_;
        config.redaction_key = "test";
        config.producer = "test";
        committer door(
            pool_.get_executor(), pool_.get_executor(), *database, time, numbers, std::move(config)
        );
        const auto strand = boost::asio::make_strand(pool_);
        auto done = boost::asio::co_spawn(strand, door.run_committer(), boost::asio::use_future);
        door.submit(std::move(windows));
        door.finish();
        done.get();
        EXPECT_EQ(door.backlog().load(), 0U);
    }

    template <class Work>
    auto read(Work work)
    {
        return database->read_blocking(std::move(work)).value();
    }

    metrics numbers;
    std::unique_ptr<store::database> database;

    manual_clock time;

private:
    std::filesystem::path directory_;
    boost::asio::thread_pool pool_{2};
};

// Ten windows of five services, with failures, loops and bursts in the second half.
std::vector<closed_window> close_traffic()
{
    stream_limits limits;
    limits.window_ns = 2 * ns_per_s;
    limits.operations_max = 60;
    shard one(limits);
    const auto records = test::make_traffic({}, 1);
    one.add(*test::to_batch(records), {}, records.back().call.start_ns, [](std::string_view) { return true; });
    auto closed = one.close_all();
    // The records were made without a wire format: there is nothing to archive.
    for (closed_window& window : closed) {
        for (found_signal& found : window.found)
            found.records.clear();
    }
    return closed;
}

TEST_F(committer_test, windows_of_many_services_are_all_kept_each_services_in_order)
{
    auto windows = close_traffic();
    ASSERT_EQ(windows.size(), 50U);
    std::uint64_t records = 0;
    for (const closed_window& one : windows)
        records += one.records;
    const auto operation = windows.back().window.operations.front().operation_id;
    const auto last_baseline = windows.back().baselines.front().second;

    commit(std::move(windows));

    const auto services = read([](store::reader& r) { return store::list_services(r, "", 100); });
    ASSERT_EQ(services.size(), 5U);
    std::uint64_t stored = 0;
    for (const model::service& one : services)
        stored += one.records;
    EXPECT_EQ(stored, records);
    for (const model::service& one : services) {
        const auto drawn = read([&one](store::reader& r) { return store::list_drawn_windows(r, one.name, 0, 100); });
        ASSERT_EQ(drawn.size(), 10U) << one.name;
        EXPECT_GT(drawn.front().requests, 0U);
        EXPECT_GT(drawn.front().p95_ns, 0);
        EXPECT_GE(drawn.back().lag_ns, 0);
    }
    // The newest state of a baseline is the one that stays.
    const auto kept = read([operation](store::reader& r) { return store::find_baseline(r, operation); });
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state, last_baseline);
    EXPECT_LT(database->stats().groups, 50U) << "transactions share commits";
}

TEST_F(committer_test, windows_grow_old_and_go_and_what_is_normal_stays)
{
    auto windows = close_traffic();
    const std::int64_t first_ns = windows.front().window.start_ns;
    const auto operation = windows.front().window.operations.front().operation_id;
    const auto count = [this] {
        return read([](store::reader& r) { return store::list_drawn_windows(r, "service 0", 0, 100); }).size();
    };
    const auto is_kept = [this, operation](std::int64_t start_ns) {
        return read([operation, start_ns](store::reader& r) {
            return store::list_windows(r, operation, start_ns, start_ns + 1, 1);
        }).size() == 1;
    };
    constexpr std::int64_t keep_ns = 30LL * 24 * 3600 * ns_per_s;

    const auto commit_one = [this] {
        auto one = close_traffic();
        one.erase(one.begin() + 1, one.end());
        commit(std::move(one));
    };

    time.set_ns(first_ns + keep_ns);
    commit(std::move(windows));
    EXPECT_EQ(count(), 10U) << "none began more than thirty days ago";
    EXPECT_TRUE(is_kept(first_ns));

    time.set_ns(first_ns + keep_ns + 1);
    commit_one();
    EXPECT_EQ(count(), 9U);
    EXPECT_FALSE(is_kept(first_ns));

    time.set_ns(first_ns + 2 * keep_ns);
    commit_one();
    EXPECT_EQ(count(), 0U);
    EXPECT_TRUE(read([](store::reader& r) { return store::list_traffic(r, 0, 100); }).empty());
    EXPECT_TRUE(read([operation](store::reader& r) { return store::find_baseline(r, operation); }));
}

TEST_F(committer_test, a_new_version_is_a_deployment_and_what_did_not_fit_is_listed)
{
    commit(close_traffic());

    const auto deployed = read([](store::reader& r) { return store::list_deployments(r, "service 0", 10); });
    ASSERT_EQ(deployed.size(), 1U);
    EXPECT_EQ(deployed[0].version, "2.0");
    const auto routes = read([](store::reader& r) { return store::list_overflow_routes(r, "service 0", 10); });
    ASSERT_EQ(routes.size(), 10U);
    EXPECT_GT(routes[0].records, 0U);
    EXPECT_EQ(routes[0].route.rfind("/route/", 0), 0U);
}

TEST_F(committer_test, the_same_windows_again_add_no_deployment)
{
    commit(close_traffic());
    commit(close_traffic());
    const auto deployed = read([](store::reader& r) { return store::list_deployments(r, "service 0", 10); });
    EXPECT_EQ(deployed.size(), 1U);
}

}  // namespace
}  // namespace reprise::pipeline
