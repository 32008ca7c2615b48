#include "approval_gauges.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <string>

namespace reprise::runs {

approval_gauges::approval_gauges(metrics& numbers)
    : oldest_age_s_(numbers.add_gauge(
          "reprise_approval_oldest_pending_seconds", "How long the oldest pending approval waits; 0: none is pending."
      )),
      reminders_(numbers.add_counter("reprise_approval_reminders_total", "Reminders of pending approvals.")),
      voided_(numbers.add_counter(
          "reprise_approvals_moved_total", "Pending approvals that were void because what they were asked on moved."
      ))
{
    for (std::size_t i = 0; i < states; ++i) {
        const auto state = static_cast<model::approval_state>(i);
        by_state_[i] = &numbers.add_gauge(
            "reprise_approvals", "Approvals by state.", "state=\"" + std::string(model::to_text(state)) + "\""
        );
    }
}

void approval_gauges::show(const sweep_report& swept, std::int64_t now_ns)
{
    for (gauge* const one : by_state_)
        one->set(0);
    for (const store::approval_count& each : swept.counts)
        by_state_[static_cast<std::size_t>(each.state)]->set(static_cast<std::int64_t>(each.count));
    const std::int64_t age_ns = swept.oldest_pending_ns ? now_ns - *swept.oldest_pending_ns : 0;
    oldest_age_s_.set(std::max<std::int64_t>(age_ns, 0) / ns_per_s);
    reminders_.add(swept.reminded);
    voided_.add(swept.voided);
}

}  // namespace reprise::runs
