#include "trace_advice.hpp"

#include "sentence.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

std::string time_text(std::int64_t time_ns)
{
    return duration_text(static_cast<double>(time_ns));
}

}  // namespace

model::recommendation advise_on_straggler(
    const model::fanout& group, const std::string& member, const std::string& called
)
{
    const model::straggler& slow = *group.slow;
    // Twice what is still normal here: late enough to be rare, early enough to save most of the delay.
    const std::int64_t limit_ns =
        std::min(sum_ns(slow.limit_ns, slow.limit_ns), std::max(slow.duration_ns / 2, slow.limit_ns));
    model::recommendation made;
    made.title = "Hedge or time out the slow call";
    made.reason = count_text(group.members) + " calls are waited for together, so " + member + " alone added " +
                  time_text(slow.delay_ns) + ".";
    made.change = "Give each " + called + " call a time limit of " + time_text(limit_ns) +
                  " and ask once more when it passes, taking whichever answer comes first; then look at what " +
                  member + " asks for that the others do not.";
    return made;
}

model::recommendation advise_on_chain(const model::chain& chain, const std::string& links)
{
    const std::uint32_t rounds = (chain.depth + pool_size - 1) / pool_size;
    const std::int64_t parallel_ns = chain.total_ns / std::max(chain.depth, 1U) * rounds;
    model::recommendation made;
    made.title = "Run independent links side by side";
    made.reason = count_text(chain.depth) + " " + links + " calls wait for each other and none is slow by itself.";
    made.change = "Where a link does not use the answer of the one before, start it at once in a pool of " +
                  std::to_string(pool_size) + " (about " + time_text(parallel_ns) + " instead of " +
                  time_text(chain.total_ns) + "); ask for the rest in one batch call instead of " +
                  count_text(chain.depth) + ".";
    return made;
}

model::recommendation advise_on_retries(const model::retries& retried, std::int32_t concurrency)
{
    const std::int32_t pool = concurrency > 1 ? std::max(concurrency / 2, 1) : static_cast<std::int32_t>(pool_size);
    model::recommendation made;
    made.title = "Spend retries from a token bucket, with jittered backoff";
    made.reason = count_text(retried.tasks) + " tasks became " + count_text(retried.calls) +
                  " calls: what is failing gets more load because it fails.";
    made.change = "Let retries take tokens from a bucket that fills with 0.1 per call that succeeds and give up when "
                  "it is empty; wait a random time up to the doubled backoff; free the slot while waiting; run at "
                  "most " + std::to_string(pool) + " of these calls at once.";
    if (retried.exhausted_count > 0)
        made.change += " Report the " + count_text(retried.exhausted_count) + " that failed to the end as failed.";
    return made;
}

model::recommendation advise_on_loop(const model::agent_run& run, const std::string& called)
{
    model::recommendation made;
    made.title = "Stop after the same call twice";
    made.reason = called + " was called " + count_text(run.repeats) + " times with the same arguments; the answer told "
                  "the agent nothing new after the first.";
    made.change = "Remember tool and arguments of the last calls; answer the second equal one from memory, tell the "
                  "model so, and end the run with what it has at the third.";
    return made;
}

model::recommendation advise_on_stall(const model::token_stream& stream, std::int32_t concurrency)
{
    const std::int32_t pool = concurrency > 1 ? std::max(concurrency / 2, 1) : static_cast<std::int32_t>(pool_size);
    model::recommendation made;
    made.title = "Keep background work away from the stream";
    made.reason = "Tokens stopped for " + time_text(stream.largest_gap_ns) + " while background work ran beside them.";
    made.change = "Run the background calls in a pool of their own with at most " + std::to_string(pool) +
                  " at once, or start them when the last token is sent; never on the thread that sends tokens.";
    return made;
}

}  // namespace reprise::detect
