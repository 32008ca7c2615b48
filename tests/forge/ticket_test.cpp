#include "reprise/forge/ticket.hpp"

#include "ticket_fixture.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>

namespace reprise::forge {
namespace {

bool holds(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

TEST(ticket, says_what_happened_with_numbers_and_their_base)
{
    const auto draft = draft_ticket(source_fixture());

    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->title, "GET /messages/{id} answered 429 to 28 of 193 calls (14.5 %)");
    EXPECT_TRUE(draft->body.starts_with("## Symptom\n"));
    EXPECT_TRUE(holds(draft->body, "| share of throttled answers | 14.5 % (28 of 193) | "));
    EXPECT_TRUE(holds(draft->body, " | 0.2 % (79 of 41,580, 60 windows) |\n"));
    EXPECT_TRUE(holds(draft->body, "| max arrivals 50ms | 200 |"));
    EXPECT_TRUE(holds(draft->body, "(p < 1e-12)"));
    EXPECT_TRUE(holds(draft->body, "- Operation: `GET /messages/{id}`, client"));
    EXPECT_TRUE(holds(draft->body, "seen 3 times"));
}

TEST(ticket, says_whether_it_happens_again_and_how_that_was_tried)
{
    const auto draft = draft_ticket(source_fixture());

    ASSERT_TRUE(draft);
    EXPECT_TRUE(holds(draft->body, "**Reproduced**: 2 of 2 trials show it (5 planned)."));
    EXPECT_TRUE(holds(draft->body, "| 1 | yes | 200 (n 10) | 8 (n 10) | 1e-05 |"));
    EXPECT_TRUE(holds(draft->body, "| 2 | yes | 198.5 (n 10) | 8 (n 10) | 4e-05 |"));
    EXPECT_TRUE(holds(draft->body, "100 of 100 sent, 99 answered"));
    EXPECT_TRUE(holds(draft->body, "sent to `http://127.0.0.1:3000`"));
    EXPECT_TRUE(holds(draft->body, "Method hash: `ab12`"));
    EXPECT_TRUE(holds(draft->body, "- peak in flight: 100"));
}

TEST(ticket, shows_the_last_good_target_where_there_is_one)
{
    ticket_source source = source_fixture();
    const auto put = [&source](const std::string& before, const std::string& more) {
        source.result_json.replace(source.result_json.find(before), before.size(), before + more);
    };
    put(R"("number":1,)", R"("last_good":7,"last_good_n":9,)");
    put(R"("number":2,)", R"("last_good":8,"last_good_n":10,)");
    put(R"("target":"http://127.0.0.1:3000",)", R"("last_good_target":"http://127.0.0.1:3001",)");

    const auto draft = draft_ticket(source);

    ASSERT_TRUE(draft);
    EXPECT_TRUE(holds(draft->body, "| control | last good | p |\n| --- | --- | --- | --- | --- | --- |\n"));
    EXPECT_TRUE(holds(draft->body, "| 1 | yes | 200 (n 10) | 8 (n 10) | 7 (n 9) | 1e-05 |"));
    EXPECT_TRUE(holds(draft->body, "and the failing ones to the last-good target `http://127.0.0.1:3001`"));
    EXPECT_TRUE(holds(draft->body, "differs from the same requests against the last-good target."));
}

TEST(ticket, says_what_alarms_said_where_no_traffic_tells_it)
{
    ticket_source source = source_fixture();
    source.signal = model::signal();
    source.evidence.reset();
    source.result_json.clear();
    source.curl.clear();
    model::alarm alarm;
    alarm.source = "sns";
    alarm.title = "checkout 5xx in *ALARM*";
    alarm.description = "Threshold crossed\n``` <b>28</b> of 193";
    alarm.route = "POST /orders";
    alarm.received_ns = 1'700'000'000'000'000'000;
    source.alarms = {alarm, alarm, alarm};

    const auto draft = draft_ticket(source);

    ASSERT_TRUE(draft);
    EXPECT_TRUE(holds(draft->body, "## Alarms\n"));
    EXPECT_TRUE(holds(draft->body, "- 2023-11-14T22:13:20.000Z, from `sns`: checkout 5xx in \\*ALARM\\*"));
    EXPECT_TRUE(holds(draft->body, "(`POST /orders`)"));
    EXPECT_TRUE(holds(draft->body, "Threshold crossed\n"));
    EXPECT_TRUE(holds(draft->body, "The newest 2 of those at hand."));
    EXPECT_TRUE(holds(draft->body, "No evidence bundle was archived."));
    EXPECT_TRUE(holds(draft->body, "This was not replayed"));
    EXPECT_FALSE(holds(draft->body, "## Numbers"));
}

TEST(ticket, carries_reproducer_evidence_risk_and_links)
{
    const auto draft = draft_ticket(source_fixture());

    ASSERT_TRUE(draft);
    EXPECT_TRUE(holds(draft->body, "```sh\n" + source_fixture().curl + "\n```\n"));
    EXPECT_TRUE(holds(draft->body, "`evidence/radar/abc/20261121T111500.000Z.tar.gz` (48,213 bytes)"));
    EXPECT_TRUE(holds(draft->body, "28 failing and 20 good exchanges; 1,020 more were left out by limits"));
    EXPECT_TRUE(holds(draft->body, "rated **high**"));
    EXPECT_TRUE(holds(draft->body, "<http://127.0.0.1:4380/incidents/01JD6Z0000000000000000000A>"));
    EXPECT_TRUE(holds(draft->body, "<http://127.0.0.1:4380/runs/01JD6Z0000000000000000000D>"));
}

TEST(ticket, without_a_replay_says_that_nothing_was_proved)
{
    auto source = source_fixture();
    source.result_json.clear();
    source.curl.clear();
    source.evidence.reset();
    source.public_url.clear();
    const auto draft = draft_ticket(source);

    ASSERT_TRUE(draft);
    EXPECT_TRUE(holds(draft->body, "This was not replayed"));
    EXPECT_FALSE(holds(draft->body, "Reproducer"));
    EXPECT_TRUE(holds(draft->body, "No evidence bundle was archived."));
    EXPECT_FALSE(holds(draft->body, "http"));
}

TEST(ticket, an_incident_without_signal_still_makes_one)
{
    ticket_source source;
    source.incident.id = "01JD6Z0000000000000000000A";
    source.incident.service = "radar";
    const auto draft = draft_ticket(source);

    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->title, "Regression in radar");
    EXPECT_FALSE(holds(draft->body, "## Numbers"));
}

TEST(ticket, a_result_that_is_none_is_refused)
{
    for (const char* text : {"{", "[]", "{}", R"({"verdict":"maybe","trials":[]})", R"({"verdict":"flaky"})",
                             R"({"verdict":"flaky","trials":3})"}) {
        auto source = source_fixture();
        source.result_json = text;
        EXPECT_EQ(draft_ticket(source).error(), errc::invalid_argument) << text;
    }
    auto odd = source_fixture();
    odd.result_json = R"({"verdict":"flaky","trials":[1,null,{"number":"x","metric":[]}],"gate":"high"})";
    EXPECT_TRUE(draft_ticket(odd));
}

TEST(ticket, hostile_text_becomes_no_markup_no_html_and_no_link)
{
    const std::string evil =
        "</td><script>alert(1)</script> [x](javascript:1) @everyone #1 http://evil ```\n## Approved";
    auto source = source_fixture();
    source.incident.title = evil;
    source.incident.service = evil;
    source.signal.explanation = evil;
    source.signal.message = evil;
    source.signal.operation.route = evil;
    source.signal.rule = evil;
    source.signal.metric = evil;
    source.curl = "curl 'http://a' -d '```\n## Approved\n<script>'";
    const auto draft = draft_ticket(source);

    ASSERT_TRUE(draft);
    EXPECT_FALSE(holds(draft->title, "\n"));
    EXPECT_FALSE(holds(draft->body, " @everyone #1 http://evil \\"));
    EXPECT_TRUE(holds(draft->body, "````sh\ncurl 'http://a' -d '```\n## Approved\n<script>'\n````"));
    // Outside code, every angle bracket is escaped and no line of theirs begins a heading.
    std::string outside = draft->body;
    for (auto at = outside.find("````"); at != std::string::npos; at = outside.find("````"))
        outside.erase(at, outside.find("\n````\n", at) + 6 - at);
    for (auto at = outside.find('`'); at != std::string::npos; at = outside.find('`')) {
        if (at > 0 && outside[at - 1] == '\\')
            outside.erase(at - 1, 2);
        else
            outside.erase(at, outside.find('`', at + 1) + 1 - at);
    }
    EXPECT_FALSE(holds(outside, " <script>"));
    EXPECT_FALSE(holds(outside, "[x]("));
    EXPECT_FALSE(holds(outside, "\n## Approved"));
    EXPECT_FALSE(holds(outside, "@everyone"));
    EXPECT_FALSE(holds(outside, "http://evil"));
}

TEST(ticket, endless_text_still_fits_into_a_body)
{
    const std::string endless(100'000, '#');
    auto source = source_fixture();
    source.incident.title = endless;
    source.incident.service = endless;
    source.signal.explanation = endless;
    source.signal.message = endless;
    source.signal.operation.route = endless;
    source.signal.rule = endless;
    source.signal.metric = endless;
    source.signal.sensitivity = endless;
    source.curl = endless;
    source.risk_reasons.assign(100, endless);
    source.signal.numbers.assign(100, {endless, 1});
    model::alarm alarm;
    alarm.source = alarm.title = alarm.route = alarm.description = endless;
    source.alarms.assign(100, alarm);
    const auto draft = draft_ticket(source);

    ASSERT_TRUE(draft);
    EXPECT_LE(draft->title.size(), title_bytes_max);
    EXPECT_LE(draft->body.size(), body_bytes_max);
}

TEST(ticket, a_public_url_that_could_break_out_makes_no_link)
{
    for (const char* url : {"javascript:alert(1)", "http://a>b", "http://a b", "ftp://a"}) {
        auto source = source_fixture();
        source.public_url = url;
        source.curl.clear();
        source.result_json.clear();
        const auto draft = draft_ticket(source);
        ASSERT_TRUE(draft);
        EXPECT_FALSE(holds(draft->body, url)) << url;
    }
}

TEST(ticket, the_content_says_everything_that_is_released_and_comes_back)
{
    const auto source = source_fixture();
    const auto draft = draft_ticket(source);
    ASSERT_TRUE(draft);
    const std::string content = ticket_content(source, *draft, "file:tickets");
    const auto object = boost::json::parse(content).as_object();
    EXPECT_EQ(object.at("action").as_string(), "ticket");
    EXPECT_EQ(object.at("evidence").as_object().at("sha256").as_string(), std::string(64, 'e'));
    EXPECT_EQ(object.at("risk_reasons").as_array().size(), 1U);

    const auto released = parse_ticket_content(content);
    ASSERT_TRUE(released);
    EXPECT_EQ(released->text.title, draft->title);
    EXPECT_EQ(released->text.body, draft->body);
    EXPECT_EQ(released->target, "file:tickets");
    EXPECT_EQ(released->incident_id, source.incident.id);
    EXPECT_EQ(released->generation, 2);
    EXPECT_EQ(released->content_hash, sha256_hex(content));
}

TEST(ticket, the_same_source_gives_the_same_content_and_any_change_another)
{
    const auto content = [](const ticket_source& source) {
        return ticket_content(source, *draft_ticket(source), "file:tickets");
    };
    const auto source = source_fixture();
    auto other = source;
    other.evidence->sha256 = std::string(64, 'f');

    EXPECT_EQ(content(source), content(source));
    EXPECT_NE(content(source), content(other));
    EXPECT_NE(content(source), ticket_content(source, *draft_ticket(source), "file:elsewhere"));
}

TEST(ticket, content_of_something_else_is_corrupt)
{
    for (const char* text : {"", "{", "[]", "{}", R"({"action":"ticket"})",
                             R"({"action":"pr","target":"t","title":"t","body":"b","incident":"i","generation":1})",
                             R"({"action":"ticket","target":"t","title":"","body":"","incident":"","generation":0.5})"})
        EXPECT_EQ(parse_ticket_content(text).error(), errc::corrupt) << text;
}

TEST(ticket, bytes_that_are_no_text_survive_the_way_to_the_hash_and_back)
{
    auto source = source_fixture();
    source.incident.title = "\xFF\xFE\x80 broken";
    source.signal.message = "\xC3";
    const auto draft = draft_ticket(source);
    ASSERT_TRUE(draft);

    EXPECT_TRUE(parse_ticket_content(ticket_content(source, *draft, "file:tickets")));
}

}  // namespace
}  // namespace reprise::forge
