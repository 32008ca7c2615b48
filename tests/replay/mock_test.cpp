#include "mock_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace reprise::replay {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

const ignore_rule* find_rule(const mock_report& report, std::string_view field)
{
    for (const ignore_rule& rule : report.rules) {
        if (rule.field == field)
            return &rule;
    }
    return nullptr;
}

TEST(mock, serves_different_answers_of_one_request_in_recorded_order_and_then_no_more)
{
    const auto on = make({recorded("GET", "/jobs/7", "queued"), recorded("GET", "/jobs/7", "running"),
                          recorded("GET", "/jobs/7", "done")});

    EXPECT_EQ(get(*on, "/jobs/7").body, "queued");
    EXPECT_EQ(get(*on, "/jobs/7").body, "running");
    EXPECT_EQ(get(*on, "/jobs/7").body, "done");
    const answered over = get(*on, "/jobs/7");
    EXPECT_EQ(over.decided.label, mock_label::exhausted);
    EXPECT_EQ(over.status, 404);
    EXPECT_THAT(over.body, HasSubstr("mock_exhausted"));
    EXPECT_EQ(on->report().exhausted, 1U);
    EXPECT_DOUBLE_EQ(on->report().match_rate(), 0.75);
}

TEST(mock, what_is_served_again_must_be_asked_for)
{
    mock_options options;
    options.repeat = mock_repeat::last;
    const auto last = make({recorded("GET", "/a", "1"), recorded("GET", "/a", "2")}, options);
    options.repeat = mock_repeat::cycle;
    const auto cycle = make({recorded("GET", "/a", "1"), recorded("GET", "/a", "2")}, options);

    std::string from_last;
    std::string from_cycle;
    for (int i = 0; i < 5; ++i) {
        from_last += get(*last, "/a").body;
        from_cycle += get(*cycle, "/a").body;
    }

    EXPECT_EQ(from_last, "12222");
    EXPECT_EQ(from_cycle, "12121");
    EXPECT_EQ(cycle->report().repeated_hits, 3U);
    EXPECT_EQ(get(*cycle, "/b").decided.label, mock_label::miss);
}

TEST(mock, the_whole_request_is_its_identity_not_the_path_alone)
{
    const auto on = make({recorded("POST", "/search", "apples", R"({"q":"apple"})"),
                          recorded("POST", "/search", "pears", R"({"q":"pear"})"),
                          recorded("POST", "/search", "more apples", R"({"q":"apple"})")});

    EXPECT_EQ(post(*on, "/search", R"({"q":"pear"})").body, "pears");
    EXPECT_EQ(post(*on, "/search", R"({ "q": "apple" })").body, "apples");
    EXPECT_EQ(post(*on, "/search", R"({"q":"apple"})").body, "more apples");
    EXPECT_EQ(post(*on, "/search", R"({"q":"plum"})").decided.label, mock_label::miss);
}

TEST(mock, the_order_of_query_and_members_does_not_count_but_that_of_lists_does)
{
    const auto on = make({recorded("POST", "/a?x=1&y=2", "yes", R"({"a":1,"b":[1,2]})")});

    EXPECT_EQ(post(*on, "/a?y=2&x=1", R"({"b":[2,1],"a":1})").decided.label, mock_label::miss);
    EXPECT_EQ(post(*on, "/a?y=2&x=1", R"({"b":[1,2],"a":1})").body, "yes");
}

TEST(mock, percent_encoding_says_the_same)
{
    const auto on = make({recorded("GET", "/caf%C3%A9?q=a%20b", "yes")});

    EXPECT_EQ(get(*on, "/caf\xC3\xA9?q=a+b").body, "yes");
}

TEST(mock, forms_and_bytes_are_compared_too)
{
    auto form = recorded("POST", "/form", "form", "a=1&b=2");
    form.request_headers = {{"content-type", "application/x-www-form-urlencoded"}};
    auto bytes = recorded("PUT", "/bytes", "bytes", std::string("\x00\x01\x02", 3));
    bytes.request_headers = {{"content-type", "application/octet-stream"}};
    const auto on = make({form, bytes});

    asked what{"POST", "/form", "b=2&a=1"};
    what.headers = form.request_headers;
    EXPECT_EQ(ask(*on, what).body, "form");
    what = {"PUT", "/bytes", std::string("\x00\x01\x03", 3)};
    what.headers = bytes.request_headers;
    EXPECT_EQ(ask(*on, what).decided.label, mock_label::miss);
    what.body = std::string("\x00\x01\x02", 3);
    EXPECT_EQ(ask(*on, what).body, "bytes");
}

