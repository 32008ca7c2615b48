#pragma once

#include <cstdint>
#include <string>

// Numbers as people read them in an explanation.
namespace reprise::detect {

std::string count_text(std::uint64_t count);            // "41,580"
std::string share_text(double share);                   // "14.5 %", "0.02 %", "0 %"
std::string share_of_text(double k, double n);          // "28 of 193"
std::string clock_text(std::int64_t time_ns);           // "11:15:04" UTC
std::string duration_text(double duration_ns);          // "12.4 ms"
std::string ratio_text(double ratio);                   // "2.4"
std::string alpha_text(double alpha);                   // "1e-06" as "1e-6"

}  // namespace reprise::detect
