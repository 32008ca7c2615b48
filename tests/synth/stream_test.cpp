#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace reprise::synth::test {
namespace {

constexpr std::int64_t ms = 1'000'000;

// Somebody who reads so many lines and then leaves.
class virtual_reader final : public net::response_stream {
public:
    explicit virtual_reader(std::size_t lines_max = std::numeric_limits<std::size_t>::max()) : lines_max_(lines_max) {}

    asio::awaitable<result<void>> begin(net::response) override { co_return result<void>(); }
    asio::awaitable<result<void>> write(std::string_view bytes) override
    {
        if (lines.size() >= lines_max_)
            co_return net::errc::closed;
        lines.emplace_back(bytes);
        co_return result<void>();
    }
    void give_up() noexcept override { given_up = true; }

    std::vector<std::string> lines;
    bool given_up = false;

private:
    std::size_t lines_max_;
};

asio::awaitable<int> stream_to(agent& one, stream_parameters want, virtual_reader& reader)
{
    co_await one.stream(want, reader);
    co_return 0;
}

span_tree run_stream(virtual_world& world, const stream_parameters& want, virtual_reader& reader)
{
    world.run(stream_to(world.one, want, reader));
    return world.take_tree();
}

TEST(stream, sends_a_token_every_50_ms_while_the_background_fans_out)
{
    virtual_world world;
    virtual_reader reader;

    const span_tree tree = run_stream(world, {}, reader);

    ASSERT_EQ(reader.lines.size(), 400U);
    EXPECT_EQ(reader.lines.front(), "token 0\n");
    EXPECT_EQ(reader.lines.back(), "token 399\n");
    const std::map<std::string, int> expected = {{"token_stream", 1},
                                                 {"token_stream>planner", 1},
                                                 {"token_stream>planner>worker", 50},
                                                 {"token_stream>planner>worker>tool_call", 50},
                                                 {"token_stream>planner>checkpoint", 1}};
    EXPECT_EQ(tree.shape(), expected);
    const typed_texts attributes = {{"ati.agent.id", "str streamer:v1"},
                                    {"ati.span.kind", "str token_stream"},
                                    {"ati.workflow", "str demo"},
                                    {"ati.stream.duration_s", "int 20"},
                                    {"ati.bg.fanout", "int 50"}};
    EXPECT_EQ(tree.root().attributes, attributes);
    EXPECT_TRUE(tree.root().events.empty());
    EXPECT_EQ(tree.root().duration_ns(), 20'000 * ms);
    EXPECT_EQ(tree.one("planner").duration_ns(), 2'025 * ms);
    EXPECT_EQ(tree.one("planner").at("ati.concurrency"), "int 10");
    EXPECT_EQ(tree.one("planner").at("ati.fanout"), "int 50");
    EXPECT_FALSE(reader.given_up);
}

TEST(stream, stays_open_until_a_background_that_outlasts_the_tokens_has_ended)
{
    virtual_world world;
    virtual_reader reader;
    stream_parameters want;
    want.duration_s = 1;

    const span_tree tree = run_stream(world, want, reader);

    EXPECT_EQ(reader.lines.size(), 20U);
    EXPECT_EQ(tree.root().duration_ns(), 2'025 * ms);
}

TEST(stream, a_failure_in_the_background_shows_at_the_end_only)
{
    virtual_world world;
    virtual_reader reader;
    stream_parameters want;
    want.more.fail_index = 0;

    const span_tree tree = run_stream(world, want, reader);

    EXPECT_EQ(reader.lines.size(), 400U);
    EXPECT_TRUE(reader.given_up);
    EXPECT_TRUE(tree.root().failed);
    EXPECT_EQ(tree.root().duration_ns(), 20'000 * ms);
    EXPECT_EQ(tree.one("planner").duration_ns(), 0);
    EXPECT_EQ(tree.named("worker").size(), 50U);
}

TEST(stream, the_background_goes_on_when_the_reader_leaves)
{
    virtual_world world;
    virtual_reader reader(2);
    stream_parameters want;

    const span_tree tree = run_stream(world, want, reader);

    EXPECT_EQ(reader.lines.size(), 2U);
    EXPECT_EQ(tree.all().size(), 103U);
    EXPECT_EQ(tree.one("planner").end_ns - tree.one("planner").start_ns, 2'025 * ms);
}

TEST(stream, token_events_are_128_at_most_the_first_and_the_last_among_them)
{
    virtual_world world;
    virtual_reader reader;
    stream_parameters want;
    want.more.token_events = true;

    const seen_span root = run_stream(world, want, reader).root();

    EXPECT_EQ(root.at("ati.stream.tokens"), "int 400");
    EXPECT_EQ(root.at("ati.stream.ttft_ms"), "double 0");
    EXPECT_EQ(root.at("ati.stream.max_gap_ms"), "double 50");
    ASSERT_LE(root.events.size(), 128U);
    ASSERT_GE(root.events.size(), 64U);
    EXPECT_EQ(root.events.front().time_ns, root.start_ns);
    EXPECT_EQ(root.events.back().time_ns, root.start_ns + 399 * 50 * ms);
    for (const seen_event& event : root.events)
        EXPECT_EQ(event.name, "token");
}

}  // namespace
}  // namespace reprise::synth::test
