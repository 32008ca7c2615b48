#include "store_fixture.hpp"

#include "reprise/store/archive_objects.hpp"
#include "reprise/store/run_answers.hpp"

#include <vector>

namespace reprise::store {
namespace {

using model::answer_arm;
using model::exchange_answers;

class run_answers_test : public store_test {
protected:
    void SetUp() override
    {
        const auto fill = [](transaction& tx) -> result<void> {
            insert_incident(tx, incident_of("i1"), opened_event()).value();
            for (const char* id : {"r1", "r2"})
                enqueue_run(tx, run_of(id, "i1")).value();
            return {};
        };
        write(fill).value();
    }

    result<void> save(std::vector<exchange_answers> answers, const std::string& run = "r1", std::int64_t at_ns = t0)
    {
        return write([&](transaction& tx) { return save_run_answers(tx, run, "e1", answers, at_ns); });
    }
    std::vector<exchange_answers> list(const std::string& run = "r1")
    {
        return read([&](reader& r) { return list_run_answers(r, run); }).value();
    }
    answer_totals totals()
    {
        return read([](reader& r) { return sum_run_answers(r); }).value();
    }
};

exchange_answers answers_of(std::uint32_t exchange, std::uint32_t trial, std::string body = "{}")
{
    exchange_answers made;
    made.exchange = exchange;
    made.statuses[trial] = {{0, 1}, {500, 9}};
    made.shown.trial = trial;
    made.shown.answered = true;
    made.shown.status = 500;
    made.shown.latency_ns = 12'345;
    made.shown.headers = {{"x-name", "caf\xc3\xa9"}, {"x-name", "<token:0a1b2c3d>"}};
    made.shown.headers_left_out = 2;
    made.shown.body_bytes = body.size();
    made.shown.body = std::move(body);
    made.shown.redacted_fields = {"response.body.token"};
    return made;
}

TEST_F(run_answers_test, come_back_as_they_were_saved)
{
    auto one = answers_of(4, 1);
    one.arm = answer_arm::last_good;
    one.twin = one.shown;
    auto silent = answers_of(2, 1);
    silent.shown = {};
    silent.shown.trial = 1;
    silent.shown.failure = "Connection refused";

    ASSERT_TRUE(save({one, silent}));

    EXPECT_EQ(list(), (std::vector{silent, one}));
    EXPECT_TRUE(list("r2").empty());
}

TEST_F(run_answers_test, of_further_trials_are_joined)
{
    ASSERT_TRUE(save({answers_of(1, 1, "one")}));
    auto second = answers_of(1, 2, "two");
    second.shown.shows = true;
    ASSERT_TRUE(save({second}));

    const auto kept = list();

    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].shown.body, "two");
    EXPECT_EQ(kept[0].twin->body, "one");
    EXPECT_EQ(model::sum_statuses(kept[0]), (model::status_counts{{0, 2}, {500, 18}}));
}

TEST_F(run_answers_test, leave_bodies_out_beyond_what_a_run_may_take)
{
    const std::string large(3 << 20, 'x');
    ASSERT_TRUE(save({answers_of(1, 1, large), answers_of(2, 1, large), answers_of(3, 1, large)}));

    const auto kept = list();

    ASSERT_EQ(kept.size(), 3U);
    EXPECT_FALSE(kept[1].shown.body_left_out);
    EXPECT_TRUE(kept[2].shown.body_left_out);
    EXPECT_EQ(kept[2].shown.body, "");
    EXPECT_EQ(kept[2].shown.body_bytes, large.size());
    EXPECT_LE(totals().bytes, run_answers_bytes_max);
}

TEST_F(run_answers_test, are_no_more_than_a_run_can_have)
{
    std::vector<exchange_answers> many;
    for (std::uint32_t i = 0; i <= run_answers_listed_max; ++i)
        many.push_back(answers_of(i, 1));

    EXPECT_EQ(save(many).error(), reprise::errc::too_large);
    EXPECT_TRUE(list().empty());
}

TEST_F(run_answers_test, are_copied_and_deleted_by_run)
{
    ASSERT_TRUE(save({answers_of(1, 1)}));
    ASSERT_TRUE(write([](transaction& tx) { return copy_run_answers(tx, "r1", "r2"); }));
    EXPECT_EQ(list("r2"), list("r1"));

    ASSERT_TRUE(write([](transaction& tx) { return delete_run_answers(tx, "r1"); }));
    EXPECT_TRUE(list("r1").empty());
    EXPECT_EQ(list("r2").size(), 1U);
}

TEST_F(run_answers_test, go_with_the_bundle_they_belong_to)
{
    archive_object object;
    object.path = "evidence/a.tar.gz";
    object.owner_id = "e1";
    object.created_ns = t0;
    ASSERT_TRUE(save({answers_of(1, 1)}));
    ASSERT_TRUE(write([&](transaction& tx) { return save_archive_object(tx, object); }));

    ASSERT_TRUE(write([&](transaction& tx) { return begin_removal(tx, object, t0 + 1); }));

    EXPECT_TRUE(list().empty());
}

TEST_F(run_answers_test, of_the_oldest_run_go_when_all_together_are_too_large)
{
    const std::string large(1 << 20, 'x');
    ASSERT_TRUE(save({answers_of(1, 1, large)}, "r2", t0));
    ASSERT_TRUE(save({answers_of(1, 1, large)}, "r1", t0 + 1));
    EXPECT_EQ(totals().runs, 2U);
    const auto trim = [this](std::uint64_t bytes_max) {
        return write([&](transaction& tx) { return trim_run_answers(tx, bytes_max, 10); }).value();
    };

    EXPECT_EQ(trim(3 << 20), 0U);
    EXPECT_EQ(trim(2 << 20), 1U);

    EXPECT_TRUE(list("r2").empty());
    EXPECT_EQ(list("r1").size(), 1U);
}

}  // namespace
}  // namespace reprise::store
