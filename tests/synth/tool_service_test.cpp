#include "live_parts.hpp"

#include <gtest/gtest.h>

namespace reprise::synth::test {
namespace {

class tool_service_test : public testing::Test {
protected:
    void TearDown() override { loop.run(stop_service(tool)); }
    void SetUp() override
    {
        tool.listen().value();
        tool.start();
    }
    static tool_config config()
    {
        tool_config out;
        out.defaults.delay_ms = 1;
        out.defaults.error_rate = 1;
        return out;
    }
    net::client_response ask(const std::string& target)
    {
        return get(loop, client, "http://127.0.0.1:" + std::to_string(tool.port()) + target);
    }

    system_clock time;
    timer_pace rests;
    metrics numbers;
    loop_thread loop;
    running_tool tool{loop.executor(), config(), rests, time, numbers};
    net::http_client client{net::target_guard::allow_all(), {}};
};

TEST_F(tool_service_test, is_well)
{
    EXPECT_EQ(ask("/health").status, 200);
    EXPECT_EQ(ask("/health").body, "{\"ok\":true}");
    EXPECT_NE(ask("/metrics").body.find("reprise_http_answers_total"), std::string::npos);
}

TEST_F(tool_service_test, answers_after_its_delay)
{
    const auto answer = ask("/tool/t3?delay_ms=30&error_rate=0");

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"tool":"t3","delay_ms":30,"ok":true})");
    EXPECT_GE(answer.answered_after_ns, 30'000'000);
}

TEST_F(tool_service_test, fails_at_once_as_often_as_it_is_told_or_was_started_to)
{
    const auto answer = ask("/tool/r0?delay_ms=60000");

    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, R"({"detail":"r0 unavailable"})");
    EXPECT_EQ(ask("/tool/r0?error_rate=0").status, 200);
}

TEST_F(tool_service_test, a_seed_decides_whether_a_call_fails)
{
    int failed = 0;
    for (int seed = 0; seed < 40; ++seed) {
        const std::string target = "/tool/x?delay_ms=0&error_rate=0.5&seed=" + std::to_string(seed);
        const int status = ask(target).status;
        EXPECT_EQ(ask(target).status, status);
        EXPECT_EQ(status == 503, fails(static_cast<std::uint64_t>(seed), 0.5));
        failed += status == 503 ? 1 : 0;
    }
    EXPECT_GT(failed, 8);
    EXPECT_LT(failed, 32);
}

TEST_F(tool_service_test, streams_fifty_chunks)
{
    const auto answer = ask("/tool/slow?stream=1&delay_ms=0&error_rate=0");

    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.starts_with("chunk 0 from slow\nchunk 1 from slow\n"));
    EXPECT_TRUE(answer.body.ends_with("chunk 49 from slow\n"));
    EXPECT_GE(answer.done_after_ns, 50'000'000) << "a millisecond each at least";
}

TEST_F(tool_service_test, sends_a_payload_of_the_size_asked_for)
{
    const std::string begin = R"({"tool":"vector_db","delay_ms":0,"ok":true,"payload":")";
    for (const std::size_t size_kb : {1U, 64U, 65U, 200U}) {
        const auto answer =
            ask("/tool/vector_db?delay_ms=0&error_rate=0&payload_size_kb=" + std::to_string(size_kb));
        EXPECT_EQ(answer.body, begin + std::string(size_kb * 1024, 'a') + "\"}") << size_kb;
    }
}

TEST_F(tool_service_test, refuses_what_is_out_of_range)
{
    EXPECT_EQ(ask("/tool/x?delay_ms=-1").status, 422);
    EXPECT_EQ(ask("/tool/x?payload_size_kb=8193").status, 422);
    EXPECT_EQ(ask("/tool/" + std::string(129, 'n')).status, 422);
    EXPECT_EQ(ask("/tool/").status, 404);
}

}  // namespace
}  // namespace reprise::synth::test
