#include "reprise/telemetry/drift.hpp"

#include "reprise/base/time_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::telemetry {
namespace {

std::int64_t at(std::string_view text)
{
    return parse_rfc3339(text).value();
}

struct form_case {
    std::string_view text;
    value_form form = value_form::plain;
    std::string_view time;  // "" for none.
};

void PrintTo(const form_case& one, std::ostream* out)
{
    *out << one.text;
}

class drift_form : public testing::TestWithParam<form_case> {};

TEST_P(drift_form, is_named_with_its_time)
{
    const form_case& wanted = GetParam();

    const value_look look = look_at_value(wanted.text);

    EXPECT_EQ(to_text(look.form), to_text(wanted.form));
    ASSERT_EQ(look.time_ns.has_value(), !wanted.time.empty());
    if (look.time_ns) {
        EXPECT_EQ(format_rfc3339(*look.time_ns), wanted.time);
    }
}

constexpr std::string_view rfc7519_token =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view jwt_io_token =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

// The examples that the specifications and projects of these forms publish, with the times they name.
INSTANTIATE_TEST_SUITE_P(
    published, drift_form,
    testing::Values(
        form_case{"C232AB00-9414-11EC-B3C8-9F6BDECED846", value_form::uuid, "2022-02-22T19:22:22.000Z"},
        form_case{"1EC9414C-232A-6B00-B3C8-9F6BDECED846", value_form::uuid, "2022-02-22T19:22:22.000Z"},
        form_case{"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", value_form::uuid_v7, "2022-02-22T19:22:22.000Z"},
        form_case{"5df41881-3aed-3515-88a7-2f4a814cf09e", value_form::uuid, ""},
        form_case{"919108f7-52d1-4320-9bac-f847db4148a8", value_form::uuid, ""},
        form_case{"2ed6657d-e927-568b-95e1-2665a8aea6a2", value_form::uuid, ""},
        form_case{"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", value_form::uuid, "1997-02-03T17:43:12.216Z"},
        form_case{"01ARZ3NDEKTSV4RRFFQ69G5FAV", value_form::ulid, "2016-07-30T23:54:10.259Z"},
        form_case{"0ujtsYcgvSTl8PAuAdqWYSMnLOv", value_form::ksuid, "2017-10-10T04:00:47.000Z"},
        form_case{"9m4e2mr0ui3e8a215n4g", value_form::xid, "2011-03-22T17:50:19.000Z"},
        form_case{"507c7f79bcf86cd7994f6c0e", value_form::object_id, "2012-10-15T21:26:17.000Z"},
        form_case{"1541815603606036480", value_form::snowflake, "2022-06-28T16:07:40.105Z"},
        form_case{rfc7519_token, value_form::jwt, "2011-03-22T18:43:00.000Z"},
        form_case{jwt_io_token, value_form::jwt, "2018-01-18T01:30:22.000Z"},
        form_case{"4bf92f3577b34da6a3ce929d0e0e4736", value_form::trace_id, ""},
        form_case{"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", value_form::trace_id, ""},
        form_case{"1-5759e988-bd862e3fe1be46a994272793", value_form::trace_id, "2016-06-09T22:11:20.000Z"},
        form_case{"1985-04-12T23:20:50.52Z", value_form::date_time, "1985-04-12T23:20:50.520Z"},
        form_case{"1996-12-19T16:39:57-08:00", value_form::date_time, "1996-12-20T00:39:57.000Z"},
        form_case{"Sun, 06 Nov 1994 08:49:37 GMT", value_form::date_time, "1994-11-06T08:49:37.000Z"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    relatives, drift_form,
    testing::Values(
        form_case{"{919108f7-52d1-4320-9bac-f847db4148a8}", value_form::uuid, ""},
        form_case{"2026-11-26 02:10:00", value_form::date_time, "2026-11-26T02:10:00.000Z"},
        form_case{"2026-11-26T02:10", value_form::date_time, "2026-11-26T02:10:00.000Z"},
        form_case{"2026-11-26T02:10:00,25+0100", value_form::date_time, "2026-11-26T01:10:00.250Z"},
        form_case{"2026-11-26", value_form::date, "2026-11-26T00:00:00.000Z"},
        form_case{"1700000000", value_form::epoch_s, "2023-11-14T22:13:20.000Z"},
        form_case{"1700000000.125", value_form::epoch_s, "2023-11-14T22:13:20.125Z"},
        form_case{"1700000000125", value_form::epoch_ms, "2023-11-14T22:13:20.125Z"},
        form_case{"1700000000125000", value_form::epoch_us, "2023-11-14T22:13:20.125Z"},
        form_case{"alice@example.org", value_form::email, ""},
        form_case{"<email:9f86d081>", value_form::token, ""},
        form_case{"<session:9f86d081.......>", value_form::token, ""},
        form_case{"<binary:9f86d081:1841>", value_form::token, ""},
        form_case{"9f86d081884c7d65", value_form::opaque, ""},
        form_case{"V1StGXR8_Z5jdHi6B-myT", value_form::opaque, ""}
    )
);

TEST(drift, words_and_small_numbers_are_plain)
{
    constexpr std::string_view texts[] = {
        "", "1", "true", "en", "4711", "open", "getUserProfileById", "iphone-15-pro-max", "order17", "v1.2.3",
        "a sentence of words", "0000000001", "9999999999", "99999999999999999999999", "2026-13-45", "2026-11-26x",
        "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 99:49:37 GMT", "00000000000000000000000000000000", "alice@",
        "<email:9f86d081> and more"};
    for (const std::string_view text : texts)
        EXPECT_EQ(to_text(look_at_value(text).form), "") << text;
}

TEST(drift, nineteen_digits_are_read_as_what_is_nearer)
{
    constexpr std::string_view text = "1541815603606036480";

    const value_look as_epoch = look_at_value(text, at("2018-11-10T00:00:00Z"));
    const value_look as_snowflake = look_at_value(text, at("2022-06-28T00:00:00Z"));

    EXPECT_EQ(as_epoch.form, value_form::epoch_ns);
    EXPECT_EQ(as_snowflake.form, value_form::snowflake);
}

TEST(drift, a_snowflake_of_discord_is_read_with_its_epoch_where_that_is_nearer)
{
    const value_look look = look_at_value("175928847299117063", at("2016-05-01T00:00:00Z"));

    EXPECT_EQ(look.form, value_form::snowflake);
    EXPECT_EQ(format_rfc3339(look.time_ns.value()), "2016-04-30T11:18:25.796Z");
}

TEST(drift, a_cause_is_the_form_of_both)
{
    EXPECT_EQ(
        find_drift_cause("919108f7-52d1-4320-9bac-f847db4148a8", "5df41881-3aed-3515-88a7-2f4a814cf09e"),
        value_form::uuid
    );
    EXPECT_EQ(find_drift_cause("2026-11-26T02:10:00Z", "2026-11-26T02:11:00Z"), value_form::date_time);
    EXPECT_EQ(find_drift_cause("919108f7-52d1-4320-9bac-f847db4148a8", "none"), value_form::plain);
    EXPECT_EQ(find_drift_cause("open", "closed"), value_form::plain);
}

TEST(drift, a_value_made_during_the_capture_is_volatile)
{
    const time_interval captured{at("2022-02-22T19:22:00.5Z"), at("2022-02-22T19:23:00Z")};

    EXPECT_TRUE(is_volatile("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", captured));
    EXPECT_TRUE(is_volatile("2022-02-22T19:22:59Z", captured));
    EXPECT_TRUE(is_volatile("1645557720", captured));     // 19:22:00, known to the second.
    EXPECT_TRUE(is_volatile("1645557780000", captured));  // The last moment.
    EXPECT_TRUE(is_volatile("2022-02-22", captured));
    EXPECT_TRUE(is_volatile("1645557742123456789", captured));
}

TEST(drift, a_value_from_before_or_without_a_time_is_not_volatile)
{
    const time_interval captured{at("2022-02-22T19:22:00Z"), at("2022-02-22T19:23:00Z")};

    EXPECT_FALSE(is_volatile("1645557719", captured));
    EXPECT_FALSE(is_volatile("1645557780001", captured));
    EXPECT_FALSE(is_volatile("01ARZ3NDEKTSV4RRFFQ69G5FAV", captured));
    EXPECT_FALSE(is_volatile("919108f7-52d1-4320-9bac-f847db4148a8", captured));
    EXPECT_FALSE(is_volatile("2022-02-21", captured));
    EXPECT_FALSE(is_volatile("open", captured));
    EXPECT_FALSE(is_volatile("", captured));
}

TEST(drift, a_text_of_a_megabyte_is_looked_at_in_part)
{
    EXPECT_EQ(look_at_value(std::string(1U << 20, 'a')).form, value_form::plain);
    std::string random;
    while (random.size() < 1U << 20)
        random += "a1B2";
    EXPECT_EQ(look_at_value(random).form, value_form::opaque);
}

}  // namespace
}  // namespace reprise::telemetry
