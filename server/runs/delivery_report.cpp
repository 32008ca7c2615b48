#include "delivery_report.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/forge/delivery_ladder.hpp"
#include "reprise/runs/deliverer.hpp"

#include <algorithm>

namespace reprise::runs {

store::delivery_end decide_delivery(const store::delivery& one, const delivery_report& came, std::int64_t now_ns)
{
    store::delivery_end end;
    end.known = came.known;
    end.status = came.status;
    end.error = came.error;
    end.snippet = came.snippet;
    if (came.delivered) {
        end.state = store::delivery_state::delivered;
        return end;
    }
    if (came.put_off) {
        end.uses_rung = false;
        end.due_ns = now_ns + came.asked_for.value_or(endpoint_pause_default).count() * ns_per_s;
        return end;
    }
    const auto next = forge::next_delivery_ns(one.id, one.rung, now_ns, came.asked_for);
    if (came.gone || came.refused || !next) {
        end.state = store::delivery_state::failed;
        if (!next)
            end.error += " (the last of " + std::to_string(forge::delivery_delays.size()) + " attempts)";
        return end;
    }
    end.due_ns = *next;
    return end;
}

std::optional<std::chrono::seconds> pause_after(const delivery_report& came)
{
    if (!came.busy)
        return std::nullopt;
    return std::min(came.asked_for.value_or(endpoint_pause_default), endpoint_pause_max);
}

}  // namespace reprise::runs
