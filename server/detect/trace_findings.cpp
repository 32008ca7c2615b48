#include "trace_advice.hpp"
#include "trace_names.hpp"
#include "trace_parts.hpp"

#include "sentence.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

using model::no_span;

// 0.6 for what just reaches the limits of its kind, towards 0.95 for what is far beyond. `margin` is by how many
// times it passes the limit that it passes by least.
double confidence_at(double margin) noexcept
{
    return 0.6 + 0.35 * (1 - 1 / std::max(margin, 1.0));
}

// Spans that did not come may be what the rest seems to lack.
constexpr double incomplete_factor = 0.8;
// Where the trace says that something happened but not when.
constexpr double unplaced_factor = 0.8;

std::string time_text(std::int64_t time_ns)
{
    return duration_text(static_cast<double>(time_ns));
}

double ratio_of(std::int64_t a, std::int64_t b) noexcept
{
    return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : 0;
}

// What one trace shows, kind by kind.
class finder {
public:
    finder(const span_tree& tree, const model::trace_report& report, const trace_limits& limits)
        : tree_(tree), report_(report), limits_(limits)
    {
    }

    std::vector<model::trace_finding> find();

private:
    model::trace_finding start(model::signal_kind kind, std::uint32_t span, double margin) const;
    void add_straggler(const model::fanout& group);
    void add_chain(const model::chain& chain);
    void add_retries(const model::retries& retried);
    void add_loop(const model::agent_run& run);
    void add_stall(const model::token_stream& stream);
    std::int32_t concurrency_above(std::uint32_t span) const;
    std::int32_t concurrency_below(std::uint32_t span) const;

    const span_tree& tree_;
    const model::trace_report& report_;
    const trace_limits& limits_;
    std::vector<model::trace_finding> found_;
};

model::trace_finding finder::start(model::signal_kind kind, std::uint32_t span, double margin) const
{
    model::trace_finding made;
    made.kind = kind;
    made.span = span;
    if (span != no_span) {
        made.agent = owner_name(tree_[span]);
        made.service = tree_[span].service;
    }
    const bool complete = report_.has_root && !report_.truncated && report_.parents_missing == 0;
    made.confidence = confidence_at(margin) * (complete ? 1 : incomplete_factor);
    return made;
}

// What the work is said to be limited to, by the span or one above it.
std::int32_t finder::concurrency_above(std::uint32_t span) const
{
    for (; span != no_span; span = tree_.parent(span)) {
        if (tree_[span].concurrency > 0)
            return tree_[span].concurrency;
    }
    return -1;
}

std::int32_t finder::concurrency_below(std::uint32_t span) const
{
    std::int32_t largest = -1;
    for (const std::uint32_t child : tree_.children(span))
        largest = std::max(largest, tree_[child].concurrency);
    return largest;
}

void finder::add_straggler(const model::fanout& group)
{
    const model::straggler& slow = *group.slow;
    const double margin =
        std::min(ratio_of(slow.duration_ns, slow.limit_ns), slow.parent_share / limits_.straggler_parent_share);
    model::trace_finding made = start(model::signal_kind::fanout_straggler, slow.span, margin);
    made.observed = ratio_of(slow.duration_ns, group.median_ns);
    made.expected = 1;
    made.unit = "ratio";
    const std::string member = made.agent;
    const std::string tool(tool_name(tree_.trace(), slow.span, slow.tool_span));
    const std::string called = tool.empty() ? std::string(tree_[slow.span].name) : tool;
    made.explanation = member + (tool.empty() ? "" : " (tool " + tool + ")") + " took " + time_text(slow.duration_ns) +
                       ", " + ratio_text(made.observed) + " times the median of " + time_text(group.median_ns) +
                       " of its " + count_text(group.members) + " siblings, and ended " + time_text(slow.delay_ns) +
                       " after all others: " + share_text(slow.parent_share) + " of the time of " +
                       (group.parent == no_span ? "the trace" : std::string(owner_name(tree_[group.parent]))) + ".";
    made.advice = advise_on_straggler(group, member, called);
    found_.push_back(std::move(made));
}

void finder::add_chain(const model::chain& chain)
{
    // An agent takes one step after the other by its nature.
    if (chain.largest == no_span || (report_.agents && report_.agents->span == chain.parent))
        return;
    const std::int64_t largest_ns = tree_.duration_ns(chain.largest);
    const double margin = static_cast<double>(chain.depth) / limits_.chain_links_min;
    model::trace_finding made = start(model::signal_kind::blocking_chain, chain.parent, margin);
    made.observed = chain.path_share;
    made.expected = 0;
    made.unit = "ratio";
    const std::string_view tool = tool_name(tree_.trace(), chain.largest, no_span);
    const std::string links(tool.empty() ? tree_[chain.largest].name : tool);
    made.explanation = count_text(chain.depth) + " " + links + " calls" +
                       (chain.parent == no_span ? "" : " under " + std::string(owner_name(tree_[chain.parent]))) +
                       " ran one after the other for " + time_text(chain.total_ns) + ", " +
                       share_text(chain.path_share) + " of the trace; the longest is " +
                       share_text(chain.largest_share) + " of them (" + time_text(largest_ns) +
                       "), so no single one is to blame.";
    made.advice = advise_on_chain(chain, links);
    found_.push_back(std::move(made));
}

