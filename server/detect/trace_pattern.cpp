#include "trace_parts.hpp"

#include "trace_shapes.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

// How a trace is labelled, from what its spans do and how they lie, never from names or services:
//
// 1. stream: a stream takes at least half of the trace, whatever runs beside it.
// 2. human: a person is waited for anywhere. Nothing else says more about how long the trace took.
// 3. retry: attempts after the first and the waits before them take at least half of the wall time.
// 4. Of the spans that take at least half of the trace and whose children have one of the shapes below, the highest
//    in the tree has it; for one span the order is that of the list:
//    * react: thoughts and tools take turns.
//    * rag: something is fetched, then a model is asked, and no more.
//    * retry: calls directly below a span that states how often it tries again, or of which several were tried again.
//    * dag: a fan-out whose end a sibling with work of its own has waited for; or one that failed before anything
//      could, below a span that states how many branches there are but no limit.
//    * fanout: siblings that overlap, or any number of them below a span that states that it fans out.
//    * chain: siblings that follow each other.
// 5. none. Ordinary spans (HTTP, databases, code) are none but for wide fan-outs.
namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;
using model::trace_pattern;

bool is_half(std::int64_t part_ns, std::int64_t whole_ns) noexcept
{
    return part_ns >= whole_ns - whole_ns / 2;
}

bool is_agentic(const model::trace_span& span) noexcept
{
    return span.role == span_role::worker || span.role == span_role::step || span.role == span_role::tool
           || span.role == span_role::llm || span.role == span_role::planner;
}

bool is_work(const model::trace_span& span) noexcept
{
    return span.role == span_role::worker || span.role == span_role::step || span.role == span_role::tool;
}

// The children that are the most of one form among those that work.
struct work_group {
    std::uint64_t form = 0;
    std::size_t count = 0;
    std::int64_t last_end_ns = 0;
    std::int64_t total_ns = 0;
    bool is_sequential = true;
    bool is_numbered = false;
    bool has_failed = false;
    span_role role = span_role::plain;
};