TEST(mock, hosts_are_told_apart_and_a_request_to_the_mock_itself_may_mean_any)
{
    auto other = recorded("GET", "/a", "other");
    other.host = "other.test:443";
    const auto on = make({recorded("GET", "/a", "api"), other});

    asked what{"GET", "/a"};
    what.authority = "OTHER.test";
    EXPECT_EQ(ask(*on, what).body, "other");
    what.authority = "127.0.0.1:9000";
    EXPECT_EQ(ask(*on, what).decided.label, mock_label::miss);
    what.proxied = false;
    EXPECT_EQ(ask(*on, what).body, "api");
    EXPECT_EQ(on->report().without_host, 1U);
}

TEST(mock, headers_count_only_when_they_are_chosen)
{
    auto english = recorded("GET", "/a", "hello");
    english.request_headers = {{"Accept-Language", "en"}};
    auto german = recorded("GET", "/a", "hallo");
    german.request_headers = {{"Accept-Language", "de"}};
    mock_options options;
    options.match_headers = {"accept-language"};
    const auto on = make({english, german}, options);

    asked what{"GET", "/a"};
    what.headers = {{"accept-language", "de"}};
    EXPECT_EQ(ask(*on, what).body, "hallo");
}

TEST(mock, values_made_during_the_capture_are_learned_and_told)
{
    const auto on = make({recorded("POST", "/log", "one", R"({"at":"2025-11-21T11:15:04.002Z","n":1})"),
                          recorded("POST", "/log", "two", R"({"at":"2025-11-21T11:15:04.003Z","n":1})")});

    EXPECT_EQ(post(*on, "/log", R"({"at":"2026-01-01T00:00:00Z","n":1})").body, "one");
    EXPECT_EQ(post(*on, "/log", R"({"at":"2026-01-01T00:00:01Z","n":1})").body, "two");
    EXPECT_EQ(post(*on, "/log", R"({"at":"2026-01-01T00:00:00Z","n":2})").decided.label, mock_label::miss);

    const mock_report report = on->report();
    const ignore_rule* rule = find_rule(report, "body/at");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->reason, rule_reason::made_then);
    EXPECT_EQ(rule->cause, "datetime");
    EXPECT_EQ(rule->endpoint, "POST api.test/log");
    EXPECT_EQ(rule->used, 2U);
    EXPECT_EQ(report.relaxed_hits, 2U);
}

TEST(mock, a_recording_that_agrees_in_everything_goes_before_one_that_needs_a_rule)
{
    const auto on = make({recorded("POST", "/log", "one", R"({"at":"2025-11-21T11:15:04.002Z"})"),
                          recorded("POST", "/log", "two", R"({"at":"2025-11-21T11:15:04.003Z"})")});

    EXPECT_EQ(post(*on, "/log", R"({"at":"2025-11-21T11:15:04.003Z"})").body, "two");
    EXPECT_EQ(post(*on, "/log", R"({"at":"2025-11-21T11:15:04.003Z"})").body, "one");
}

TEST(mock, a_time_outside_the_capture_is_part_of_the_question)
{
    const auto on = make({recorded("GET", "/report?day=2025-03-01T00:00:00Z", "march"),
                          recorded("GET", "/report?day=2025-04-01T00:00:00Z", "april")});

    EXPECT_EQ(get(*on, "/report?day=2025-05-01T00:00:00Z").decided.label, mock_label::miss);
    EXPECT_EQ(get(*on, "/report?day=2025-04-01T00:00:00Z").body, "april");
}

TEST(mock, a_field_that_changes_while_the_answer_does_not_is_learned)
{
    const auto on = make({recorded("GET", "/rates?base=EUR&attempt=1", "1.1"),
                          recorded("GET", "/rates?base=EUR&attempt=2", "1.1")});

    EXPECT_EQ(get(*on, "/rates?base=EUR&attempt=3").body, "1.1");
    EXPECT_EQ(get(*on, "/rates?base=USD&attempt=1").decided.label, mock_label::miss);
    ASSERT_NE(find_rule(on->report(), "query.attempt"), nullptr);
    EXPECT_EQ(find_rule(on->report(), "query.base"), nullptr);
}

