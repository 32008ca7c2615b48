#include "reprise/forge/slack_message.hpp"

#include "ticket_fixture.hpp"

#include "reprise/base/clock.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace json = boost::json;

namespace reprise::forge {
namespace {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;

slack_subject subject_of()
{
    slack_subject subject;
    subject.key = "approval/01JD6Z0000000000000000000E";
    subject.incident = source_fixture().incident;
    subject.public_url = "https://reprise.test";
    return subject;
}

slack_approval approval_of(model::risk risk = model::risk::high)
{
    slack_approval about;
    about.approval.id = "01JD6Z0000000000000000000E";
    about.approval.summary = "Write the ticket \"GET /messages/{id} answered 429\" to github:acme/radar";
    about.approval.content_hash = "abcdef01" + std::string(56, '0');
    about.approval.risk = risk;
    about.approval.risk_reasons = {"severity high", "the ticket names captured text"};
    about.approval.approvals_needed = 1;
    about.approval.expires_ns = t0 + 3600 * ns_per_s;
    about.signal = source_fixture().signal;
    about.result_json = result_fixture();
    return about;
}

std::vector<std::string> buttons_of(const json::object& message)
{
    std::vector<std::string> labels;
    for (const json::value& block : message.at("blocks").as_array()) {
        if (block.at("type").as_string() != "actions")
            continue;
        for (const json::value& element : block.at("elements").as_array())
            labels.emplace_back(element.at("text").at("text").as_string());
    }
    return labels;
}

using strings = std::vector<std::string>;

TEST(slack_message, a_waiting_approval_says_what_why_until_when_and_has_buttons)
{
    const auto message = approval_message(subject_of(), approval_of());
    const std::string text = json::serialize(message);
    for (const std::string_view part :
         {"HIGH approval waits", "28 of 193 calls", "Verdict: reproduced (2 of 2 trials)", "Severity: high",
          "Risk: high", "- severity high", "Approvals: 0 of 1", "<!date^1700003600^", "Content abcdef01",
          "https://reprise.test/approvals/01JD6Z0000000000000000000E"})
        EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
    EXPECT_EQ(buttons_of(message), (strings{"Approve", "Reject", "Open"}));
    EXPECT_EQ(message.at("metadata").at("event_payload").at("key").as_string(), subject_of().key);
    EXPECT_FALSE(message.at("unfurl_links").as_bool());
    EXPECT_FALSE(message.at("unfurl_media").as_bool());
    EXPECT_FALSE(message.at("link_names").as_bool());
}

TEST(slack_message, critical_is_decided_elsewhere)
{
    EXPECT_EQ(buttons_of(approval_message(subject_of(), approval_of(model::risk::critical))), strings{"Open"});
}

TEST(slack_message, without_a_public_url_nothing_opens)
{
    auto subject = subject_of();
    subject.public_url.clear();
    EXPECT_EQ(buttons_of(approval_message(subject, approval_of())), (strings{"Approve", "Reject"}));
    EXPECT_TRUE(buttons_of(approval_message(subject, approval_of(model::risk::critical))).empty());
}

TEST(slack_message, a_decided_one_says_who_and_why_and_has_no_buttons_left)
{
    auto about = approval_of();
    about.approval.state = model::approval_state::rejected;
    model::decision decision;
    decision.user = "ada";
    decision.kind = model::decision_kind::reject;
    decision.comment = "not <!here>";
    const std::vector<model::decision> decisions = {decision};
    about.decisions = decisions;
    const auto message = approval_message(subject_of(), about);
    const std::string text = json::serialize(message);
    EXPECT_NE(text.find("By ada: not &lt;!here&gt;"), std::string::npos) << text;
    EXPECT_EQ(buttons_of(message), strings{"Open"});
}

TEST(slack_message, every_state_has_a_headline)
{
    using model::approval_state;
    for (const auto state : {approval_state::pending, approval_state::approved, approval_state::rejected,
                             approval_state::changes_requested, approval_state::stopped, approval_state::expired,
                             approval_state::voided, approval_state::executed, approval_state::lapsed}) {
        auto about = approval_of();
        about.approval.state = state;
        const auto message = approval_message(subject_of(), about);
        EXPECT_FALSE(message.at("blocks").as_array().front().at("text").at("text").as_string().empty());
    }
}

TEST(slack_message, hostile_text_mentions_nobody_and_links_nowhere)
{
    auto subject = subject_of();
    subject.incident.title = "<!channel> <@U123> @here <http://evil.test|click> & \xe2\x80\xae *bold* \xff";
    subject.incident.service = "<!everyone>";
    auto about = approval_of();
    about.approval.summary = subject.incident.title;
    about.approval.risk_reasons = {subject.incident.title};
    about.signal->explanation = subject.incident.title;
    for (const auto& message :
         {approval_message(subject, about), reminder_message(subject, about, t0),
          incident_message(subject, about.signal),
          publication_message(subject, {"ticket", "<!here>", subject.incident.title, "javascript:alert(1)"})}) {
        const std::string text = json::serialize(message);
        EXPECT_EQ(text.find("<!channel"), std::string::npos) << text;
        EXPECT_EQ(text.find("<!here"), std::string::npos) << text;
        EXPECT_EQ(text.find("<!everyone"), std::string::npos) << text;
        EXPECT_EQ(text.find("<@"), std::string::npos) << text;
        EXPECT_EQ(text.find("@here"), std::string::npos) << text;
        EXPECT_EQ(text.find("<http"), std::string::npos) << text;
        EXPECT_EQ(text.find("\"url\":\"javascript"), std::string::npos) << text;
    }
}

TEST(slack_message, texts_stay_below_the_limits_of_slack)
{
    auto subject = subject_of();
    subject.incident.title = std::string(10'000, '@');
    subject.incident.service = std::string(10'000, '&');
    auto about = approval_of();
    about.approval.summary = std::string(10'000, '@');
    about.approval.risk_reasons = std::vector<std::string>(100, std::string(10'000, '&'));
    about.signal->explanation = std::string(10'000, '<');
    const auto message = approval_message(subject, about);
    EXPECT_LE(message.at("blocks").as_array().size(), 50U);
    for (const json::value& block : message.at("blocks").as_array()) {
        if (const auto* text = block.as_object().if_contains("text")) {
            EXPECT_LE(text->at("text").as_string().size(), 3'000U);
        }
        if (const auto* fields = block.as_object().if_contains("fields")) {
            for (const json::value& field : fields->as_array())
                EXPECT_LE(field.at("text").as_string().size(), 2'000U);
        }
    }
}

TEST(slack_message, a_test_says_who_asked_and_that_nothing_happened)
{
    slack_subject subject;
    subject.key = "test/01JD";
    const auto message = test_message(subject, "user:ada <!channel>");

    const std::string text(message.at("text").as_string());
    EXPECT_NE(text.find("asked for by user:ada"), std::string::npos) << text;
    EXPECT_NE(text.find("Nothing happened."), std::string::npos);
    EXPECT_EQ(text.find("<!channel>"), std::string::npos) << "nobody is called";
    EXPECT_EQ(message.at("metadata").at("event_payload").at("key").as_string(), "test/01JD");
}

TEST(slack_message, a_publication_opens_what_was_published_when_it_is_a_web_page)
{
    const auto open = [](const std::string& url) {
        const auto message = publication_message(subject_of(), {"ticket", "github:acme/radar", "a title", url});
        return std::string(message.at("blocks").as_array().back().at("elements").at(0).at("url").as_string());
    };
    EXPECT_EQ(open("https://github.test/acme/radar/issues/1"), "https://github.test/acme/radar/issues/1");
    EXPECT_EQ(open("tickets/x.md"), "https://reprise.test/incidents/01JD6Z0000000000000000000A");
}

}  // namespace
}  // namespace reprise::forge