work_group find_work(const span_tree& tree, std::uint32_t parent)
{
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_form;
    for (const std::uint32_t child : tree.children(parent)) {
        if (is_work(tree[child]) && !is_human(tree[child]) && !is_repeat(tree[child]))
            by_form.emplace_back(tree.form(child), child);
    }
    std::stable_sort(by_form.begin(), by_form.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    work_group most;
    std::uint32_t first_of_most = no_span;
    for (std::size_t at = 0; at < by_form.size();) {
        const std::uint32_t first = by_form[at].second;
        work_group one;
        one.form = by_form[at].first;
        one.role = tree[first].role;
        one.last_end_ns = tree.start_ns(first);
        for (; at < by_form.size() && by_form[at].first == one.form; ++at) {
            const std::uint32_t child = by_form[at].second;
            one.is_sequential = one.is_sequential && tree.start_ns(child) >= one.last_end_ns;
            one.last_end_ns = std::max(one.last_end_ns, tree.end_ns(child));
            one.total_ns = sum_ns(one.total_ns, tree.duration_ns(child));
            one.is_numbered = one.is_numbered || tree[child].index >= 0;
            one.has_failed = one.has_failed || tree[child].failed;
            ++one.count;
        }
        if (one.count > most.count || (one.count == most.count && first < first_of_most)) {
            most = one;
            first_of_most = first;
        }
    }
    return most;
}

// A fetch, then a model that is asked after it.
bool is_retrieving(const span_tree& tree, std::uint32_t parent) noexcept
{
    bool has_fetched = false;
    std::int64_t fetched_ns = 0;
    for (const std::uint32_t child : tree.children(parent)) {
        const model::trace_span& span = tree[child];
        const bool is_fetch = span.role == span_role::io || (span.role == span_role::tool && span.payload_kb >= 0);
        if (is_fetch && (!has_fetched || tree.end_ns(child) < fetched_ns)) {
            has_fetched = true;
            fetched_ns = tree.end_ns(child);
        }
        if (has_fetched && span.role == span_role::llm && tree.start_ns(child) >= fetched_ns)
            return true;
    }
    return false;
}

class pattern_search {
public:
    pattern_search(const span_tree& tree, const model::trace_report& report, const trace_limits& limits)
        : tree_(tree), report_(report), limits_(limits)
    {
    }

    trace_pattern find()
    {
        bool has_human = false;
        for (std::uint32_t span = 0; span < tree_.size(); ++span) {
            if (tree_[span].role == span_role::stream && takes_half(span))
                return trace_pattern::stream;
            has_human = has_human || is_human(tree_[span]);
        }
        if (has_human)
            return trace_pattern::human;
        if (retries_take_half())
            return trace_pattern::retry;
        look_at_fanouts();
        look_at_chains();
        look_below(no_span);
        for (const std::uint32_t span : tree_.top_down()) {
            if (takes_half(span) && !tree_.children(span).empty())
                look_below(span);
        }
        return best_;
    }

private:
    bool takes_half(std::uint32_t span) const { return is_half(tree_.duration_ns(span), tree_.wall_ns()); }

    static int rank_of(trace_pattern pattern) noexcept
    {
        switch (pattern) {
        case trace_pattern::react: return 0;
        case trace_pattern::rag: return 1;
        case trace_pattern::retry: return 2;
        case trace_pattern::dag: return 3;
        case trace_pattern::fanout: return 4;
        case trace_pattern::chain: return 5;
        default: return 6;
        }
    }

    void offer(trace_pattern pattern, std::uint32_t parent)
    {
        if (parent != no_span && !takes_half(parent))
            return;
        const std::uint32_t depth = parent == no_span ? 0 : tree_.depth(parent);
        if (std::tuple(depth, rank_of(pattern)) < std::tuple(depth_, rank_of(best_))) {
            best_ = pattern;
            depth_ = depth;
        }
    }

    bool retries_take_half() const
    {
        std::vector<std::uint32_t> repeats;
        if (report_.retried) {
            for (const model::retry_sequence& sequence : report_.retried->sequences) {
                for (std::size_t at = 1; at < sequence.attempts.size(); ++at)
                    repeats.push_back(sequence.attempts[at].span);
            }
        }
        std::sort(repeats.begin(), repeats.end());
        std::int64_t spent_ns = 0;
        for (const model::path_part& part : report_.path) {
            const bool is_retried = part.span != no_span
                                    && (is_repeat(tree_[part.span])
                                        || std::binary_search(repeats.begin(), repeats.end(), part.span));
            if (is_retried || part.spent == model::time_class::waiting_backoff)
                spent_ns += part.end_ns - part.start_ns;
        }
        return spent_ns > 0 && is_half(spent_ns, tree_.wall_ns());
    }

    // Below which spans how many calls were tried again, when that is more than chance.
    std::map<std::uint32_t, std::uint32_t> count_retried() const
    {
        std::map<std::uint32_t, std::uint32_t> counts;
        if (!report_.retried || report_.retried->amplification < limits_.retry_amplification)
            return counts;
        for (const model::retry_sequence& sequence : report_.retried->sequences) {
            if (sequence.attempts.size() > 1)
                ++counts[sequence.parent];
        }
        return counts;
    }

    void look_at_fanouts()
    {
        const auto retried = count_retried();
        for (const model::fanout& fanout : report_.fanouts) {
            if (fanout.branches.empty())
                continue;
            const bool is_agents = is_agentic(tree_[fanout.branches.front().span]);
            if (!is_agents && fanout.members < limits_.fanout_wide_min)
                continue;
            const auto below = retried.find(fanout.parent);
            if (below != retried.end() && below->second >= limits_.retry_sequences_min)
                offer(trace_pattern::retry, fanout.parent);
            const bool is_joined = is_agents && fanout.join != no_span;
            offer(is_joined ? trace_pattern::dag : trace_pattern::fanout, fanout.parent);
        }
    }

    void look_at_chains()
    {
        for (const model::chain& chain : report_.chains)
            offer(trace_pattern::chain, chain.parent);
    }

    void look_below(std::uint32_t parent)
    {
        if (is_thinking_and_acting(tree_, parent))
            return offer(trace_pattern::react, parent);
        if (is_retrieving(tree_, parent))
            return offer(trace_pattern::rag, parent);
        if (parent == no_span)
            return;
        const model::trace_span& span = tree_[parent];
        const work_group work = find_work(tree_, parent);
        if (work.count == 0)
            return;
        const bool is_joined = find_join(tree_, parent, work.form, work.last_end_ns) != no_span;
        if (span.retries_max >= 0 && work.role == span_role::tool && !is_joined)
            return offer(trace_pattern::retry, parent);
        const bool is_cut_short = span.failed && span.concurrency < 1 && work.has_failed;
        if (span.fanout >= 0)
            return offer(is_joined || is_cut_short ? trace_pattern::dag : trace_pattern::fanout, parent);
        // Shorter than what find_chains takes notice of, but all there is.
        const bool is_chained = work.is_sequential && work.role != span_role::tool
                                && (work.count > 1 || work.is_numbered) && is_half(work.total_ns, tree_.wall_ns());
        if (is_chained)
            offer(trace_pattern::chain, parent);
    }

    const span_tree& tree_;
    const model::trace_report& report_;
    const trace_limits& limits_;
    trace_pattern best_ = trace_pattern::none;
    std::uint32_t depth_ = UINT32_MAX;
};

}  // namespace

trace_pattern find_pattern(const span_tree& tree, const model::trace_report& report, const trace_limits& limits)
{
    return pattern_search(tree, report, limits).find();
}

}  // namespace reprise::detect
