#include "reprise/replay/answer_book.hpp"

#include "scripted_run.hpp"

namespace reprise::replay {
namespace {

using model::answer_arm;
using test::reproduce_run;

planned_request planned(arm which, std::uint32_t exchange)
{
    planned_request made;
    made.arm = which;
    made.exchange = exchange;
    return made;
}

sent_response answer_of(int status, std::string body)
{
    sent_response made;
    made.status = status;
    made.headers = {{"content-type", "application/json"}};
    made.body = std::move(body);
    return made;
}

class answer_book_test : public testing::Test {
protected:
    trial_plan plan = test::share_plan();  // Failing: captured with 500 and 503. One control.
    answer_book book{plan};
    trial measured;

    void SetUp() override
    {
        measured.number = 3;
        measured.shows = true;
    }
};

TEST_F(answer_book_test, names_exchanges_as_the_bundle_does)
{
    book.add(planned(arm::control, 0), answer_of(201, "{}"), 7);
    book.add(planned(arm::failing, 1), answer_of(503, "{}"), 7);
    book.add(planned(arm::last_good, 1), answer_of(200, "{}"), 7);

    const auto taken = book.take(measured);

    ASSERT_EQ(taken.size(), 3U);
    EXPECT_EQ(taken[0].answers.exchange, 2U);
    EXPECT_EQ(taken[0].answers.arm, answer_arm::control);
    EXPECT_EQ(taken[1].answers.exchange, 1U);
    EXPECT_EQ(taken[1].answers.arm, answer_arm::failing);
    EXPECT_EQ(taken[2].answers.exchange, 1U);
    EXPECT_EQ(taken[2].answers.arm, answer_arm::last_good);
    EXPECT_EQ(taken[1].answers.shown.trial, 3U);
    EXPECT_TRUE(taken[1].answers.shown.shows);
    EXPECT_EQ(taken[1].answers.shown.latency_ns, 7);
    EXPECT_EQ(taken[1].operation.service, "shop");
}

TEST_F(answer_book_test, shows_of_a_failing_request_the_answer_that_fails_as_captured_and_its_twin)
{
    book.add_failure(planned(arm::failing, 0), "refused", 1);
    book.add(planned(arm::failing, 0), answer_of(200, "good"), 1);
    book.add(planned(arm::failing, 0), answer_of(500, "first"), 1);
    book.add(planned(arm::failing, 0), answer_of(200, "good again"), 1);
    book.add(planned(arm::failing, 0), answer_of(500, "second"), 1);
    book.add(planned(arm::failing, 0), answer_of(500, "third"), 1);

    const auto taken = book.take(measured);

    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].answers.shown.body, "first");
    ASSERT_TRUE(taken[0].answers.twin);
    EXPECT_EQ(taken[0].answers.twin->body, "second");
    EXPECT_EQ(taken[0].answers.statuses.at(3), (model::status_counts{{0, 1}, {200, 2}, {500, 3}}));
}

TEST_F(answer_book_test, shows_of_the_others_what_came_first)
{
    book.add(planned(arm::last_good, 0), answer_of(200, "first"), 1);
    book.add(planned(arm::last_good, 0), answer_of(500, "as captured"), 1);

    const auto taken = book.take(measured);

    EXPECT_EQ(taken.at(0).answers.shown.body, "first");
    EXPECT_FALSE(taken.at(0).answers.twin) << "another status is no twin";
}

TEST_F(answer_book_test, says_why_no_answer_came)
{
    book.add_failure(planned(arm::failing, 0), "Connection refused", 5);

    const auto taken = book.take(measured);

    EXPECT_FALSE(taken.at(0).answers.shown.answered);
    EXPECT_EQ(taken.at(0).answers.shown.failure, "Connection refused");
    EXPECT_EQ(taken.at(0).answers.shown.latency_ns, 5);
}

