#include "alarm_fixture.hpp"

#include "reprise/store/incident_likeness.hpp"

namespace reprise::pipeline {
namespace {

using model::incident_status;
using store::alarm_fate;
using store::dedup_layer;

// Different fingerprints (the frames differ), so that the layers decide.
class alarm_dedup_test : public alarm_fixture {
protected:
    model::alarm framed(std::string description, std::string frame)
    {
        auto alarm = alarm_of(std::move(description));
        alarm.frames = {std::move(frame)};
        return alarm;
    }
    std::vector<store::incident_hint> hints(const std::string& id)
    {
        return read([&](store::reader& r) { return store::list_incident_hints(r, id); });
    }

    const std::string long_text = "cannot read properties of undefined while the discount of an order is applied";
    const std::string alike = "cannot read properties of undefined while the discount of a basket is applied";
    const std::string half = "cannot read properties of undefined when stock levels are synchronised";
};

TEST_F(alarm_dedup_test, a_live_incident_with_the_equal_key_blocks)
{
    const auto first = accept(framed("order 17 lost", "f a.js"));
    const auto second = accept(framed("order 18 lost", "g b.js"));

    EXPECT_EQ(second.fate, alarm_fate::counted);
    EXPECT_EQ(second.layer, dedup_layer::exact);
    EXPECT_EQ(second.incident_id, first.incident_id);
    EXPECT_NE(timeline(first.incident_id).find("the same error with the same description"), std::string::npos);
    EXPECT_EQ(total("sql_dedup"), 1U);
    EXPECT_EQ(accept(framed("order 18 lost", "g b.js")).layer, dedup_layer::fingerprint);
}

TEST_F(alarm_dedup_test, white_space_alone_makes_no_difference)
{
    const auto first = accept(framed("cart   is\n\n\tempty  ", "f a.js"));
    const auto second = accept(framed("cart is empty", "g b.js"));

    EXPECT_EQ(second.incident_id, first.incident_id);
    EXPECT_EQ(incidents().size(), 1U);
}

TEST_F(alarm_dedup_test, error_type_and_service_alone_never_match)
{
    accept(framed("cart is empty", "f a.js"));

    EXPECT_EQ(accept(framed("the payment provider refuses", "g b.js")).fate, alarm_fate::opened);
    auto elsewhere = framed("cart is empty", "g b.js");
    elsewhere.service = "cart";
    EXPECT_EQ(accept(elsewhere).fate, alarm_fate::opened);
    auto empty = framed("", "h c.js");
    empty.title = "";
    EXPECT_EQ(accept(empty).fate, alarm_fate::opened);
}

TEST_F(alarm_dedup_test, an_incident_resolved_by_hand_gives_a_hint_of_regression)
{
    const auto first = accept(framed("cart is empty", "f a.js"));
    set_status(first.incident_id, incident_status::resolved);

    const auto second = accept(framed("cart is empty", "g b.js"));

    EXPECT_EQ(second.fate, alarm_fate::opened);
    EXPECT_TRUE(second.regression_hint);
    const auto found = hints(second.incident_id);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].kind, "regression");
    EXPECT_EQ(found[0].other_id, first.incident_id);
    EXPECT_NE(timeline(second.incident_id).find("regression of " + first.incident_id), std::string::npos);
    EXPECT_EQ(total("regression"), 1U);
    EXPECT_EQ(total("cold_start"), 1U);
}

TEST_F(alarm_dedup_test, an_incident_resolved_by_a_merge_blocks)
{
    const auto first = accept(framed("cart is empty", "f a.js"));
    set_status(first.incident_id, incident_status::resolved, {}, "submitted/verifying");

    const auto second = accept(framed("cart is empty", "g b.js"));

    EXPECT_EQ(second.incident_id, first.incident_id);
    EXPECT_EQ(second.layer, dedup_layer::exact);
}

TEST_F(alarm_dedup_test, a_pull_request_closed_unmerged_is_forgotten)
{
    const auto first = accept(framed("cart is empty", "f a.js"));
    set_status(first.incident_id, incident_status::needs_human, "pr_closed");

    const auto second = accept(framed("cart is empty", "g b.js"));

    EXPECT_EQ(second.fate, alarm_fate::opened);
    EXPECT_NE(second.incident_id, first.incident_id);
}

TEST_F(alarm_dedup_test, texts_that_are_alike_block_while_the_incident_lives)
{
    const auto first = accept(framed(long_text, "f a.js"));
    const auto second = accept(framed(alike, "g b.js"));

    EXPECT_EQ(second.layer, dedup_layer::lexical);
    EXPECT_EQ(second.incident_id, first.incident_id);
    EXPECT_EQ(total("hard_block"), 1U);
    EXPECT_EQ(total("lexical"), 1U);
    EXPECT_NE(timeline(first.incident_id).find("its text is "), std::string::npos);
}

TEST_F(alarm_dedup_test, a_stale_index_entry_does_not_block)
{
    const auto first = accept(framed(long_text, "f a.js"));
    set_status(first.incident_id, incident_status::rejected);
    const store::incident_text planted{"01ARZ3NDEKTSV4RRFFQ69G5FAV", "shop", "TypeError", "x", "typeerror " + alike};
    ASSERT_TRUE(write([&](store::transaction& tx) { return store::add_incident_text(tx, planted); }));

    const auto passed = accept(framed(alike, "g b.js"));

    EXPECT_EQ(passed.fate, alarm_fate::opened);
    EXPECT_TRUE(passed.similar_hint);
    const auto found = hints(passed.incident_id);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].other_id, first.incident_id);
    EXPECT_NE(found[0].text.find("(rejected)"), std::string::npos);
    EXPECT_EQ(total("hard_block"), 0U);
}

TEST_F(alarm_dedup_test, half_alike_is_a_hint)
{
    const auto first = accept(framed(long_text, "f a.js"));
    const auto second = accept(framed(half, "g b.js"));

    EXPECT_EQ(second.fate, alarm_fate::opened);
    EXPECT_TRUE(second.similar_hint);
    ASSERT_EQ(hints(second.incident_id).size(), 1U);
    EXPECT_EQ(hints(second.incident_id)[0].other_id, first.incident_id);
    EXPECT_GE(hints(second.incident_id)[0].score, 0.5);
    EXPECT_LT(hints(second.incident_id)[0].score, 0.8);
    EXPECT_EQ(total("cold_start"), 1U);
}

}  // namespace
}  // namespace reprise::pipeline
