#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reprise::app {

enum class gate_figure { failing, unanswered, p50, p90, p95, p99 };

// One --fail-if of `reprise replay`: "p95>800ms", "failing>0%", "unanswered>0%".
struct replay_gate {
    gate_figure figure = gate_figure::failing;
    double limit = 0;  // Percent, or milliseconds.
    std::string text;
};

// Empty when the text is no gate.
std::optional<replay_gate> parse_gate(std::string_view text);

}  // namespace reprise::app
