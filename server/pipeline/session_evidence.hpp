#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/pipeline/closed_window.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

constexpr std::size_t session_exchanges_max = 1'000;  // That are looked through.

// Appends, in the role setup and with the reason, the exchanges of `session` whose answers gave what the driven items
// send, and what these need in turn. `items` are not redacted yet, and neither is what is added. Returns how many a
// limit left out.
std::size_t add_session(
    std::vector<model::evidence_item>& items, std::span<const raw_record> session, std::string_view service
);

}  // namespace reprise::pipeline
