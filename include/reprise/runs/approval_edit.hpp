#pragma once

#include "reprise/base/error.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/person.hpp"
#include "reprise/runs/notice.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reprise::store {
class transaction;
}

// An operator writes another title and body: the approval before is void, a new one asks for exactly the new text,
// and the run waits on.
namespace reprise::runs {

struct edit_request {
    std::string approval_id;
    std::string title;
    std::string body;
    std::string comment;
    model::person person;
    std::int64_t expected_version = 0;
    std::string request_id;
};

// The approval that is asked now. Errors: reprise::errc::not_found, stale, invalid_argument (see
// forge::edit_released); lifecycle's not_editable, expired, unchanged, and already_decided when it is not the
// latest of a run that waits.
result<model::approval> edit_approval(
    store::transaction& tx, const edit_request& request, const lifecycle::approval_policy& policy, std::int64_t now_ns,
    notice_sink* notices = nullptr
);

}  // namespace reprise::runs
