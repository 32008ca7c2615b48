#include "builders.hpp"

#include "reprise/detect/settings.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace reprise::detect {
namespace {

using test::make_call;
using test::make_operation;
using test::minute_ns;
using test::operation_story;

const auto orders = make_operation(model::operation_kind::server, "POST", "/orders");

// A day of calm windows, so that the operation is known.
operation_story calm(const detection_limits& limits)
{
    operation_story story(orders, limits);
    for (int window = 0; window < 60; ++window) {
        story.add_calls(200, 0, 20 * ns_per_ms);
        story.close();
    }
    return story;
}

TEST(settings, nothing_set_changes_nothing)
{
    const detection_limits own;
    const auto same = with_settings(own, {});
    EXPECT_EQ(same.error_rare, own.error_rare);
    EXPECT_EQ(same.kinds_off, 0U);
    for (const setting_field& field : setting_fields()) {
        EXPECT_FALSE(field.find({})) << field.name;
        EXPECT_EQ(field.inherited(same), field.inherited(own)) << field.name;
        EXPECT_TRUE(field.takes(field.inherited(own))) << field.name;
    }
}

TEST(settings, each_field_reaches_the_limit_it_is_named_after)
{
    for (const setting_field& field : setting_fields()) {
        for (const double value : {field.min, field.max}) {
            model::detection_settings settings;
            field.set(settings, value);
            ASSERT_EQ(field.find(settings), value) << field.name;
            EXPECT_DOUBLE_EQ(field.inherited(with_settings({}, settings)), value) << field.name;
        }
        EXPECT_EQ(find_setting_field(field.name), &field);
    }
    EXPECT_EQ(find_setting_field("latency"), nullptr);
}

TEST(settings, what_is_no_number_or_out_of_range_is_taken_by_no_field)
{
    for (const setting_field& field : setting_fields()) {
        for (const double wrong : {std::nan(""), std::numeric_limits<double>::infinity(), field.min - 1, field.max + 1})
            EXPECT_FALSE(field.takes(wrong)) << field.name << " " << wrong;
    }
}

TEST(settings, the_literal_rule_has_its_ratio_set_too)
{
    detection_limits own;
    own.profile = detection_profile::agent_factory;
    model::detection_settings settings;
    settings.latency_ratio_min = 4;
    EXPECT_EQ(find_setting_field("latency_ratio_min")->inherited(own), 2);
    EXPECT_EQ(with_settings(own, settings).literal_ratio, 4);
}

TEST(settings, a_rise_that_is_set_counts_also_where_errors_are_rare)
{
    // 3 % of the requests fail where nothing ever failed: that is the triple of the usual, and no rise of 10 points.
    model::detection_settings settings;
    auto told = calm({});
    told.add_calls(600, 18, 20 * ns_per_ms);
    EXPECT_EQ(told.close().signals.size(), 1U);

    settings.error_rise_min = 0.1;
    auto quiet = calm(with_settings({}, settings));
    quiet.add_calls(600, 18, 20 * ns_per_ms);
    EXPECT_TRUE(quiet.close().signals.empty());
}

TEST(settings, fewer_errors_than_asked_for_are_not_told_while_learning_either)
{
    model::detection_settings settings;
    settings.errors_min = 50;
    operation_story known(orders, {});
    known.add_calls(40, 40, 20 * ns_per_ms);
    EXPECT_EQ(known.close().signals.size(), 1U);

    operation_story asked(orders, with_settings({}, settings));
    asked.add_calls(40, 40, 20 * ns_per_ms);
    EXPECT_TRUE(asked.close().signals.empty());
    asked.add_calls(60, 60, 20 * ns_per_ms);
    EXPECT_EQ(asked.close().signals.size(), 1U);
}

TEST(settings, a_kind_that_is_off_is_not_told_and_stays_out_of_what_is_normal)
{
    model::detection_settings settings;
    settings.kinds_off = {model::signal_kind::error_rate};
    const auto limits = with_settings({}, settings);
    EXPECT_FALSE(is_raised(model::signal_kind::error_rate, limits));
    EXPECT_TRUE(is_raised(model::signal_kind::latency, limits));

    auto story = calm(limits);
    story.add_calls(200, 100, 20 * ns_per_ms);
    const auto found = story.close();
    EXPECT_TRUE(found.signals.empty());
    ASSERT_EQ(found.findings.size(), 1U);
    EXPECT_TRUE(found.findings.front().alarmed);
    EXPECT_TRUE(story.state.recent.back().alarmed);
}

TEST(settings, calls_that_are_sure_are_never_fewer_than_calls_that_count)
{
    model::detection_settings settings;
    settings.n_plus_one_calls_min = 50;
    const auto limits = with_settings({}, settings);
    EXPECT_EQ(limits.n_plus_one_calls_min, 50U);
    EXPECT_EQ(limits.n_plus_one_calls_sure, 50U);
}

TEST(settings, every_kind_of_signal_has_a_switch)
{
    ASSERT_EQ(all_signal_kinds().size(), model::signal_kind_count);
    for (const model::signal_kind kind : all_signal_kinds()) {
        model::detection_settings settings;
        settings.kinds_off = {kind};
        for (const model::signal_kind other : all_signal_kinds())
            EXPECT_EQ(is_raised(other, with_settings({}, settings)), other != kind);
    }
}

}  // namespace
}  // namespace reprise::detect
