#pragma once

#include <cstdint>
#include <span>

// The few exact tests the detectors and the verdict stand on. Pure, safe from any thread, stable for tails far
// below 1e-300 (they become 0, never negative or NaN). All are one-sided: small means "too large to be chance".
namespace reprise::detect {

// ln Gamma(x) for x > 0. Unlike the C library's it writes no global.
double log_gamma(double x) noexcept;

// P(X >= k), X ~ Binomial(n, p). k = 0 gives 1.
double binomial_upper_tail(std::uint64_t k, std::uint64_t n, double p) noexcept;

// P(X >= k), X ~ BetaBinomial(n, a, b): what k of n is worth when the rate itself is known only as Beta(a, b).
// a, b > 0. Costs one step per term that matters, at most n.
double beta_binomial_upper_tail(std::uint64_t k, std::uint64_t n, double a, double b) noexcept;

// Fisher's exact test: the chance of >= k of n when k + control_k failures fall blindly on both groups.
double fisher_exact_greater(
    std::uint64_t k, std::uint64_t n, std::uint64_t control_k, std::uint64_t control_n
) noexcept;

// Mann-Whitney: the chance that `values` rank at least this high above `control` by luck. Ties get middle ranks.
// Exact (all ways to deal the ranks) up to exact_ranks_max values in total, else the tie-corrected normal
// approximation. 1 when either side is empty or nothing differs.
constexpr std::size_t exact_ranks_max = 50;
double mann_whitney_greater(std::span<const double> values, std::span<const double> control);

// The lower end of the 95 % Wilson interval of k/n; 0 for n = 0.
double wilson_lower(double k, double n) noexcept;

struct interval {
    double low = 0;
    double high = 1;
};

// The exact (Clopper-Pearson) interval of the rate behind k of n: it holds the true rate with at least `confidence`,
// whatever that is. [0, 1] for n = 0.
interval binomial_interval(std::uint64_t k, std::uint64_t n, double confidence = 0.95) noexcept;

// Kullback-Leibler distance of Bernoulli(p1) from Bernoulli(p0): ln(1/alpha) / this = requests needed to see it.
double bernoulli_distance(double p1, double p0) noexcept;
// The smallest rate above p0 that `requests` can tell from p0 at `alpha`; 1 when none can.
double detectable_rate(double p0, double requests, double alpha) noexcept;

}  // namespace reprise::detect
