#pragma once

#include "reprise/model/trace_summary.hpp"

#include <cstddef>
#include <span>
#include <utility>

// A straight line through points by least squares, and whether its slope is chance. Pure.
namespace reprise::detect {

using line_points = std::span<const std::pair<double, double>>;

// Slope, intercept and r are 0 for a slope that cannot be told: fewer than two different x, or all y equal (where
// the intercept is that y).
model::fitted_line fit_line(line_points points);

// One-sided t-test: the chance that points with no slope at all lie at least this well on a rising line.
// 1 for fewer than three points or a line that does not rise.
double rising_p_value(const model::fitted_line& line) noexcept;

// How many different x there are.
std::size_t count_sizes(line_points points);

}  // namespace reprise::detect
