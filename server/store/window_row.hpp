#pragma once

#include "reprise/store/operations.hpp"

#include <cstdint>
#include <optional>

namespace reprise::store {

// One window of an operation, without its sketch.
result<std::optional<operation_window>> find_window(
    const reader& from, std::uint64_t operation, std::int64_t window_start_ns
);

}  // namespace reprise::store
