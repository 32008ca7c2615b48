#include "line_fit.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace reprise::detect {
namespace {

// The continued fraction of the incomplete beta function (modified Lentz); converges fast for x < (a + 1)/(a + b + 2).
double beta_fraction(double x, double a, double b) noexcept
{
    constexpr int steps_max = 500;
    constexpr double tiny = 1e-300;
    const auto kept = [](double value) { return std::abs(value) < tiny ? tiny : value; };
    double c = 1;
    double d = 1 / kept(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int step = 1; step <= steps_max; ++step) {
        const double m = step;
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / kept(1 + even * d);
        c = kept(1 + even / c);
        fraction *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / kept(1 + odd * d);
        c = kept(1 + odd / c);
        fraction *= d * c;
        if (std::abs(d * c - 1) < 1e-14)
            break;
    }
    return fraction;
}

// I_x(a, b), 0 <= x <= 1.
double incomplete_beta(double x, double a, double b) noexcept
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    const double log_front =
        log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x);
    if (x < (a + 1) / (a + b + 2))
        return std::exp(log_front) * beta_fraction(x, a, b) / a;
    return 1 - std::exp(log_front) * beta_fraction(1 - x, b, a) / b;
}

}  // namespace

model::fitted_line fit_line(line_points points)
{
    model::fitted_line line;
    line.points = static_cast<std::uint32_t>(points.size());
    if (points.empty())
        return line;
    const double count = static_cast<double>(points.size());
    double x_mean = 0;
    double y_mean = 0;
    for (const auto& [x, y] : points) {
        x_mean += x / count;
        y_mean += y / count;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (const auto& [x, y] : points) {
        xx += (x - x_mean) * (x - x_mean);
        xy += (x - x_mean) * (y - y_mean);
        yy += (y - y_mean) * (y - y_mean);
    }
    line.intercept = y_mean;
    if (xx <= 0 || yy <= 0)
        return line;
    line.slope = xy / xx;
    line.intercept = y_mean - line.slope * x_mean;
    line.r = std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
    return line;
}

double rising_p_value(const model::fitted_line& line) noexcept
{
    if (line.points < 3 || line.r <= 0)
        return 1;
    // Student's t of the slope is r sqrt(dof / (1 - r^2)), and its tail depends on 1 - r^2 alone.
    const double freedom = static_cast<double>(line.points) - 2;
    return incomplete_beta(1 - line.r * line.r, freedom / 2, 0.5) / 2;
}

std::size_t count_sizes(line_points points)
{
    std::vector<double> sizes;
    sizes.reserve(points.size());
    for (const auto& [x, y] : points)
        sizes.push_back(x);
    std::sort(sizes.begin(), sizes.end());
    return static_cast<std::size_t>(std::unique(sizes.begin(), sizes.end()) - sizes.begin());
}

}  // namespace reprise::detect
