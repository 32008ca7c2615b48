#include "reprise/rpc/worker_protocol.hpp"

#include "rpc/generic_client.hpp"

#include "reprise/base/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <worker.pb.h>

#include <future>

namespace reprise::rpc {
namespace {

namespace asio = boost::asio;
namespace wire = ::reprise::worker::v1;

// A dispatch that remembers what it was told.
class scripted_dispatch final : public runs::replay_dispatch {
public:
    std::optional<runs::replay_job> job;
    error_code failure;
    std::vector<std::string> told;
    std::vector<model::observation> observations;
    std::vector<replay::replayed_answers> answers;

    asio::awaitable<result<std::optional<runs::replay_job>>> claim(runs::worker_identity who) override
    {
        told.push_back("claim " + who.name + " " + who.version + " " + who.targets.at(0));
        if (failure)
            co_return failure;
        co_return job;
    }
    asio::awaitable<result<void>> beat(runs::replay_lease lease, std::uint32_t done, std::uint32_t total) override
    {
        co_return note(lease, "beat " + std::to_string(done) + "/" + std::to_string(total));
    }
    asio::awaitable<result<void>> store_trial(
        runs::replay_lease lease, replay::trial measured, std::vector<replay::replayed_answers> came
    ) override
    {
        answers = std::move(came);
        co_return note(lease, "trial " + std::to_string(measured.number));
    }
    asio::awaitable<result<std::vector<model::observation>>> collect(
        runs::replay_lease lease, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override
    {
        const auto noted =
            note(lease, "collect " + model::to_hex(wanted.at(0)) + " " + std::to_string(limit.count()));
        if (!noted)
            co_return noted.error();
        co_return observations;
    }
    asio::awaitable<result<void>> finish(runs::replay_lease lease, runs::finished_replay done) override
    {
        co_return note(lease, std::string(model::to_text(done.verdict)) + " " + done.reason + " " + done.json);
    }
    asio::awaitable<result<void>> fail(runs::replay_lease lease, bool permanent, std::string text) override
    {
        co_return note(lease, (permanent ? "permanent " : "transient ") + text);
    }
    asio::awaitable<result<void>> give_back(runs::replay_lease lease) override { co_return note(lease, "back"); }

private:
    result<void> note(const runs::replay_lease& lease, const std::string& what)
    {
        told.push_back(lease.run_id + "#" + std::to_string(lease.epoch) + " " + what);
        return failure ? result<void>(failure) : result<void>();
    }
};

runs::replay_job some_job()
{
    runs::replay_job job;
    job.lease = {"run-1", 7};
    job.lease_ns = 30;
    job.heartbeat_ns = 10;
    job.attempt = 2;
    job.service = "shop";
    job.target = "http://127.0.0.1:3000";
    job.last_good_target = "http://127.0.0.1:3001";
    job.sends_unsafe_setup = true;
    job.signal.kind = model::signal_kind::n_plus_one;
    job.signal.severity = model::severity::high;
    job.signal.operation.kind = model::operation_kind::db;
    job.signal.operation.source = model::source::span;
    job.signal.operation.route = "SELECT ? FROM t";
    job.signal.operation_id = 0xfeed'0000'0000'0001;
    job.signal.confirm_with = model::confirm_metric::calls_per_parent;
    job.signal.gate = 2.5;
    job.signal.numbers = {{"quantile", 0.9}};
    job.signal.message = "boom";
    job.bundle = std::string("\0\x1f\x8b", 3) + std::string(3'000'000, 'x');
    job.bundle_sha256 = "abc";
    job.trials = {"{}", "{\"number\":2}"};
    job.limits.trials = 9;
    job.limits.p_max = 0.02;
    job.limits.request_limit = std::chrono::milliseconds(1234);
    return job;
}

class worker_protocol_test : public testing::Test {
protected:
    scripted_dispatch dispatch;
    metrics counts;
    asio::thread_pool pool{2};
    task_group tasks{pool.get_executor()};
    worker_calls calls{dispatch};
    std::unique_ptr<grpc_server> server;
    std::unique_ptr<net::http_client> http;
    std::unique_ptr<worker_client> client;

    void SetUp() override
    {
        grpc_server_config config;
        config.listen = "127.0.0.1:0";
        config.methods = worker_methods();
        config.metrics_prefix = "reprise_worker_rpc";
        config.message_bytes_max = worker_message_bytes_max;
        config.admits = [](std::string_view shown) { return shown == "Bearer sesame"; };
        auto handle = [this](call_message message, call_done done) {
            tasks.spawn("call", answer(std::move(message), std::move(done)));
        };
        server = grpc_server::start(config, handle, counts).value();
        net::client_limits limits;
        limits.body_bytes_max = worker_answer_bytes_max;
        http = std::make_unique<net::http_client>(
            net::target_guard::allow_all(), limits, net::client_transport{net::http_version::http2, nullptr}
        );
        client = make_client("sesame");
    }

