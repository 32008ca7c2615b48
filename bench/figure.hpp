#pragma once

#include <algorithm>
#include <cstdio>
#include <vector>

namespace reprise::bench {

// One line per figure; scripts/bench adds bar and comparison by its name. `spread` is how far the rounds lie
// apart, as a share of their median; negative when there was one.
inline void print_figure(const char* name, double value, const char* unit, double spread = -1)
{
    std::printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"", name, value, unit);
    if (spread >= 0)
        std::printf(",\"spread\":%.3g", spread);
    std::printf("}\n");
    std::fflush(stdout);
}

// Of at least one value.
inline double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Of at least one value.
inline double spread(const std::vector<double>& values)
{
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double middle = median(values);
    return middle > 0 ? (*most - *least) / middle : 0;
}

}  // namespace reprise::bench
