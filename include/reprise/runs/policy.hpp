#pragma once

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/replay/trial.hpp"
#include "reprise/telemetry/redact_rules.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace reprise::runs {

// As captured exchanges are redacted: the same key and rules.
struct answer_redaction {
    std::string key;
    telemetry::redaction_rules rules;
};

// The settings that decide what runs may do. One value, set at the start.
struct run_policy {
    lifecycle::run_timing timing;
    lifecycle::approval_policy approval;
    replay::trial_limits trial;
    answer_redaction redaction;            // Of what targets answer.
    std::vector<replay::target> targets;   // The allow-list.
    std::chrono::milliseconds claim_pause{250};  // An idle worker looks at the queue so often, whatever it is told.
    bool replay_here = true;               // Otherwise replays are left to workers elsewhere.
    std::filesystem::path data_dir;
    std::string public_url;
    std::string branch_prefix = "reprise/";  // Of the branches of pull requests.
};

}  // namespace reprise::runs