TEST(mock, a_field_that_decides_the_answer_is_not_learned_nor_is_one_whose_answers_failed)
{
    const auto on = make({recorded("GET", "/users?id=1", "ann"), recorded("GET", "/users?id=2", "bob"),
                          recorded("GET", "/messages?id=1", "slow down", "", 429),
                          recorded("GET", "/messages?id=2", "slow down", "", 429),
                          recorded("GET", "/files/1", "same"), recorded("GET", "/files/2", "same")});

    EXPECT_TRUE(on->report().rules.empty());
    EXPECT_EQ(get(*on, "/users?id=3").decided.label, mock_label::miss);
    EXPECT_EQ(get(*on, "/messages?id=3").decided.label, mock_label::miss);
    EXPECT_EQ(get(*on, "/files/3").decided.label, mock_label::miss);
}

TEST(mock, strict_learns_nothing)
{
    mock_options options;
    options.strict = true;
    const auto on = make({recorded("GET", "/rates?attempt=1"), recorded("GET", "/rates?attempt=2"),
                          recorded("POST", "/log", "", R"({"at":"2025-11-21T11:15:04.002Z"})")},
                         options);

    EXPECT_EQ(get(*on, "/rates?attempt=3").decided.label, mock_label::miss);
    EXPECT_EQ(post(*on, "/log", R"({"at":"2026-01-01T00:00:00Z"})").decided.label, mock_label::miss);
    EXPECT_TRUE(on->report().rules.empty());
}

TEST(mock, fields_may_be_ignored_by_hand_with_what_is_below_them)
{
    mock_options options;
    options.ignore = {"body/meta", "body/items/*/id", "path/1", "host"};
    const std::string body = R"({"meta":{"a":1,"b":{"c":2}},"items":[{"id":1,"n":5},{"id":2,"n":6}]})";
    const auto on = make({recorded("POST", "/tenants/7/x", "yes", body)}, options);

    asked what{"POST", "/tenants/8/x", R"({"meta":{"a":9},"items":[{"id":8,"n":5},{"id":9,"n":6}]})"};
    what.authority = "elsewhere.test";
    EXPECT_EQ(ask(*on, what).body, "yes");
    what.body = R"({"meta":{"a":9},"items":[{"id":8,"n":7},{"id":9,"n":6}]})";
    EXPECT_EQ(ask(*on, what).decided.label, mock_label::miss);
}

TEST(mock, credentials_are_never_required_to_match_and_it_says_so)
{
    const auto on = make({recorded("POST", "/login", "in", R"({"user":"ann","password":"hunter2"})"),
                          recorded("GET", "/me?access_token=abcdef", "ann")});

    EXPECT_EQ(post(*on, "/login", R"({"user":"ann","password":"other"})").body, "in");
    EXPECT_EQ(get(*on, "/me?access_token=zzz").body, "ann");
    const mock_report report = on->report();
    ASSERT_NE(find_rule(report, "body/password"), nullptr);
    EXPECT_EQ(find_rule(report, "body/password")->reason, rule_reason::secret);
    ASSERT_NE(find_rule(report, "query.access_token"), nullptr);
    EXPECT_EQ(find_rule(report, "body/user"), nullptr);
}

TEST(mock, what_the_recording_redacted_cannot_be_compared)
{
    auto masked = recorded("POST", "/users", "made", R"({"email":"<email:9f86d081>","pin":9999,"role":"admin"})");
    masked.redacted_fields = {"request.body.email", "request.body.pin"};
    const auto on = make({masked});

    EXPECT_EQ(post(*on, "/users", R"({"email":"ann@shop.test","pin":1234,"role":"admin"})").body, "made");
    EXPECT_EQ(find_rule(on->report(), "body/email")->reason, rule_reason::redacted);
    EXPECT_EQ(find_rule(on->report(), "body/pin")->reason, rule_reason::redacted);
}

