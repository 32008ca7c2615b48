#pragma once

#include "mock_rules.hpp"

#include "reprise/replay/mock.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

// Which recordings a request that was not answered nearly agrees with, and what keeps them apart. Pure.
namespace reprise::replay {

struct near_candidate {
    std::uint32_t recording = 0;
    const match_request* request = nullptr;
    const endpoint_rules* rules = nullptr;
    bool served = false;
};

constexpr std::size_t nearest_candidates_max = 20'000;

// The nearest_max of `candidates` that differ least; of equals those that were not served, then the earlier ones.
// Names and values are left to the caller: `differences` hold field names only.
std::vector<near_recording> find_nearest(
    const match_request& request, std::span<const near_candidate> candidates, bool with_host
);

// Values cut for people.
constexpr std::size_t shown_bytes_max = 120;
std::string shown(std::string_view value);

// Fills in values, causes and fixes. `recorded_shown` and `request_shown` are the same two with secrets taken out.
struct difference_sources {
    const match_request& recorded;
    const match_request& recorded_shown;
    const match_request& received;
    const match_request& received_shown;
    std::int64_t recorded_at_ns = 0;
};
void explain(near_recording& near, const difference_sources& from);

// Whether ignoring fields with a named cause would have made it a hit.
bool is_ignorable(const near_recording& near);

}  // namespace reprise::replay
