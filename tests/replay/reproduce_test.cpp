#include "reprise/replay/reproduce.hpp"

#include "scripted_run.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;
using test::fails_when_bad;
using test::reproduce_run;
using test::scripted_target;
using test::scripted_traces;
using test::session_plan;
using test::session_target;

TEST_F(reproduce_run, sends_all_trials_and_gives_the_verdict)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced);
    EXPECT_EQ(target.sent.size(), 100U);
    EXPECT_EQ(progress.trials.size(), 5U);
    EXPECT_EQ(progress.total, 100U);
    EXPECT_EQ(progress.done.size(), 50U);
    EXPECT_EQ(progress.done.back(), 100U);
    EXPECT_TRUE(traces.marks.empty());
}

TEST_F(reproduce_run, marks_every_request_as_replayed)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);

    static_cast<void>(run(plan, target, traces));

    for (const request& sent : target.sent) {
        EXPECT_EQ(model::find_header(sent.headers, "X-Replay"), "01RUN");
        const std::string begin = "00-" + model::to_hex({plan.mark, 0}).substr(0, 16);
        EXPECT_TRUE(model::find_header(sent.headers, "traceparent").starts_with(begin));
        EXPECT_EQ(sent.limit, plan.limits.request_limit);
    }
}

TEST_F(reproduce_run, measures_latency_from_the_planned_send_time)
{
    const trial_plan plan = test::latency_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::not_reproduced);
    EXPECT_EQ(result->trials[0].metric, 15e6);
}

TEST_F(reproduce_run, sends_the_setup_first_and_carries_its_values_on)
{
    const auto plan = session_plan();
    ASSERT_TRUE(plan);
    session_target target(time, true);
    scripted_traces traces(*plan, 0);

    const auto result = run(*plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced) << result->reason;
    ASSERT_EQ(target.sent.size(), 5U * (2 + 20));
    for (std::size_t i = 0; i < target.sent.size(); i += 22) {
        EXPECT_EQ(target.sent[i].path, "/login");
        EXPECT_EQ(model::find_header(target.sent[i].headers, "authorization"), "");
        EXPECT_EQ(target.sent[i + 1].path, "/orders");
        EXPECT_EQ(model::find_header(target.sent[i + 1].headers, "X-Replay"), "01RUN");
    }
    EXPECT_TRUE(target.sent[2].path.starts_with("/orders/99")) << target.sent[2].path;
    EXPECT_EQ(result->requests_sent, 100U);
}

TEST_F(reproduce_run, sends_nothing_with_values_of_the_capture_when_the_setup_fails)
{
    const auto plan = session_plan();
    ASSERT_TRUE(plan);
    session_target target(time, false);
    scripted_traces traces(*plan, 0);

    const auto result = run(*plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(target.sent.size(), 5U) << "the logins alone";
    EXPECT_EQ(result->requests_sent, 0U);
}

TEST_F(reproduce_run, names_the_setup_request_and_the_value_it_did_not_give)
{
    const auto plan = session_plan();
    ASSERT_TRUE(plan);
    session_target target(time, false);
    scripted_traces traces(*plan, 0);

    const auto result = run(*plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->reason_code, "setup_failed");
    EXPECT_EQ(
        result->reason, "In 5 of 5 trials requests could not be sent: setup request POST /login has to give body "
                        "/token, but the answer of request 1 (status 401) has no body /token."
    );
    EXPECT_EQ(to_json(*plan, *result).find("tok_7Gh2kQ9zLmX4"), std::string::npos);
}

TEST_F(reproduce_run, that_lacks_a_value_for_the_failing_requests_only_does_not_say_that_nothing_shows)
{
    auto plan = session_plan();
    ASSERT_TRUE(plan);
    // A good request, number 3 of all, that needs no login, so that the target is normal.
    plan->control = {test::make_exchange("GET", "/health", 200)};
    std::erase_if(plan->flows.flows, [](const auto& flow) { return flow.exchange == 3; });
    scripted_target target(time, [](const request&) { return false; });
    scripted_traces traces(*plan, 0);

    const auto result = run(*plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive) << result->reason;
    EXPECT_EQ(result->reason_code, "setup_failed");
    EXPECT_EQ(result->requests_sent, 50U);
}

TEST_F(reproduce_run, waits_for_the_targets_own_report_when_the_metric_needs_it)
{
    const trial_plan plan = test::burst_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 150);

    const auto result = run(plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::reproduced) << result->reason;
    EXPECT_EQ(traces.marks, std::vector<std::uint64_t>(5, plan.mark));
    EXPECT_EQ(traces.wanted_counts, std::vector<std::size_t>(5, 20));
    EXPECT_EQ(traces.last_limit, plan.limits.trace_limit);
}

