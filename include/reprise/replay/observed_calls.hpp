#pragma once

#include "reprise/detect/burst.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/replay/condition.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// What a service itself says about the requests of a trial: which calls it made under each. Values, one thread at a
// time, nothing blocks.
namespace reprise::replay {

class observed_calls {
public:
    static constexpr std::size_t calls_max = 200'000;  // Kept of one trial; more are left out of its figures.

    // Only traces whose upper half is the mark count.
    explicit observed_calls(std::uint64_t mark) : mark_(mark) {}

    // A new trial begins: forgets the calls, but not by which sources (spans, RRPairs) the service reports.
    void begin();
    void take(const model::observation_batch& batch);

    // Every trace has its inbound record from each source that the service reports by; it ends last, so the calls
    // under it are there, too.
    bool complete(std::span<const model::trace_id> wanted) const;
    // Nothing while no inbound record of the trace came. A call that was reported twice, as span and as RRPair, is not
    // counted twice: the figures are those of the source that knows more calls.
    std::optional<call_figures> find(const model::trace_id& trace) const;

private:
    static constexpr std::size_t sources = 2;  // Spans and RRPairs.

    struct reported {
        bool finished = false;
        std::unordered_set<std::uint64_t> spans;  // An export that was sent again must not count twice.
        std::vector<detect::call_interval> calls;
    };

    std::uint64_t mark_;
    std::array<bool, sources> reports_{};
    std::size_t kept_ = 0;
    std::unordered_map<std::uint64_t, std::array<reported, sources>> traces_;  // By the lower half.
};

}  // namespace reprise::replay
