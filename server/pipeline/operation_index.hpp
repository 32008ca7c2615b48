#pragma once

#include "reprise/model/operation.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

// Where records of an operation go, and what of it they need: looked up once per batch, as the entry itself lies
// far from what a record touches.
struct operation_place {
    std::uint32_t slot = 0;
    model::operation_kind kind = model::operation_kind::internal;
    bool inbound_exchange = false;  // Its records hold whole requests that the service got.
    bool overflow = false;
};

// Places by id, all in one block of memory. An id is a hash: of two operations with one id the first is found, and
// is_same() tells them apart by another hash of what differs between operations of a service. Grows only; the
// owner bounds how many there are.
class operation_index {
public:
    struct entry {
        std::uint64_t id = 0;
        std::uint64_t check = 0;
        operation_place place;
        bool used = false;

        bool is_same(const model::operation_view& operation) const noexcept { return check == check_of(operation); }
    };

    const entry* find(std::uint64_t id) const noexcept;
    // `id` must not be there yet.
    void add(std::uint64_t id, const model::operation_view& operation, const operation_place& place);

private:
    static std::uint64_t check_of(const model::operation_view& operation) noexcept;
    entry& place_of(std::uint64_t id) noexcept;

    std::vector<entry> entries_;  // A power of two, at most half are used.
    std::size_t size_ = 0;
};

}  // namespace reprise::pipeline
