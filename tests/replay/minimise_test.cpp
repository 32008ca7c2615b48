#include "simulated_bug.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace reprise::replay {
namespace {

using namespace test;

std::uint32_t below(std::uint32_t limit, std::mt19937& random)
{
    return static_cast<std::uint32_t>(random()) % limit;
}

std::uint32_t most_at_once(const scenario& sent)
{
    std::uint32_t most = 0;
    for (const scenario_request& one : sent.requests) {
        std::uint32_t together = 0;
        for (const scenario_request& other : sent.requests) {
            const bool with = sent.pacing == pacing::groups ? other.group == one.group
                                                            : other.at_ns <= one.at_ns &&
                                                                  one.at_ns < other.at_ns + other.took_ns;
            together += with ? other.copies : 0U;
        }
        most = std::max(most, together);
    }
    return most;
}

TEST(minimise, finds_a_single_cause_among_200_at_every_position_within_200_trials)
{
    std::vector<std::uint32_t> trials;
    for (std::uint32_t cause = 0; cause < 200; ++cause) {
        const auto result = minimise(make_source(200), [cause](const scenario& sent) {
            return holds_exchange(sent, cause);
        });
        ASSERT_EQ(result.end, minimise_end::minimal);
        ASSERT_EQ(exchanges_of(result), std::vector{cause});
        const scenario_request& left = result.smallest->requests[0];
        ASSERT_TRUE(left.headers.empty());
        ASSERT_EQ(left.path, "/item/" + std::to_string(cause));
        ASSERT_TRUE(left.body.empty());
        ASSERT_EQ(result.confirmed, 5U);
        trials.push_back(result.trials);
    }
    std::sort(trials.begin(), trials.end());
    RecordProperty("trials_median", static_cast<int>(trials[100]));
    RecordProperty("trials_worst", static_cast<int>(trials.back()));
    EXPECT_LE(trials[100], 40U);
    EXPECT_LE(trials.back(), 50U);
}

TEST(minimise, begins_with_the_failing_request_and_what_it_needs)
{
    auto source = make_source(200);
    source.named = 150;
    source.needs.resize(200);
    source.needs[150] = {3};
    const auto result = minimise(std::move(source), [](const scenario& sent) {
        return holds_exchange(sent, 3) && holds_exchange(sent, 150);
    });

    EXPECT_EQ(exchanges_of(result), (std::vector<std::uint32_t>{3, 150}));
    EXPECT_LE(result.trials, 25U);
}

TEST(minimise, drops_what_a_request_seems_to_need_but_does_not)
{
    auto source = make_source(20);
    source.named = 15;
    source.needs.resize(20);
    source.needs[15] = {3, 4};
    source.needs[4] = {1};
    const auto result = minimise(std::move(source), [](const scenario& sent) {
        return holds_exchange(sent, 4) && holds_exchange(sent, 15);
    });

    EXPECT_EQ(exchanges_of(result), (std::vector<std::uint32_t>{4, 15}));
}

TEST(minimise, finds_two_causes_that_fail_only_together)
{
    std::mt19937 random(11);
    std::uint32_t worst = 0;
    for (int round = 0; round < 100; ++round) {
        const std::uint32_t first = below(199, random);
        const std::uint32_t second = first + 1 + below(199 - first, random);
        const auto result = minimise(make_source(200), [=](const scenario& sent) {
            return holds_exchange(sent, first) && holds_exchange(sent, second);
        });
        ASSERT_EQ(result.end, minimise_end::minimal);
        ASSERT_EQ(exchanges_of(result), (std::vector{first, second}));
        worst = std::max(worst, result.trials);
    }
    RecordProperty("trials_worst", static_cast<int>(worst));
    EXPECT_LE(worst, 80U);
}

TEST(minimise, finds_one_of_two_causes_that_fail_alone)
{
    const auto result = minimise(make_source(200), [](const scenario& sent) {
        return holds_exchange(sent, 17) || holds_exchange(sent, 120);
    });

    EXPECT_EQ(exchanges_of(result), std::vector<std::uint32_t>{120});
}

TEST(minimise, finds_eight_causes)
{
    const std::vector<std::uint32_t> causes = {3, 10, 40, 41, 99, 130, 160, 199};
    const auto result = minimise(make_source(200), [&](const scenario& sent) {
        return std::all_of(causes.begin(), causes.end(), [&](std::uint32_t one) { return holds_exchange(sent, one); });
    });

    EXPECT_EQ(result.end, minimise_end::minimal);
    EXPECT_EQ(exchanges_of(result), causes);
    EXPECT_LE(result.trials, 200U);
}

TEST(minimise, keeps_the_order_of_what_it_keeps)
{
    const auto result = minimise(make_source(60), [](const scenario& sent) {
        std::size_t first = 60;
        for (std::size_t i = 0; i < sent.requests.size(); ++i) {
            if (sent.requests[i].path.starts_with("/item/12?") || sent.requests[i].path == "/item/12")
                first = i;
            if (sent.requests[i].exchange == 44)
                return first < i;
        }
        return false;
    });

    EXPECT_EQ(exchanges_of(result), (std::vector<std::uint32_t>{12, 44}));
    EXPECT_EQ(result.smallest->pacing, pacing::groups);
    EXPECT_LT(result.smallest->requests[0].group, result.smallest->requests[1].group);
}

TEST(minimise, keeps_as_many_at_once_as_a_burst_needs)
{
    auto source = make_source(100);
    for (scenario_request& one : source.all.requests) {
        one.at_ns = one.exchange * 100'000;
        one.took_ns = 200 * ns_per_ms;
    }
    const auto result = minimise(std::move(source), [](const scenario& sent) { return most_at_once(sent) >= 10; });

    EXPECT_EQ(result.end, minimise_end::minimal);
    ASSERT_EQ(result.smallest->requests.size(), 1U);
    EXPECT_EQ(result.smallest->requests[0].copies, 10U);
    EXPECT_EQ(result.smallest->pacing, pacing::groups);
    EXPECT_LE(result.trials, 120U);
    ASSERT_EQ(result.kept.size(), 2U);  // The request, and how many of it.
    EXPECT_EQ(result.kept[1].what.substr(0, 25), "10 copies at once of GET ");
    EXPECT_EQ(result.kept[1].why, "with 9 of them the answer was 200");
}

TEST(minimise, tries_a_long_recording_with_short_gaps_first)
{
    auto source = make_source(60);
    for (scenario_request& one : source.all.requests) {
        one.at_ns = one.exchange * ns_per_s;
        one.took_ns = 10 * ns_per_s;
    }
    minimiser run(source, {});
    std::int64_t longest_ns = 0;
    while (const auto what = run.next()) {
        if (what->what.pacing == pacing::recorded)
            longest_ns = std::max(longest_ns, what->what.requests.back().at_ns);
        run.take(try_it([](const scenario& sent) { return most_at_once(sent) >= 5; }, *what));
    }

    EXPECT_LT(longest_ns, ns_per_s);
    EXPECT_EQ(run.result().smallest->requests[0].copies, 5U);
}

TEST(minimise, sends_a_login_before_the_burst_that_needs_it)
{
    auto source = make_source(30);
    source.needs.resize(30);
    for (std::uint32_t i = 1; i < 30; ++i) {
        source.needs[i] = {0};
        source.all.requests[i].at_ns = 100 * ns_per_ms + i * 1000;
        source.all.requests[i].took_ns = 200 * ns_per_ms;
    }
    const auto result = minimise(std::move(source), [](const scenario& sent) {
        const bool logged_in = !sent.requests.empty() && sent.requests[0].exchange == 0 &&
                               (sent.requests.size() < 2 || sent.pacing == pacing::recorded ||
                                sent.requests[0].group < sent.requests[1].group);
        return logged_in && most_at_once(sent) >= 4;
    });

    ASSERT_EQ(result.smallest->requests.size(), 2U);
    EXPECT_EQ(result.smallest->requests[0].exchange, 0U);
    EXPECT_EQ(result.smallest->requests[0].copies, 1U);
    EXPECT_EQ(result.smallest->requests[1].copies, 4U);
}

TEST(minimise, keeps_only_the_header_that_is_needed)
{
    const auto result = minimise(make_source(50), [](const scenario& sent) {
        return std::any_of(sent.requests.begin(), sent.requests.end(), [](const scenario_request& one) {
            return one.exchange == 30 && model::find_header(one.headers, "accept-language") == "en";
        });
    });

    ASSERT_EQ(result.smallest->requests.size(), 1U);
    EXPECT_EQ(result.smallest->requests[0].headers, (model::header_list{{"Accept-Language", "en"}}));
    const auto note = std::find_if(result.kept.begin(), result.kept.end(), [](const part_note& one) {
        return one.stage == minimise_stage::headers;
    });
    ASSERT_NE(note, result.kept.end());
    EXPECT_EQ(note->what, "header Accept-Language of request 31");
    EXPECT_EQ(note->why, "without it the answer was 200");
}

TEST(minimise, keeps_only_the_nested_field_that_is_needed)
{
    auto source = make_source(50);
    source.all.requests[20].body =
        R"({"a":1,"items":[{"sku":"x","n":1},{"sku":"y", "opt":{"gift":true,"k":[]}}],"b":{}})";
    const auto result = minimise(std::move(source), [](const scenario& sent) {
        return std::any_of(sent.requests.begin(), sent.requests.end(), [](const scenario_request& one) {
            return one.body.find("\"gift\":true") != std::string::npos;
        });
    });

    EXPECT_EQ(result.smallest->requests[0].body, R"({"items":[{"opt":{"gift":true}}]})");
    EXPECT_EQ(result.smallest->requests[0].path, "/item/20");
}

TEST(minimise, keeps_only_the_query_field_that_is_needed)
{
    const auto result = minimise(make_source(50), [](const scenario& sent) {
        return std::any_of(sent.requests.begin(), sent.requests.end(), [](const scenario_request& one) {
            return one.exchange == 7 && one.path.find("size=20") != std::string::npos;
        });
    });

    EXPECT_EQ(result.smallest->requests[0].path, "/item/7?size=20");
}

TEST(minimise, finds_the_cause_although_it_fails_only_four_times_of_five)
{
    std::mt19937 random(3);
    std::uint32_t found = 0;
    std::uint32_t most = 0;
    for (std::uint32_t round = 0; round < 100; ++round) {
        const std::uint32_t cause = below(200, random);
        minimise_limits limits;
        limits.trials_max = 400;
        const auto result = minimise(
            make_source(200),
            [&](const scenario& sent) { return holds_exchange(sent, cause) && random() % 5 != 0; }, limits
        );
        ASSERT_TRUE(result.smallest);
        ASSERT_TRUE(holds_exchange(*result.smallest, cause));  // Never a wrong result.
        found += result.end == minimise_end::minimal && exchanges_of(result) == std::vector{cause} ? 1U : 0U;
        most = std::max(most, result.trials);
    }
    RecordProperty("found_of_100", static_cast<int>(found));
    RecordProperty("trials_worst", static_cast<int>(most));
    EXPECT_GE(found, 90U);
}

TEST(minimise, does_not_believe_a_failure_that_comes_once_by_chance)
{
    std::uint32_t trial = 0;
    const auto result = minimise(make_source(40), [&](const scenario& sent) {
        return holds_exchange(sent, 5) || ++trial == 6;
    });

    EXPECT_EQ(exchanges_of(result), std::vector<std::uint32_t>{5});
    EXPECT_EQ(result.confirmed, 5U);
}

TEST(minimise, says_when_it_does_not_fail_at_all)
{
    const auto result = minimise(make_source(200), [](const scenario&) { return false; });

    EXPECT_EQ(result.end, minimise_end::does_not_fail);
    EXPECT_FALSE(result.smallest);
    EXPECT_LE(result.trials, 9U);
}

TEST(minimise, gives_no_result_when_the_target_is_down)
{
    minimiser run(make_source(200), {});
    while (run.next())
        run.take(outcome_of(trial_verdict::unresolved));

    EXPECT_EQ(run.end(), minimise_end::unavailable);
    EXPECT_FALSE(run.result().smallest);
    EXPECT_EQ(run.trials(), 3U);
}

TEST(minimise, stops_when_the_target_goes_away_and_goes_on_when_it_is_back)
{
    const bug shows = [](const scenario& sent) { return holds_exchange(sent, 77); };
    minimiser run(make_source(200), {});
    std::uint32_t trials = 0;
    while (const auto what = run.next())
        run.take(++trials > 8 ? outcome_of(trial_verdict::unresolved) : try_it(shows, *what));

    EXPECT_EQ(run.end(), minimise_end::unavailable);
    EXPECT_TRUE(run.result().smallest);

    auto again = minimiser::resume(make_source(200), {}, run.state()).value();
    const auto result = run_to_end(again, shows);
    EXPECT_EQ(result.end, minimise_end::minimal);
    EXPECT_EQ(exchanges_of(result), std::vector<std::uint32_t>{77});
    EXPECT_EQ(result.trials, minimise(make_source(200), shows).trials);
}

TEST(minimise, goes_on_when_only_some_candidates_get_no_answer)
{
    const bug shows = [](const scenario& sent) { return holds_exchange(sent, 77); };
    minimiser run(make_source(100), {});
    while (const auto what = run.next()) {
        const bool hangs = what->what.requests.size() < 40 && !shows(what->what);
        run.take(hangs ? outcome_of(trial_verdict::unresolved) : try_it(shows, *what));
    }

    EXPECT_EQ(run.end(), minimise_end::minimal);
    EXPECT_EQ(exchanges_of(run.result()), std::vector<std::uint32_t>{77});
}

TEST(minimise, never_tries_the_same_twice_when_answers_are_certain)
{
    minimiser run(make_source(200), {});
    std::map<std::string, int> tried;
    while (const auto what = run.next()) {
        if (what->stage != minimise_stage::start && what->stage != minimise_stage::confirm)
            ++tried[what->key];
        run.take(try_it([](const scenario& sent) { return holds_exchange(sent, 50); }, *what));
    }

    for (const auto& [key, count] : tried)
        EXPECT_EQ(count, 1) << key;
    EXPECT_GT(run.result().known_again, 0U);
}

TEST(minimise, keeps_within_its_trials_and_gives_the_smallest_so_far)
{
    for (std::uint32_t budget = 1; budget < 40; ++budget) {
        minimise_limits limits;
        limits.trials_max = budget;
        const auto result = minimise(
            make_source(200), [](const scenario& sent) { return holds_exchange(sent, 123); }, limits
        );
        ASSERT_LE(result.trials, budget);
        ASSERT_TRUE(result.end == minimise_end::out_of_trials || result.end == minimise_end::minimal);
        ASSERT_TRUE(!result.smallest || holds_exchange(*result.smallest, 123));
    }
}

TEST(minimise, keeps_within_its_time)
{
    minimise_limits limits;
    limits.time_max_ns = 150 * ns_per_ms;
    const auto result = minimise(
        make_source(200), [](const scenario& sent) { return holds_exchange(sent, 123); }, limits
    );

    EXPECT_EQ(result.end, minimise_end::out_of_time);
    EXPECT_LE(result.time_ns, 150 * ns_per_ms);
    ASSERT_TRUE(result.smallest);
    EXPECT_LT(result.smallest->requests.size(), 200U);
}

TEST(minimise, never_tries_what_nobody_would_judge)
{
    auto source = make_source(50);
    for (scenario_request& one : source.all.requests)
        one.watched = one.exchange == 49;
    minimiser run(source, {});
    while (const auto what = run.next()) {
        ASSERT_TRUE(is_watching(what->what));
        run.take(try_it([](const scenario& sent) { return holds_exchange(sent, 20); }, *what));
    }

    EXPECT_EQ(exchanges_of(run.result()), (std::vector<std::uint32_t>{20, 49}));
}

TEST(minimise, gives_the_same_when_interrupted_and_resumed_at_every_step)
{
    auto source = make_source(60);
    for (scenario_request& one : source.all.requests) {
        one.at_ns = one.exchange * 100'000;
        one.took_ns = 100 * ns_per_ms;
    }
    const bug shows = [](const scenario& sent) {
        return holds_exchange(sent, 31) && most_at_once(sent) >= 3 &&
               std::any_of(sent.requests.begin(), sent.requests.end(), [](const auto& one) {
                   return one.body.find("tags") != std::string::npos;
               });
    };
    const auto whole = minimise(source, shows);
    ASSERT_EQ(whole.end, minimise_end::minimal);

    for (std::uint32_t stop = 0; stop < whole.trials; ++stop) {
        minimiser first(source, {});
        for (std::uint32_t i = 0; i < stop; ++i)
            first.take(try_it(shows, first.next().value()));
        first.interrupt();
        ASSERT_EQ(first.end(), minimise_end::interrupted);
        auto second = minimiser::resume(source, {}, first.state()).value();
        std::uint32_t further = 0;
        for (; const auto what = second.next(); ++further)
            second.take(try_it(shows, *what));
        ASSERT_EQ(stop + further, whole.trials);
        ASSERT_EQ(second.result().smallest, whole.smallest);
        ASSERT_EQ(second.result().kept.size(), whole.kept.size());
    }
}

TEST(minimise, goes_on_with_a_larger_budget_without_repeating_a_trial)
{
    const bug shows = [](const scenario& sent) { return holds_exchange(sent, 90); };
    minimise_limits small;
    small.trials_max = 15;
    minimiser first(make_source(200), small);
    run_to_end(first, shows);
    ASSERT_EQ(first.end(), minimise_end::out_of_trials);

    auto second = minimiser::resume(make_source(200), {}, first.state()).value();
    const auto result = run_to_end(second, shows);
    EXPECT_EQ(result.end, minimise_end::minimal);
    EXPECT_LE(result.trials, minimise(make_source(200), shows).trials + 5);
}

TEST(minimise, refuses_the_state_of_something_else)
{
    minimiser run(make_source(20), {});
    ASSERT_TRUE(run.next());
    run.take(outcome_of(trial_verdict::fails));
    auto other = make_source(20);
    other.still = "status==503";

    EXPECT_NE(minimiser::resume(other, {}, run.state()).error().reason.find("another condition"), std::string::npos);
    EXPECT_NE(
        minimiser::resume(make_source(21), {}, run.state()).error().reason.find("other exchanges"), std::string::npos
    );
    for (const char* const text : {"", "[]", "{}", R"({"format":2})"})
        EXPECT_EQ(minimiser::resume(make_source(20), {}, text).error().code, errc::bad_state) << text;
    std::string damaged = run.state();
    damaged.replace(damaged.find("fails"), 5, "maybe");
    EXPECT_NE(minimiser::resume(make_source(20), {}, damaged).error().reason.find("trial 1"), std::string::npos);
}

}  // namespace
}  // namespace reprise::replay
