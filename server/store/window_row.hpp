#pragma once

#include "reprise/store/operations.hpp"

#include <cstdint>
#include <optional>

namespace reprise::store {

// The newest window of an operation, without its sketch.
result<std::optional<operation_window>> find_latest_window(const reader& from, std::uint64_t operation);

}  // namespace reprise::store
