#include "reprise/forge/publisher.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reprise::forge {
namespace {

constexpr std::int64_t s = 1'000'000'000;
const outbox_policy policy;

TEST(publisher, success_is_the_end)
{
    EXPECT_EQ(decide_next(1, {}, 5 * s, policy).state, outbox_state::published);
    EXPECT_EQ(decide_next(4, {}, 5 * s, policy).state, outbox_state::published);
}

TEST(publisher, tries_four_times_with_doubling_delays_and_gives_up)
{
    std::vector<std::int64_t> delays_s;
    std::uint32_t attempts = 1;
    outbox_decision decision = decide_next(attempts, errc::io, 0, policy);
    for (; decision.state == outbox_state::pending; decision = decide_next(attempts, errc::io, 0, policy)) {
        delays_s.push_back(decision.next_attempt_ns / s);
        ++attempts;
    }
    EXPECT_EQ(delays_s, (std::vector<std::int64_t>{60, 120, 240}));
    EXPECT_EQ(attempts, 4U);
    EXPECT_EQ(decision.state, outbox_state::failed);
}

TEST(publisher, what_another_try_cannot_help_fails_at_once)
{
    for (const errc code : {errc::invalid_argument, errc::conflict, errc::corrupt, errc::too_large})
        EXPECT_EQ(decide_next(1, code, 0, policy).state, outbox_state::failed);
    for (const errc code : {errc::io, errc::denied, errc::unavailable, errc::timed_out})
        EXPECT_EQ(decide_next(1, code, 0, policy).state, outbox_state::pending);
}

TEST(publisher, a_delay_has_a_limit)
{
    outbox_policy patient;
    patient.attempts_max = 1'000;
    EXPECT_EQ(decide_next(999, errc::io, 7, patient).next_attempt_ns, 7 + 3'600 * s);
}

}  // namespace
}  // namespace reprise::forge
