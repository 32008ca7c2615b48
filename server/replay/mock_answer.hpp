#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/replay/mock.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Answers as bytes. Pure.
namespace reprise::replay {

struct wire_answer {
    int status = 0;         // 0: the recorded call failed without an answer.
    std::string bytes;      // With Content-Length, without Connection.
    std::size_t head_bytes = 0;
};

// The recorded answer, marked with x-reprise-mock. What belonged to its connection is left out, and a
// Content-Encoding that the recorded body does not have (captures often hold it unpacked).
wire_answer render_recorded(const model::exchange& recorded);

// A problem document with that status.
void render_problem(int status, std::string_view mark, std::string_view json, net::raw_answer& into);

// Other bytes here and there in the body, by `seed`; the head stays.
void corrupt(std::string_view wire, std::size_t head_bytes, std::uint64_t seed, std::string& into);

// What a miss is told: the request, why, and the nearest recordings.
std::string miss_problem(const miss_report& miss);
std::string fault_problem(const fault_rule& rule);

}  // namespace reprise::replay
