#include "reprise/replay/mock.hpp"

namespace reprise::replay {

std::string_view to_text(rule_reason value) noexcept
{
    switch (value) {
    case rule_reason::asked: return "asked for";
    case rule_reason::redacted: return "redacted in the recording";
    case rule_reason::secret: return "a credential";
    case rule_reason::made_then: return "made while the traffic was captured";
    case rule_reason::no_difference: return "makes no difference to the answer";
    }
    return "";
}

std::string_view to_text(mock_label value) noexcept
{
    switch (value) {
    case mock_label::hit: return "hit";
    case mock_label::miss: return "miss";
    case mock_label::exhausted: return "exhausted";
    case mock_label::fault: return "fault";
    case mock_label::refused: return "refused";
    }
    return "";
}

double mock_report::match_rate() const noexcept
{
    return hits + misses == 0 ? 1 : static_cast<double>(hits) / static_cast<double>(hits + misses);
}

double mock_report::projected_rate() const noexcept
{
    return hits + misses == 0 ? 1 : static_cast<double>(hits + ignorable) / static_cast<double>(hits + misses);
}

}  // namespace reprise::replay
