#include "reprise/replay/drive.hpp"

#include "virtual_time.hpp"

#include "reprise/base/clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <set>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;

// Test part: a target that takes a fixed time and remembers what came when.
class timed_target final : public http_port {
public:
    timed_target(test::virtual_time& time, std::int64_t takes_ns) : time_(time), takes_ns_(takes_ns) {}

    asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        arrivals_ms.push_back((time_.steady_ns() - begin_ns_) / ns_per_ms);
        requests.push_back(outgoing);
        ++in_flight;
        peak = std::max(peak, in_flight);
        co_await time_.wait_until(time_.steady_ns() + takes_ns_);
        --in_flight;
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            co_return make_error_code(asio::error::operation_aborted);
        if (outgoing.path == "/gone")
            co_return reprise::errc::timed_out;
        sent_response answer;
        answer.status = outgoing.path == "/bad" ? 500 : 200;
        answer.done_ns = takes_ns_;
        answer.headers = {{"Content-Type", "application/json"}};
        answer.body = outgoing.path == "/login" ? R"({"token":"replayed-4711-token"})" : "{}";
        co_return answer;
    }

    std::vector<std::int64_t> arrivals_ms;
    std::vector<request> requests;
    int in_flight = 0;
    int peak = 0;

private:
    test::virtual_time& time_;
    std::int64_t takes_ns_;
    std::int64_t begin_ns_ = time_.steady_ns();
};

model::exchange captured(int start_ms, std::string path, int status = 200)
{
    model::exchange one;
    one.method = "GET";
    one.path = std::move(path);
    one.status = status;
    one.start_ns = start_ms * ns_per_ms;
    one.duration_ns = ns_per_ms;
    one.complete = true;
    return one;
}

class drive : public testing::Test {
protected:
    asio::io_context io;
    test::virtual_time time{io};
    std::vector<model::exchange> exchanges;
    std::vector<planned_send> sends;
    drive_plan plan;

    void send(std::string_view timing, std::uint32_t rounds = 1)
    {
        plan.when = parse_timing(timing).value();
        sends = plan_sends(exchanges, plan.when, rounds).value();
        plan.exchanges = exchanges;
        plan.sends = sends;
        plan.run_id = "01RUN";
        plan.mark = replay_mark(plan.run_id);
    }

    drive_result run(http_port& target, send_observer* observer = nullptr)
    {
        std::optional<drive_result> made;
        auto finish = [&made](std::exception_ptr error, drive_result got) {
            EXPECT_FALSE(error);
            made = std::move(got);
        };
        asio::co_spawn(io, run_drive(plan, target, time, observer), std::move(finish));
        time.run();
        EXPECT_TRUE(made);
        return made.value_or(drive_result());
    }
};

