#include "seeds.hpp"

#include "forge/recording_server.hpp"

#include "reprise/forge/slack_api.hpp"
#include "reprise/forge/slack_message.hpp"
#include "reprise/net/webhook_signature.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/slack.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace json = boost::json;

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

const std::string secret = "8f742231b10e8888abcd99yyyzzz85a5";
const std::string path = "/api/v1/hooks/slack/interactions";

std::string form(const json::value& payload)
{
    std::string out = "payload=";
    for (const char c : json::serialize(payload)) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0xFU];
    }
    return out;
}

// Buttons and dialogs as Slack sends them; its Web API is a local server of the tests.
class slack_test : public testing::Test {
protected:
    forge::test::recording_server slack;
    metrics numbers;
    std::unique_ptr<forge::slack_api> client = make_client();
    running_api on{options()};
    actor ada = on.sign_in("ada", "approver");

    std::unique_ptr<forge::slack_api> make_client()
    {
        forge::slack_config config;
        config.api_url = net::parse_url(slack.url() + "/api").value();
        config.token = "xoxb-1";
        config.channel = "C1";
        slack.answer_with(200, R"({"ok":true})");
        return std::make_unique<forge::slack_api>(config, numbers);
    }
    test::api_options options()
    {
        test::api_options made;
        made.change_parts = [this](api_parts& parts) {
            parts.outside.slack = client.get();
            parts.outside.slack_signing_secrets = {"an old one", secret};
        };
        return made;
    }
    void SetUp() override { link(ada, "U1"); }

    void link(const actor& who, const std::string& user)
    {
        auto work = [&](store::transaction& tx) {
            return store::link_slack_user(tx, who.person.id, user, "user:root", test::t0);
        };
        on.write(std::move(work)).value();
    }

    raw_answer send(const std::string& body, const std::string& with = secret, std::int64_t age_s = 0)
    {
        const std::int64_t at_s = on.time().now_ns() / ns_per_s - age_s;
        const std::string headers = "Content-Type: application/x-www-form-urlencoded\r\nX-Slack-Request-Timestamp: " +
                                    std::to_string(at_s) + "\r\nX-Slack-Signature: " +
                                    net::slack_signature(with, at_s, body) + "\r\n";
        return on.raw("POST", path, headers, body);
    }
    static std::string pressed(
        const seeded& all, std::string_view action = forge::slack_approve, const std::string& user = "U1",
        std::string hash = {}
    )
    {
        if (hash.empty())
            hash = all.approval.content_hash;
        json::object payload = json::parse(R"({"type":"block_actions","container":{"type":"message",
            "message_ts":"1.1","channel_id":"C1"},"trigger_id":"12.34.ab","actions":[{"type":"button"}]})").as_object();
        payload["user"] = {{"id", user}};
        payload["actions"].as_array()[0].as_object()["action_id"] = action;
        payload["actions"].as_array()[0].as_object()["value"] = all.approval.id + ":" + hash;
        return form(payload);
    }
    static std::string submitted(const seeded& all, const std::string& comment)
    {
        json::object payload;
        payload["type"] = "view_submission";
        payload["user"] = {{"id", "U1"}};
        json::object view = forge::reject_dialog(all.approval.id + ":" + all.approval.content_hash + ":C1");
        view["state"] = {{"values", {{"reprise_comment", {{"reprise_comment", {{"value", comment}}}}}}}};
        payload["view"] = view;
        return form(payload);
    }
    model::approval_state state(const seeded& all)
    {
        auto look = [&all](const store::reader& from) { return store::find_approval(from, all.approval.id); };
        return on.store().read_blocking(std::move(look)).value()->state;
    }
    std::vector<store::audit_row> audit()
    {
        auto look = [](const store::reader& from) { return store::list_audit(from, 0, 100); };
        return on.store().read_blocking(std::move(look)).value();
    }
    // What the person was told, in a message for them alone.
    std::string whispered() const
    {
        const auto all = slack.requests();
        if (all.empty() || all.back().path != "/api/chat.postEphemeral")
            return {};
        return std::string(json::parse(all.back().body).at("text").as_string());
    }
};

TEST_F(slack_test, a_linked_approver_releases_with_a_button)
{
    const seeded all = seed(on);
    const raw_answer answer = send(pressed(all));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.body.empty());
    EXPECT_EQ(state(all), model::approval_state::approved);
    const auto rows = audit();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].entry.action, "approval.approve");
    EXPECT_EQ(rows[0].entry.actor, "user:ada");
    EXPECT_EQ(rows[0].entry.auth, "slack");
    EXPECT_TRUE(slack.requests().empty()) << "the message is changed by its notice";
}

