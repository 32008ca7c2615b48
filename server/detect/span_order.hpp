#pragma once

#include "reprise/model/trace.hpp"
#include "reprise/model/trace_report.hpp"

#include <cstdint>
#include <vector>

namespace reprise::detect {

// Sorts the spans of a trace by (start, id), leaves each id once, and finds them by id. Of several spans with one id
// that which says most stays, whatever the order they came in.
//
// Ids are random as a rule: their first bits say nearly where in the sorted table they are. They come from outside,
// though, and where they are not random the rest is sorted and searched, so that no choice of them makes this slow.
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

    void sort_places(const std::vector<model::trace_span>& spans);
    std::vector<std::uint32_t> drop_duplicates();
    std::size_t bucket_of(std::uint64_t id) const noexcept { return static_cast<std::size_t>(id >> shift_); }

    std::vector<place> places_;           // By id.
    std::vector<std::uint32_t> buckets_;  // Where in places_ those with the same first bits begin.
    int shift_ = 0;
    std::uint32_t duplicates_ = 0;
};

}  // namespace reprise::detect
