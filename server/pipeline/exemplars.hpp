#pragma once

#include "reprise/model/observation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

constexpr std::size_t exemplar_bytes_max = 64 * 1024;  // A larger record is never an exemplar.

struct exemplar {
    std::uint64_t rank = 0;  // Smaller is kept.
    model::trace_id trace;
    std::int64_t duration_ns = 0;
    std::string bytes;
};

// Keeps the `Size` records of lowest rank. Equal input sets keep equal records, whatever their order.
// Copies a record only when it is kept, into memory it already has.
template <std::size_t Size>
class exemplar_set {
public:
    void offer(std::uint64_t rank, const model::observation& call, std::string_view bytes)
    {
        if (bytes.size() > exemplar_bytes_max)
            return;
        if (size_ < Size) {
            store(slots_[size_++], rank, call, bytes);
            return;
        }
        exemplar* worst = &slots_[0];
        for (exemplar& slot : slots_) {
            if (slot.rank > worst->rank)
                worst = &slot;
        }
        if (rank < worst->rank)
            store(*worst, rank, call, bytes);
    }

    void clear() noexcept { size_ = 0; }

    // By rising rank.
    std::vector<const exemplar*> list() const
    {
        std::vector<const exemplar*> found;
        for (std::size_t i = 0; i < size_; ++i)
            found.push_back(&slots_[i]);
        std::sort(found.begin(), found.end(), [](const exemplar* a, const exemplar* b) { return a->rank < b->rank; });
        return found;
    }

private:
    static void store(exemplar& slot, std::uint64_t rank, const model::observation& call, std::string_view bytes)
    {
        slot.rank = rank;
        slot.trace = call.trace;
        slot.duration_ns = call.duration_ns;
        slot.bytes.assign(bytes);
    }

    std::array<exemplar, Size> slots_;
    std::size_t size_ = 0;
};

// The records of one operation and window that a person or a replay may want to see.
struct operation_exemplars {
    exemplar_set<8> failing;
    exemplar_set<8> slow;   // The longest.
    exemplar_set<12> good;  // Answered well; candidates for the control.

    void clear() noexcept
    {
        failing.clear();
        slow.clear();
        good.clear();
    }
};

}  // namespace reprise::pipeline
