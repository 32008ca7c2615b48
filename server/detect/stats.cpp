#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

namespace reprise::detect {
namespace {

// A term this much smaller than the sum so far no longer changes it.
constexpr double negligible = 1e-18;

double log_choose(double n, double k) noexcept
{
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

// first * (1 + r(0) + r(0) r(1) + ...): a tail from the log of its first term and the ratios between neighbours.
// `fades`: ratios only fall, so the sum may end once a term is negligible.
template <class Ratio>
double sum_terms(double log_first, std::uint64_t terms, bool fades, Ratio ratio) noexcept
{
    double sum = 1;
    double term = 1;
    for (std::uint64_t step = 0; step + 1 < terms; ++step) {
        term *= ratio(step);
        sum += term;
        if (fades && term < sum * negligible)
            break;
        if (sum > 1e280) {  // The first term was far out in the other tail.
            log_first += std::log(sum);
            term /= sum;
            sum = 1;
        }
    }
    return std::clamp(std::exp(log_first + std::log(sum)), 0.0, 1.0);
}

double log_beta(double a, double b) noexcept
{
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

double normal_upper_tail(double z) noexcept
{
    return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

struct ranked {
    std::vector<std::uint32_t> doubled_ranks;  // 2 x middle rank, in the order of the sorted values.
    std::uint64_t value_sum = 0;               // Doubled rank sum of `values`.
    double ties = 0;                           // Sum of t^3 - t over groups of equal values.
};

ranked rank_both(std::span<const double> values, std::span<const double> control)
{
    std::vector<std::pair<double, bool>> all;
    all.reserve(values.size() + control.size());
    for (const double value : values)
        all.emplace_back(value, true);
    for (const double value : control)
        all.emplace_back(value, false);
    std::sort(all.begin(), all.end());

    ranked ranks;
    for (std::size_t begin = 0; begin < all.size();) {
        std::size_t end = begin;
        while (end < all.size() && all[end].first == all[begin].first)
            ++end;
        const auto doubled = static_cast<std::uint32_t>(begin + 1 + end);
        const auto size = static_cast<double>(end - begin);
        ranks.ties += size * size * size - size;
        for (; begin < end; ++begin) {
            ranks.doubled_ranks.push_back(doubled);
            ranks.value_sum += all[begin].second ? doubled : 0U;
        }
    }
    return ranks;
}

// Counts, for every doubled rank sum, how many ways there are to choose `chosen` of the ranks.
double exact_share_at_least(const ranked& ranks, std::size_t chosen)
{
    std::uint64_t sum_max = 0;
    for (const std::uint32_t rank : ranks.doubled_ranks)
        sum_max += rank;
    const std::size_t width = static_cast<std::size_t>(sum_max) + 1;
    std::vector<double> ways((chosen + 1) * width, 0.0);
    ways[0] = 1;
    for (const std::uint32_t rank : ranks.doubled_ranks) {
        for (std::size_t taken = chosen; taken-- > 0;) {
            double* const to = &ways[(taken + 1) * width];
            const double* const from = &ways[taken * width];
            for (std::size_t sum = width; sum-- > rank;)
                to[sum] += from[sum - rank];
        }
    }
    double all = 0;
    double extreme = 0;
    for (std::size_t sum = 0; sum < width; ++sum) {
        const double count = ways[chosen * width + sum];
        all += count;
        extreme += sum >= ranks.value_sum ? count : 0;
    }
    return extreme / all;
}

}  // namespace

double log_gamma(double x) noexcept
{
    assert(x > 0);
    double shift = 0;
    for (; x < 12; x += 1)
        shift += std::log(x);
    const double inverse = 1 / x;
    const double square = inverse * inverse;
    const double series =
        inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188))));
    return (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi) + series - shift;
}

double binomial_upper_tail(std::uint64_t k, std::uint64_t n, double p) noexcept
{
    if (k == 0)
        return 1;
    if (k > n || p <= 0)
        return 0;
    if (p >= 1)
        return 1;
    const auto all = static_cast<double>(n);
    const double odds = p / (1 - p);
    const auto log_term = [&](double at) {
        return log_choose(all, at) + at * std::log(p) + (all - at) * std::log1p(-p);
    };
    const auto from = static_cast<double>(k);
    if (from > all * p) {
        return sum_terms(log_term(from), n - k + 1, true, [&](std::uint64_t step) {
            const double at = from + static_cast<double>(step);
            return (all - at) / (at + 1) * odds;
        });
    }
    const double below = sum_terms(log_term(from - 1), k, true, [&](std::uint64_t step) {
        const double at = from - 1 - static_cast<double>(step);
        return at / (all - at + 1) / odds;
    });
    return std::max(0.0, 1 - below);
}

