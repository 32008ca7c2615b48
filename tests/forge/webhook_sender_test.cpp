#include "reprise/forge/webhook_sender.hpp"

#include "recording_server.hpp"

#include "reprise/net/webhook_signature.hpp"
#include "support/certificates.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;
const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string other_secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

webhook_rules rules_with(const std::vector<std::string>& allowed)
{
    webhook_rules rules;
    for (const std::string& item : allowed)
        rules.allow(item).value();
    return rules;
}

webhook_message message_of(std::string data)
{
    return {"msg_1", "approval.opened", std::move(data), t0};
}

class webhook_sender_test : public testing::Test {
protected:
    test::recording_server receiver;
    reprise::test::io_threads io;
    manual_clock time{t0};
    webhook_limits limits;

    webhook_outcome send(
        const std::string& url, const std::vector<std::string>& allowed = {"127.0.0.0/8"},
        std::shared_ptr<net::client_tls> tls = nullptr, std::vector<std::string> secrets = {secret}
    )
    {
        webhook_sender sender(rules_with(allowed), limits, std::move(tls), time, "Reprise/test");
        return io.run(sender.send(url, std::move(secrets), "msg_1", R"({"type":"x"})"));
    }
};

TEST(webhook_body, holds_type_time_ids_and_a_link)
{
    const auto body =
        webhook_body(message_of(R"({"incident_id":"01JD6Z0000000000000000000A"})"), "https://reprise.test").value();
    EXPECT_EQ(
        body, R"({"data":{"incident_id":"01JD6Z0000000000000000000A",)"
              R"("url":"https://reprise.test/incidents/01JD6Z0000000000000000000A"},)"
              R"("timestamp":"2023-11-14T22:13:20.000Z","type":"approval.opened"})"
    );
    EXPECT_EQ(webhook_body(message_of("[]"), "").error(), errc::corrupt);
    EXPECT_EQ(webhook_body(message_of("{"), "").error(), errc::corrupt);
    const std::string large = R"({"x":")" + std::string(webhook_body_bytes_max, 'x') + "\"}";
    EXPECT_EQ(webhook_body(message_of(large), "").error(), errc::too_large);
}

TEST_F(webhook_sender_test, sends_what_a_receiver_can_verify)
{
    const auto outcome = send(receiver.url() + "/hook");
    EXPECT_TRUE(outcome.delivered) << outcome.error;
    EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(outcome.snippet, "ok");

    const auto got = receiver.last();
    EXPECT_EQ(got.body, R"({"type":"x"})");
    EXPECT_EQ(got.header("content-type"), "application/json");
    EXPECT_EQ(got.header("user-agent"), "Reprise/test");
    EXPECT_EQ(got.header("webhook-id"), "msg_1");
    EXPECT_EQ(got.header("webhook-timestamp"), "1700000000");
    const net::standard_headers headers = {
        got.header("webhook-id"), got.header("webhook-timestamp"), got.header("webhook-signature")};
    const std::vector<net::webhook_key> keys = {net::webhook_key::parse(secret).value()};
    EXPECT_EQ(net::check_standard(keys, got.body, headers, t0), net::signature_check::good);
}

TEST_F(webhook_sender_test, two_secrets_make_two_signatures_while_one_takes_over)
{
    const auto outcome = send(receiver.url() + "/hook", {"127.0.0.0/8"}, nullptr, {secret, other_secret});
    ASSERT_TRUE(outcome.delivered);
    const auto got = receiver.last();
    const net::standard_headers headers = {
        got.header("webhook-id"), got.header("webhook-timestamp"), got.header("webhook-signature")};
    for (const std::string& one : {secret, other_secret}) {
        const std::vector<net::webhook_key> keys = {net::webhook_key::parse(one).value()};
        EXPECT_EQ(net::check_standard(keys, got.body, headers, t0), net::signature_check::good);
    }
}

