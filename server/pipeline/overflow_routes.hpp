#pragma once

#include "reprise/model/operation.hpp"
#include "reprise/pipeline/closed_window.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reprise::pipeline {

// Which operations were counted under "(overflow)" most often, in bounded memory (space-saving: when all places are
// taken, the rarest makes room). The counts are lower bounds. Not for several threads.
class overflow_routes {
public:
    static constexpr std::size_t routes_max = 16;
    static constexpr std::size_t text_bytes_max = 200;  // A longer route is cut.

    void add(const model::operation_view& operation, std::uint64_t records);

    // Most frequent first; starts anew.
    std::vector<overflowed_route> take();

private:
    struct place {
        overflowed_route route;
        std::uint64_t taken_over = 0;  // Of the operations that had the place before.
    };

    std::vector<place> places_;
};

}  // namespace reprise::pipeline