double beta_binomial_upper_tail(std::uint64_t k, std::uint64_t n, double a, double b) noexcept
{
    assert(a > 0);
    assert(b > 0);
    if (k == 0)
        return 1;
    if (k > n)
        return 0;
    const auto all = static_cast<double>(n);
    const auto from = static_cast<double>(k);
    const auto log_term = [&](double at) {
        return log_choose(all, at) + log_beta(a + at, b + all - at) - log_beta(a, b);
    };
    if (from > all * a / (a + b)) {
        // With b < 1 the last terms rise again.
        return sum_terms(log_term(from), n - k + 1, b >= 1, [&](std::uint64_t step) {
            const double at = from + static_cast<double>(step);
            return (all - at) / (at + 1) * (a + at) / (b + all - at - 1);
        });
    }
    const double below = sum_terms(log_term(from - 1), k, a >= 1, [&](std::uint64_t step) {
        const double at = from - 1 - static_cast<double>(step);
        return at / (all - at + 1) * (b + all - at) / (a + at - 1);
    });
    return std::max(0.0, 1 - below);
}

double fisher_exact_greater(
    std::uint64_t k, std::uint64_t n, std::uint64_t control_k, std::uint64_t control_n
) noexcept
{
    assert(k <= n);
    assert(control_k <= control_n);
    const std::uint64_t failed = k + control_k;
    const std::uint64_t k_max = std::min(n, failed);
    if (k == 0 || failed == 0)
        return 1;
    const auto size = static_cast<double>(n);
    const auto others = static_cast<double>(control_n);
    const auto all_failed = static_cast<double>(failed);
    const auto from = static_cast<double>(k);
    const double log_first =
        log_choose(size, from) + log_choose(others, all_failed - from) - log_choose(size + others, all_failed);
    // Far below the mean the ratios exceed one at first; the sum rescales itself.
    return sum_terms(log_first, k_max - k + 1, false, [&](std::uint64_t step) {
        const double at = from + static_cast<double>(step);
        return (size - at) / (at + 1) * (all_failed - at) / (others - all_failed + at + 1);
    });
}

double mann_whitney_greater(std::span<const double> values, std::span<const double> control)
{
    if (values.empty() || control.empty())
        return 1;
    const ranked ranks = rank_both(values, control);
    const auto n = static_cast<double>(values.size());
    const auto m = static_cast<double>(control.size());
    const double all = n + m;
    if (values.size() + control.size() <= exact_ranks_max)
        return exact_share_at_least(ranks, values.size());

    const double mean = n * (all + 1) / 2;
    const double variance = n * m / 12 * (all + 1 - ranks.ties / (all * (all - 1)));
    if (!(variance > 0))
        return 1;
    const double above = static_cast<double>(ranks.value_sum) / 2 - mean - 0.5;
    return normal_upper_tail(above / std::sqrt(variance));
}

double wilson_lower(double k, double n) noexcept
{
    if (!(n > 0) || k <= 0)
        return 0;
    constexpr double z = 1.959963984540054;
    const double p = k / n;
    const double spread = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return std::max(0.0, (p + z * z / (2 * n) - spread) / (1 + z * z / n));
}

interval binomial_interval(std::uint64_t k, std::uint64_t n, double confidence) noexcept
{
    if (n == 0)
        return {};
    const double tail = (1 - confidence) / 2;
    // The upper tail grows with the rate, so that halving finds where it is worth `wanted`.
    const auto rate_where = [n](std::uint64_t at_least, double wanted) {
        double low = 0;
        double high = 1;
        for (int step = 0; step < 60; ++step) {
            const double middle = (low + high) / 2;
            (binomial_upper_tail(at_least, n, middle) < wanted ? low : high) = middle;
        }
        return (low + high) / 2;
    };
    interval made;
    made.low = k == 0 ? 0 : rate_where(k, tail);
    made.high = k >= n ? 1 : rate_where(k + 1, 1 - tail);
    return made;
}

double bernoulli_distance(double p1, double p0) noexcept
{
    const auto part = [](double p, double q) { return p > 0 ? p * std::log(p / q) : 0; };
    if ((p0 <= 0 && p1 > 0) || (p0 >= 1 && p1 < 1))
        return HUGE_VAL;
    return part(p1, p0) + part(1 - p1, 1 - p0);
}

double detectable_rate(double p0, double requests, double alpha) noexcept
{
    const double needed = -std::log(alpha) / std::max(requests, 1.0);
    if (bernoulli_distance(1, p0) <= needed)
        return 1;
    double low = p0;
    double high = 1;
    for (int step = 0; step < 50; ++step) {
        const double middle = (low + high) / 2;
        (bernoulli_distance(middle, p0) < needed ? low : high) = middle;
    }
    return high;
}

}  // namespace reprise::detect
