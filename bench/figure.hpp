#pragma once

#include <algorithm>
#include <cstdio>
#include <vector>

namespace reprise::bench {

// One line per figure; scripts/bench adds bar and comparison by its name.
inline void print_figure(const char* name, double value, const char* unit)
{
    std::printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"}\n", name, value, unit);
    std::fflush(stdout);
}

// Of at least one value.
inline double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace reprise::bench
