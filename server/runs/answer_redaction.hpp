#pragma once

#include "reprise/model/kept_answer.hpp"
#include "reprise/replay/answer_book.hpp"
#include "reprise/runs/policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <vector>

// Between what a target answered and the store: nothing reaches the disk but through here.
namespace reprise::runs {

// By the rules of captured exchanges, so that the same secret becomes the same token in both. Valid UTF-8 throughout.
// A body over replay::answer_body_bytes_max, and what is over the listed rows of a run, are left out.
std::vector<model::exchange_answers> redact_answers(
    std::vector<replay::replayed_answers> raw, const answer_redaction& rules
);

// The same, on `pool`.
boost::asio::awaitable<std::vector<model::exchange_answers>> redact_answers_on(
    boost::asio::any_io_executor pool, std::vector<replay::replayed_answers> raw, const answer_redaction& rules
);

}  // namespace reprise::runs
