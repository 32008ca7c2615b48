#pragma once

#include "span_tree.hpp"

#include <string>

// What to do about what one trace shows. Each has a title, a reason with the trace's numbers and a change that can
// be made as it stands.
namespace reprise::detect {

// How many calls at once the advice starts from where nothing better is known.
constexpr std::uint32_t pool_size = 10;

model::recommendation advise_on_straggler(
    const model::fanout& group, const std::string& member, const std::string& called
);
model::recommendation advise_on_chain(const model::chain& chain, const std::string& links);
model::recommendation advise_on_retries(const model::retries& retried, std::int32_t concurrency);
model::recommendation advise_on_loop(const model::agent_run& run, const std::string& called);
model::recommendation advise_on_stall(const model::token_stream& stream, std::int32_t concurrency);

}  // namespace reprise::detect
