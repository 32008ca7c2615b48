#include "reprise/detect/stats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace reprise::detect {
namespace {

// Expected values: exact rational arithmetic.

void expect_close(double actual, double expected)
{
    EXPECT_NEAR(actual, expected, 1e-9 * expected) << "relative error " << actual / expected - 1;
}

struct binomial_case {
    std::string name;
    std::uint64_t k;
    std::uint64_t n;
    double p;
    double expected;
};

class binomial_table : public testing::TestWithParam<binomial_case> {};

TEST_P(binomial_table, gives_the_exact_tail)
{
    expect_close(binomial_upper_tail(GetParam().k, GetParam().n, GetParam().p), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, binomial_table,
    testing::Values(
        binomial_case{"three_of_ten", 3, 10, 0.1, 0.0701908264}, binomial_case{"all_of_ten", 10, 10, 0.5, 0.0009765625},
        binomial_case{"far_out", 28, 193, 0.0019, 1.9537807171912362e-43},
        binomial_case{"the_middle", 50, 100, 0.5, 0.5397946186935894},
        binomial_case{"one_of_a_thousand", 1, 1000, 0.001, 0.6323045752290359},
        binomial_case{"beyond_doubt", 90, 100, 0.1, 6.110236824191096e-78},
        binomial_case{"none_is_certain", 0, 10, 0.1, 1}, binomial_case{"never_possible", 1, 10, 0, 0},
        binomial_case{"always", 10, 10, 1, 1}, binomial_case{"more_than_there_are", 11, 10, 0.9, 0},
        binomial_case{"no_requests", 0, 0, 0.5, 1}
    ),
    [](const auto& param) { return param.param.name; }
);

struct beta_binomial_case {
    std::string name;
    std::uint64_t k;
    std::uint64_t n;
    double a;
    double b;
    double expected;
};

class beta_binomial_table : public testing::TestWithParam<beta_binomial_case> {};

TEST_P(beta_binomial_table, gives_the_exact_tail)
{
    const auto& c = GetParam();
    expect_close(beta_binomial_upper_tail(c.k, c.n, c.a, c.b), c.expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, beta_binomial_table,
    testing::Values(
        beta_binomial_case{"one_coin", 1, 1, 1, 1, 0.5},
        beta_binomial_case{"flat_prior", 5, 10, 1, 1, 0.5454545454545454},
        beta_binomial_case{"four_of_twenty", 4, 20, 2, 198, 0.0002443450949633044},
        beta_binomial_case{"large_baseline", 28, 193, 80, 41530, 1.7123313690465376e-41},
        beta_binomial_case{"all_of_twenty", 20, 20, 1, 99, 4.073011819983402e-23},
        beta_binomial_case{"below_the_mean", 2, 30, 3, 7, 0.9678301783564941},
        beta_binomial_case{"none_is_certain", 0, 30, 3, 7, 1}, beta_binomial_case{"more_than_there_are", 3, 2, 1, 1, 0}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(beta_binomial, with_a_sure_rate_becomes_the_binomial)
{
    const double sure = beta_binomial_upper_tail(5, 50, 2e6, 98e6);
    EXPECT_NEAR(sure / binomial_upper_tail(5, 50, 0.02), 1, 1e-4);
}

TEST(beta_binomial, tails_add_up_to_one_for_a_u_shaped_prior)
{
    double mass = 0;
    for (std::uint64_t k = 0; k <= 40; ++k)
        mass += beta_binomial_upper_tail(k, 40, 0.3, 0.2) - beta_binomial_upper_tail(k + 1, 40, 0.3, 0.2);
    EXPECT_NEAR(mass, 1, 1e-12);
    EXPECT_GT(beta_binomial_upper_tail(40, 40, 0.3, 0.2), beta_binomial_upper_tail(40, 40, 3, 2));
}

struct fisher_case {
    std::string name;
    std::uint64_t k;
    std::uint64_t n;
    std::uint64_t control_k;
    std::uint64_t control_n;
    double expected;
};

class fisher_table : public testing::TestWithParam<fisher_case> {};

TEST_P(fisher_table, gives_the_exact_tail)
{
    const auto& c = GetParam();
    expect_close(fisher_exact_greater(c.k, c.n, c.control_k, c.control_n), c.expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, fisher_table,
    testing::Values(
        fisher_case{"all_against_none", 10, 10, 0, 10, 5.412544112234515e-06},
        fisher_case{"four_against_none", 4, 10, 0, 10, 0.043343653250773995},
        fisher_case{"the_same", 5, 10, 5, 10, 0.6718591006516703},
        fisher_case{"eight_against_one", 8, 10, 1, 10, 0.0027387473207906646},
        fisher_case{"small", 3, 3, 0, 3, 0.05}, fisher_case{"large", 50, 50, 0, 50, 9.911653021418339e-30},
        fisher_case{"the_other_way_round", 1, 10, 9, 10, 0.9999945874558878},
        fisher_case{"nothing_fails", 0, 10, 0, 10, 1},
        fisher_case{"everything_fails", 10, 10, 10, 10, 1}, fisher_case{"no_control", 5, 10, 0, 0, 1}
    ),
    [](const auto& param) { return param.param.name; }
);

struct ranks_case {
    std::string name;
    std::vector<double> values;
    std::vector<double> control;
    double expected;
};

class ranks_table : public testing::TestWithParam<ranks_case> {};

TEST_P(ranks_table, gives_the_exact_tail)
{
    expect_close(mann_whitney_greater(GetParam().values, GetParam().control), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, ranks_table,
    testing::Values(
        ranks_case{"all_above", {4, 5, 6}, {1, 2, 3}, 0.05}, ranks_case{"all_below", {1, 2, 3}, {4, 5, 6}, 1},
        ranks_case{"mixed", {1, 3, 5, 7}, {2, 3, 4, 6}, 0.4857142857142857},
        ranks_case{"many_ties", {5, 5, 5, 9}, {5, 5, 1, 2}, 0.14285714285714285},
        ranks_case{"five_above_five", {10, 11, 12, 13, 14}, {1, 2, 3, 4, 5}, 0.003968253968253968},
        ranks_case{"all_equal", {7, 7, 7}, {7, 7, 7}, 1}, ranks_case{"no_values", {}, {1}, 1},
        ranks_case{"no_control", {1}, {}, 1}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(mann_whitney, of_many_values_agrees_with_the_exact_answer)
{
    std::vector<double> values;
    std::vector<double> control;
    for (int index = 0; index < 25; ++index) {
        values.push_back(index * 1.0 + 5);
        control.push_back(index * 1.0 + 0.5);
    }
    const double exact = mann_whitney_greater(values, control);
    values.push_back(17.3);
    const double approximate = mann_whitney_greater(values, control);

    EXPECT_NEAR(std::log(approximate), std::log(exact), 0.25);
    EXPECT_EQ(mann_whitney_greater(std::vector<double>(60, 1.0), std::vector<double>(60, 1.0)), 1);
}

TEST(log_gamma, agrees_with_known_values)
{
    EXPECT_NEAR(log_gamma(0.06), 2.781655463081145, 1e-13);
    EXPECT_NEAR(log_gamma(0.5), 0.5723649429247004, 1e-13);
    EXPECT_NEAR(log_gamma(1), 0, 1e-13);
    EXPECT_NEAR(log_gamma(10), 12.801827480081467, 1e-12);
    EXPECT_NEAR(log_gamma(41580), 400634.4755167678, 1e-8);
}

TEST(sensitivity, needs_the_requests_that_theory_asks_for)
{
    // ln(1/1e-6) / KL(21 % || 1 %) is about 30 requests.
    EXPECT_NEAR(-std::log(1e-6) / bernoulli_distance(0.21, 0.01), 30, 1);
    EXPECT_NEAR(detectable_rate(0.01, 235, 1e-6), 0.06, 0.005);
    EXPECT_EQ(detectable_rate(0.01, 1, 1e-6), 1);
    EXPECT_LT(detectable_rate(0.01, 10'000, 1e-6), 0.02);
}

TEST(binomial_interval, holds_published_values)
{
    // Clopper and Pearson, as R's binom.test gives them.
    struct row {
        std::uint64_t k, n;
        double low, high;
    };
    for (const row& one : {row{5, 5, 0.47818, 1}, row{0, 5, 0, 0.52182}, row{4, 5, 0.28358, 0.99495},
                           row{28, 193, 0.09864, 0.20277}, row{1, 1000, 0.0000253, 0.0055591}}) {
        const interval made = binomial_interval(one.k, one.n);
        EXPECT_NEAR(made.low, one.low, 5e-5) << one.k << " of " << one.n;
        EXPECT_NEAR(made.high, one.high, 5e-5) << one.k << " of " << one.n;
    }
    EXPECT_EQ(binomial_interval(0, 0).high, 1);
}

TEST(wilson, bounds_stay_below_the_share)
{
    EXPECT_NEAR(wilson_lower(28, 193), 0.1023, 0.0005);
    EXPECT_EQ(wilson_lower(0, 0), 0);
    EXPECT_EQ(wilson_lower(0, 50), 0);
}

}  // namespace
}  // namespace reprise::detect
