#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace reprise::runs {

// The pace of one endpoint.
struct lane_pace {
    std::size_t at_once_max = 4;
    std::int64_t gap_ns = 100'000'000;  // Between two beginnings, on average ...
    std::size_t burst = 10;             // ... but so many may begin together after a rest.
};

// Who is being sent to right now, how fast, and who asked for a pause: so that one slow endpoint takes nothing from
// the others. In memory only: after a restart everybody starts rested. Times are of the steady clock. Any thread.
class delivery_lanes {
public:
    explicit delivery_lanes(std::size_t at_once_max) : at_once_max_(at_once_max) {}

    // How many attempts of this endpoint may begin now.
    std::size_t find_room(std::string_view endpoint_id, const lane_pace& pace, std::int64_t steady_ns) const;
    void begin(std::string_view endpoint_id, const lane_pace& pace, std::int64_t steady_ns);
    void end(std::string_view endpoint_id);
    void pause(std::string_view endpoint_id, std::int64_t until_ns);

    std::size_t under_way() const;
    // Lanes at rest need not be remembered.
    void forget_idle(std::int64_t steady_ns);
    std::size_t size() const;

private:
    struct lane {
        std::size_t under_way = 0;
        std::int64_t next_ns = 0;    // When the next one would begin at an even pace.
        std::int64_t paused_ns = 0;  // Until.
    };

    mutable std::mutex mutex_;
    const std::size_t at_once_max_;
    std::size_t under_way_ = 0;
    std::map<std::string, lane, std::less<>> lanes_;
};

}  // namespace reprise::runs