void finder::add_retries(const model::retries& retried)
{
    if (retried.amplification < limits_.retry_amplification || retried.sequence_count < limits_.retry_sequences_min ||
        retried.sequences.empty())
        return;
    const double margin = std::min(
        (retried.amplification - 1) / (limits_.retry_amplification - 1),
        static_cast<double>(retried.sequence_count) / limits_.retry_sequences_min
    );
    const model::retry_sequence& first = retried.sequences.front();
    const std::uint32_t place = first.parent != no_span ? first.parent : first.attempts.front().span;
    model::trace_finding made = start(model::signal_kind::retry_storm, place, margin);
    made.observed = retried.amplification;
    made.expected = 1;
    made.unit = "count";
    made.explanation = count_text(retried.tasks) + " tasks took " + count_text(retried.calls) + " calls (" +
                       ratio_text(retried.amplification * 100 - 100) + " % more load): " +
                       count_text(retried.sequence_count) + " were tried again after " + first.reason +
                       ", with up to " + count_text(retried.attempts_most) +
                       " attempts each and " + time_text(retried.backoff_ns) +
                       " of waiting between them";
    made.explanation += retried.exhausted_count == 0
                            ? "; all succeeded in the end."
                            : "; " + count_text(retried.exhausted_count) + " failed to the end.";
    made.advice = advise_on_retries(retried, concurrency_above(place));
    found_.push_back(std::move(made));
}

void finder::add_loop(const model::agent_run& run)
{
    if (run.repeats < limits_.loop_repeats_min || run.repeated == no_span)
        return;
    const double margin = static_cast<double>(run.repeats) / limits_.loop_repeats_min;
    model::trace_finding made = start(model::signal_kind::agent_loop, run.span, margin);
    made.observed = run.repeats;
    made.expected = 1;
    made.unit = "count";
    const model::trace_span& repeated = tree_[run.repeated];
    const std::string called(repeated.tool.empty() ? repeated.name : repeated.tool);
    made.explanation = made.agent + " called " + called + " " + count_text(run.repeats) +
                       " times, one after another, with the same arguments in " + count_text(run.step_count) +
                       (run.step_count == 1 ? " step" : " steps") + " (" + time_text(run.think_ns) + " thinking, " +
                       time_text(run.tool_ns) + " in tools).";
    made.advice = advise_on_loop(run, called);
    found_.push_back(std::move(made));
}

enum class gap_place : std::uint8_t { unknown, during, outside };

// Whether the longest pause between tokens fell into the background work.
gap_place place_of_gap(const model::token_stream& stream)
{
    if (stream.token_ns.size() < 2)
        return gap_place::unknown;
    std::size_t at = 1;
    for (std::size_t index = 2; index < stream.token_ns.size(); ++index) {
        if (stream.token_ns[index] - stream.token_ns[index - 1] > stream.token_ns[at] - stream.token_ns[at - 1])
            at = index;
    }
    const bool overlaps =
        stream.token_ns[at] > stream.background_start_ns && stream.token_ns[at - 1] < stream.background_end_ns;
    return overlaps ? gap_place::during : gap_place::outside;
}

void finder::add_stall(const model::token_stream& stream)
{
    if (stream.background_end_ns < 0 || stream.largest_gap_ns < limits_.stream_gap_ns || stream.median_gap_ns <= 0)
        return;
    const double ratio = ratio_of(stream.largest_gap_ns, stream.median_gap_ns);
    const gap_place place = place_of_gap(stream);
    if (ratio < limits_.stream_gap_ratio || place == gap_place::outside)
        return;
    const double margin =
        std::min(ratio / limits_.stream_gap_ratio, ratio_of(stream.largest_gap_ns, limits_.stream_gap_ns));
    model::trace_finding made = start(model::signal_kind::stream_stall, stream.span, margin);
    made.confidence *= place == gap_place::unknown ? unplaced_factor : 1;
    made.observed = ratio;
    made.expected = 1;
    made.unit = "ratio";
    made.explanation = "Tokens of " + made.agent + " stopped for " + time_text(stream.largest_gap_ns) + ", " +
                       ratio_text(ratio) + " times the usual gap of " + time_text(stream.median_gap_ns) +
                       ", while background work ran for " +
                       time_text(stream.background_end_ns - stream.background_start_ns);
    if (stream.rate_during >= 0 && stream.rate_after >= 0)
        made.explanation += "; " + ratio_text(stream.rate_during) + " tokens/s beside it, " +
                            ratio_text(stream.rate_after) + " tokens/s after it";
    made.explanation += ".";
    made.advice = advise_on_stall(stream, concurrency_below(stream.span));
    found_.push_back(std::move(made));
}

std::vector<model::trace_finding> finder::find()
{
    for (const model::fanout& group : report_.fanouts) {
        if (group.slow)
            add_straggler(group);
    }
    for (const model::chain& chain : report_.chains)
        add_chain(chain);
    if (report_.retried)
        add_retries(*report_.retried);
    if (report_.agents)
        add_loop(*report_.agents);
    if (report_.stream)
        add_stall(*report_.stream);
    // The surest first, and the same order whatever the analyses were asked in.
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
        return a.confidence > b.confidence;
    });
    return std::move(found_);
}

}  // namespace

std::vector<model::trace_finding> find_findings(
    const span_tree& tree, const model::trace_report& report, const trace_limits& limits
)
{
    return finder(tree, report, limits).find();
}

}  // namespace reprise::detect