TEST(mock, a_miss_names_the_nearest_three_and_why)
{
    const auto on = make(
        {recorded("POST", "/orders", "a", R"({"sku":"A-1","request":"0b0e3c1e-3c4e-4d0a-9a53-0f7b3f3f3a01"})"),
         recorded("POST", "/orders", "b", R"({"sku":"B-2","request":"5a0e3c1e-3c4e-4d0a-9a53-0f7b3f3f3a02"})"),
         recorded("POST", "/refunds", "c", R"({"sku":"A-1"})"), recorded("GET", "/orders", "d")}
    );

    const answered miss =
        post(*on, "/orders", R"({"sku":"A-1","request":"770e3c1e-3c4e-4d0a-9a53-0f7b3f3f3a03"})");

    EXPECT_EQ(miss.decided.label, mock_label::miss);
    EXPECT_THAT(miss.head, HasSubstr("application/problem+json"));
    const mock_report report = on->report();
    ASSERT_EQ(report.miss_list.size(), 1U);
    const miss_report& told = report.miss_list.front();
    ASSERT_EQ(told.nearest.size(), 3U);
    EXPECT_EQ(told.nearest[0].name, "POST api.test/orders");
    ASSERT_EQ(told.nearest[0].differences.size(), 1U);
    const mock_difference& difference = told.nearest[0].differences[0];
    EXPECT_EQ(difference.field, "body/request");
    EXPECT_EQ(difference.recorded, "0b0e3c1e-3c4e-4d0a-9a53-0f7b3f3f3a01");
    EXPECT_EQ(difference.received, "770e3c1e-3c4e-4d0a-9a53-0f7b3f3f3a03");
    EXPECT_EQ(difference.cause, "uuid");
    EXPECT_EQ(difference.fix, "--ignore body/request");
    EXPECT_EQ(told.nearest[1].difference_count, 2U);
    EXPECT_TRUE(told.ignorable);
    EXPECT_DOUBLE_EQ(report.projected_rate(), 1);
    EXPECT_THAT(miss.body, HasSubstr("--ignore body/request"));
}

TEST(mock, a_miss_shows_no_secret_of_either_side)
{
    const auto on = make({recorded("POST", "/users", "x", R"({"mail":"ann@shop.test","role":"a"})")});

    const answered miss = post(*on, "/users?password=hunter2", R"({"mail":"bob@shop.test","role":"a"})");

    EXPECT_THAT(miss.body, Not(HasSubstr("ann@shop.test")));
    EXPECT_THAT(miss.body, Not(HasSubstr("bob@shop.test")));
    EXPECT_THAT(miss.body, Not(HasSubstr("hunter2")));
    EXPECT_THAT(miss.body, HasSubstr("<email:"));
}

TEST(mock, misses_of_one_request_are_counted_together)
{
    const auto on = make({recorded("GET", "/a")});

    for (int i = 0; i < 5; ++i)
        get(*on, "/b");

    ASSERT_EQ(on->report().miss_list.size(), 1U);
    EXPECT_EQ(on->report().miss_list.front().count, 5U);
    EXPECT_EQ(on->report().misses, 5U);
}

TEST(mock, distinct_misses_are_bounded)
{
    const auto on = make({recorded("GET", "/a")});

    for (std::size_t i = 0; i < distinct_misses_max + 10; ++i)
        EXPECT_EQ(get(*on, "/b?i=" + std::to_string(i)).status, 404);

    EXPECT_EQ(on->report().miss_list.size(), distinct_misses_max);
    EXPECT_EQ(on->report().unexplained_misses, 10U);
}

