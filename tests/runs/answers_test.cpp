#include "runs_fixture.hpp"

#include "../../server/runs/answer_redaction.hpp"
#include "../../server/runs/replay_ports.hpp"

#include "reprise/store/run_answers.hpp"
#include "reprise/telemetry/redact.hpp"

namespace reprise::runs {
namespace {

replay::replayed_answers raw_answer(std::string body)
{
    replay::replayed_answers made;
    made.operation = fixture::failing_orders().operation;
    made.answers.exchange = 1;
    made.answers.statuses[1] = {{500, 10}};
    model::kept_answer& shown = made.answers.shown;
    shown.trial = 1;
    shown.answered = true;
    shown.status = 500;
    shown.headers = {{"content-type", "application/json"}, {"Set-Cookie", "sid=k3J9x2Lm8Qp4; Path=/"}};
    shown.body_bytes = body.size();
    shown.body = std::move(body);
    return made;
}

TEST(answer_redaction, gives_the_tokens_that_the_capture_has)
{
    const answer_redaction rules{"a key", {}};
    const std::string body = R"({"error":"no card","email":"ada@example.com"})";
    model::exchange captured;
    captured.operation = fixture::failing_orders().operation;
    captured.response_headers = {{"content-type", "application/json"}};
    captured.response_body = body;
    telemetry::redact(captured, rules.key, rules.rules);

    auto raw = raw_answer(body);
    raw.answers.twin = raw.answers.shown;
    const auto kept = redact_answers({raw}, rules);

    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].shown.body, captured.response_body);
    EXPECT_EQ(kept[0].shown.body.find("ada@"), std::string::npos);
    EXPECT_EQ(kept[0].twin->body, captured.response_body);
    EXPECT_EQ(kept[0].shown.headers[1].second.find("k3J9x2Lm8Qp4"), std::string::npos);
    EXPECT_EQ(kept[0].shown.body_bytes, body.size());
    EXPECT_EQ(
        kept[0].shown.redacted_fields,
        (std::vector<std::string>{"response.header.Set-Cookie", "response.body.email"})
    );
}

TEST(answer_redaction, follows_the_operators_rules)
{
    answer_redaction rules{"a key", {}};
    rules.rules.drops_bodies = true;

    const auto kept = redact_answers({raw_answer(R"({"error":"no card"})")}, rules);

    EXPECT_EQ(kept.at(0).shown.body.find("no card"), std::string::npos);
}

TEST(answer_redaction, leaves_valid_text_only)
{
    auto raw = raw_answer(std::string("\x89PNG\0\x1a", 6));
    raw.answers.shown.headers = {{"x-name", "caf\xe9"}};
    raw.answers.shown.failure = "secret=k3J9x2Lm8Qp4";

    const auto kept = redact_answers({raw}, {"a key", {}});

    EXPECT_TRUE(kept.at(0).shown.body.starts_with("<binary:")) << kept.at(0).shown.body;
    EXPECT_EQ(kept.at(0).shown.headers.at(0).second.find('\xe9'), std::string::npos);
    EXPECT_EQ(kept.at(0).shown.failure.find("k3J9x2Lm8Qp4"), std::string::npos);
    EXPECT_TRUE(model::parse_exchange_answers(model::to_json(kept.at(0))));
}

TEST(answer_redaction, leaves_out_a_body_that_no_worker_of_ours_would_send)
{
    const auto kept = redact_answers({raw_answer(std::string(replay::answer_body_bytes_max + 1, 'x'))}, {"a key", {}});

    EXPECT_TRUE(kept.at(0).shown.body_left_out);
    EXPECT_EQ(kept.at(0).shown.body, "");
}

class measured_answers : public fixture::runs_fixture {
protected:
    void SetUp() override
    {
        add_incident();
        run.state = model::run_state::leased;
        run.lease_epoch = 2;
        run.lease_until_ns = fixture::t0 + ns_per_s;
        enqueue();
    }

    result<void> store(std::uint32_t trial, std::int64_t epoch)
    {
        replay::trial measured;
        measured.number = trial;
        auto raw = raw_answer("{}");
        raw.answers.statuses = {{trial, {{500, 10}}}};
        raw.answers.shown.trial = trial;
        const auto kept = redact_answers({raw}, {"a key", {}});
        model::run leased = run;
        leased.lease_epoch = epoch;
        return write([&](store::transaction& tx) {
            return store_measured_trial(tx, leased, measured, kept, fixture::t0);
        });
    }
    std::vector<model::exchange_answers> kept()
    {
        const auto list = [&](const store::reader& from) { return store::list_run_answers(from, run.id); };
        return db->read_blocking(list).value();
    }
};

TEST_F(measured_answers, are_stored_with_the_trials_checkpoint_and_not_without_the_lease)
{
    EXPECT_EQ(store(1, 1).error(), errc::stale);
    EXPECT_TRUE(kept().empty());

    ASSERT_TRUE(store(1, 2));
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(kept()[0].exchange, 1U);
}

TEST_F(measured_answers, of_a_trial_that_is_stored_twice_count_once)
{
    ASSERT_TRUE(store(1, 2));
    ASSERT_TRUE(store(2, 2));
    ASSERT_TRUE(store(2, 2)) << "the answer to the first call was lost on its way to the worker";

    EXPECT_EQ(model::sum_statuses(kept().at(0)), (model::status_counts{{500, 20}}));
}

}  // namespace
}  // namespace reprise::runs
