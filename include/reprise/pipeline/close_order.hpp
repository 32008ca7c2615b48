#pragma once

#include "reprise/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

// The clock's decision that a service went quiet: its windows up to this end close. The journal keeps
// it in order with the records, so that a replay closes the same windows at the same place.
struct close_order {
    std::string service;
    std::int64_t through_ns = 0;  // End of the newest window to close.

    friend bool operator==(const close_order&, const close_order&) = default;
};

// The journal's form of it: little endian time, length of the name, name, one after the other.
std::string encode_orders(const std::vector<close_order>& orders);
result<std::vector<close_order>> parse_orders(std::string_view bytes);

}  // namespace reprise::pipeline
