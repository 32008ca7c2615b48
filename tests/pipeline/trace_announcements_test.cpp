#include "../../server/pipeline/trace_announcements.hpp"

#include <gtest/gtest.h>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t t0 = 50'000 * ms;

using names = std::vector<std::string>;

// As the committer does it: what is due is told at once.
std::size_t tell(trace_announcements& to, std::int64_t now_ns)
{
    const auto due = to.due(now_ns);
    to.told(due, now_ns);
    return due.size();
}

TEST(trace_announcements, the_first_trace_is_told_at_once_and_the_last_one_a_second_later)
{
    trace_announcements subject;
    subject.note("shop");
    EXPECT_EQ(tell(subject, t0), 1U);
    subject.note("shop");
    EXPECT_EQ(tell(subject, t0 + 1), 0U);
    EXPECT_EQ(subject.next_due_ns(), t0 + 1000 * ms);
    EXPECT_EQ(tell(subject, t0 + 999 * ms), 0U);
    EXPECT_EQ(tell(subject, t0 + 1000 * ms), 1U);
    EXPECT_EQ(subject.next_due_ns(), std::nullopt);
    EXPECT_EQ(tell(subject, t0 + 5000 * ms), 0U) << "nothing came since";
}

TEST(trace_announcements, two_hundred_traces_a_second_are_one_event_a_second_and_service)
{
    trace_announcements subject;
    std::size_t told = 0;
    for (std::int64_t i = 0; i < 10 * 200; ++i) {
        subject.note(i % 2 == 0 ? "shop" : "agents");
        told += tell(subject, t0 + i * 5 * ms);
    }
    EXPECT_GE(told, 2U * 9U);
    EXPECT_LE(told, 2U * 10U);
}

TEST(trace_announcements, services_wait_for_themselves)
{
    trace_announcements subject;
    subject.note("shop");
    tell(subject, t0);
    subject.note("shop");
    subject.note("agents");
    EXPECT_EQ(subject.due(t0 + 1), names{"agents"});
    EXPECT_EQ(subject.waiting(), (names{"agents", "shop"}));
}

TEST(trace_announcements, places_are_limited_and_given_back)
{
    trace_announcements subject;
    for (std::size_t i = 0; i < trace_announcements::services_max; ++i)
        EXPECT_TRUE(subject.note("service " + std::to_string(i)));
    EXPECT_FALSE(subject.note("one more"));
    EXPECT_TRUE(subject.note("service 7"));
    EXPECT_EQ(tell(subject, t0), trace_announcements::services_max);
    EXPECT_FALSE(subject.note("one more")) << "their second is not over";
    tell(subject, t0 + trace_announcements::pause_ns);
    EXPECT_TRUE(subject.note("one more"));
}

}  // namespace
}  // namespace reprise::pipeline
