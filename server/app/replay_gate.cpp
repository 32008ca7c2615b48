#include "replay_gate.hpp"

namespace reprise::app {

replay::checked<replay_gate> parse_gate(std::string_view text)
{
    auto read = replay::parse_condition(text);
    if (!read)
        return read.error();
    const bool is_one = read->terms.size() == 1 && replay::is_figure(read->terms.front().what);
    if (!is_one || replay::needs_telemetry(*read))
        return replay::refusal{
            replay::errc::bad_condition,
            "A gate is one figure of all answers (failing, unanswered, p50, p90, p95, p99), like 'p95>800ms' or "
            "'failing>0%'."
        };
    return replay_gate{std::move(read->terms.front()), std::string(text)};
}

}  // namespace reprise::app
