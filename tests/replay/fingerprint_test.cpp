#include "reprise/replay/trial.hpp"

#include "scripted_run.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::replay {
namespace {

using model::verdict;
using test::with_last_good;

constexpr const char* null_error = R"({"error":"TypeError","message":"code of order 1234 is null"})";
constexpr const char* null_message = "TypeError: code of order {id} is null";

std::vector<model::evidence_item> bundle_with_messages()
{
    auto bundle = test::make_bundle();
    bundle[0].exchange.response_body = null_error;
    bundle[1].exchange.response_body = R"({"message":"pool exhausted"})";
    return bundle;
}

trial_plan message_plan()
{
    return test::plan_of(
        test::make_signal(model::confirm_metric::failing_share, 0.012, 0.002), bundle_with_messages()
    );
}

// All failing requests answered with 500 and this message, the good ones with 200.
std::vector<request_record> answer_with(const trial_plan& plan, const std::string& message)
{
    auto records = test::answer_all(plan, 500, 200);
    for (request_record& record : records)
        record.message = record.status == 500 ? message : "";
    return records;
}

run_result decide_five(const trial_plan& plan, const std::vector<request_record>& records)
{
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(decide_trial(plan, number, records, {}));
    return decide_verdict(plan, trials);
}

TEST(plan_of_errors, knows_what_the_captured_answers_say)
{
    const trial_plan plan = message_plan();

    EXPECT_EQ(plan.failing_messages, (std::vector<std::string>{null_message, "pool exhausted"}));
    EXPECT_TRUE(matches_by_fingerprint(plan));
    EXPECT_FALSE(matches_by_fingerprint(test::share_plan()));
    EXPECT_NE(methodology_hash(plan), methodology_hash(test::share_plan()));
}

TEST(plan_of_errors, of_the_calls_of_a_service_goes_by_class)
{
    model::signal signal = test::make_signal(model::confirm_metric::failing_share, 0.012, 0.002);
    signal.operation = test::make_operation(model::operation_kind::client, "GET", "/rates");

    EXPECT_FALSE(matches_by_fingerprint(test::plan_of(signal, bundle_with_messages())));
}

TEST(failing_with_the_captured_error, shows_the_signal_and_counts_both_ways)
{
    const trial_plan plan = message_plan();

    const trial made = decide_trial(plan, 1, answer_with(plan, null_message), {});

    EXPECT_TRUE(made.shows);
    EXPECT_FALSE(made.shows_in_part);
    EXPECT_EQ(made.k, 10U);
    EXPECT_EQ(made.k_class, 10U);
    EXPECT_EQ(made.k_fingerprint, 10U);
    EXPECT_EQ(
        decide_five(plan, answer_with(plan, null_message)).reason,
        "5 of 5 trials show it (47 to 100 % with 95 % confidence): 50 of 50 failing requests failed again with the "
        "captured error (by fingerprint; by class 50), 0 of 50 good ones failed."
    );
}

TEST(failing_with_another_error_of_the_class, is_told_apart)
{
    const trial_plan plan = message_plan();
    const auto records = answer_with(plan, "connection refused");

    const trial made = decide_trial(plan, 1, records, {});
    const run_result result = decide_five(plan, records);

    EXPECT_FALSE(made.shows);
    EXPECT_TRUE(made.shows_in_part);
    EXPECT_EQ(made.metric, 0);
    EXPECT_EQ(made.k_class, 10U);
    EXPECT_EQ(made.k_fingerprint, 0U);
    EXPECT_EQ(result.verdict, verdict::inconclusive);
    EXPECT_EQ(result.reason_code, "other_error");
    const std::string counts =
        "0 of 50 failing requests failed again with the captured error (by fingerprint; by class 50)";
    EXPECT_NE(result.reason.find(counts), std::string::npos) << result.reason;
}

TEST(failing_with_another_error_of_the_class, in_half_of_the_requests_leaves_the_other_half)
{
    const trial_plan plan = message_plan();
    auto records = answer_with(plan, "connection refused");
    int captured = 7;
    for (request_record& record : records) {
        if (record.planned.arm == arm::failing && captured-- > 0)
            record.message = "pool exhausted";
    }

    const trial made = decide_trial(plan, 1, records, {});

    EXPECT_TRUE(made.shows);
    EXPECT_EQ(made.k_fingerprint, 7U);
    EXPECT_EQ(made.k_class, 10U);
}

TEST(failing_without_an_answer, is_another_error_than_one_that_said_something)
{
    const trial_plan plan = message_plan();
    auto records = answer_with(plan, "");
    for (request_record& record : records)
        record.answered = record.planned.arm == arm::control;

    const trial made = decide_trial(plan, 1, records, {});

    EXPECT_FALSE(made.shows);
    EXPECT_EQ(made.k_class, 10U);
    EXPECT_EQ(made.k_fingerprint, 0U);
}

TEST(failing_requests_whose_captured_answer_says_nothing, go_by_class_beside_the_others)
{
    auto bundle = bundle_with_messages();
    bundle[1].exchange.response_body.clear();
    const trial_plan plan = test::plan_of(
        test::make_signal(model::confirm_metric::failing_share, 0.012, 0.002), bundle
    );

    EXPECT_EQ(decide_trial(plan, 1, answer_with(plan, "connection refused"), {}).k_fingerprint, 5U);
}

TEST(good_requests, that_fail_in_any_way_are_counted)
{
    const trial_plan plan = message_plan();
    auto records = answer_with(plan, null_message);
    for (request_record& record : records) {
        record.status = 500;
        record.message = record.planned.arm == arm::control ? "connection refused" : record.message;
    }

    const trial made = decide_trial(plan, 1, records, {});

    EXPECT_EQ(made.control_k, 10U);
    EXPECT_FALSE(made.control_normal);
    EXPECT_FALSE(made.shows);
    EXPECT_FALSE(made.shows_in_part);
}

TEST(last_good_target, that_fails_in_another_way_is_nothing_to_compare_with)
{
    const trial_plan plan = with_last_good(message_plan());
    const auto decide = [&plan](const std::string& message) {
        auto records = answer_with(plan, null_message);
        for (request_record& record : records) {
            if (record.planned.arm != arm::last_good)
                continue;
            record.status = 500;
            record.message = message;
        }
        return decide_five(plan, records).reason_code;
    };

    EXPECT_EQ(decide("connection refused"), "last_good_abnormal");
    EXPECT_EQ(decide(null_message), "last_good_shows_it");
}

TEST(result_of_errors, says_by_what_they_were_told)
{
    const trial_plan plan = message_plan();
    const run_result result = decide_five(plan, answer_with(plan, "connection refused"));

    const auto told = boost::json::parse(to_json(plan, result));

    EXPECT_EQ(told.at("matched_by").as_string(), "fingerprint");
    EXPECT_EQ(told.at_pointer("/trials/0/k_class").to_number<int>(), 10);
    EXPECT_EQ(told.at_pointer("/trials/0/k_fingerprint").to_number<int>(), 0);
    const std::string numbers = boost::json::serialize(told.at("numbers"));
    EXPECT_NE(numbers.find(R"({"name":"failed_by_class","value":5E1})"), std::string::npos) << numbers;
    EXPECT_NE(numbers.find(R"({"name":"failed_by_fingerprint","value":0E0})"), std::string::npos) << numbers;
    const auto by_class = boost::json::parse(to_json(test::share_plan(), decide_five(test::share_plan(), {})));
    EXPECT_EQ(by_class.at("matched_by").as_string(), "class");

    const auto again = parse_trial(to_json(result.trials[0]));
    ASSERT_TRUE(again) << again.error().reason;
    EXPECT_EQ(to_json(*again), to_json(result.trials[0]));
}

// Test part: a target whose failing requests end with an error of its own.
class speaking_target final : public http_port {
public:
    speaking_target(manual_clock& time, std::string body) : time_(time), body_(std::move(body)) {}

