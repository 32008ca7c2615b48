#include "reprise/detect/headline.hpp"

#include <gtest/gtest.h>

#include <set>

namespace reprise::detect {
namespace {

model::signal signal_of(model::signal_kind kind, double baseline)
{
    model::signal signal;
    signal.kind = kind;
    signal.baseline = baseline;
    signal.operation.kind = model::operation_kind::server;
    signal.operation.method = "POST";
    signal.operation.route = "/orders";
    return signal;
}

TEST(headline, says_what_happens_to_which_operation)
{
    EXPECT_EQ(headline_of(signal_of(model::signal_kind::error_rate, 0)), "POST /orders fails");
    EXPECT_EQ(headline_of(signal_of(model::signal_kind::rate_limit_burst, 4)), "POST /orders is throttled (429)");
    EXPECT_EQ(headline_of(signal_of(model::signal_kind::n_plus_one, 0)), "N+1 calls: POST /orders");
}

TEST(headline, compares_only_with_what_is_known_to_be_normal)
{
    EXPECT_EQ(headline_of(signal_of(model::signal_kind::error_rate, 0.02)), "POST /orders fails more often");
    EXPECT_EQ(headline_of(signal_of(model::signal_kind::latency, 3e6)), "POST /orders slowed down");
    EXPECT_EQ(headline_of(signal_of(model::signal_kind::latency, 0)), "POST /orders is slow");
}

TEST(headline, stays_the_same_while_the_numbers_change)
{
    auto later = signal_of(model::signal_kind::error_rate, 0);
    later.observed = 0.9;
    later.observed_n = 4000;
    EXPECT_EQ(headline_of(later), headline_of(signal_of(model::signal_kind::error_rate, 0)));
}

TEST(headline, every_kind_has_words_of_its_own)
{
    std::set<std::string> said;
    for (std::size_t kind = 0; kind < model::signal_kind_count; ++kind)
        said.insert(headline_of(signal_of(static_cast<model::signal_kind>(kind), 5)));
    EXPECT_EQ(said.size(), model::signal_kind_count);
    EXPECT_FALSE(said.contains("POST /orders changed"));
}

TEST(headline, of_a_long_statement_is_short)
{
    auto signal = signal_of(model::signal_kind::slow_query, 0);
    signal.operation.kind = model::operation_kind::db;
    signal.operation.route = "SELECT " + std::string(4000, 'x');
    EXPECT_LT(headline_of(signal).size(), 180U);
}

}  // namespace
}  // namespace reprise::detect
