#include "reprise/replay/reproduce.hpp"

#include "builders.hpp"

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

// Test part: a target that answers by a rule and remembers what it was sent.
class scripted_target final : public http_port {
public:
    scripted_target(manual_clock& time, bool (*fails)(const request&)) : time_(time), fails_(fails) {}

    asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        sent.push_back(std::move(outgoing));
        if (silent)
            co_return reprise::errc::timed_out;
        time_.advance_ns(15 * ns_per_ms);
        sent_response answer;
        answer.status = fails_(sent.back()) ? 500 : 200;
        answer.answered_ns = time_.now_ns();
        co_return answer;
    }

    std::vector<request> sent;
    bool silent = false;

private:
    manual_clock& time_;
    bool (*fails_)(const request&);
};

// Test part: what the target would report about each wanted trace.
class scripted_traces final : public trace_port {
public:
    explicit scripted_traces(const trial_plan& plan, std::uint32_t calls) : plan_(plan), calls_(calls) {}

    asio::awaitable<std::vector<model::observation>> collect(
        std::uint64_t mark, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override
    {
        marks.push_back(mark);
        wanted_counts.push_back(wanted.size());
        last_limit = limit;
        co_return test::report(plan_, static_cast<std::uint32_t>(marks.size()), calls_, 1);
    }

    std::vector<std::uint64_t> marks;
    std::vector<std::size_t> wanted_counts;
    std::chrono::milliseconds last_limit{0};

private:
    const trial_plan& plan_;
    std::uint32_t calls_;
};

// Test part: stores what is reported; refuses from a given report on, as a lost lease does.
class recording_progress final : public progress_port {
public:
    asio::awaitable<result<void>> progress(std::uint32_t requests_done, std::uint32_t requests_total) override
    {
        done.push_back(requests_done);
        total = requests_total;
        if (refuse_progress_at != 0 && done.size() >= refuse_progress_at)
            co_return reprise::errc::stale;
        co_return result<void>();
    }
    asio::awaitable<result<void>> measured(trial finished) override
    {
        trials.push_back(finished);
        if (refuse_trial != 0 && finished.number == refuse_trial)
            co_return reprise::errc::stale;
        co_return result<void>();
    }

    std::vector<std::uint32_t> done;
    std::uint32_t total = 0;
    std::vector<trial> trials;
    std::size_t refuse_progress_at = 0;
    std::uint32_t refuse_trial = 0;
};

bool fails_when_bad(const request& sent)
{
    return sent.path.find("bad") != std::string::npos;
}

class reproduce_run : public testing::Test {
protected:
    result<run_result> run(const trial_plan& plan, http_port& http, trace_port& traces, std::vector<trial> done = {})
    {
        asio::io_context io;
        std::optional<result<run_result>> outcome;
        const auto finish = [&outcome](std::exception_ptr error, result<run_result> answer) {
            ASSERT_FALSE(error);
            outcome = std::move(answer);
        };
        asio::co_spawn(io, run_reproduce(plan, std::move(done), http, traces, progress, time), finish);
        io.run();
        EXPECT_TRUE(outcome.has_value());
        return outcome.value_or(reprise::errc::io);
    }

    manual_clock time;
    recording_progress progress;
};

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

// Test part: a shop that wants a login and an order before it fails.
class session_target final : public http_port {
public:
    session_target(manual_clock& time, bool logs_in) : time_(time), logs_in_(logs_in) {}

    asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        sent.push_back(std::move(outgoing));
        time_.advance_ns(ns_per_ms);
        co_return answer(sent.back());
    }

    std::vector<request> sent;

private:
    sent_response answer(const request& asked)
    {
        sent_response made;
        made.answered_ns = time_.now_ns();
        made.headers = {{"content-type", "application/json"}};
        const bool known = model::find_header(asked.headers, "authorization") == "Bearer token-of-this-run-1";
        if (asked.path == "/login") {
            made.status = logs_in_ ? 200 : 401;
            made.body = logs_in_ ? R"({"token":"token-of-this-run-1"})" : R"({"error":"no"})";
        } else if (asked.path == "/orders" && known) {
            made.status = 201;
            made.body = R"({"id":99})";
        } else {
            made.status = !known ? 401 : asked.path == "/orders/99?bad=1" ? 500 : 200;
        }
        return made;
    }

    manual_clock& time_;
    bool logs_in_;
};

checked<trial_plan> session_plan()
{
    const auto at = [](std::int64_t second, model::exchange exchange) {
        exchange.start_ns = second * ns_per_s;
        exchange.duration_ns = ns_per_ms;
        return exchange;
    };
    auto login = at(1, test::make_exchange("POST", "/login", 200));
    login.response_body = R"({"token":"tok_7Gh2kQ9zLmX4"})";
    auto create = at(2, test::make_exchange("POST", "/orders", 201));
    create.request_headers = {{"Authorization", "Bearer tok_7Gh2kQ9zLmX4"}};
    create.response_body = R"({"id":4711})";
    auto failing = at(3, test::make_exchange("GET", "/orders/4711?bad=1", 500));
    auto good = at(4, test::make_exchange("GET", "/orders/4711", 200));
    failing.request_headers = good.request_headers = create.request_headers;
    // As a bundle has them: failing first.
    const std::vector<model::evidence_item> items = {
        test::make_item(model::evidence_role::failing, failing), test::make_item(model::evidence_role::control, good),
        test::make_item(model::evidence_role::setup, create), test::make_item(model::evidence_role::setup, login)};
    const auto signal = test::make_signal(model::confirm_metric::failing_share, 0.1, 0);
    return make_plan(signal, items, "", "01RUN", "http://shop", 1);
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
    EXPECT_EQ(result->reason_code, "too_few_answered");
    EXPECT_EQ(target.sent.size(), 5U) << "the logins alone";
    EXPECT_EQ(result->requests_sent, 0U);
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