TEST_F(slack_test, the_same_request_again_changes_nothing_and_says_who_decided)
{
    const seeded all = seed(on);
    const std::string body = pressed(all);
    send(body);
    EXPECT_EQ(send(body).status, 200);
    EXPECT_EQ(whispered(), "Nothing was changed. It is approved already, by ada.");
    const auto rows = audit();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[1].entry.action, "slack.refused");
    EXPECT_NE(rows[1].entry.detail.find("already_decided"), std::string::npos);
}

TEST_F(slack_test, of_two_at_once_one_decides)
{
    const actor bo = on.sign_in("bo", "approver");
    link(bo, "U2");
    const seeded all = seed(on);
    std::thread other([&] { send(pressed(all, forge::slack_approve, "U2")); });
    send(pressed(all));
    other.join();
    auto look = [&all](const store::reader& from) { return store::list_decisions(from, all.approval.id); };
    EXPECT_EQ(on.store().read_blocking(std::move(look)).value().size(), 1U);
    EXPECT_NE(whispered().find("It is approved already, by "), std::string::npos);
}

TEST_F(slack_test, nobody_who_is_not_slack_is_believed)
{
    const seeded all = seed(on);
    const std::string body = pressed(all);
    EXPECT_EQ(code_of(send(body, "a guess")), "bad_signature");
    EXPECT_EQ(send(body, secret, 301).status, 401) << "too old";
    EXPECT_EQ(send(body, secret, -301).status, 401) << "from the future";
    EXPECT_EQ(send(body, "").status, 401);
    EXPECT_EQ(on.raw("POST", path, "", body).status, 401);
    const std::string at = std::to_string(on.time().now_ns() / ns_per_s);
    const std::string other_body = "X-Slack-Request-Timestamp: " + at + "\r\nX-Slack-Signature: " +
                                   net::slack_signature(secret, on.time().now_ns() / ns_per_s, "other") + "\r\n";
    EXPECT_EQ(on.raw("POST", path, other_body, body).status, 401);
    EXPECT_EQ(state(all), model::approval_state::pending);
    EXPECT_TRUE(slack.requests().empty());
    EXPECT_EQ(audit().size(), 6U);
    for (int i = 0; i < 30; ++i)
        send(body, "a guess");
    EXPECT_EQ(audit().size(), 20U) << "a flood of forgeries does not fill the audit";
    on.time().advance_ns(10 * ns_per_s);
    send(body, "a guess");
    EXPECT_EQ(audit().size(), 21U);
}

TEST_F(slack_test, a_secret_that_is_being_replaced_still_counts)
{
    const seeded all = seed(on);
    EXPECT_EQ(send(pressed(all), "an old one").status, 200);
    EXPECT_EQ(state(all), model::approval_state::approved);
}

TEST_F(slack_test, a_slack_user_who_is_nobody_here_decides_nothing)
{
    const seeded all = seed(on);
    EXPECT_EQ(send(pressed(all, forge::slack_approve, "U9")).status, 200);
    EXPECT_NE(whispered().find("not linked"), std::string::npos);
    EXPECT_NE(whispered().find("U9"), std::string::npos) << "what an administrator needs to know";
    EXPECT_EQ(send(pressed(all, forge::slack_reject, "U9")).status, 200);
    EXPECT_NE(whispered().find("not linked"), std::string::npos) << "and gets no dialog";
    EXPECT_EQ(state(all), model::approval_state::pending);
    EXPECT_EQ(audit().back().entry.actor, "slack:U9");
}

TEST_F(slack_test, a_person_may_here_what_they_may_there)
{
    const actor operator_ = on.sign_in("olga", "operator");
    link(operator_, "U2");
    const seeded all = seed(on);
    send(pressed(all, forge::slack_approve, "U2"));
    EXPECT_NE(whispered().find("role approver"), std::string::npos) << whispered();

    auto disable = [this](store::transaction& tx) -> result<void> {
        auto person = ada.person;
        person.disabled = true;
        return store::save_person(tx, person);
    };
    on.write(std::move(disable)).value();
    send(pressed(all));
    EXPECT_EQ(state(all), model::approval_state::pending);
}

