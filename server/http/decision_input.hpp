#pragma once

#include "inputs.hpp"

#include "reprise/net/message.hpp"
#include "reprise/runs/decisions.hpp"

#include <string_view>

namespace reprise::http {

// What a decision says, from the body: hash, comment, confirmation, failure layer. A member that is not in the space
// separated list `known_members` is refused: a misspelt "comment" must not pass as an absent one. Which approval,
// what kind, who and how they proved it is the caller's to fill in.
checked<runs::decision_request> read_decision(const net::request& req, std::string_view known_members);

}  // namespace reprise::http
