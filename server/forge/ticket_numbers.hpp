#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers as people read them in a ticket.
namespace reprise::forge {

std::string grouped(std::uint64_t value);             // "41,580"
std::string percent(double ratio);                    // "14.5 %"
std::string in_words(std::string name);              // "peak_in_flight" as people write it: "peak in flight".
std::string number_text(double value);                // "100", "2.5", "not a number"
std::string value_text(double value, std::string_view unit);  // By "ratio", "ns" or "count".
std::string p_text(double p_value);                   // "0.0042", "< 1e-12"

}  // namespace reprise::forge
