#include "gate_world.hpp"

#include "reprise/runs/preferences.hpp"

#include <boost/json/parse.hpp>

namespace reprise::runs {
namespace {

using model::decision_kind;
using model::run_state;

class preferences : public test::gate_world {
protected:
    void SetUp() override { open_incident(model::severity::medium); }
    std::vector<boost::json::value> lines()
    {
        std::vector<boost::json::value> parsed;
        const auto all = read([](store::reader& from) { return store::list_preferences(from, "", 100); });
        for (const store::preference& one : all) {
            const std::string line = preference_line(one);
            EXPECT_TRUE(line.ends_with('\n'));
            EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
            parsed.push_back(boost::json::parse(line));
        }
        return parsed;
    }
};

TEST_F(preferences, a_rejection_is_one_record_in_the_documented_form)
{
    const std::string run = waiting_run();
    auto request = decision_on(approval_of(run), "bo", decision_kind::reject);
    request.comment = "the numbers are of another service";
    request.failure_layer = "context_provision";
    ASSERT_TRUE(decide(request));

    const auto all = lines();
    ASSERT_EQ(all.size(), 1U);
    const auto& one = all[0].as_object();
    const std::string id(one.at("id").as_string());
    EXPECT_TRUE(id.starts_with("pref_"));
    EXPECT_EQ(id.size(), 13U);
    EXPECT_EQ(one.at("type").as_string(), "rejection");
    EXPECT_EQ(one.at("timestamp").as_string(), "2025-11-24T16:00:00.000Z");
    EXPECT_EQ(one.at("incident_id").as_string(), incident_id);
    EXPECT_TRUE(one.contains("error_type"));
    EXPECT_EQ(one.at("service").as_string(), "checkout");
    EXPECT_EQ(one.at("severity").as_string(), "medium");
    for (const char* member : {"diagnosis", "confidence", "triage_reasoning", "triage_decision", "blast_radius"})
        EXPECT_TRUE(one.at("prompt").as_object().contains(member)) << member;
    for (const char* member : {"pr_url", "pr_number", "fix_description"})
        EXPECT_TRUE(one.at("rejected_response").as_object().contains(member)) << member;
    EXPECT_NE(one.at("rejected_response").at("fix_description").as_string().find("## Symptom"), std::string::npos);
    EXPECT_EQ(one.at("rejection").at("reason").as_string(), "the numbers are of another service");
    EXPECT_EQ(one.at("rejection").at("approver").as_string(), "bo");
    EXPECT_EQ(one.at("rejection").at("harness_failure_layer").as_string(), "context_provision");
    EXPECT_TRUE(one.at("chosen").is_null());
}

TEST_F(preferences, a_later_approval_for_the_incident_completes_the_pair)
{
    const std::string first = waiting_run();
    ASSERT_TRUE(decide(decision_on(approval_of(first), "bo", decision_kind::request_changes)));
    stop();
    change_incident([](model::incident& incident) { incident.title = "POST /orders fails for null codes"; });
    const std::string second = waiting_run();
    release(approval_of(second));

    const auto all = lines();
    ASSERT_EQ(all.size(), 1U);
    const auto& chosen = all[0].at("chosen");
    ASSERT_TRUE(chosen.is_object());
    EXPECT_EQ(chosen.at("run_id").as_string(), second);
    EXPECT_EQ(chosen.at("title").as_string(), "POST /orders fails for null codes");
    EXPECT_TRUE(all[0].at("completed_at").is_string());
    EXPECT_TRUE(all[0].at("rejection").at("harness_failure_layer").is_null());
}

TEST_F(preferences, stopping_and_approving_alone_teach_nothing)
{
    const std::string first = waiting_run();
    ASSERT_TRUE(decide(decision_on(approval_of(first), "bo", decision_kind::stop)));
    const std::string second = waiting_run();
    release(approval_of(second));
    EXPECT_TRUE(lines().empty());
}

TEST_F(preferences, a_long_text_stays_one_line)
{
    const std::string run = waiting_run();
    auto request = decision_on(approval_of(run), "bo", decision_kind::reject);
    request.comment = std::string(5'000, 'x') + "\n\r\n\xE2\x80\xA8" + "end";
    ASSERT_TRUE(decide(request));
    const auto all = lines();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].at("rejection").at("reason").as_string(), request.comment);
}

TEST(preference, layers_are_the_documented_ones)
{
    for (const char* layer : {"task_specification", "context_provision", "execution_environment",
                              "verification_feedback", "state_management", "model_capability"})
        EXPECT_TRUE(is_failure_layer(layer)) << layer;
    EXPECT_FALSE(is_failure_layer(""));
    EXPECT_FALSE(is_failure_layer("other"));
}

}  // namespace
}  // namespace reprise::runs
