#include "live_parts.hpp"

#include "../../server/synth/parameters.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// Agent, tool and receiver on real sockets: what the exporter really sends.
namespace reprise::synth::test {
namespace {

class service_test : public testing::Test {
protected:
    void SetUp() override
    {
        tool_->listen().value();
        tool_->start();
        agent_config config;
        config.tool_base = tool_url();
        config.otlp_endpoint = receiver.url();
        config.batches.delay = std::chrono::milliseconds(10);
        agent_ = std::make_unique<running_agent>(loop.executor(), config, rests, time, numbers);
        agent_->listen().value();
        agent_->start();
    }
    void TearDown() override
    {
        stop_agent();
        stop_tool();
    }
    void stop_agent()
    {
        if (agent_)
            loop.run(stop_service(*agent_));
        agent_.reset();
    }
    void stop_tool()
    {
        if (tool_)
            loop.run(stop_service(*tool_));
        tool_.reset();
    }
    net::url tool_url() { return net::parse_url("http://127.0.0.1:" + std::to_string(tool_->port())).value(); }
    std::string agent_url(const std::string& target)
    {
        return "http://127.0.0.1:" + std::to_string(agent_->port()) + target;
    }
    net::client_response ask(const std::string& target) { return get(loop, client, agent_url(target)); }

    system_clock time;
    timer_pace rests;
    metrics numbers;
    metrics tool_numbers;
    loop_thread loop;
    otlp_receiver receiver{loop};
    net::http_client client{net::target_guard::allow_all(), {}};

private:
    std::unique_ptr<running_tool> tool_ =
        std::make_unique<running_tool>(loop.executor(), tool_config(), rests, time, tool_numbers);
    std::unique_ptr<running_agent> agent_;
};

struct live_case {
    std::string target;
    std::map<std::string, int> shape;
    std::string scenario;
};

std::vector<live_case> live_cases()
{
    return {
        {"/run?scenario=fanout&fanout=10&concurrency=4&delay_ms=1",
         {{"workflow", 1},
          {"workflow>planner", 1},
          {"workflow>planner>worker", 10},
          {"workflow>planner>worker>tool_call", 10},
          {"workflow>planner>checkpoint", 1}},
         "fanout"},
        {"/run?scenario=chain&depth=5&delay_ms=1",
         {{"workflow", 1},
          {"workflow>planner", 1},
          {"workflow>planner>step", 5},
          {"workflow>planner>step>tool_call", 5},
          {"workflow>planner>checkpoint", 1}},
         "chain"},
        {"/run?scenario=retry&fanout=2&error_rate=1&max_retries=2&delay_ms=1",
         {{"workflow", 1},
          {"workflow>planner", 1},
          {"workflow>planner>tool_call", 6},
          {"workflow>planner>checkpoint", 1}},
         "retry"},
        {"/run?scenario=dag&fanout=6&delay_ms=1",
         {{"workflow", 1},
          {"workflow>planner", 1},
          {"workflow>planner>branch_worker", 6},
          {"workflow>planner>branch_worker>tool_call", 6},
          {"workflow>planner>aggregator", 1},
          {"workflow>planner>aggregator>tool_call", 1},
          {"workflow>planner>checkpoint", 1}},
         "dag"},
        {"/run?scenario=react&max_steps=1&delay_ms=1",
         {{"workflow", 1},
          {"workflow>agent_core", 1},
          {"workflow>agent_core>thought", 1},
          {"workflow>agent_core>act", 1},
          {"workflow>agent_core>act>tool_call", 1},
          {"workflow>agent_core>checkpoint", 1}},
         "react"},
        {"/run?scenario=human&human_delay_s=0.01",
         {{"workflow", 1},
          {"workflow>planner", 1},
          {"workflow>planner>tool_call", 2},
          {"workflow>planner>human_feedback", 1}},
         "human"},
        {"/run?scenario=rag&rag_chunks=40&rag_chunk_size_kb=2&delay_ms=1",
         {{"workflow", 1},
          {"workflow>planner", 1},
          {"workflow>planner>retrieval", 1},
          {"workflow>planner>retrieval>tool_call", 1},
          {"workflow>planner>generation", 1}},
         "rag"},
    };
}

TEST_F(service_test, each_scenario_answers_and_its_whole_tree_arrives)
{
    std::size_t before = 0;
    for (const live_case& one : live_cases()) {
        const auto answer = ask(one.target);
        EXPECT_EQ(answer.status, 200) << one.scenario;
        const std::string begin = "{\"ok\":true,\"scenario\":\"" + one.scenario + "\",\"elapsed_s\":";
        EXPECT_TRUE(answer.body.starts_with(begin)) << answer.body;
        EXPECT_EQ(answer.body.find('}') - answer.body.find('.'), 4U) << "three decimals: " << answer.body;

        std::size_t count = 0;
        for (const auto& [path, times] : one.shape)
            count += static_cast<std::size_t>(times);
        auto spans = receiver.wait_spans(before + count);
        ASSERT_EQ(spans.size(), before + count) << one.scenario;
        spans.erase(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(before));
        before += count;
        const span_tree tree(std::move(spans));
        EXPECT_EQ(tree.shape(), one.shape) << one.scenario;
        EXPECT_EQ(tree.root().at("ati.scenario"), "str " + one.scenario);
    }
    for (const seen_request& request : receiver.taken()) {
        EXPECT_EQ(request.scope, "app");
        EXPECT_EQ(request.resource.at("service.name"), "str synthetic-agent-app");
        EXPECT_EQ(request.resource.at("telemetry.sdk.language"), "str cpp");
        EXPECT_TRUE(request.resource.contains("telemetry.sdk.name"));
        EXPECT_TRUE(request.resource.contains("telemetry.sdk.version"));
    }
}

TEST_F(service_test, the_payload_travels_from_the_tool_into_the_span)
{
    ask("/run?scenario=rag&rag_chunks=300&rag_chunk_size_kb=1&delay_ms=1");

    const span_tree tree(receiver.wait_spans(5));

    EXPECT_EQ(tree.one("retrieval").at("ati.rag.content"), "str " + std::string(300 * 1024, 'a'));
}

TEST_F(service_test, a_stream_ends_after_its_lines_and_its_background)
{
    const auto answer = ask("/stream?duration_s=1&tool_delay_ms=1&background_fanout=3");

    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(model::find_header(answer.headers, "content-type").starts_with("text/plain"));
    EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 20);
    EXPECT_TRUE(answer.body.starts_with("token 0\ntoken 1\n"));
    const span_tree tree(receiver.wait_spans(9));
    EXPECT_EQ(tree.root().name, "token_stream");
    EXPECT_EQ(tree.all().size(), 9U);
}

TEST_F(service_test, a_stream_whose_background_fails_breaks_off)
{
    const auto target = agent_url("/stream?duration_s=0&background_fanout=3&fail_index=1&tool_delay_ms=1");

    const auto answer = loop.run(client.send(net::client_request("GET", net::parse_url(target).value())));

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), net::errc::closed);
}