TEST_F(answer_book_test, leaves_a_body_over_the_limit_out_whole_and_keeps_its_size)
{
    book.add(planned(arm::failing, 0), answer_of(500, std::string(answer_body_bytes_max, 'x')), 1);
    book.add(planned(arm::failing, 1), answer_of(503, std::string(answer_body_bytes_max + 1, 'x')), 1);

    const auto taken = book.take(measured);

    EXPECT_FALSE(taken.at(0).answers.shown.body_left_out);
    EXPECT_EQ(taken.at(0).answers.shown.body.size(), answer_body_bytes_max);
    EXPECT_TRUE(taken.at(1).answers.shown.body_left_out);
    EXPECT_EQ(taken.at(1).answers.shown.body, "");
    EXPECT_EQ(taken.at(1).answers.shown.body_bytes, answer_body_bytes_max + 1);
}

TEST_F(answer_book_test, is_bounded_by_the_bytes_of_all_answers_of_a_trial)
{
    plan = test::plan_of(
        test::make_signal(model::confirm_metric::failing_share, 0.012, 0.002),
        std::vector<model::evidence_item>(
            100, test::make_item(model::evidence_role::failing, test::make_exchange("POST", "/orders?bad=1", 500))
        )
    );
    for (std::uint32_t i = 0; i < 100; ++i) {
        auto answer = answer_of(500, std::string(100 * 1024, 'x'));
        answer.headers.emplace_back("x-large", std::string(20 * 1024, 'y'));
        book.add(planned(arm::failing, i), std::move(answer), 1);
    }

    std::size_t bytes = 0;
    std::size_t left_out = 0;
    for (const auto& one : book.take(measured)) {
        bytes += model::weight_of(one.answers);
        left_out += one.answers.shown.body_left_out ? 1U : 0U;
        EXPECT_EQ(one.answers.shown.headers_left_out, 1U);
        EXPECT_EQ(one.answers.shown.body_bytes, 100U * 1024);
    }
    EXPECT_LE(bytes, trial_answers_bytes_max);
    EXPECT_EQ(left_out, 60U);
}

TEST_F(reproduce_run, hands_over_what_was_answered_with_each_trial)
{
    const trial_plan plan = test::with_last_good(test::share_plan());
    test::scripted_target target(time, test::fails_when_bad);
    test::scripted_target before(time, [](const request&) { return false; });
    test::scripted_traces traces(plan, 0);

    ASSERT_TRUE(run(plan, target, traces, {}, &before));

    ASSERT_EQ(progress.answers.size(), 5U);
    const auto& last = progress.answers.back();
    ASSERT_EQ(last.size(), 5U) << "two failing exchanges at two targets, and the control";
    for (const replayed_answers& one : last) {
        EXPECT_EQ(one.answers.shown.trial, 5U);
        EXPECT_EQ(one.answers.shown.status, one.answers.arm == answer_arm::failing ? 500 : 200);
        EXPECT_EQ(one.answers.shown.latency_ns, 15 * ns_per_ms);
    }
}

TEST(merged_answers, stay_those_of_the_first_trial_that_shows_it)
{
    const auto of_trial = [](std::uint32_t number, bool shows, std::string body) {
        model::exchange_answers made;
        made.statuses[number] = {{500, 5}};
        made.shown.trial = number;
        made.shown.shows = shows;
        made.shown.answered = true;
        made.shown.status = 500;
        made.shown.body = std::move(body);
        return made;
    };

    auto merged = model::merge_answers(of_trial(1, false, "one"), of_trial(2, false, "two"));
    EXPECT_EQ(merged.shown.body, "two") << "the last trial";
    EXPECT_EQ(merged.twin->body, "one");
    merged = model::merge_answers(merged, of_trial(3, true, "three"));
    EXPECT_EQ(merged.shown.body, "three");
    EXPECT_EQ(merged.twin->body, "two");
    merged = model::merge_answers(merged, of_trial(4, true, "four"));
    EXPECT_EQ(merged.shown.body, "three");
    EXPECT_EQ(model::sum_statuses(merged), (model::status_counts{{500, 20}}));

    merged = model::merge_answers(merged, of_trial(3, false, "three again"));
    EXPECT_EQ(merged.shown.body, "three again") << "the trial was measured anew";
    EXPECT_EQ(model::sum_statuses(merged), (model::status_counts{{500, 20}}));
}

}  // namespace
}  // namespace reprise::replay
