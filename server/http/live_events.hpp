#pragma once

#include "reprise/base/error.hpp"
#include "reprise/live/queue.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/transaction.hpp"

#include <span>
#include <string>
#include <vector>

namespace reprise::http {

// Committed events as messages. Each entity is rendered once, as it is in this view of the database, and
// of several events of one entity on one topic only the last becomes a message. What is not there any
// more is left out.
result<std::vector<live::message>> load_messages(
    const store::reader& from, const std::string& epoch, std::span<const store::live_event> events
);

}  // namespace reprise::http