TEST_F(drive, sends_at_the_recorded_times_and_measures_from_them)
{
    exchanges = {captured(0, "/a"), captured(5, "/b"), captured(30, "/a")};
    send("recorded");
    timed_target target(time, 20 * ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(target.arrivals_ms, (std::vector<std::int64_t>{0, 5, 30}));
    EXPECT_EQ(made.planned, 3U);
    EXPECT_EQ(made.sent, 3U);
    EXPECT_EQ(made.answered, 3U);
    EXPECT_EQ(made.duration_ns, 50 * ns_per_ms);
    for (const send_record& record : made.records)
        EXPECT_EQ(record.done_ns - record.due_ns, 20 * ns_per_ms);
}

TEST_F(drive, an_open_loop_does_not_wait_for_answers)
{
    exchanges = {captured(0, "/a")};
    send("rate:1000", 50);
    timed_target target(time, 20 * ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(made.answered, 50U);
    EXPECT_EQ(target.peak, 20);
    EXPECT_EQ(target.arrivals_ms.back(), 49);
}

TEST_F(drive, what_finds_no_place_is_dropped_and_counted)
{
    exchanges = {captured(0, "/a")};
    send("rate:1000", 50);
    plan.limits.in_flight_max = 5;
    timed_target target(time, 20 * ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(target.peak, 5);
    EXPECT_EQ(made.planned, 50U);
    EXPECT_EQ(made.sent + made.dropped, 50U);
    EXPECT_EQ(made.sent, 15U);
    EXPECT_EQ(made.records.size(), 50U);
}

TEST_F(drive, a_closed_loop_keeps_its_places_full)
{
    exchanges = {captured(0, "/a"), captured(500, "/b")};
    send("max", 10);
    plan.limits.in_flight_max = 4;
    timed_target target(time, 20 * ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(target.peak, 4);
    EXPECT_EQ(made.answered, 20U);
    EXPECT_EQ(made.dropped, 0U);
    EXPECT_EQ(made.duration_ns, 100 * ns_per_ms);
}

TEST_F(drive, what_gets_no_answer_is_failed_with_its_reason)
{
    exchanges = {captured(0, "/a"), captured(1, "/gone"), captured(2, "/bad", 500)};
    send("recorded");
    timed_target target(time, ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(made.answered, 2U);
    EXPECT_EQ(made.failed, 1U);
    ASSERT_EQ(made.failures.size(), 1U);
    EXPECT_EQ(made.failures.begin()->second, 1U);
}

TEST_F(drive, every_request_carries_the_mark_and_a_trace_of_its_own)
{
    exchanges = {captured(0, "/a")};
    send("max", 3);
    plan.headers = {{"authorization", "Bearer new"}};
    exchanges[0].request_headers = {{"Authorization", "Bearer captured"}, {"Accept", "text/plain"}};
    timed_target target(time, ns_per_ms);

    const drive_result made = run(target);

    std::set<std::string> traces;
    for (const request& sent : target.requests) {
        EXPECT_EQ(model::find_header(sent.headers, "X-Replay"), "01RUN");
        EXPECT_EQ(model::find_header(sent.headers, "Authorization"), "Bearer new");
        EXPECT_EQ(model::find_header(sent.headers, "Accept"), "text/plain");
        traces.insert(std::string(model::find_header(sent.headers, "traceparent")));
    }
    EXPECT_EQ(traces.size(), 3U);
    for (const send_record& record : made.records)
        EXPECT_EQ(record.trace.high, plan.mark);
}

TEST_F(drive, connections_follow_the_capture_or_the_wish)
{
    exchanges = {captured(0, "/a"), captured(1, "/b")};
    exchanges[1].request_headers = {{"Connection", "close"}};
    const auto fresh_of = [this](connection_policy policy) {
        send("recorded");
        plan.connections = policy;
        timed_target target(time, ns_per_ms);
        run(target);
        return std::vector<bool>{target.requests[0].fresh_connection, target.requests[1].fresh_connection};
    };

    EXPECT_EQ(fresh_of(connection_policy::recorded), (std::vector<bool>{false, true}));
    EXPECT_EQ(fresh_of(connection_policy::kept), (std::vector<bool>{false, false}));
    EXPECT_EQ(fresh_of(connection_policy::fresh), (std::vector<bool>{true, true}));
}

class told final : public send_observer {
public:
    void ended(const send_record& record, const sent_response* answer) override
    {
        ends.push_back(record.end);
        statuses.push_back(answer == nullptr ? 0 : answer->status);
    }
    std::vector<send_end> ends;
    std::vector<int> statuses;
};

TEST_F(drive, the_observer_hears_of_each_end_once)
{
    exchanges = {captured(0, "/bad", 500), captured(1, "/gone")};
    send("recorded");
    timed_target target(time, ns_per_ms);
    told observer;

    run(target, &observer);

    EXPECT_EQ(observer.ends, (std::vector<send_end>{send_end::answered, send_end::failed}));
    EXPECT_EQ(observer.statuses, (std::vector<int>{500, 0}));
}

class session : public drive {
protected:
    telemetry::value_flows flows;

    void SetUp() override
    {
        exchanges = {captured(0, "/login"), captured(5, "/orders")};
        exchanges[0].response_headers = {{"Content-Type", "application/json"}};
        exchanges[0].response_body = R"({"token":"captured-0815-token"})";
        exchanges[1].request_headers = {{"Authorization", "Bearer captured-0815-token"}};
        flows = telemetry::find_value_flows(exchanges);
        plan.flows = &flows;
    }
};

TEST_F(session, a_value_of_this_run_flows_into_the_later_request)
{
    send("recorded");
    timed_target target(time, ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(model::find_header(target.requests[1].headers, "Authorization"), "Bearer replayed-4711-token");
    EXPECT_EQ(made.waited, 0U);
    EXPECT_EQ(made.unlearned, 0U);
}

TEST_F(session, a_request_waits_for_the_value_it_needs)
{
    send("recorded", 2);
    timed_target target(time, 20 * ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(made.waited, 2U);
    EXPECT_EQ(made.answered, 4U);
    for (const request& sent : target.requests) {
        if (sent.path == "/orders") {
            EXPECT_EQ(model::find_header(sent.headers, "Authorization"), "Bearer replayed-4711-token");
        }
    }
    EXPECT_EQ(made.records[1].done_ns - made.records[1].due_ns, 20 * ns_per_ms) << "the wait counts";
}

TEST_F(session, a_source_that_is_planned_behind_its_taker_is_not_waited_for)
{
    send("max");
    std::swap(sends[0], sends[1]);
    plan.sends = sends;
    plan.limits.in_flight_max = 1;
    timed_target target(time, ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(made.answered, 2U);
    EXPECT_EQ(made.unlearned, 1U);
}

TEST_F(session, a_value_that_does_not_come_is_counted)
{
    exchanges[0].path = "/gone";
    send("recorded");
    timed_target target(time, ns_per_ms);

    const drive_result made = run(target);

    EXPECT_EQ(made.failed, 1U);
    EXPECT_EQ(made.answered, 1U);
    EXPECT_EQ(made.unlearned, 1U);
}

TEST_F(drive, cancelling_gives_up_what_is_under_way_and_sends_nothing_more)
{
    exchanges = {captured(0, "/a"), captured(1, "/b"), captured(60'000, "/c")};
    send("recorded");
    const auto real = make_steady_time();
    timed_target target(time, 3600 * ns_per_s);  // Virtual: it never answers here.
    std::optional<drive_result> made;
    asio::cancellation_signal stop;
    asio::co_spawn(
        io, run_drive(plan, target, *real, nullptr),
        asio::bind_cancellation_slot(stop.slot(), [&made](std::exception_ptr error, drive_result got) {
            EXPECT_FALSE(error);
            made = std::move(got);
        })
    );
    while (target.requests.size() < 2)
        io.run_one();
    stop.emit(asio::cancellation_type::terminal);
    while (!made && io.run_one() > 0) {
    }

    ASSERT_TRUE(made);
    EXPECT_EQ(made->planned, 3U);
    EXPECT_EQ(made->failed, 2U);
    EXPECT_EQ(made->not_begun, 1U);
    EXPECT_EQ(target.requests.size(), 2U);
}

}  // namespace
}  // namespace reprise::replay
