#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/store/approvals.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// What refusals teach: pairs of a rejected and a later approved answer to the same incident (docs/approvals.md has
// the format). Written in the decision's transaction.
namespace reprise::runs {

// "task_specification", "context_provision", "execution_environment", "verification_feedback",
// "state_management", "model_capability": where the person thinks it went wrong.
bool is_failure_layer(std::string_view text) noexcept;

// Of a rejection or a request for changes. `failure_layer` may be empty.
result<void> record_rejection(
    store::transaction& tx, const model::approval& approval, const model::decision& decision,
    std::string_view failure_layer, std::int64_t now_ns
);

// The incident's open pairs are completed with what was approved.
result<void> record_choice(
    store::transaction& tx, const model::approval& approval, const model::decision& decision, std::int64_t now_ns
);

// One line of JSON with its line break; written in one piece.
std::string preference_line(const store::preference& record);

}  // namespace reprise::runs
