#pragma once

#include "reprise/runs/notice.hpp"

namespace reprise::runs {

// Puts reminders into the queue of notices (store/notices.hpp), where the repositories have put everything else
// already: what is committed is told, whoever committed it. Has no state; safe from any thread.
class queued_reminders final : public notice_sink {
public:
    result<void> take(store::transaction& tx, const notice& told) override;
};

}  // namespace reprise::runs
