#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/replay/drive.hpp"

#include <string>
#include <vector>

namespace reprise::app {

// What is sent, and why each of it.
struct sendable {
    std::vector<model::exchange> exchanges;
    std::vector<std::string> roles;
    bool has_failing = false;
};

// Inbound, complete and no context; methods that change something only when allowed.
sendable select_sendable(std::vector<model::evidence_item> items, bool allow_unsafe);

// "recorded", "kept", "fresh"; anything else is recorded.
replay::connection_policy policy_of(const std::string& text);

}  // namespace reprise::app
