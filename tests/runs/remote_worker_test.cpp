#include "runs_fixture.hpp"
#include "silent_server.hpp"

#include "reprise/base/task_group.hpp"
#include "reprise/net/client.hpp"
#include "reprise/runs/remote_worker.hpp"
#include "support/io_threads.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <vector>

namespace reprise::runs {
namespace {

namespace asio = boost::asio;

replay_job job_for(const std::string& target, std::chrono::nanoseconds lease)
{
    const fixture::scratch_directory directory;
    replay_job job;
    job.signal = fixture::failing_orders();
    const auto evidence = fixture::write_evidence(job.signal, directory.path());
    std::ifstream file(directory.path() / evidence.path, std::ios::binary);
    job.bundle.assign(std::istreambuf_iterator<char>(file), {});
    job.bundle_sha256 = evidence.sha256;
    job.lease = {"run-1", 3};
    job.lease_ns = lease.count();
    job.heartbeat_ns = lease.count() / 3;
    job.target = target;
    return job;
}

// Gives one job and notes what it is told.
class one_job final : public replay_dispatch {
public:
    explicit one_job(replay_job job) : job_(std::move(job)) {}

    bool answers_beats = true;
    std::atomic<int> given_back{0};
    std::atomic<int> beats{0};
    std::atomic<int> others{0};

    asio::awaitable<result<std::optional<replay_job>>> claim(worker_identity) override
    {
        const std::lock_guard lock(mutex_);
        co_return std::exchange(job_, std::nullopt);
    }
    asio::awaitable<result<void>> beat(replay_lease, std::uint32_t, std::uint32_t) override
    {
        ++beats;
        if (!answers_beats) {
            asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::steady_clock::time_point::max());
            co_await never.async_wait(asio::use_awaitable);
        }
        co_return result<void>();
    }
    asio::awaitable<result<void>> store_trial(
        replay_lease, replay::trial, std::vector<replay::replayed_answers>
    ) override
    {
        return other();
    }
    asio::awaitable<result<std::vector<model::observation>>> collect(
        replay_lease, std::vector<model::trace_id>, std::chrono::milliseconds
    ) override
    {
        co_return std::vector<model::observation>();
    }
    asio::awaitable<result<void>> finish(replay_lease, finished_replay) override { return other(); }
    asio::awaitable<result<void>> fail(replay_lease, bool, std::string) override { return other(); }
    asio::awaitable<result<void>> give_back(replay_lease lease) override
    {
        given_back += lease.run_id == "run-1" && lease.epoch == 3 ? 1 : 0;
        co_return result<void>();
    }

private:
    asio::awaitable<result<void>> other()
    {
        ++others;
        co_return result<void>();
    }

    std::mutex mutex_;
    std::optional<replay_job> job_;
};

class remote_worker_test : public testing::Test {
protected:
    fixture::silent_server target;
    reprise::test::io_threads io;
    system_clock time;
    metrics numbers;
    net::http_client client{net::target_guard::allow_all(), net::client_limits()};
    task_group tasks{io.executor()};
    std::unique_ptr<one_job> server;
    std::unique_ptr<remote_worker> worker;

    void work(std::chrono::nanoseconds lease, bool answers_beats)
    {
        server = std::make_unique<one_job>(job_for(target.url(), lease));
        server->answers_beats = answers_beats;
        worker = std::make_unique<remote_worker>(
            remote_worker_parts{*server, client, time, io.executor(), numbers, {target.url()}, "test"}
        );
        tasks.spawn("worker", worker->run_worker("w"));
    }
    void TearDown() override
    {
        tasks.stop();
        EXPECT_TRUE(io.run(tasks.drain(std::chrono::seconds(5))));
    }
    bool becomes_true(const std::function<bool()>& holds)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(8);
        while (!holds() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        return holds();
    }
    std::uint64_t lost()
    {
        return numbers.add_counter("reprise_worker_replays_total", "", "result=\"lease_lost\"").value();
    }
};

TEST_F(remote_worker_test, stops_sending_when_the_server_is_silent_for_as_long_as_the_lease_lasts)
{
    work(std::chrono::milliseconds(300), false);

    ASSERT_TRUE(becomes_true([&] { return target.requests() > 0 && server->beats > 0; }));
    EXPECT_TRUE(becomes_true([&] { return target.hung_up() == target.requests() && lost() == 1; }));
    EXPECT_EQ(server->others, 0);
    EXPECT_EQ(server->given_back, 0) << "it is not its run any more";
}

TEST_F(remote_worker_test, gives_its_replay_back_when_it_is_told_to_stop)
{
    work(std::chrono::seconds(30), true);
    ASSERT_TRUE(becomes_true([&] { return target.requests() > 0; }));

    tasks.stop();

    EXPECT_TRUE(becomes_true([&] { return server->given_back == 1; }));
    EXPECT_TRUE(becomes_true([&] { return target.hung_up() == target.requests(); }));
    EXPECT_EQ(server->others, 0);
}

}  // namespace
}  // namespace reprise::runs