TEST(mock, answers_have_the_framing_of_this_connection_not_of_the_recorded_one)
{
    auto one = recorded("GET", "/a", "plain text");
    one.response_headers = {{"Content-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "3"},
                            {"Connection", "close"}, {"X-Kept", "a\r\nX-Evil: b"}, {"ETag", "\"7\""}};
    const auto on = make({one, recorded("DELETE", "/a", "ignored", "", 204)});

    const answered got = get(*on, "/a");
    EXPECT_EQ(got.head, "HTTP/1.1 200 OK\r\nX-Kept: a  X-Evil: b\r\nETag: \"7\"\r\nx-reprise-mock: hit\r\n"
                        "Content-Length: 10\r\n\r\n");
    asked what{"DELETE", "/a"};
    EXPECT_EQ(ask(*on, what).body, "");
}

TEST(mock, a_call_that_failed_without_an_answer_fails_again)
{
    const auto on = make({recorded("GET", "/a", "", "", 0)});

    const answered got = get(*on, "/a");

    EXPECT_EQ(got.decided.label, mock_label::hit);
    EXPECT_EQ(got.fault, net::raw_fault::reset);
}

TEST(mock, latency_is_the_recorded_one_by_a_factor)
{
    mock_options options;
    options.latency = 0.5;
    const auto on = make({recorded("GET", "/a")}, options);

    EXPECT_EQ(get(*on, "/a").delay_ns, 10 * ns_per_ms);
}

TEST(mock, what_is_no_http_call_is_left_out_and_nothing_at_all_is_refused)
{
    auto sql = recorded("Query", "");
    sql.operation.protocol = "sql";

    EXPECT_EQ(make({recorded("GET", "/a"), sql})->left_out(), 1U);
    EXPECT_EQ(mock::make({sql}, {}).error().code, errc::nothing_to_mock);
}

TEST(mock, spans_answer_only_where_nothing_says_more)
{
    auto span = recorded("GET", "/a", "");
    span.complete = false;

    const auto both = make({span, recorded("GET", "/a", "whole")});
    EXPECT_EQ(both->left_out(), 1U);
    EXPECT_EQ(get(*both, "/a").body, "whole");
    EXPECT_EQ(get(*make({span}), "/a").status, 200);
}

mock_options with_fault(const std::string& text, std::uint64_t seed = 1)
{
    mock_options options;
    options.faults.push_back(parse_fault(text).value());
    options.seed = seed;
    return options;
}

std::string draw(const mock_options& options)
{
    const auto on = make({recorded("GET", "/a"), recorded("GET", "/b")}, [&] {
        mock_options repeating = options;
        repeating.repeat = mock_repeat::cycle;
        return repeating;
    }());
    std::string drawn;
    for (int i = 0; i < 200; ++i)
        drawn += get(*on, i % 2 == 0 ? "/a" : "/b").decided.label == mock_label::fault ? 'f' : '.';
    return drawn;
}

TEST(mock, faults_strike_as_often_as_said_and_alike_for_one_seed)
{
    const std::string drawn = draw(with_fault("GET /a:503@20%"));
    const auto struck = std::count(drawn.begin(), drawn.end(), 'f');

    EXPECT_GE(struck, 8);
    EXPECT_LE(struck, 35);
    EXPECT_EQ(drawn, draw(with_fault("GET /a:503@20%")));
    EXPECT_NE(drawn, draw(with_fault("GET /a:503@20%", 2)));
    for (std::size_t i = 1; i < drawn.size(); i += 2)
        EXPECT_EQ(drawn[i], '.');
}

TEST(mock, a_fault_uses_up_no_recording)
{
    const auto on = make({recorded("GET", "/a", "recorded body")}, with_fault("/a:truncate=50%"));

    const answered cut = get(*on, "/a");
    EXPECT_EQ(cut.fault, net::raw_fault::truncate);
    EXPECT_EQ(cut.body_bytes_max, 6U);
    EXPECT_EQ(get(*on, "/a").body, "recorded body");
    EXPECT_EQ(on->report().faults, 2U);
    EXPECT_EQ(on->report().served, 0U);
}

TEST(mock, faults_of_every_kind)
{
    const auto fault_of = [](const std::string& text) {
        const auto on = make({recorded("GET", "/a", "recorded body")}, with_fault("/a:" + text));
        return get(*on, "/a");
    };

    EXPECT_EQ(fault_of("503").status, 503);
    EXPECT_THAT(fault_of("503").body, HasSubstr("mock_fault"));
    EXPECT_EQ(fault_of("reset").fault, net::raw_fault::reset);
    EXPECT_EQ(fault_of("silence").fault, net::raw_fault::silence);
    EXPECT_EQ(fault_of("delay=80ms").delay_ns, 80 * ns_per_ms);
    EXPECT_EQ(fault_of("delay=80ms").decided.label, mock_label::hit);
    const answered corrupted = fault_of("corrupt");
    EXPECT_EQ(corrupted.body.size(), 13U);
    EXPECT_NE(corrupted.body, "recorded body");
    EXPECT_EQ(corrupted.body, fault_of("corrupt").body);
}

}  // namespace
}  // namespace reprise::replay
