#include "simulated_bug.hpp"

#include "reprise/net/error.hpp"
#include "reprise/replay/scenario_run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <map>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;
using namespace test;

// Whoever waits makes it that late.
class jumping_time final : public time_port {
public:
    std::int64_t steady_ns() const noexcept override { return now_ns_; }
    asio::awaitable<void> wait_until(std::int64_t steady_ns) override
    {
        now_ns_ = std::max(now_ns_, steady_ns);
        co_return;
    }

private:
    std::int64_t now_ns_ = 500 * ns_per_s;
};

// Answers by path; yields once, so that what is sent at once is under way together.
class scripted_target final : public http_port {
public:
    explicit scripted_target(time_port& time) : time_(time) {}

    asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        at_ms.push_back((time_.steady_ns() - 500 * ns_per_s) / ns_per_ms);
        requests.push_back(outgoing);
        peak = std::max(peak, ++under_way_);
        const auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
        --under_way_;
        const auto failed = errors.find(outgoing.path);
        if (failed != errors.end())
            co_return failed->second;
        sent_response answer;
        answer.status = 200;
        answer.body = R"({"token":"new-)" + std::to_string(requests.size()) + "\"}";
        co_return answer;
    }

    std::map<std::string, error_code> errors;
    std::vector<request> requests;
    std::vector<std::int64_t> at_ms;
    int peak = 0;

private:
    time_port& time_;
    int under_way_ = 0;
};

class scenario_run : public testing::Test {
protected:
    std::vector<observed_answer> run(const scenario& what)
    {
        asio::io_context io;
        auto answers = asio::co_spawn(io, run_scenario(what, options, target, time), asio::use_future);
        io.run();
        return answers.get();
    }

    jumping_time time;
    scripted_target target{time};
    scenario_options options;
};

TEST_F(scenario_run, sends_a_group_at_once_and_groups_in_turn)
{
    scenario what = make_source(3).all;
    what.pacing = pacing::groups;
    what.requests[1].copies = 4;
    what.requests[2].group = 1;

    const auto answers = run(what);

    EXPECT_EQ(answers.size(), 6U);
    EXPECT_EQ(target.requests.size(), 6U);
    EXPECT_EQ(target.peak, 5);
    EXPECT_EQ(target.requests[0].path, what.requests[0].path);
}

TEST_F(scenario_run, keeps_recorded_times)
{
    run(make_source(3).all);

    EXPECT_EQ(target.at_ms, (std::vector<std::int64_t>{0, 10, 20}));
}

TEST_F(scenario_run, marks_what_it_sends_and_sets_headers_of_the_target)
{
    options.run_id = "01RUN";
    options.mark = 7;
    options.headers = {{"accept", "text/html"}, {"Authorization", "Bearer mine"}};
    scenario what = one_after_the_other(make_source(2).all);
    const auto answers = run(what);

    ASSERT_EQ(answers.size(), 2U);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const std::string context(model::find_header(target.requests[i].headers, "traceparent"));
        EXPECT_EQ(context.substr(3, 32), to_hex(answers[i].trace));
    }
    const request& sent = target.requests[0];
    EXPECT_EQ(model::find_header(sent.headers, "x-replay"), "01RUN");
    EXPECT_EQ(model::find_header(sent.headers, "authorization"), "Bearer mine");
    EXPECT_EQ(model::find_header(sent.headers, "accept"), "text/html");
    EXPECT_EQ(model::find_header(sent.headers, "accept-language"), "en");
    EXPECT_TRUE(model::find_header(sent.headers, "traceparent").starts_with("00-0000000000000007"));
    EXPECT_NE(
        model::find_header(sent.headers, "traceparent"), model::find_header(target.requests[1].headers, "traceparent")
    );
}

TEST_F(scenario_run, carries_values_of_this_run_on)
{
    scenario what = one_after_the_other(make_source(2).all);
    what.requests[1].headers.emplace_back("Authorization", "Bearer 900719925474099101");
    what.requests[1].path = "/orders/900719925474099101";
    carried_value token;
    token.name = "/token";
    token.marker = "900719925474099101";
    token.captured = "t old";
    what.values.push_back(token);

    run(what);
    EXPECT_EQ(model::find_header(target.requests[1].headers, "authorization"), "Bearer new-1");
    EXPECT_EQ(target.requests[1].path, "/orders/new-1");

    what.values[0].name = "/none";
    run(what);
    EXPECT_EQ(model::find_header(target.requests[3].headers, "authorization"), "Bearer t old");
    EXPECT_EQ(target.requests[3].path, "/orders/t%20old");
}

TEST_F(scenario_run, tells_answers_that_did_not_come_from_targets_that_are_not_there)
{
    scenario what = one_after_the_other(make_source(4).all);
    what.requests[0].path = "/refused";
    what.requests[0].watched = false;
    what.requests[1].path = "/hangs";
    what.requests[2].watched = false;
    target.errors = {{"/refused", net::errc::connect_failed}, {"/hangs", net::errc::answer_timed_out}};

    const auto answers = run(what);

    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].kind, answer_kind::unreachable);
    EXPECT_EQ(answers[1].kind, answer_kind::unanswered);
    EXPECT_EQ(answers[2].kind, answer_kind::answered);
    EXPECT_EQ(answers[2].status, 200);
}

}  // namespace
}  // namespace reprise::replay
