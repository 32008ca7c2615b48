#include "reprise/detect/detectors.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace reprise::detect {
namespace {

service_window make_failing_service(std::size_t operations)
{
    service_window window;
    window.service = "shop";
    window.start_ns = test::day_start_ns;
    window.end_ns = window.start_ns + test::minute_ns;
    for (std::size_t index = 0; index < operations; ++index) {
        operation_summary summary;
        summary.operation = test::make_operation(model::operation_kind::server, "GET", "/" + std::to_string(index));
        summary.operation_id = index + 1;
        summary.requests = 100;
        summary.outcomes = {40, 0, 0, 60, 0};
        summary.failing_traces = 2;
        window.operations.push_back(summary);
    }
    return window;
}

TEST(detect, of_an_empty_window_finds_nothing)
{
    service_window window;
    window.start_ns = 1;
    window.end_ns = 2;

    const detection found = detect(window, {}, {});

    EXPECT_TRUE(found.signals.empty());
    EXPECT_TRUE(found.findings.empty());
}

TEST(detect, gives_one_finding_per_operation_in_their_order)
{
    const service_window window = make_failing_service(3);
    const std::vector<const baseline*> unknown(3, nullptr);

    const detection found = detect(window, unknown, {});

    ASSERT_EQ(found.findings.size(), 3U);
    for (std::size_t index = 0; index < 3; ++index)
        EXPECT_EQ(found.findings[index].operation_id, index + 1);
    EXPECT_EQ(found.signals.size(), 3U);
}

TEST(detect, keeps_the_worst_signals_when_there_are_too_many_and_says_how_many_it_left_out)
{
    detection_limits limits;
    limits.signals_max = 2;
    service_window window = make_failing_service(4);
    window.operations[3].outcomes = {0, 0, 0, 100'000, 0};
    window.operations[3].requests = 100'000;

    const detection found = detect(window, std::vector<const baseline*>(4, nullptr), limits);

    ASSERT_EQ(found.signals.size(), 2U);
    EXPECT_EQ(found.cut, 2U);
    EXPECT_EQ(found.signals[0].operation.route, "/3");
}

TEST(detect, the_same_operation_from_two_sources_differs_in_the_source_only)
{
    service_window window = make_failing_service(1);
    window.operations.push_back(window.operations[0]);
    window.operations[1].operation.source = model::source::rrpair;

    const detection found = detect(window, std::vector<const baseline*>(2, nullptr), {});

    ASSERT_EQ(found.signals.size(), 2U);
    EXPECT_EQ(found.signals[0].explanation, found.signals[1].explanation);
    EXPECT_EQ(found.signals[0].severity, found.signals[1].severity);
    EXPECT_EQ(found.signals[0].observed, found.signals[1].observed);
    EXPECT_NE(found.signals[0].operation.source, found.signals[1].operation.source);
}

TEST(detect, gives_the_same_bits_for_the_same_input)
{
    const auto tell = [] {
        test::dice random(99);
        test::operation_story story(test::make_operation(model::operation_kind::server, "GET", "/"));
        std::string told;
        for (int window = 0; window < 60; ++window) {
            const double slow = window > 50 ? 3 : 1;
            for (std::uint32_t index = 0; index < 40; ++index) {
                const std::int64_t duration_ns = random.lognormal_ns(30 * slow, 0.5);
                story.add(test::make_call(story.now_ns() + index, duration_ns, model::outcome::ok, index));
            }
            for (const model::signal& signal : story.close().signals)
                told += signal.explanation + std::to_string(*signal.p_value * 1e9) + "\n";
        }
        return told + story.state.encode();
    };

    const std::string once = tell();

    EXPECT_EQ(once, tell());
    EXPECT_NE(once.find("slowed down"), std::string::npos);
}

}  // namespace
}  // namespace reprise::detect
