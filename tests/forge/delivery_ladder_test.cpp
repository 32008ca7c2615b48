#include "reprise/forge/delivery_ladder.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/forge/notice_link.hpp"
#include "reprise/forge/sealed_secrets.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reprise::forge {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;  // Tue, 14 Nov 2023 22:13:20 GMT.

TEST(delivery_ladder, climbs_the_schedule_of_the_specification_with_a_little_added)
{
    const std::vector<seconds> delays = {seconds(5), minutes(5), minutes(30), hours(2), hours(5),
                                         hours(10),  hours(14),  hours(20),   hours(24)};
    for (std::uint32_t rung = 1; rung <= delays.size(); ++rung) {
        const auto next = next_delivery_ns("01JD6Z0000000000000000000A", rung, t0);
        ASSERT_TRUE(next) << rung;
        const std::int64_t delay_ns = delays[rung - 1].count() * ns_per_s;
        EXPECT_GE(*next - t0, delay_ns) << rung;
        EXPECT_LT(*next - t0, delay_ns + delay_ns / 10) << rung;
    }
    EXPECT_FALSE(next_delivery_ns("01JD6Z0000000000000000000A", 10, t0)) << "ten attempts, no more";
    EXPECT_EQ(delivery_delays.size(), 10U);
    EXPECT_EQ(delivery_delays.front(), seconds(0));
}

TEST(delivery_ladder, the_jitter_is_the_deliverys_own_and_always_the_same)
{
    const auto next = [](std::string_view id, std::uint32_t rung) { return *next_delivery_ns(id, rung, t0) - t0; };
    EXPECT_EQ(next("a", 3), next("a", 3));
    EXPECT_NE(next("a", 3), next("b", 3));
    EXPECT_NE(next("a", 2) - 300 * ns_per_s, (next("a", 3) - 1800 * ns_per_s) / 6);
}

TEST(delivery_ladder, what_a_receiver_asks_for_counts_when_it_is_later_and_not_absurd)
{
    EXPECT_EQ(next_delivery_ns("a", 1, t0, seconds(100)), t0 + 100 * ns_per_s);
    EXPECT_EQ(next_delivery_ns("a", 2, t0, seconds(1)), next_delivery_ns("a", 2, t0));
    EXPECT_EQ(next_delivery_ns("a", 1, t0, hours(1000)), t0 + 24 * 3600 * ns_per_s);
    EXPECT_FALSE(next_delivery_ns("a", 10, t0, seconds(1)));
}

TEST(delivery_ladder, retry_after_is_seconds_or_a_date)
{
    EXPECT_EQ(parse_retry_after("120", t0), seconds(120));
    EXPECT_EQ(parse_retry_after("Tue, 14 Nov 2023 22:14:20 GMT", t0), seconds(60));
    EXPECT_EQ(parse_retry_after("99999999999999999999", t0), asked_delay_max);
    for (const std::string_view none : {"", "0", "-5", "soon", "12 s", "Tue, 14 Nov 2023 22:13:20 GMT",
                                        "Tue, 14 Nov 2023 22:14:20 CET", "14 Nov 2023"})
        EXPECT_FALSE(parse_retry_after(none, t0)) << none;
    EXPECT_FALSE(parse_retry_after(std::string(5000, '9') + "x", t0));
}

TEST(sealed_secrets, open_only_for_their_owner_and_key)
{
    const sealed_secrets ours(std::string(32, 'k'));
    const std::string sealed = ours.seal("e1", "whsec_c2VjcmV0");
    EXPECT_EQ(sealed.find("whsec"), std::string::npos);
    EXPECT_NE(sealed, ours.seal("e1", "whsec_c2VjcmV0")) << "never the same bytes twice";
    EXPECT_EQ(ours.open("e1", sealed).value(), "whsec_c2VjcmV0");
    EXPECT_EQ(ours.open("e2", sealed).error(), errc::corrupt);
    EXPECT_EQ(sealed_secrets(std::string(32, 'x')).open("e1", sealed).error(), errc::corrupt);
    EXPECT_EQ(ours.open("e1", "").error(), errc::corrupt);
    EXPECT_EQ(ours.open("e1", "bm90IHNlYWxlZA==").error(), errc::corrupt);
}

TEST(notice_link, leads_to_what_people_would_look_at)
{
    const std::string id = "01JD6Z0000000000000000000A";
    const std::string other = "01JD6Z0000000000000000000B";
    const std::string base = "https://reprise.test/";
    boost::json::object data;
    data["incident_id"] = id;
    EXPECT_EQ(notice_link(data, base), "https://reprise.test/incidents/" + id);
    data["run_id"] = other;
    EXPECT_EQ(notice_link(data, base), "https://reprise.test/runs/" + other);
    data["publication_id"] = "x";
    EXPECT_EQ(notice_link(data, base), "https://reprise.test/incidents/" + id);
    data["approval_id"] = id;
    EXPECT_EQ(notice_link(data, base), "https://reprise.test/approvals/" + id);
    EXPECT_EQ(notice_link(data, ""), "");
    data["approval_id"] = "../../evil";
    EXPECT_EQ(notice_link(data, base), "");
}

}  // namespace
}  // namespace reprise::forge
