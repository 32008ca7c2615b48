#pragma once

#include "reprise/model/trace.hpp"
#include "reprise/model/trace_report.hpp"

#include <cstdint>
#include <vector>

namespace reprise::detect {

// Sorts the spans of a trace by (start, id), leaves each id once, and finds them by id. Of several spans with one id
// that which says most stays, whatever the order they came in. Sorted tables instead of hashed ones: ids come from
// outside, and no choice of them makes this slow.
class span_order {
public:
    explicit span_order(model::trace& trace);

    std::uint32_t duplicates() const noexcept { return duplicates_; }
    std::uint32_t find(std::uint64_t id) const noexcept;  // no_span when there is none.

private:
    struct place {
        std::uint64_t id = 0;
        std::uint32_t span = model::no_span;
    };

    std::vector<place> places_;  // By id.
    std::uint32_t duplicates_ = 0;
};

}  // namespace reprise::detect
