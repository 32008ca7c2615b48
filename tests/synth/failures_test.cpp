#include "virtual_world.hpp"

#include "../../server/synth/joint_work.hpp"
#include "../../server/synth/slots.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <gtest/gtest.h>

// What a failing call does to the spans around it and to the work beside it.
namespace reprise::synth::test {
namespace {

constexpr std::int64_t ms = 1'000'000;

run_parameters failing(scenario what, int index)
{
    run_parameters want = parameters_of(what);
    want.more.fail_index = index;
    return want;
}

void expect_exception(const seen_span& span, const std::string& stack)
{
    EXPECT_TRUE(span.failed) << span.name;
    ASSERT_EQ(span.events.size(), 1U) << span.name;
    const seen_event& event = span.events.front();
    EXPECT_EQ(event.name, "exception");
    EXPECT_EQ(event.time_ns, span.end_ns);
    const typed_texts expected = {{"exception.type", "str tool_error"},
                                  {"exception.message", "str t3 unavailable"},
                                  {"exception.stacktrace", "str " + stack},
                                  {"exception.escaped", "bool true"}};
    EXPECT_EQ(event.attributes, expected) << span.name;
}

TEST(failures, the_exception_is_recorded_on_every_span_around_it)
{
    virtual_world world;

    const span_tree tree = world.run_tree(failing(scenario::fanout, 3));

    ASSERT_FALSE(world.result);
    EXPECT_EQ(world.result.error().message, "t3 unavailable");
    const seen_span& worker = tree.agent("worker:3");
    std::string stack = "at tool_call worker:t3\n";
    expect_exception(tree.children(worker).front(), stack);
    expect_exception(worker, stack += "at worker worker:3\n");
    expect_exception(tree.one("planner"), stack += "at planner planner:v1\n");
    expect_exception(tree.root(), stack += "at workflow workflow\n");
    int failed = 0;
    for (const seen_span& span : tree.all())
        failed += span.failed ? 1 : 0;
    EXPECT_EQ(failed, 4);
}

TEST(failures, the_others_go_on_and_end_after_their_parent)
{
    virtual_world world;

    const span_tree tree = world.run_tree(failing(scenario::fanout, 3));

    EXPECT_EQ(tree.named("worker").size(), 100U);
    EXPECT_TRUE(tree.named("checkpoint").empty());
    const seen_span& planner = tree.one("planner");
    EXPECT_EQ(planner.duration_ns(), 0) << "a refused call costs no time";
    EXPECT_EQ(tree.agent("worker:99").end_ns - planner.end_ns, 400 * ms);
}

TEST(failures, a_chain_breaks_off_where_it_fails)
{
    virtual_world world;

    const span_tree tree = world.run_tree(failing(scenario::chain, 5));

    EXPECT_FALSE(world.result);
    EXPECT_EQ(tree.named("step").size(), 6U);
    EXPECT_TRUE(tree.root().failed);
    EXPECT_TRUE(tree.named("checkpoint").empty());
}

TEST(failures, every_scenario_but_retry_fails_with_its_call)
{
    for (const scenario what : {scenario::fanout, scenario::chain, scenario::retry, scenario::dag, scenario::react,
                                scenario::human, scenario::rag}) {
        virtual_world world;

        const span_tree tree = world.run_tree(failing(what, 0));

        EXPECT_EQ(world.result.has_value(), what == scenario::retry) << to_text(what);
        EXPECT_EQ(tree.root().failed, what != scenario::retry) << to_text(what);
        EXPECT_TRUE(tree.named("aggregator").empty()) << "what failed is not aggregated";
    }
}

asio::awaitable<void> hold(slots& places, pace& rests, int ms_held, std::vector<int>& order, int name)
{
    const auto place = co_await places.take();
    order.push_back(name);
    co_await rests.rest(std::chrono::milliseconds(ms_held));
}

TEST(slots, whoever_waits_gets_its_turn_in_order_and_who_leaves_the_line_takes_no_place)
{
    asio::io_context io;
    manual_clock time;
    virtual_pace rests(io, time);
    slots places(io.get_executor(), 1);
    std::vector<int> order;
    asio::cancellation_signal leave;
    int ended = 0;
    const auto count = [&ended](const std::exception_ptr&) { ++ended; };
    asio::co_spawn(io, hold(places, rests, 10, order, 1), count);
    asio::co_spawn(io, hold(places, rests, 10, order, 2), asio::bind_cancellation_slot(leave.slot(), count));
    asio::co_spawn(io, hold(places, rests, 10, order, 3), count);
    io.poll();

    leave.emit(asio::cancellation_type::terminal);
    do {
        io.restart();
        io.poll();
    } while (rests.advance());

    EXPECT_EQ(order, (std::vector<int>{1, 3}));
    EXPECT_EQ(ended, 3);
    EXPECT_EQ(time.steady_ns() - manual_clock().steady_ns(), 20 * ms);
}

asio::awaitable<work_result> throw_at_once()
{
    throw std::logic_error("a bug");
    co_return work_result();
}

asio::awaitable<work_result> wait_for_throwing(asio::io_context& io, task_group& tasks)
{
    std::vector<joint_work::piece> pieces;
    pieces.push_back(throw_at_once());
    const auto all = joint_work::begin(io.get_executor(), tasks, std::move(pieces));
    auto done = co_await all->wait();
    co_return done;
}

TEST(joint_work, an_exception_in_a_piece_does_not_leave_its_waiter_waiting)
{
    asio::io_context io;
    task_group tasks(io.get_executor());

    auto done = asio::co_spawn(io, wait_for_throwing(io, tasks), asio::use_future);
    io.run_for(std::chrono::seconds(10));

    ASSERT_EQ(done.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    const work_result result = done.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().type, "cancelled");
}

TEST(joint_work, a_group_that_stops_takes_no_more_work)
{
    asio::io_context io;
    task_group tasks(io.get_executor());
    tasks.stop();

    auto done = asio::co_spawn(io, wait_for_throwing(io, tasks), asio::use_future);
    io.run_for(std::chrono::seconds(10));

    ASSERT_EQ(done.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    EXPECT_EQ(done.get().error().message, "the agent stops");
}

}  // namespace
}  // namespace reprise::synth::test
