#include "reprise/forge/slack_interaction.hpp"

#include "reprise/forge/slack_message.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace json = boost::json;

namespace reprise::forge {
namespace {

const std::string approval = "01JD6Z0000000000000000000E";
const std::string hash(64, 'a');

std::string form(std::string_view payload)
{
    std::string out = "payload=";
    for (const char c : payload) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0xFU];
    }
    return out;
}

std::string pressed(std::string_view action, const std::string& value)
{
    json::object payload = json::parse(R"({"type":"block_actions","user":{"id":"U1","username":"ada","team_id":"T1"},
        "api_app_id":"A1","token":"x","container":{"type":"message","message_ts":"1.1","channel_id":"C1"},
        "trigger_id":"12.34.ab","team":{"id":"T1","domain":"acme"},"response_url":"https://hooks.slack.com/actions/x",
        "actions":[{"type":"button","block_id":"b","action_ts":"1.2"}]})").as_object();
    payload["actions"].as_array()[0].as_object()["action_id"] = action;
    payload["actions"].as_array()[0].as_object()["value"] = value;
    return json::serialize(payload);
}

using deed = slack_interaction::deed;

TEST(slack_interaction, a_button_tells_who_wants_what_done_with_which_content)
{
    const auto read = parse_slack_interaction(form(pressed(slack_approve, approval + ":" + hash))).value();
    EXPECT_EQ(read.what, deed::approve);
    EXPECT_EQ(read.user_id, "U1");
    EXPECT_EQ(read.channel, "C1");
    EXPECT_EQ(read.trigger_id, "12.34.ab");
    EXPECT_EQ(read.approval_id, approval);
    EXPECT_EQ(read.content_hash, hash);
    EXPECT_EQ(parse_slack_interaction(form(pressed(slack_reject, approval + ":" + hash)))->what, deed::ask_reject);
    EXPECT_EQ(parse_slack_interaction(form(pressed(slack_open, "")))->what, deed::other);
    EXPECT_EQ(parse_slack_interaction(form(pressed("of another app", "x")))->what, deed::other);
}

TEST(slack_interaction, the_dialog_comes_back_with_what_it_carried_and_a_comment)
{
    slack_interaction asked;
    asked.approval_id = approval;
    asked.content_hash = hash;
    asked.channel = "C1";
    const json::object view = reject_dialog(carry(asked));
    json::object payload;
    payload["type"] = "view_submission";
    payload["user"] = {{"id", "U1"}};
    payload["view"] = view;
    payload["view"].as_object()["state"] =
        json::parse(R"({"values":{"reprise_comment":{"reprise_comment":{"type":"plain_text_input",
            "value":"too \u00e4rly & wrong"}}}})");
    const auto read = parse_slack_interaction(form(json::serialize(payload))).value();
    EXPECT_EQ(read.what, deed::reject);
    EXPECT_EQ(read.approval_id, approval);
    EXPECT_EQ(read.content_hash, hash);
    EXPECT_EQ(read.channel, "C1");
    EXPECT_EQ(read.comment, "too \xc3\xa4rly & wrong");
}

TEST(slack_interaction, what_is_not_of_our_making_is_refused)
{
    const std::vector<std::string> bad = {
        "", "payload=", "payload=%7B", "payload=%zz", "other=%7B%7D", form("[]"), form("{}"),
        form(R"({"type":"block_actions","user":{"id":7}})"),
        form(R"({"type":"block_actions","user":{"id":"U1"}})"),
        form(R"({"type":"block_actions","user":{"id":"U1"},"actions":[]})"),
        form(pressed(slack_approve, "no approval")),
        form(pressed(slack_approve, approval + ":short")),
        form(pressed(slack_approve, approval + ":" + std::string(64, 'z'))),
        form(pressed(slack_approve, "../../etc:" + hash)),
        form(pressed(slack_approve, approval + ":" + hash)) + "&payload=x",
        form(R"({"type":"view_submission","user":{"id":"U1"},"view":{"callback_id":"reprise_reject"}})"),
        form(std::string(100'000, '[')),
    };
    for (const std::string& body : bad)
        EXPECT_EQ(parse_slack_interaction(body).error(), errc::invalid_argument) << body.substr(0, 200);
}

}  // namespace
}  // namespace reprise::forge
