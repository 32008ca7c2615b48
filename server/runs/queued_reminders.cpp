#include "reprise/runs/queued_reminders.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/notices.hpp"

namespace reprise::runs {

result<void> queued_reminders::take(store::transaction& tx, const notice& told)
{
    if (told.kind != notice_kind::approval_reminder)
        return {};
    const auto approval = store::find_approval(tx, told.approval_id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    const auto queued =
        store::enqueue_deliveries(tx, store::approval_reminder(**approval, static_cast<int>(told.percent), told.at_ns));
    return queued ? result<void>() : result<void>(queued.error());
}

}  // namespace reprise::runs
