#include "reprise/lifecycle/alarm_rules.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace reprise::lifecycle {
namespace {

model::alarm alarm_of(std::string description, std::string service = "Shop", std::string error_type = "TypeError")
{
    model::alarm alarm;
    alarm.source = "api";
    alarm.event_key = "1";
    alarm.service = std::move(service);
    alarm.error_type = std::move(error_type);
    alarm.description = std::move(description);
    return alarm;
}

std::string signed_line(std::string description)
{
    const std::string signature = content_signature(alarm_of(std::move(description)));
    return signature.substr(signature.rfind('|') + 1);
}

TEST(content_signature, is_service_error_type_and_first_line)
{
    EXPECT_EQ(content_signature(alarm_of("\n  cart is   empty \nsecond line")), "shop|TYPEERROR|cart is empty");
}

TEST(content_signature, ids_times_hex_runs_and_bare_numbers_are_one_mark)
{
    EXPECT_EQ(signed_line("user 550e8400-e29b-41d4-a716-446655440000 gone"), "user # gone");
    EXPECT_EQ(signed_line("at 2026-11-26T05:52:16.123Z"), "at #");
    EXPECT_EQ(signed_line("at 2026-11-26 05:52:16,5 +0100."), "at # +#.");
    EXPECT_EQ(signed_line("trace 0123456789abcdef end"), "trace # end");
    EXPECT_EQ(signed_line("trace 0123456789abcde end"), "trace 0123456789abcde end");
    EXPECT_EQ(signed_line("order 17 of 4000, v2 and x9"), "order # of #, v2 and x9");
    EXPECT_EQ(signed_line("took 12.5 s"), "took #.# s");
}

TEST(content_signature, is_cut_by_characters_and_uses_the_title_without_a_description)
{
    EXPECT_EQ(signed_line(std::string(300, 'x')).size(), signature_chars_max);
    std::string umlauts;
    for (int i = 0; i < 300; ++i)
        umlauts += "\xc3\xa4";
    EXPECT_EQ(signed_line(umlauts).size(), 2 * signature_chars_max);
    model::alarm titled = alarm_of(" \n ");
    titled.title = "CPU is high";
    EXPECT_EQ(content_signature(titled), "shop|TYPEERROR|CPU is high");
}

struct handling_case {
    std::string name;
    std::string description;
    model::handling_class value;
    std::string text;
};

void PrintTo(const handling_case& one, std::ostream* out)
{
    *out << one.name;
}

class handling_test : public testing::TestWithParam<handling_case> {};

TEST_P(handling_test, says_what_decided)
{
    const handling found = find_handling(alarm_of(GetParam().description));

    EXPECT_EQ(model::to_text(found.value), model::to_text(GetParam().value));
    EXPECT_EQ(found.text, GetParam().text);
}

using enum model::handling_class;

INSTANTIATE_TEST_SUITE_P(
    table, handling_test,
    testing::Values(
        handling_case{"traceback", "job failed\nTraceback (most recent call last):\n", uncaught,
                      "Traceback (most recent call last):"},
        handling_case{"uncaught", "Uncaught error in timer", uncaught, "Uncaught error in timer"},
        handling_case{"unhandled", "UnhandledPromiseRejection: x", uncaught, "UnhandledPromiseRejection: x"},
        handling_case{"panic", "panic: runtime error", uncaught, "panic: runtime error"},
        handling_case{"segfault", "worker: Segmentation fault (core dumped)", uncaught,
                      "worker: Segmentation fault (core dumped)"},
        handling_case{"two_js_frames", "boom\n    at f (a.js:1:2)\n    at g (b.js:3:4)", uncaught, "at f (a.js:1:2)"},
        handling_case{"two_python_frames", "boom\n  File \"a.py\", line 3, in f\n  File \"b.py\", line 4, in g",
                      uncaught, "File \"a.py\", line 3, in f"},
        handling_case{"one_frame_is_not_enough", "boom\n    at f (a.js:1:2)", unknown, ""},
        handling_case{"caught", "Caught exception while paying", caught, "Caught exception while paying"},
        handling_case{"fallback", "fallback used for prices", caught, "fallback used for prices"},
        handling_case{"retrying", "retrying after error 503", caught, "retrying after error 503"},
        handling_case{"level_line", "2026-11-26 ERROR payment refused", caught, "2026-11-26 ERROR payment refused"},
        handling_case{"a_level_line_with_a_frame", "ERROR boom\n    at f (a.js:1:2)", unknown, ""},
        handling_case{"lower_case_is_no_level", "an error of some kind", unknown, ""},
        handling_case{"a_name_is_no_level", "TERRORS and ERRORS", unknown, ""},
        handling_case{"crash_before_caught", "caught error\nprocess exited with 1", uncaught, "process exited with 1"}
    ),
    [](const auto& one) { return one.param.name; }
);

TEST(handling, frames_that_came_apart_count_too)
{
    model::alarm alarm = alarm_of("boom");
    alarm.frames = {"at f (a.js:1:2)", "at g (b.js:3:4)"};
    EXPECT_EQ(find_handling(alarm).value, model::handling_class::uncaught);
    EXPECT_EQ(find_handling(alarm).text, "at f (a.js:1:2)");
}

TEST(dedup_description, white_space_is_collapsed_before_the_cut)
{
    const std::string spaced = "a" + std::string(150, ' ') + "b\n\tc " + std::string(200, 'x');
    EXPECT_EQ(dedup_description(spaced).substr(0, 5), "a b c");
    EXPECT_EQ(dedup_description("cart   is\n empty"), dedup_description("cart is empty "));
    EXPECT_EQ(dedup_description(std::string(400, 'x')).size(), 100U);
}

TEST(dedup_description, hex_of_eight_digits_and_numbers_are_one_mark)
{
    EXPECT_EQ(dedup_description("order 17 deadbeef01 x1 1234567"), "order # # x1 #");
    EXPECT_EQ(dedup_description("abcdef0"), "abcdef0");
    EXPECT_EQ(dedup_description(" \n"), "");
}

TEST(likeness, is_one_for_equal_texts_and_zero_for_strangers)
{
    EXPECT_DOUBLE_EQ(likeness("cannot read price", "cannot read price"), 1.0);
    EXPECT_DOUBLE_EQ(likeness("abcdef", "uvwxyz"), 0.0);
    EXPECT_DOUBLE_EQ(likeness("", ""), 0.0);
    EXPECT_DOUBLE_EQ(likeness("ab", "ab"), 1.0);
    EXPECT_DOUBLE_EQ(likeness("abcd", "bcde"), 0.5);
}

TEST(likeness, short_texts_never_block)
{
    EXPECT_FALSE(may_block_by_likeness("error", "error", 1.0));
    EXPECT_TRUE(may_block_by_likeness("cannot read price", "cannot read price", 0.80));
    EXPECT_FALSE(may_block_by_likeness("cannot read price", "cannot read price", 0.79));
}

TEST(likeness_text, is_error_type_and_description_masked_in_lower_case)
{
    EXPECT_EQ(likeness_text(alarm_of("Order 17\n  failed")), "typeerror order # failed");
}

TEST(normalise_frame, keeps_function_and_file)
{
    EXPECT_EQ(normalise_frame("    at applyDiscount (/app/src/orders.mjs:12:5)"), "applyDiscount orders.mjs");
    EXPECT_EQ(normalise_frame("at async Promise.all (index 0)"), "async Promise.all index 0");
    EXPECT_EQ(normalise_frame("at file:///srv/main.3f9ac2d1.js:1:2"), "main.js");
    EXPECT_EQ(normalise_frame("at f (https://x.test/app-0123abcd99.js?v=3:1:2)"), "f app.js");
    EXPECT_EQ(normalise_frame("File \"/srv/shop/pay.py\", line 31, in charge"), "charge pay.py");
    EXPECT_EQ(normalise_frame("charge pay.py"), "charge pay.py");
    EXPECT_EQ(normalise_frame(""), "");
}

TEST(severity_of_alarms, is_the_sources_or_by_rule)
{
    model::alarm alarm = alarm_of("x");
    EXPECT_EQ(severity_of(alarm), model::severity::medium);
    alarm.status_code = 404;
    EXPECT_EQ(severity_of(alarm), model::severity::low);
    alarm.severity = model::severity::critical;
    EXPECT_EQ(severity_of(alarm), model::severity::critical);
}

TEST(staleness, is_strictly_older_by_the_sources_clock)
{
    model::alarm alarm = alarm_of("x");
    constexpr std::int64_t limit = 30;
    EXPECT_FALSE(is_stale(alarm, 1000, limit));
    alarm.occurred_ns = 970;
    EXPECT_FALSE(is_stale(alarm, 1000, limit));
    alarm.occurred_ns = 969;
    EXPECT_TRUE(is_stale(alarm, 1000, limit));
    alarm.occurred_ns = 5000;
    EXPECT_FALSE(is_stale(alarm, 1000, limit));
}

model::incident incident_in(model::incident_status status, std::string reason = {})
{
    model::incident incident;
    incident.status = status;
    incident.reason = std::move(reason);
    return incident;
}

TEST(blocking, only_what_is_worked_on_or_was_merged_blocks)
{
    using enum model::incident_status;
    for (const auto status : {detected, reproducing, reproduced, diagnosing, diagnosed, fixing, submitted})
        EXPECT_TRUE(blocks_new_alarms(incident_in(status), false)) << model::to_text(status);
    for (const auto status : {rejected, noise, duplicate, wontfix})
        EXPECT_FALSE(blocks_new_alarms(incident_in(status), true)) << model::to_text(status);
    EXPECT_TRUE(blocks_new_alarms(incident_in(resolved), true));
    EXPECT_FALSE(blocks_new_alarms(incident_in(resolved), false));
    EXPECT_TRUE(blocks_new_alarms(incident_in(needs_human, "no_target"), false));
    for (const auto* reason : {"pr_closed", "verify_failed", "fix_exhausted"})
        EXPECT_FALSE(blocks_new_alarms(incident_in(needs_human, reason), false)) << reason;
}

constexpr std::int64_t minute_ns = 60LL * 1'000'000'000;

alarm_scope scope_of(std::int64_t first_minute, std::int64_t last_minute, std::string route, std::string message = {})
{
    return {first_minute * minute_ns, last_minute * minute_ns, {std::move(route)}, {std::move(message)}};
}

alarm_sight sight_of(std::int64_t minute, std::string route = {}, std::string message = {})
{
    return {minute * minute_ns, std::move(route), std::move(message)};
}

TEST(correlation, an_alarm_without_a_route_joins_the_only_incident_of_its_time)
{
    const std::vector scopes = {scope_of(100, 105, "/orders")};
    EXPECT_EQ(find_alarm_scope(sight_of(98), scopes), 0U);
    EXPECT_EQ(find_alarm_scope(sight_of(115), scopes), 0U);
    EXPECT_EQ(find_alarm_scope(sight_of(97), scopes), std::nullopt);
    EXPECT_EQ(find_alarm_scope(sight_of(116), scopes), std::nullopt);
}

TEST(correlation, in_doubt_an_alarm_stays_alone)
{
    const std::vector scopes = {scope_of(100, 105, "/orders", "boom"), scope_of(101, 106, "/carts", "bang")};
    EXPECT_EQ(find_alarm_scope(sight_of(103), scopes), std::nullopt);
    EXPECT_EQ(find_alarm_scope(sight_of(103, "/carts"), scopes), 1U);
    EXPECT_EQ(find_alarm_scope(sight_of(103, "/users"), scopes), std::nullopt);
    EXPECT_EQ(find_alarm_scope(sight_of(103, "/users", "boom"), scopes), 0U);
    EXPECT_EQ(find_alarm_scope(sight_of(103), {}), std::nullopt);
}

}  // namespace
}  // namespace reprise::lifecycle