TEST_F(slack_test, critical_is_never_decided_in_slack)
{
    const seeded all = seed(on, model::risk::critical);
    send(pressed(all));
    EXPECT_NE(whispered().find("CRITICAL is decided at the dashboard"), std::string::npos) << whispered();
    EXPECT_NE(whispered().find("/approvals/" + all.approval.id), std::string::npos);
    const raw_answer rejected = send(submitted(all, "no"));
    EXPECT_EQ(json_of(rejected).at("response_action").as_string(), "errors");
    EXPECT_EQ(state(all), model::approval_state::pending);
}

TEST_F(slack_test, other_content_than_the_message_showed_is_not_released)
{
    const seeded all = seed(on);
    send(pressed(all, forge::slack_approve, "U1", std::string(64, 'f')));
    EXPECT_NE(whispered().find("not what this decision was about"), std::string::npos) << whispered();
    EXPECT_EQ(state(all), model::approval_state::pending);
}

TEST_F(slack_test, rejecting_asks_why_in_a_dialog)
{
    const seeded all = seed(on);
    EXPECT_EQ(send(pressed(all, forge::slack_reject)).status, 200);
    ASSERT_EQ(slack.requests().size(), 1U);
    EXPECT_EQ(slack.last().path, "/api/views.open");
    const auto opened = json::parse(slack.last().body);
    EXPECT_EQ(opened.at("trigger_id").as_string(), "12.34.ab");
    EXPECT_EQ(
        opened.at("view").at("private_metadata").as_string(),
        all.approval.id + ":" + all.approval.content_hash + ":C1"
    );
    EXPECT_EQ(state(all), model::approval_state::pending);

    const raw_answer blank = send(submitted(all, "  "));
    EXPECT_EQ(json_of(blank).at("response_action").as_string(), "errors");
    EXPECT_TRUE(json_of(blank).at("errors").as_object().contains("reprise_comment"));
    EXPECT_EQ(state(all), model::approval_state::pending);

    const raw_answer done = send(submitted(all, "not on a Friday"));
    EXPECT_EQ(done.status, 200);
    EXPECT_TRUE(done.body.empty());
    EXPECT_EQ(state(all), model::approval_state::rejected);
}

TEST_F(slack_test, a_dialog_that_does_not_open_is_told)
{
    slack.answer_with(200, R"({"ok":false,"error":"expired_trigger_id"})");
    const seeded all = seed(on);
    EXPECT_EQ(send(pressed(all, forge::slack_reject)).status, 200);
    EXPECT_NE(whispered().find("press the button again"), std::string::npos);
}

TEST_F(slack_test, links_and_what_is_not_ours_are_taken_and_nothing_is_done)
{
    const seeded all = seed(on);
    EXPECT_EQ(send(pressed(all, forge::slack_open)).status, 200);
    EXPECT_EQ(send(form(json::parse(R"({"type":"shortcut","user":{"id":"U1"}})"))).status, 200);
    EXPECT_EQ(send("payload=garbage").status, 400);
    EXPECT_EQ(send("").status, 400);
    EXPECT_EQ(state(all), model::approval_state::pending);
    EXPECT_TRUE(slack.requests().empty());
    EXPECT_EQ(on.raw("POST", path, "", std::string(300'000, 'x')).status, 413);
}

TEST(slack_messages, a_test_is_put_in_the_queue_by_an_administrator_and_audited)
{
    running_api on;
    const actor root = on.sign_in("root", "admin");
    const actor ada = on.sign_in("ada", "operator");
    const std::string test = "/api/v1/slack/test";
    EXPECT_EQ(code_of(on.call(root, "POST", test)), "endpoint_off") << "nothing is configured";
    on.write([](store::transaction& tx) {
          return store::set_slack_endpoint(tx, "C0123456789", model::severity::low, {}, 7);
      }).value();

    EXPECT_EQ(on.call(ada, "POST", test).status, 403);
    const raw_answer begun = on.call(root, "POST", test);
    ASSERT_EQ(begun.status, 200) << begun.body;
    const auto item = json_of(begun).at("item");
    EXPECT_EQ(item.at("endpoint").as_string(), "slack");
    EXPECT_EQ(item.at("state").as_string(), "pending");
    EXPECT_TRUE(last_audit(on).starts_with("slack.test ")) << last_audit(on);
}

TEST(slack_off, without_a_configuration_there_is_no_such_thing)
{
    running_api on;
    const raw_answer answer = on.raw("POST", path, "", "payload=x");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), "not_configured");
}

}  // namespace
}  // namespace reprise::http
