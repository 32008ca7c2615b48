#include "reprise/forge/slack_api.hpp"

#include "recording_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace json = boost::json;

namespace reprise::forge {
namespace {

using kind = enum effect_failure::kind;

// Against a local server that speaks the wire shapes of Slack's Web API: a part of the tests.
class slack_api_test : public testing::Test {
protected:
    test::recording_server slack;
    reprise::test::io_threads io;
    metrics numbers;

    slack_config config()
    {
        slack_config made;
        made.api_url = net::parse_url(slack.url() + "/api").value();
        made.token = "xoxb-1-secret";
        made.channel = "C0123456789";
        return made;
    }
    slack_result call(json::object arguments = {})
    {
        slack_api api(config(), numbers);
        return io.run(api.call("chat.postMessage", std::move(arguments)));
    }
};

TEST_F(slack_api_test, a_call_carries_the_token_and_json)
{
    slack.answer_with(200, R"({"ok":true,"channel":"C0123456789","ts":"1700000000.000100"})");
    const auto answer = call({{"channel", "C0123456789"}, {"text", "h\xc3\xa4llo"}});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("ts").as_string(), "1700000000.000100");
    const auto got = slack.last();
    EXPECT_EQ(got.path, "/api/chat.postMessage");
    EXPECT_EQ(got.header("authorization"), "Bearer xoxb-1-secret");
    EXPECT_EQ(got.header("content-type"), "application/json; charset=utf-8");
    EXPECT_EQ(json::parse(got.body).at("text").as_string(), "h\xc3\xa4llo");
}

TEST_F(slack_api_test, methods_without_json_get_a_form)
{
    slack.answer_with(200, R"({"ok":true,"messages":[]})");
    slack_api api(config(), numbers);
    json::object arguments = {{"channel", "C1"}, {"include_all_metadata", true}, {"oldest", "1.5&x=y z"}};
    ASSERT_TRUE(io.run(api.ask("conversations.history", std::move(arguments))));
    EXPECT_EQ(slack.last().header("content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(slack.last().body, "channel=C1&include_all_metadata=true&oldest=1.5%26x%3Dy%20z");
}

TEST_F(slack_api_test, each_no_of_slack_says_whether_another_try_helps_and_what_does)
{
    struct no {
        std::string code;
        kind what;
        std::string way_out;
    };
    const std::vector<no> table = {
        {"invalid_auth", kind::refused, "forge.slack.token_file"},
        {"token_revoked", kind::refused, "forge.slack.token_file"},
        {"channel_not_found", kind::refused, "invite"},
        {"not_in_channel", kind::refused, "invite"},
        {"is_archived", kind::refused, "forge.slack.channel"},
        {"message_not_found", kind::refused, "deleted"},
        {"something_new", kind::refused, "something_new"},
        {"ratelimited", kind::later, "pause"},
        {"service_unavailable", kind::later, "again"},
        {"internal_error", kind::unknown, "again"},
    };
    for (const no& one : table) {
        slack.answer_with(200, R"({"ok":false,"error":")" + one.code + "\"}");
        const auto answer = call();
        ASSERT_FALSE(answer) << one.code;
        EXPECT_EQ(answer.error().kind, one.what) << one.code;
        EXPECT_EQ(answer.error().code, one.code);
        EXPECT_NE(answer.error().text.find(one.way_out), std::string::npos) << answer.error().text;
        EXPECT_EQ(answer.error().text.find("xoxb"), std::string::npos);
    }
    slack.answer_with(200, R"({"ok":false,"error":"missing_scope","needed":"chat:write","provided":"none"})");
    EXPECT_NE(call().error().text.find("chat:write"), std::string::npos);
}

TEST_F(slack_api_test, a_rate_limit_says_how_long)
{
    slack.answer_with(429, "", {{"Retry-After", "30"}});
    const auto answer = call();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind::later);
    EXPECT_EQ(answer.error().retry_after, std::chrono::seconds(30));
    EXPECT_EQ(answer.error().status, 429);
}

TEST_F(slack_api_test, what_is_no_answer_of_slack_leaves_open_what_was_done)
{
    for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{
             {500, R"({"ok":true})"}, {200, "<html>"}, {200, "[]"}, {200, R"({"ok":"yes"})"}, {404, "{}"}}) {
        slack.answer_with(status, body);
        const auto answer = call();
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().kind, kind::unknown) << body;
        EXPECT_NE(answer.error().text.find("forge.slack.api_url"), std::string::npos);
    }
}

TEST_F(slack_api_test, silence_leaves_open_what_was_done_and_a_closed_port_does_not)
{
    auto silent = config();
    silent.api_url = net::parse_url(slack.url() + "/").value();
    silent.call_limit = std::chrono::milliseconds(50);
    slack_api waiting(silent, numbers);
    EXPECT_EQ(io.run(waiting.call("silent", {})).error().kind, kind::unknown);

    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor taken(context, {boost::asio::ip::address_v4::loopback(), 0});
    auto closed = config();
    closed.api_url = net::parse_url("http://127.0.0.1:" + std::to_string(taken.local_endpoint().port())).value();
    taken.close();
    slack_api nobody(closed, numbers);
    EXPECT_EQ(io.run(nobody.call("chat.postMessage", {})).error().kind, kind::later);
}

TEST(slack_config, channels_are_ids_and_tokens_are_words)
{
    slack_config config;
    config.token = "xoxb-1";
    config.channel = "C0123456789";
    EXPECT_FALSE(find_fault(config));
    for (const std::string channel : {"", "#alerts", "alerts", "c0123", "U0123456789", "C"}) {
        config.channel = channel;
        EXPECT_TRUE(find_fault(config)) << channel;
    }
    config.channel = "C0123456789";
    config.token = "xoxb\n";
    EXPECT_TRUE(find_fault(config));
}

}  // namespace
}  // namespace reprise::forge
