#include "replay_gate.hpp"

#include <array>
#include <cstdlib>

namespace reprise::app {
namespace {

struct named_figure {
    std::string_view name;
    gate_figure figure;
    std::string_view unit;
};

constexpr std::array figures = {
    named_figure{"failing", gate_figure::failing, "%"},
    named_figure{"unanswered", gate_figure::unanswered, "%"},
    named_figure{"p50", gate_figure::p50, "ms"},
    named_figure{"p90", gate_figure::p90, "ms"},
    named_figure{"p95", gate_figure::p95, "ms"},
    named_figure{"p99", gate_figure::p99, "ms"},
};

}  // namespace

std::optional<replay_gate> parse_gate(std::string_view text)
{
    const auto sign = text.find('>');
    if (sign == std::string_view::npos)
        return std::nullopt;
    for (const named_figure& one : figures) {
        if (text.substr(0, sign) != one.name)
            continue;
        const std::string number(text.substr(sign + 1));
        char* end = nullptr;
        const double limit = std::strtod(number.c_str(), &end);
        if (end == number.c_str() || limit < 0 || std::string_view(end) != one.unit)
            return std::nullopt;
        return replay_gate{one.figure, limit, std::string(text)};
    }
    return std::nullopt;
}

}  // namespace reprise::app