TEST_F(reproduce_run, skips_the_trials_that_are_done)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);
    static_cast<void>(run(plan, target, traces));
    std::vector<trial> done(progress.trials.begin(), progress.trials.begin() + 3);
    done.push_back(done.front());      // Stored twice by an earlier attempt.
    trial foreign = done.front();
    foreign.number = 77;               // Of another plan.
    done.push_back(foreign);
    target.sent.clear();
    progress.trials.clear();

    const auto result = run(plan, target, traces, done);

    ASSERT_TRUE(result);
    EXPECT_EQ(target.sent.size(), 40U);
    ASSERT_EQ(progress.trials.size(), 2U);
    EXPECT_EQ(progress.trials[0].number, 4U);
    EXPECT_EQ(result->trials.size(), 5U);
    EXPECT_EQ(result->verdict, model::verdict::reproduced);
}

TEST_F(reproduce_run, with_all_trials_done_sends_nothing)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);
    static_cast<void>(run(plan, target, traces));
    const auto done = progress.trials;
    target.sent.clear();

    const auto result = run(plan, target, traces, done);

    ASSERT_TRUE(result);
    EXPECT_TRUE(target.sent.empty());
    EXPECT_EQ(result->verdict, model::verdict::reproduced);
}

TEST_F(reproduce_run, stops_at_once_when_the_lease_is_lost)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);
    progress.refuse_progress_at = 3;

    const auto result = run(plan, target, traces);

    EXPECT_EQ(result.error(), make_error_code(reprise::errc::stale));
    EXPECT_EQ(target.sent.size(), 6U);
    EXPECT_TRUE(progress.trials.empty());
}

TEST_F(reproduce_run, stops_when_a_trial_cannot_be_stored)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);
    progress.refuse_trial = 2;

    const auto result = run(plan, target, traces);

    EXPECT_EQ(result.error(), make_error_code(reprise::errc::stale));
    EXPECT_EQ(target.sent.size(), 40U);
}

TEST_F(reproduce_run, against_a_dead_target_is_inconclusive)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, fails_when_bad);
    target.silent = true;
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(result->reason_code, "too_few_answered");
    EXPECT_EQ(result->requests_sent, 100U);
    EXPECT_EQ(result->requests_answered, 0U);
}

TEST_F(reproduce_run, against_a_target_that_fails_everything_is_never_reproduced)
{
    const trial_plan plan = test::share_plan();
    scripted_target target(time, [](const request&) { return true; });
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->verdict, model::verdict::inconclusive);
    EXPECT_EQ(result->reason_code, "control_abnormal");
}

TEST_F(reproduce_run, without_control_sends_nothing)
{
    trial_plan plan = test::share_plan();
    plan.control.clear();
    scripted_target target(time, fails_when_bad);
    scripted_traces traces(plan, 0);

    const auto result = run(plan, target, traces);

    ASSERT_TRUE(result);
    EXPECT_EQ(result->reason_code, "no_control");
    EXPECT_TRUE(target.sent.empty());
}

// Test part: never answers; only cancellation ends it.
class hanging_target final : public http_port {
public:
    asio::awaitable<result<sent_response>> send(request) override
    {
        ++sent;
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer never(executor, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
        co_return reprise::errc::timed_out;
    }

    int sent = 0;
};

TEST_F(reproduce_run, cancelled_in_the_middle_sends_nothing_more)
{
    const trial_plan plan = test::share_plan();
    hanging_target target;
    scripted_traces traces(plan, 0);
    asio::io_context io;
    asio::cancellation_signal stop;
    bool ended_by_cancellation = false;
    const auto finish = [&ended_by_cancellation](std::exception_ptr error, const result<run_result>&) {
        ended_by_cancellation = error != nullptr;
    };
    asio::co_spawn(
        io, run_reproduce(plan, {}, target, traces, progress, time), asio::bind_cancellation_slot(stop.slot(), finish)
    );
    while (target.sent == 0)
        io.run_one();

    stop.emit(asio::cancellation_type::terminal);
    io.run();

    EXPECT_TRUE(ended_by_cancellation);
    EXPECT_EQ(target.sent, 1);
}

}  // namespace
}  // namespace reprise::replay
