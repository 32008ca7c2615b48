#pragma once

#include "reprise/replay/condition.hpp"

#include <string>
#include <string_view>

namespace reprise::app {

// One --fail-if of `reprise replay`: "p95>800ms", "failing>0%", "unanswered>0%". The language is that of
// `minimize --still` with one figure of all answers.
struct replay_gate {
    replay::condition_term figure;
    std::string text;
};

replay::checked<replay_gate> parse_gate(std::string_view text);

}  // namespace reprise::app
