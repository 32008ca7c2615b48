#pragma once

#include "reprise/model/observation.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

// The newest complete inbound exchanges of one service. When a dependency call looks bad, the request
// that caused it is found here by its trace.
class inbound_ring {
public:
    static constexpr std::size_t records_max = 256;
    static constexpr std::size_t record_bytes_max = 16 * 1024;
    static constexpr std::size_t bytes_max = 1024 * 1024;

    struct record {
        std::uint32_t operation = 0;  // Slot of its operation in the service.
        model::outcome outcome = model::outcome::ok;
        model::trace_id trace;
        std::int64_t start_ns = 0;
        std::int64_t duration_ns = 0;
        std::string bytes;
    };

    void add(std::uint32_t operation, const model::observation& call, std::string_view bytes)
    {
        if (!call.trace || bytes.size() > record_bytes_max)
            return;
        if (records_.size() < records_max && bytes_ + bytes.size() <= bytes_max) {
            records_.emplace_back();
            next_ = 0;
            store(records_.back(), operation, call, bytes);
            return;
        }
        if (records_.empty())
            return;
        record& oldest = records_[next_];
        next_ = (next_ + 1) % records_.size();
        // A slot may grow, the whole may not: larger records than fit are left out.
        if (bytes_ - oldest.bytes.size() + bytes.size() > bytes_max)
            return;
        bytes_ -= oldest.bytes.size();
        store(oldest, operation, call, bytes);
    }

    const std::vector<record>& records() const noexcept { return records_; }

private:
    void store(record& slot, std::uint32_t operation, const model::observation& call, std::string_view bytes)
    {
        slot.operation = operation;
        slot.outcome = call.outcome;
        slot.trace = call.trace;
        slot.start_ns = call.start_ns;
        slot.duration_ns = call.duration_ns;
        slot.bytes.assign(bytes);
        bytes_ += bytes.size();
    }

    std::vector<record> records_;
    std::size_t next_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace reprise::pipeline