TEST_F(webhook_sender_test, only_2xx_is_success)
{
    const auto with = [&](int status, model::header_list headers = {}) {
        receiver.answer_with(status, "<b>\x01why</b>", std::move(headers));
        return send(receiver.url() + "/hook");
    };
    for (const int status : {200, 201, 202, 299})
        EXPECT_TRUE(with(status).delivered) << status;
    EXPECT_TRUE(with(204).delivered);

    const auto moved = with(302, {{"Location", receiver.url() + "/hook"}});
    EXPECT_FALSE(moved.delivered);
    EXPECT_NE(moved.error.find("redirects are not followed"), std::string::npos) << moved.error;

    const auto gone = with(410);
    EXPECT_TRUE(gone.gone);
    EXPECT_FALSE(gone.delivered);

    const auto busy = with(503, {{"Retry-After", "7"}});
    EXPECT_FALSE(busy.gone);
    EXPECT_EQ(busy.asked_for, std::chrono::seconds(7));
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.snippet.find('\x01'), std::string::npos) << "harmless text";
    EXPECT_NE(busy.snippet.find("why"), std::string::npos);
}

TEST_F(webhook_sender_test, a_redirect_is_not_followed_by_a_second_request)
{
    receiver.answer_with(307, "", {{"Location", receiver.url() + "/hook"}});
    send(receiver.url() + "/hook");
    EXPECT_EQ(receiver.requests().size(), 1U);
}

TEST_F(webhook_sender_test, a_receiver_that_does_not_answer_is_given_up)
{
    limits.whole = std::chrono::milliseconds(50);
    const auto outcome = send(receiver.url() + "/silent");
    EXPECT_FALSE(outcome.delivered);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.error.find("no whole answer"), std::string::npos) << outcome.error;
}

TEST_F(webhook_sender_test, a_huge_answer_is_not_read)
{
    const auto outcome = send(receiver.url() + "/big");
    EXPECT_FALSE(outcome.delivered);
    EXPECT_FALSE(outcome.error.empty());
    EXPECT_TRUE(outcome.snippet.empty());
}

TEST_F(webhook_sender_test, a_long_answer_is_cut_to_its_beginning)
{
    receiver.answer_with(500, std::string(5'000, 'x'));
    EXPECT_LE(send(receiver.url() + "/hook").snippet.size(), webhook_snippet_bytes_max);
}

TEST_F(webhook_sender_test, nothing_goes_where_the_rules_do_not_allow_it)
{
    const std::string port = receiver.url().substr(receiver.url().rfind(':'));
    EXPECT_NE(send(receiver.url() + "/hook", {}).error.find("https"), std::string::npos);
    EXPECT_FALSE(send("https://127.0.0.1" + port + "/hook", {}).delivered);
    EXPECT_FALSE(send("nonsense").delivered);
    // A public looking name that leads here: what a rebinding name server would say.
    const auto rebound = send("https://receiver.localhost" + port + "/hook", {});
    EXPECT_NE(rebound.error.find("not public"), std::string::npos) << rebound.error;
    EXPECT_TRUE(receiver.requests().empty());
}

TEST_F(webhook_sender_test, a_secret_that_cannot_sign_sends_nothing)
{
    EXPECT_FALSE(send(receiver.url() + "/hook", {"127.0.0.0/8"}, nullptr, {}).delivered);
    EXPECT_FALSE(send(receiver.url() + "/hook", {"127.0.0.0/8"}, nullptr, {"whsec_!"}).delivered);
    EXPECT_TRUE(receiver.requests().empty());
}

TEST_F(webhook_sender_test, under_tls_the_receiver_must_be_who_it_says)
{
    reprise::test::certificates files;
    net::server_config config;
    config.tls = net::load_tls({files.server_cert(), files.server_key(), {}}).value();
    test::recording_server secure(config);
    const auto trusting = net::load_client_tls({files.authority(), {}, {}, false}).value();

    const std::string url = secure.url("https") + "/hook";
    EXPECT_TRUE(send(url, {"127.0.0.0/8"}, trusting).delivered);
    const auto stranger = send(url, {"127.0.0.0/8"}, nullptr);
    EXPECT_FALSE(stranger.delivered);
    EXPECT_EQ(secure.requests().size(), 1U);
}

}  // namespace
}  // namespace reprise::forge
