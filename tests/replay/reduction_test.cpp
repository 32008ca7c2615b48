#include "../../server/replay/reduction.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <set>

namespace reprise::replay {
namespace {

using units = std::vector<std::size_t>;

units reduce(std::size_t count, const std::function<bool(const units&)>& fails, std::uint32_t* trials = nullptr)
{
    reduction run(count);
    std::set<units> tried;
    while (const auto kept = run.next()) {
        tried.insert(*kept);
        run.take(fails(*kept));
    }
    if (trials != nullptr)
        *trials = static_cast<std::uint32_t>(tried.size());
    return run.kept();
}

bool holds_all(const units& kept, const units& wanted)
{
    return std::includes(kept.begin(), kept.end(), wanted.begin(), wanted.end());
}

TEST(reduction, of_nothing_is_nothing)
{
    EXPECT_TRUE(reduce(0, [](const units&) { return true; }).empty());
}

TEST(reduction, keeps_nothing_when_nothing_is_needed)
{
    std::uint32_t trials = 0;
    EXPECT_TRUE(reduce(1000, [](const units&) { return true; }, &trials).empty());
    EXPECT_EQ(trials, 1U);
}

TEST(reduction, finds_one_of_a_thousand_by_halves)
{
    for (std::size_t cause = 0; cause < 1000; cause += 37) {
        std::uint32_t trials = 0;
        EXPECT_EQ(reduce(1000, [cause](const units& kept) { return holds_all(kept, {cause}); }, &trials), units{cause});
        EXPECT_LE(trials, 12U);
    }
}

TEST(reduction, keeps_every_unit_when_all_are_needed)
{
    std::uint32_t trials = 0;
    const auto kept = reduce(12, [](const units& some) { return some.size() == 12; }, &trials);
    EXPECT_EQ(kept.size(), 12U);
    EXPECT_LE(trials, 60U);
}

TEST(reduction, ends_with_a_set_that_loses_the_failure_with_any_unit_fewer)
{
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        const std::size_t count = 1 + random() % 60;
        std::vector<units> causes(1 + random() % 3);  // Any one of them makes it fail.
        for (units& cause : causes) {
            for (std::size_t i = 0; i < 1 + random() % 6; ++i)
                cause.push_back(random() % count);
            std::sort(cause.begin(), cause.end());
            cause.erase(std::unique(cause.begin(), cause.end()), cause.end());
        }
        // Unless a unit that spoils it is there without its antidote: not monotone.
        const std::size_t spoiler = random() % count;
        const std::size_t antidote = random() % count;
        const auto fails = [&](const units& kept) {
            const bool spoilt = holds_all(kept, {spoiler}) && !holds_all(kept, {antidote});
            return !spoilt && std::any_of(causes.begin(), causes.end(), [&](const units& cause) {
                return holds_all(kept, cause);
            });
        };
        units all(count);
        std::iota(all.begin(), all.end(), std::size_t{0});
        if (!fails(all))
            continue;

        const units kept = reduce(count, fails);

        ASSERT_TRUE(fails(kept));
        for (std::size_t i = 0; i < kept.size(); ++i) {
            units fewer = kept;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            ASSERT_FALSE(fails(fewer));
        }
    }
}

}  // namespace
}  // namespace reprise::replay
