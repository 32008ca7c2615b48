#include "reprise/replay/trial.hpp"

#include "builders.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using model::verdict;

// Seen with 100 in flight for 200 arrivals; 100 arrivals of one request show it.
trial_plan peak_plan()
{
    model::signal signal = test::make_signal(model::confirm_metric::burst, 100, 30);
    signal.numbers = {{"peak_in_flight", 100}, {"max_arrivals_50ms", 200}};
    return test::plan_of(signal);
}

// Calls that last so long, each request's at once.
std::vector<model::observation> calls_of(
    const trial_plan& plan, std::uint32_t failing, std::uint32_t control, std::int64_t apart_ns, std::int64_t long_ns
)
{
    auto seen = test::report(plan, 1, failing, control, apart_ns);
    for (model::observation& call : seen)
        call.duration_ns = long_ns;
    return seen;
}

struct peak_case {
    std::string name;
    double gate;
    double peak;
    double arrivals;
    double expected;
};

class peak_gate : public testing::TestWithParam<peak_case> {};

TEST_P(peak_gate, is_as_many_in_flight_for_each_arrival_as_were_seen)
{
    model::signal signal = test::make_signal(model::confirm_metric::burst, GetParam().gate, 30);
    signal.numbers = {{"peak_in_flight", GetParam().peak}, {"max_arrivals_50ms", GetParam().arrivals}};

    EXPECT_EQ(test::plan_of(signal).peak_gate, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, peak_gate,
    testing::Values(
        peak_case{"half", 100, 100, 200, 50}, peak_case{"rounded_up", 41, 100, 200, 21},
        peak_case{"never_more_than_the_arrivals", 40, 300, 50, 40},
        peak_case{"none_where_calls_came_one_by_one", 40, 1, 50, 0},
        peak_case{"none_where_nothing_was_recorded", 40, 0, 0, 0}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(peak_gate, is_none_of_other_metrics_and_part_of_the_method)
{
    model::signal signal = test::make_signal(model::confirm_metric::calls_per_parent, 40, 3);
    signal.numbers = {{"peak_in_flight", 100}, {"max_arrivals_50ms", 200}};

    EXPECT_EQ(test::plan_of(signal).peak_gate, 0);
    EXPECT_NE(methodology_hash(peak_plan()), methodology_hash(test::burst_plan()));
}

TEST(burst, shows_in_arrivals_and_in_flight)
{
    const trial_plan plan = peak_plan();

    const trial made = decide_trial(
        plan, 1, test::answer_all(plan, 200, 200), calls_of(plan, 200, 10, 0, 20 * ns_per_ms)
    );

    EXPECT_TRUE(made.shows);
    EXPECT_EQ(made.peak_in_flight, 200U);
    EXPECT_EQ(made.control_peak_in_flight, 10U);
}

TEST(burst, of_as_many_calls_one_after_the_other_shows_in_part)
{
    const trial_plan plan = peak_plan();
    // 200 calls of 0.1 ms each within 40 ms.
    const auto seen = calls_of(plan, 200, 10, 200'000, 100'000);
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number) {
        trials.push_back(decide_trial(plan, 1, test::answer_all(plan, 200, 200), seen));
        trials.back().number = number;
    }

    const run_result result = decide_verdict(plan, trials);

    EXPECT_EQ(trials[0].metric, 200);
    EXPECT_EQ(trials[0].peak_in_flight, 1U);
    EXPECT_FALSE(trials[0].shows);
    EXPECT_TRUE(trials[0].shows_in_part);
    EXPECT_EQ(result.verdict, verdict::inconclusive);
    EXPECT_EQ(result.reason_code, "fewer_in_flight");
    EXPECT_NE(
        result.reason.find(
            "calls of one request within 50 ms: 200 for the failing requests (100 or more shows it) with 1 in flight "
            "at once (50 or more, 1 for the good ones)"
        ),
        std::string::npos
    ) << result.reason;
    EXPECT_EQ(boost::json::parse(to_json(plan, result)).at("peak_gate").to_number<double>(), 50);
}

TEST(burst, whose_good_requests_have_as_many_in_flight_does_not_differ_from_them)
{
    const trial_plan plan = peak_plan();
    // Good requests: 80 calls, fewer arrivals than the gate. Both kinds have what they begin within 20 ms in flight.
    auto seen = calls_of(plan, 200, 80, 250'000, 20 * ns_per_ms);

    const trial made = decide_trial(plan, 1, test::answer_all(plan, 200, 200), seen);

    EXPECT_EQ(made.metric, 200);
    EXPECT_TRUE(made.control_normal);
    EXPECT_EQ(made.peak_in_flight, 80U);
    EXPECT_EQ(made.control_peak_in_flight, 80U);
    EXPECT_FALSE(made.shows);
    EXPECT_TRUE(made.shows_in_part);
}

TEST(burst, that_every_request_causes_passes_both_gates)
{
    const trial_plan plan = peak_plan();

    const trial dense = decide_trial(
        plan, 1, test::answer_all(plan, 200, 200), calls_of(plan, 200, 200, 0, 20 * ns_per_ms)
    );
    const trial in_turn = decide_trial(
        plan, 1, test::answer_all(plan, 200, 200), calls_of(plan, 200, 200, 200'000, 100'000)
    );

    EXPECT_TRUE(dense.compared_with_baseline);
    EXPECT_TRUE(dense.shows);
    EXPECT_TRUE(in_turn.compared_with_baseline);
    EXPECT_FALSE(in_turn.shows);
}

TEST(burst_of_a_last_good_target, counts_when_it_has_as_many_in_flight)
{
    const trial_plan plan = test::with_last_good(peak_plan());
    const auto decide = [&plan](std::uint32_t last_good) {
        const auto seen = test::report(plan, 1, 200, 10, 0, last_good);
        return decide_trial(plan, 1, test::answer_all(plan, 200, 200), seen);
    };

    EXPECT_TRUE(decide(10).shows);
    EXPECT_TRUE(decide(200).last_good->shows);
    EXPECT_FALSE(decide(200).shows);
}

}  // namespace
}  // namespace reprise::replay