    void TearDown() override
    {
        http->close_idle();
        server->stop(std::chrono::seconds(1));
        pool.join();
    }

    asio::awaitable<void> answer(call_message message, call_done done)
    {
        auto given = co_await calls.answer(std::move(message));
        done(std::move(given));
    }

    std::unique_ptr<worker_client> make_client(const std::string& token)
    {
        const auto at = net::parse_url("http://127.0.0.1:" + std::to_string(server->port())).value();
        return std::make_unique<worker_client>(*http, worker_client_config{at, token});
    }

    template <class T>
    T wait(asio::awaitable<T> work)
    {
        return asio::co_spawn(pool, std::move(work), asio::use_future).get();
    }

    result<std::optional<runs::replay_job>> claim(worker_client& by)
    {
        return wait(by.claim({"w-0", "1.2.3", {"http://127.0.0.1:3000"}}));
    }
};

TEST_F(worker_protocol_test, a_job_arrives_as_it_was_given)
{
    dispatch.job = some_job();

    const auto got = claim(*client);

    ASSERT_TRUE(got && *got) << got.error().message();
    const runs::replay_job& job = **got;
    const runs::replay_job sent = some_job();
    EXPECT_EQ(dispatch.told, (std::vector<std::string>{"claim w-0 1.2.3 http://127.0.0.1:3000"}));
    EXPECT_EQ(job.lease.run_id, "run-1");
    EXPECT_EQ(job.lease.epoch, 7);
    EXPECT_EQ(job.bundle, sent.bundle);
    EXPECT_EQ(job.target, sent.target);
    EXPECT_EQ(job.last_good_target, sent.last_good_target);
    EXPECT_TRUE(job.sends_unsafe_setup);
    EXPECT_EQ(job.signal.kind, sent.signal.kind);
    EXPECT_EQ(job.signal.operation, sent.signal.operation);
    EXPECT_EQ(job.signal.operation_id, sent.signal.operation_id);
    EXPECT_EQ(job.signal.confirm_with, sent.signal.confirm_with);
    EXPECT_EQ(job.signal.gate, 2.5);
    EXPECT_EQ(job.signal.numbers, sent.signal.numbers);
    EXPECT_EQ(job.signal.message, "boom");
    EXPECT_EQ(job.trials, sent.trials);
    EXPECT_EQ(job.limits.trials, 9U);
    EXPECT_EQ(job.limits.request_limit, sent.limits.request_limit);
}

TEST_F(worker_protocol_test, nothing_to_do_is_no_error)
{
    const auto got = claim(*client);
    ASSERT_TRUE(got);
    EXPECT_FALSE(*got);
}

TEST_F(worker_protocol_test, a_trial_comes_with_what_was_answered_byte_for_byte)
{
    replay::trial trial;
    trial.number = 2;
    trial.shows = true;
    replay::replayed_answers sent;
    sent.operation.service = "shop";
    sent.operation.method = "POST";
    sent.operation.route = "/orders";
    sent.answers.exchange = 7;
    sent.answers.arm = model::answer_arm::last_good;
    sent.answers.statuses[2] = {{0, 1}, {500, 9}};
    model::kept_answer& shown = sent.answers.shown;
    shown.trial = 2;
    shown.shows = shown.answered = true;
    shown.status = 500;
    shown.latency_ns = 17;
    shown.headers = {{"x-name", "caf\xe9"}};
    shown.headers_left_out = 1;
    shown.body = std::string("\0\xff", 2);
    shown.body_bytes = 2;
    sent.answers.twin = shown;
    sent.answers.twin->body.clear();
    sent.answers.twin->body_left_out = true;

    ASSERT_TRUE(wait(client->store_trial({"run-2", 3}, trial, {sent})));

    ASSERT_EQ(dispatch.answers.size(), 1U);
    EXPECT_EQ(dispatch.answers[0].answers, sent.answers);
    EXPECT_EQ(dispatch.answers[0].operation.route, "/orders");
    EXPECT_EQ(dispatch.answers[0].operation.method, "POST");
}

TEST_F(worker_protocol_test, every_call_carries_its_lease_and_what_it_says)
{
    const runs::replay_lease lease{"run-2", 3};
    model::observation seen;
    seen.operation = 5;
    seen.outcome = model::outcome::server_error;
    seen.status = 503;
    seen.duration_ns = 17;
    seen.trace = {0xa, 0xb};
    seen.span = 1;
    seen.parent_span = 2;
    dispatch.observations = {seen};
    replay::trial trial;
    trial.number = 4;

    EXPECT_TRUE(wait(client->beat(lease, 3, 10)));
    EXPECT_TRUE(wait(client->store_trial(lease, trial, {})));
    const auto observed = wait(client->collect(lease, {{0xa, 0xb}}, std::chrono::milliseconds(250)));
    EXPECT_TRUE(wait(client->finish(lease, {model::verdict::flaky, "2 of 5", "{}"})));
    EXPECT_TRUE(wait(client->fail(lease, true, "gone")));
    EXPECT_TRUE(wait(client->give_back(lease)));

    EXPECT_EQ(dispatch.told, (std::vector<std::string>{
        "run-2#3 beat 3/10", "run-2#3 trial 4", "run-2#3 collect 000000000000000a000000000000000b 250",
        "run-2#3 flaky 2 of 5 {}", "run-2#3 permanent gone", "run-2#3 back"}));
    ASSERT_TRUE(observed && observed->size() == 1U);
    EXPECT_EQ(observed->front().outcome, model::outcome::server_error);
    EXPECT_EQ(observed->front().status, 503);
    EXPECT_EQ(observed->front().trace, seen.trace);
    EXPECT_EQ(observed->front().parent_span, 2U);
}

TEST_F(worker_protocol_test, errors_keep_their_meaning)
{
    const runs::replay_lease lease{"run-2", 3};
    dispatch.failure = reprise::errc::stale;
    EXPECT_EQ(wait(client->beat(lease, 0, 0)).error(), reprise::errc::stale);
    dispatch.failure = reprise::errc::not_found;  // The run is gone: as good as stale.
    EXPECT_EQ(wait(client->beat(lease, 0, 0)).error(), reprise::errc::stale);
    dispatch.failure = reprise::errc::unavailable;
    EXPECT_EQ(wait(client->give_back(lease)).error(), reprise::errc::unavailable);
    dispatch.failure = reprise::errc::too_large;
    EXPECT_EQ(wait(client->finish(lease, {})).error(), reprise::errc::invalid_argument);
}

TEST_F(worker_protocol_test, who_shows_no_token_is_denied_before_the_dispatch_hears_of_it)
{
    const auto stranger = make_client("guess");
    EXPECT_EQ(claim(*stranger).error(), reprise::errc::denied);
    EXPECT_TRUE(dispatch.told.empty());
}

TEST_F(worker_protocol_test, a_server_that_is_gone_is_an_error_of_the_network)
{
    server->stop(std::chrono::milliseconds(0));
    const auto got = claim(*client);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error(), reprise::errc::stale);
    EXPECT_NE(got.error(), reprise::errc::invalid_argument);
}

// gRPC's own client: the protocol is what the .proto file says, not what both our ends agree on.
TEST_F(worker_protocol_test, grpc_clients_are_served)
{
    dispatch.job = some_job();
    wire::ClaimRequest asked;
    asked.set_worker("other");
    asked.set_version("0");
    asked.add_targets("http://x");
    test::generic_client foreign(server->port());
    test::sent_call call(
        foreign.stub(), "/reprise.worker.v1.Workers/Claim", test::to_buffer(asked.SerializeAsString()),
        GRPC_COMPRESS_NONE, "Bearer sesame"
    );
    const auto end = call.get();
    ASSERT_TRUE(end.status.ok()) << end.status.error_message();
    wire::ClaimAnswer given;
    ASSERT_TRUE(given.ParseFromString(end.body));
    EXPECT_EQ(given.job().lease().run_id(), "run-1");
    EXPECT_EQ(given.job().signal().kind(), "n_plus_one");
}

TEST_F(worker_protocol_test, bytes_that_are_no_message_are_refused)
{
    test::generic_client foreign(server->port());
    for (const char* method : {"Claim", "Beat", "StoreTrial", "Collect", "Finish", "Fail", "GiveBack"}) {
        test::sent_call call(
            foreign.stub(), std::string("/reprise.worker.v1.Workers/") + method, test::to_buffer("\xff\xff\xff"),
            GRPC_COMPRESS_NONE, "Bearer sesame"
        );
        EXPECT_EQ(call.get().status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    }
    EXPECT_TRUE(dispatch.told.empty());
}

}  // namespace
}  // namespace reprise::rpc