    test::asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        time_.advance_ns(ns_per_ms);
        sent_response answer;
        const bool fails = test::fails_when_bad(outgoing);
        answer.status = fails ? 500 : 200;
        answer.body = fails ? body_ : "{}";
        answer.answered_ns = time_.now_ns();
        co_return answer;
    }

private:
    manual_clock& time_;
    std::string body_;
};

using fingerprint_run = test::reproduce_run;

TEST_F(fingerprint_run, reads_the_error_of_each_answer)
{
    const trial_plan plan = message_plan();
    test::scripted_traces traces(plan, 0);
    speaking_target same(time, R"({"error":"TypeError","message":"code of order 98765 is null"})");
    speaking_target other(time, R"({"error":"Error","message":"connect ECONNREFUSED"})");

    const auto reproduced = run(plan, same, traces);
    const auto different = run(plan, other, traces);

    ASSERT_TRUE(reproduced && different);
    EXPECT_EQ(reproduced->verdict, verdict::reproduced) << reproduced->reason;
    EXPECT_EQ(different->reason_code, "other_error") << different->reason;
}

TEST_F(fingerprint_run, repeats_trials_that_were_told_by_class)
{
    const trial_plan plan = message_plan();
    test::scripted_traces traces(plan, 0);
    speaking_target target(time, null_error);
    trial old = decide_trial(test::share_plan(), 1, test::answer_all(test::share_plan(), 500, 200), {});

    const auto result = run(plan, target, traces, {old});

    ASSERT_TRUE(result);
    EXPECT_EQ(progress.trials.size(), 5U);
}

}  // namespace
}  // namespace reprise::replay
