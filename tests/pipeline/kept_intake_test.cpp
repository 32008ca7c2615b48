#include "reprise/pipeline/kept_intake.hpp"

#include "reprise/pipeline/stream.hpp"

#include "pipeline/memory_files.hpp"
#include "support/traffic.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <mutex>

namespace reprise::pipeline {
namespace {

namespace asio = boost::asio;
using support::call;

const std::string key(32, 'k');

// Journal and windows as the server wires them, on a disk in memory that outlives them.
class process {
public:
    explicit process(test::memory_disk& disk, journal_config config = {}, stream_config windows = {})
        : log_(std::make_unique<test::memory_files>(disk), config, key, time, counts),
          windows_(pool_.get_executor(), windows, time, trials_, counts, sink(), backlog_),
          intake_(log_, windows_, counts)
    {
        const auto report = intake_.replay([this] { drain(); });
        replayed = report ? report->entries : 0;
        log_.start();
    }

    ~process()
    {
        log_.stop();
        drain();
        pool_.join();
    }

    std::future<result<taken_as>> offer(const std::vector<call>& calls)
    {
        auto taken = std::make_shared<std::promise<result<taken_as>>>();
        arrival what;
        what.batch = support::to_batch(calls);
        intake_.offer(std::move(what), [taken](result<taken_as> one) { taken->set_value(one); });
        return taken->get_future();
    }

    bool has_room(std::size_t bytes) { return intake_.has_room(bytes); }

    void drain() { asio::co_spawn(pool_, windows_.drain(), asio::use_future).get(); }

    // Everything that was taken, at the end.
    std::uint64_t flush()
    {
        asio::co_spawn(pool_, windows_.flush(), asio::use_future).get();
        const std::lock_guard lock(mutex_);
        std::uint64_t sum = 0;
        for (const closed_window& window : closed_) {
            sum += window.records;
            for (const shared_hold& hold : window.holds)
                hold->keep();
        }
        return sum;
    }

    std::uint64_t counted(std::string_view name) { return counts.add_counter(name, "").value(); }

    manual_clock time{support::start_ns};
    metrics counts;
    std::uint64_t replayed = 0;

private:
    window_sink sink()
    {
        return [this](std::vector<closed_window> windows) {
            const std::lock_guard lock(mutex_);
            for (closed_window& one : windows)
                closed_.push_back(std::move(one));
        };
    }

    std::mutex mutex_;
    std::vector<closed_window> closed_;
    asio::thread_pool pool_{2};
    trial_sink trials_;
    std::atomic<std::size_t> backlog_{0};
    journal log_;
    stream windows_;
    kept_intake intake_;
};

std::vector<call> calls(int count, std::uint64_t first_trace)
{
    std::uint64_t trace = first_trace;
    return support::make_calls(support::start_ns, 1, count, trace, [](call&, int) {});
}

TEST(kept_intake, what_was_acknowledged_is_in_the_windows_of_the_next_process)
{
    test::memory_disk disk;
    {
        process first(disk);
        EXPECT_EQ(first.offer(calls(10, 0)).get().value(), taken_as::counted);
        EXPECT_EQ(first.offer(calls(5, 100)).get().value(), taken_as::counted);
    }
    process second(disk);
    EXPECT_EQ(second.replayed, 2U);
    EXPECT_EQ(second.offer(calls(3, 200)).get().value(), taken_as::counted);
    second.drain();
    EXPECT_EQ(second.flush(), 18U);
}

TEST(kept_intake, a_batch_that_is_sent_again_counts_once_also_over_a_restart)
{
    test::memory_disk disk;
    {
        process first(disk);
        EXPECT_EQ(first.offer(calls(10, 0)).get().value(), taken_as::counted);
        EXPECT_EQ(first.offer(calls(10, 0)).get().value(), taken_as::repeated);
    }
    process second(disk);
    EXPECT_EQ(second.offer(calls(10, 0)).get().value(), taken_as::repeated);
    second.drain();
    EXPECT_EQ(second.flush(), 10U);
    EXPECT_EQ(second.counted("reprise_journal_repeated_total"), 1U);
}

TEST(kept_intake, what_the_disk_refuses_is_in_no_window)
{
    test::memory_disk disk;
    process only(disk);
    disk.write_fails = errc::too_large;
    EXPECT_EQ(only.offer(calls(10, 0)).get().error(), errc::io);
    only.drain();
    EXPECT_EQ(only.flush(), 0U);
}

TEST(kept_intake, a_full_journal_refuses_before_anything_is_written)
{
    test::memory_disk disk;
    journal_config small;
    small.bytes_max = 10;
    process only(disk, small);
    EXPECT_EQ(only.offer(calls(10, 0)).get().error(), errc::unavailable);
    EXPECT_EQ(only.counted("reprise_journal_full_total"), 1U);
    EXPECT_FALSE(only.has_room(11));
    EXPECT_EQ(only.counted("reprise_journal_full_total"), 2U);
    EXPECT_TRUE(disk.files.empty());
}

TEST(stream, a_place_is_refused_when_there_is_none_but_a_large_batch_gets_in_alone)
{
    boost::asio::thread_pool pool(1);
    manual_clock time;
    metrics counts;
    trial_sink trials;
    std::atomic<std::size_t> backlog{0};
    stream_config narrow;
    narrow.inflight_bytes_max = 100;
    stream windows(pool.get_executor(), narrow, time, trials, counts, [](std::vector<closed_window>) {}, backlog);

    auto large = windows.reserve(1000);
    ASSERT_TRUE(large);
    EXPECT_EQ(windows.reserve(1).error(), errc::unavailable);
    EXPECT_FALSE(windows.has_room(1));
    EXPECT_EQ(counts.add_counter("reprise_stream_refused_total", "").value(), 2U);
    large = errc::unavailable;
    EXPECT_TRUE(windows.has_room(1000));
    EXPECT_TRUE(windows.reserve(100));
    backlog = narrow.backlog_windows_max + 1;
    EXPECT_FALSE(windows.has_room(1));
    EXPECT_EQ(windows.reserve(1).error(), errc::unavailable);
    pool.join();
}

}  // namespace
}  // namespace reprise::pipeline