TEST_F(service_test, a_tool_that_is_down_is_a_500_in_plain_text)
{
    stop_tool();

    const auto answer = ask("/run?scenario=fanout&fanout=2");

    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(model::find_header(answer.headers, "content-type"), "text/plain");
    EXPECT_TRUE(answer.body.starts_with("tool t")) << answer.body;
    const span_tree tree(receiver.wait_spans(6));
    EXPECT_TRUE(tree.root().failed);
    EXPECT_EQ(tree.root().events.at(0).attributes.at("exception.type"), "str network");
    EXPECT_EQ(ask("/run?scenario=retry&fanout=1&max_retries=1").status, 200) << "retry gives up in silence";
}

TEST_F(service_test, refusals_are_the_same_at_every_endpoint)
{
    EXPECT_EQ(ask("/run?scenario=unknown").status, 422);
    EXPECT_EQ(ask("/run?concurrency=0").status, 422);
    EXPECT_EQ(ask("/stream?background_fanout=-1").status, 422);
    EXPECT_EQ(ask("/health").body, "{\"ok\":true}");
    EXPECT_EQ(ask("/nowhere").status, 404);
}

TEST_F(service_test, a_stop_sends_the_spans_that_are_left)
{
    agent_config config;
    config.tool_base = tool_url();
    config.otlp_endpoint = receiver.url();
    config.batches.delay = std::chrono::hours(1);
    metrics own;
    running_agent patient(loop.executor(), config, rests, time, own);
    patient.listen().value();
    patient.start();
    get(loop, client, "http://127.0.0.1:" + std::to_string(patient.port()) + "/run?scenario=chain&depth=1&delay_ms=1");
    EXPECT_TRUE(receiver.taken().empty());

    loop.run(stop_service(patient));

    EXPECT_EQ(receiver.wait_spans(5).size(), 5U);
}

// A tool that remembers how it was asked.
asio::awaitable<net::response> note_request(std::vector<net::request>& asked, net::request& req)
{
    asked.push_back(req);
    co_return net::response(200, "application/json", std::string_view("{}"));
}

TEST_F(service_test, the_tool_is_told_everything_and_nothing_of_the_trace)
{
    std::vector<net::request> asked;
    net::router routes;
    routes.add(net::method::get, "/below/tool/{name}", [&asked](net::request& req) {
        return note_request(asked, req);
    });
    metrics own;
    net::server other(loop.executor(), {}, routes, time, own);
    other.listen().value();
    other.start();
    http_tools tools(
        loop.executor(), net::parse_url("http://127.0.0.1:" + std::to_string(other.port()) + "/below/").value()
    );
    const tool_ask ask("t1", 7, 0.25, 99);

    const auto payload = loop.run(tools.call(ask));

    EXPECT_TRUE(payload);
    other.stop();
    EXPECT_TRUE(loop.run(other.drain(std::chrono::seconds(5))));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].target, "/below/tool/t1?delay_ms=7&error_rate=0.25&stream=0&payload_size_kb=0&seed=99");
    EXPECT_EQ(asked[0].header("traceparent"), "");
}

}  // namespace
}  // namespace reprise::synth::test
