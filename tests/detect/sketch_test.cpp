#include "reprise/detect/sketch.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace reprise::detect {
namespace {

using test::dice;

struct spread_case {
    std::string name;
    std::function<std::int64_t(dice&)> draw;
};

class sketch_spread : public testing::TestWithParam<spread_case> {};

TEST_P(sketch_spread, quantiles_are_within_one_percent)
{
    dice random(17);
    std::vector<std::int64_t> values;
    sketch counted;
    for (int index = 0; index < 50'000; ++index) {
        values.push_back(GetParam().draw(random));
        counted.add(values.back());
    }
    std::sort(values.begin(), values.end());

    for (const double q : {0.01, 0.5, 0.9, 0.95, 0.99, 0.999}) {
        const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size()))) - 1;
        const auto exact = static_cast<double>(values[rank]);
        EXPECT_NEAR(counted.quantile(q), exact, 0.0055 * exact) << "q=" << q;
    }
    EXPECT_EQ(counted.quantile(0), static_cast<double>(values.front()));
    EXPECT_EQ(counted.quantile(1), static_cast<double>(values.back()));
}

INSTANTIATE_TEST_SUITE_P(
    cases, sketch_spread,
    testing::Values(
        spread_case{"lognormal", [](dice& d) { return d.lognormal_ns(20, 0.8); }},
        spread_case{"pareto", [](dice& d) { return static_cast<std::int64_t>(1e6 * std::pow(d.uniform(), -1 / 1.1)); }},
        spread_case{"bimodal", [](dice& d) { return d.lognormal_ns(d.uniform() < 0.05 ? 800 : 10, 0.2); }},
        spread_case{"all_equal", [](dice&) { return std::int64_t{20'000'000}; }}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(sketch, adding_two_sketches_equals_the_sketch_of_both)
{
    dice random(3);
    sketch left;
    sketch right;
    sketch both;
    for (int index = 0; index < 5'000; ++index) {
        const std::int64_t value = random.lognormal_ns(index % 3 == 0 ? 1 : 300, 1.0) * (index % 50 == 0 ? 0 : 1);
        (index % 2 == 0 ? left : right).add(value);
        both.add(value);
    }

    sketch merged = right;
    merged.merge(left);

    EXPECT_EQ(merged, both);
    left.merge(right);
    EXPECT_EQ(left, merged);
}

TEST(sketch, every_value_lies_in_the_slot_it_is_given)
{
    dice random(5);
    std::vector<std::int64_t> values = {1, 2, 3, 4, 1023, 1024, 1025, std::numeric_limits<std::int64_t>::max()};
    for (int index = 0; index < 20'000; ++index)
        values.push_back(1 + static_cast<std::int64_t>(std::exp2(random.uniform() * 62)));

    for (const std::int64_t value : values) {
        const std::uint32_t slot = sketch_slot(value);
        ASSERT_LT(slot, sketch_slots_max);
        ASSERT_GT(static_cast<double>(value), sketch_slot_lower(slot)) << value;
        ASSERT_LE(static_cast<double>(value), sketch_slot_upper(slot)) << value;
    }
    EXPECT_DOUBLE_EQ(sketch_slot_upper(sketch_slot(1024)), 1024.0);
}

TEST(sketch, zero_and_negative_durations_are_counted_as_zero)
{
    sketch counted;
    counted.add(0);
    counted.add(-5);
    counted.add(1000);

    EXPECT_EQ(counted.count(), 3U);
    EXPECT_EQ(counted.min(), 0);
    EXPECT_EQ(counted.quantile(0.5), 0);
    EXPECT_EQ(counted.count_above(0), 1U);
}

TEST(sketch, an_empty_one_answers_zero_everywhere)
{
    const sketch nothing;

    EXPECT_TRUE(nothing.empty());
    EXPECT_EQ(nothing.quantile(0.9), 0);
    EXPECT_EQ(nothing.count_above(5), 0U);
    EXPECT_EQ(nothing.mean(), 0);
}

TEST(sketch, counts_above_a_value_never_include_it)
{
    sketch counted;
    for (const std::int64_t value : {100, 200, 300, 400})
        counted.add(value * ns_per_ms);

    EXPECT_EQ(counted.count_above(200.0 * ns_per_ms), 2U);
    EXPECT_EQ(counted.count_above(150.0 * ns_per_ms), 3U);
    EXPECT_EQ(counted.count_above(500.0 * ns_per_ms), 0U);
    EXPECT_EQ(counted.count_above(1e300), 0U);
}

TEST(sketch, sums_stop_at_the_largest_number_instead_of_wrapping)
{
    sketch counted;
    for (int index = 0; index < 5; ++index)
        counted.add(std::numeric_limits<std::int64_t>::max());

    EXPECT_GE(counted.sum(), 1.8e19);
}

TEST(sketch, a_usual_route_takes_about_a_kilobyte)
{
    dice random(9);
    sketch counted;
    for (int index = 0; index < 2'000; ++index)
        counted.add(random.lognormal_ns(20, 0.5));

    EXPECT_LE(counted.memory_bytes(), 1792U);
    EXPECT_LE(counted.encode().size(), 600U);
}

TEST(sketch, clearing_keeps_the_memory)
{
    sketch counted;
    counted.add(5'000'000);
    const std::size_t before = counted.memory_bytes();

    counted.clear();

    EXPECT_TRUE(counted.empty());
    EXPECT_EQ(counted.memory_bytes(), before);
    EXPECT_EQ(counted, sketch());
}

TEST(decayed_sketch, fading_keeps_the_quantiles_and_halves_the_weight)
{
    dice random(21);
    sketch counted;
    for (int index = 0; index < 1'000; ++index)
        counted.add(random.lognormal_ns(50, 0.5));
    decayed_sketch faded;
    faded.merge(counted);

    faded.scale(0.5);

    EXPECT_NEAR(faded.count(), 500, 0.01);
    EXPECT_DOUBLE_EQ(faded.quantile(0.9), counted.quantile(0.9));
}

TEST(decayed_sketch, fades_to_nothing_in_the_end)
{
    decayed_sketch faded;
    faded.add(1'000'000, 3.0F);

    for (int round = 0; round < 20; ++round)
        faded.scale(0.5);

    EXPECT_TRUE(faded.empty());
    EXPECT_EQ(faded, decayed_sketch());
}

TEST(sketch_bytes, come_back_as_they_were)
{
    dice random(2);
    sketch counted;
    decayed_sketch weighed;
    for (int index = 0; index < 500; ++index)
        counted.add(random.lognormal_ns(5, 1.5));
    counted.add(0);
    weighed.merge(counted, 0.37);

    const auto counted_again = sketch::decode(counted.encode());
    const auto weighed_again = decayed_sketch::decode(weighed.encode());

    ASSERT_TRUE(counted_again);
    EXPECT_EQ(*counted_again, counted);
    ASSERT_TRUE(weighed_again);
    EXPECT_EQ(weighed_again->encode(), weighed.encode());
    EXPECT_DOUBLE_EQ(weighed_again->quantile(0.5), weighed.quantile(0.5));
    EXPECT_EQ(*sketch::decode(sketch().encode()), sketch());
}

TEST(sketch_bytes, of_the_wrong_kind_or_version_are_refused)
{
    sketch counted;
    counted.add(77);

    EXPECT_EQ(decayed_sketch::decode(counted.encode()).error(), errc::corrupt);
    EXPECT_EQ(sketch::decode("").error(), errc::corrupt);
    EXPECT_EQ(sketch::decode("\x09").error(), errc::corrupt);
}

TEST(sketch_bytes, cut_or_changed_never_crash_and_never_grow)
{
    dice random(8);
    sketch counted;
    for (int index = 0; index < 300; ++index)
        counted.add(random.lognormal_ns(5, 1.0));
    const std::string good = counted.encode();

    int refused = 0;
    for (std::size_t cut = 0; cut < good.size(); ++cut)
        refused += sketch::decode(std::string_view(good).substr(0, cut)) ? 0 : 1;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int flip : {0x01, 0x40, 0x80, 0xff}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ flip);
            const auto read = sketch::decode(bad);
            refused += read ? 0 : 1;
            if (read) {
                EXPECT_LE(read->memory_bytes(), 20'000U);
            }
        }
    }

    EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace reprise::detect
