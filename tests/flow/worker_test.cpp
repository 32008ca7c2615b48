#include "flow_server.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/rpc/worker_protocol.hpp"
#include "reprise/runs/remote_worker.hpp"
#include "reprise/telemetry/rrpair.hpp"
#include "support/traffic.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/object.hpp>

#include <fstream>

namespace reprise::flow {
namespace {

namespace json = boost::json;

constexpr std::int64_t second = 1'000'000'000;
constexpr const char* token = "a-token-of-a-worker-0123456789";

int shop(const net::request& req)
{
    return req.body.find("null") != std::string::npos ? 500 : 200;
}

std::vector<support::call> outage()
{
    std::uint64_t trace = 0;
    const std::int64_t from = system_clock().now_ns() - 200 * second;
    auto calls = support::make_calls(from, 60, 20, trace, [](support::call& one, int) {
        one.body = R"({"sku":"A-1","discount_code":"SPRING"})";
    });
    const auto bad = support::make_calls(from + 60 * second, 10, 20, trace, [](support::call& one, int i) {
        one.status = i % 4 != 0 ? 500 : 200;
        one.body = i % 4 != 0 ? R"({"sku":"A-1","discount_code":null})" : R"({"sku":"A-1","discount_code":"SPRING"})";
    });
    calls.insert(calls.end(), bad.begin(), bad.end());
    return calls;
}

// A worker process, in this one.
class far_worker {
public:
    far_worker(std::uint16_t port, const std::vector<std::string>& targets, const std::string& shown = token)
        : to_server_(net::target_guard::allow_all(), limits(), {net::http_version::http2, nullptr}),
          to_targets_(net::target_guard::allow_all(), net::client_limits()), server_(to_server_, config(port, shown)),
          worker_({server_, to_targets_, time_, pool_.get_executor(), numbers_, targets, "test"}),
          tasks_(pool_.get_executor())
    {
    }
    ~far_worker() { stop(); }

    void start(const std::string& name) { tasks_.spawn("worker", worker_.run_worker(name)); }

    void stop()
    {
        tasks_.stop();
        boost::asio::co_spawn(pool_, tasks_.drain(std::chrono::seconds(20)), boost::asio::use_future).get();
        to_server_.close_idle();
        to_targets_.close_idle();
        pool_.join();
    }

    std::uint64_t count(const std::string& outcome)
    {
        return numbers_.add_counter("reprise_worker_replays_total", "", "result=\"" + outcome + "\"").value();
    }
    std::uint64_t away() { return numbers_.add_counter("reprise_worker_server_away_total", "").value(); }

private:
    static net::client_limits limits()
    {
        net::client_limits made;
        made.answer = rpc::worker_call_max;
        made.body_bytes_max = rpc::worker_answer_bytes_max;
        return made;
    }
    static rpc::worker_client_config config(std::uint16_t port, const std::string& shown)
    {
        return {net::parse_url("http://127.0.0.1:" + std::to_string(port)).value(), shown};
    }

    system_clock time_;
    metrics numbers_;
    boost::asio::thread_pool pool_{2};
    net::http_client to_server_;
    net::http_client to_targets_;
    rpc::worker_client server_;
    runs::remote_worker worker_;
    task_group tasks_;
};

class far : public flow_test {
protected:
    // A server that sends no replays itself.
    void start_with_workers(const std::string& target)
    {
        std::filesystem::create_directories(data_dir_);
        const auto tokens = data_dir_ / "worker-tokens";
        std::ofstream(tokens) << "first:" << token << "\n";
        settings_.workers_listen = "127.0.0.1:0";
        settings_.workers_tokens_file = tokens.string();
        settings_.workers_replay_here = "no";
        start({target});
    }

    void send_outage()
    {
        const auto exchanges = support::to_exchanges(outage());
        ASSERT_EQ(send_logs(telemetry::encode_logs_request(exchanges)), 200);
    }

    json::value wait_for_status(const std::string& status)
    {
        const auto list = admin().wait_for("/incidents", "incident " + status, [&status](const json::value& page) {
            const auto& items = page.at("items").as_array();
            return !items.empty() && items.front().at("status").as_string() == status;
        });
        return list.at("items").as_array().front();
    }

    void reproduce_against(const std::string& url)
    {
        send_outage();
        const auto incident = wait_for_status("needs_human");
        set_target("shop", url);
        const std::string id(incident.at("id").as_string());
        const auto asked = admin().post("/incidents/" + id + "/reproduce", json::object{{"comment", "target added"}});
        ASSERT_EQ(asked.status, 200) << asked.body;
    }

    json::value run_in(const std::string& state)
    {
        const auto page = admin().wait_for("/runs", "a run " + state, [&state](const json::value& all) {
            const auto& items = all.at("items").as_array();
            return !items.empty() && items.front().at("state").as_string() == state;
        });
        return page.at("items").as_array().front();
    }

    std::uint16_t port() const { return server_->addresses().workers_port; }
};

TEST_F(far, a_worker_elsewhere_replays_and_the_server_opens_the_gate)
{
    target_service target(shop);
    start_with_workers(target.url());
    reproduce_against(target.url());
    far_worker worker(port(), {target.url()});
    worker.start("w");

    const auto run = run_in("waiting_approval");
    EXPECT_EQ(run.at("verdict").as_string(), "reproduced");
    const auto detail = admin().get("/runs/" + std::string(run.at("id").as_string())).json().at("item");
    EXPECT_EQ(detail.at("result").at("trials").as_array().size(), 5U);
    const auto answers = admin().get("/runs/" + std::string(run.at("id").as_string()) + "/answers").json();
    ASSERT_FALSE(answers.at("items").as_array().empty()) << "what the worker was answered";
    const json::value& first = answers.at("items").as_array().front();
    EXPECT_EQ(first.at("replayed").at("status"), 500);
    EXPECT_EQ(first.at("replayed").at("shows"), true);
    EXPECT_GT(target.requests(), 50U);
    EXPECT_EQ(worker.count("finished"), 1U);
    EXPECT_GE(metric("reprise_dispatch_jobs_total"), 1);
}

TEST_F(far, a_cancelled_run_stops_its_worker)
{
    target_service target(shop);
    settings_.run_lease = std::chrono::milliseconds(1'500);  // A beat each half second.
    settings_.replay_trials = 50;
    settings_.replay_requests = 1'000;
    start_with_workers(target.url());
    reproduce_against(target.url());
    far_worker worker(port(), {target.url()});
    worker.start("w");
    const auto begun_by = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (target.requests() == 0 && std::chrono::steady_clock::now() < begun_by)
        std::this_thread::yield();
    const std::string id(run_in("leased").at("id").as_string());

    const auto cancelled = admin().post("/runs/" + id + "/cancel", json::object{{"comment", "enough"}});
    ASSERT_EQ(cancelled.status, 200) << cancelled.body;

    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (worker.count("lease_lost") + worker.count("failed") == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ(worker.count("lease_lost") + worker.count("failed"), 1U);
    EXPECT_EQ(worker.count("finished"), 0U);
    EXPECT_GE(metric("reprise_dispatch_stale_total"), 1);
}

TEST_F(far, a_worker_without_the_token_gets_nothing)
{
    target_service target(shop);
    start_with_workers(target.url());
    far_worker worker(port(), {target.url()}, "another-token-of-nobody-9876");
    worker.start("w");

    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (worker.away() == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_GE(worker.away(), 1U);
    EXPECT_GE(metric("reprise_worker_rpc_refused_total{reason=\"unauthenticated\"}"), 1);
}

}  // namespace
}  // namespace reprise::flow
