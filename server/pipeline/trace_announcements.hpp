#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

// When live readers are told that a service has new traces: at most once per service and second, however many come,
// and the last one is always told of. Times are of the steady clock. Not for several threads.
class trace_announcements {
public:
    static constexpr std::int64_t pause_ns = 1'000'000'000;
    static constexpr std::size_t services_max = 1'000;  // More at once are told of when there is room.

    // Traces of it were kept. False when it found no place.
    bool note(std::string_view service);
    // Those that may be told of now.
    std::vector<std::string> due(std::int64_t now_ns) const;
    // They were.
    void told(const std::vector<std::string>& services, std::int64_t now_ns);
    // Everything that waits, due or not: nothing will come after it.
    std::vector<std::string> waiting() const;
    // When the next one is due; nothing when none waits.
    std::optional<std::int64_t> next_due_ns() const;

private:
    struct place {
        bool waits = false;
        std::optional<std::int64_t> told_ns;

        std::int64_t due_ns() const noexcept { return told_ns ? *told_ns + pause_ns : 0; }
    };
    std::map<std::string, place, std::less<>> services_;
};

}  // namespace reprise::pipeline
