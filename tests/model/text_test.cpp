#include "reprise/model/approval.hpp"
#include "reprise/model/exchange.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"

#include <gtest/gtest.h>

namespace reprise::model {
namespace {

TEST(text, enum_names_survive_a_round_trip)
{
    for (int value = 0; value <= static_cast<int>(incident_status::rejected); ++value) {
        const auto known = static_cast<incident_status>(value);
        EXPECT_EQ(find_incident_status(to_text(known)), known);
    }
    for (int value = 0; value <= static_cast<int>(run_state::discarded); ++value) {
        const auto known = static_cast<run_state>(value);
        EXPECT_EQ(find_run_state(to_text(known)), known);
    }
    for (int value = 0; value <= static_cast<int>(approval_state::lapsed); ++value) {
        const auto known = static_cast<approval_state>(value);
        EXPECT_EQ(find_approval_state(to_text(known)), known);
    }
    EXPECT_EQ(find_verdict("reproduced"), verdict::reproduced);
    EXPECT_EQ(find_severity("CRITICAL"), std::nullopt);
    EXPECT_EQ(find_signal_kind(""), std::nullopt);
}

TEST(text, trace_ids_are_32_hex_digits_or_none)
{
    const auto id = parse_trace_id("4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(id.high, 0x4bf92f3577b34da6ULL);
    EXPECT_EQ(to_hex(id), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_FALSE(parse_trace_id("4bf92f3577b34da6a3ce929d0e0e473"));
    EXPECT_FALSE(parse_trace_id("4bf92f3577b34da6a3ce929d0e0e473g"));
    EXPECT_EQ(to_hex(trace_id{}), "");
    EXPECT_EQ(parse_span_id("00f067aa0ba902b7"), 0x00f067aa0ba902b7ULL);
    EXPECT_EQ(span_to_hex(0x00f067aa0ba902b7ULL), "00f067aa0ba902b7");
}

TEST(text, header_names_are_compared_without_case)
{
    const header_list headers = {{"Content-Type", "text/plain"}, {"X-Replay", "1"}};
    EXPECT_EQ(find_header(headers, "x-replay"), "1");
    EXPECT_EQ(find_header(headers, "x-repla"), "");
}

TEST(text, roles_are_a_set_of_known_words)
{
    roles parsed;
    EXPECT_TRUE(parse_roles("admin,approver", parsed));
    EXPECT_TRUE(parsed.admin);
    EXPECT_TRUE(parsed.approver);
    EXPECT_FALSE(parsed.operator_);
    EXPECT_EQ(to_text(parsed), "approver,admin");
    EXPECT_FALSE(parse_roles("admin,root", parsed));
    EXPECT_TRUE(parse_roles("", parsed));
}

}  // namespace
}  // namespace reprise::model
