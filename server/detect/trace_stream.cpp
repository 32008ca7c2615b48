#include "trace_parts.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;

bool is_stream(const model::trace_span& span) noexcept
{
    return span.role == span_role::stream || span.token_count > 1 || span.first_token_ns >= 0;
}

// A declared stream before whatever else sends tokens; the longest of them.
std::uint32_t find_stream_span(const span_tree& tree)
{
    std::uint32_t found = no_span;
    for (const std::uint32_t span : tree.top_down()) {
        if (!is_stream(tree[span]))
            continue;
        const auto weight = [&tree](std::uint32_t one) {
            return std::pair(tree[one].role == span_role::stream, tree.duration_ns(one));
        };
        if (found == no_span || weight(span) > weight(found))
            found = span;
    }
    return found;
}

// When its tokens came, on the trace's clock.
std::vector<std::int64_t> token_times(const span_tree& tree, std::uint32_t span)
{
    const model::trace_span& stream = tree[span];
    const std::vector<std::int64_t>& all = tree.trace().token_ns;
    const std::size_t first = std::min<std::size_t>(stream.token_offset, all.size());
    const std::size_t count = std::min<std::size_t>(stream.token_count, all.size() - first);
    const std::int64_t said_ns = std::clamp(stream.start_ns, -span_tree::time_ns_max, span_tree::time_ns_max);
    const std::int64_t shift_ns = tree.start_ns(span) - said_ns;
    std::vector<std::int64_t> times(count);
    for (std::size_t index = 0; index < count; ++index)
        times[index] = std::clamp(sum_ns(all[first + index], shift_ns), tree.start_ns(span), tree.end_ns(span));
    std::sort(times.begin(), times.end());
    return times;
}

// The request that carries the tokens is none of the work beside them.
bool is_carrier(const span_tree& tree, std::uint32_t span, const std::vector<std::int64_t>& tokens)
{
    return tree[span].kind == model::operation_kind::client && !tokens.empty() &&
           tree.start_ns(span) <= tokens.front() && tree.end_ns(span) >= tokens.back();
}

// What ran while tokens were sent: below the stream, else beside it.
std::vector<std::uint32_t> background_of(
    const span_tree& tree, std::uint32_t stream, const std::vector<std::int64_t>& tokens
)
{
    std::vector<std::uint32_t> found;
    for (const std::uint32_t child : tree.children(stream)) {
        if (!is_carrier(tree, child, tokens))
            found.push_back(child);
    }
    if (!found.empty())
        return found;
    for (const std::uint32_t sibling : tree.children(tree.parent(stream))) {
        if (sibling != stream && tree.start_ns(sibling) < tree.end_ns(stream) &&
            tree.end_ns(sibling) > tree.start_ns(stream))
            found.push_back(sibling);
    }
    return found;
}

std::uint32_t count_failures(const span_tree& tree, std::uint32_t top)
{
    std::uint32_t failures = 0;
    for (const std::uint32_t span : tree.subtree(top)) {
        const auto children = tree.children(span);
        const bool is_passed_on =
            std::any_of(children.begin(), children.end(), [&tree](auto child) { return tree[child].failed; });
        failures += tree[span].failed && !is_passed_on ? 1U : 0U;
    }
    return failures;
}

void describe_background(model::token_stream& found, const span_tree& tree, const std::vector<std::uint32_t>& work)
{
    if (work.empty())
        return;
    std::int64_t start_ns = tree.start_ns(work.front());
    std::int64_t end_ns = tree.end_ns(work.front());
    for (const std::uint32_t span : work) {
        start_ns = std::min(start_ns, tree.start_ns(span));
        end_ns = std::max(end_ns, tree.end_ns(span));
        found.background_failures += count_failures(tree, span);
    }
    found.background_start_ns = start_ns - tree.start_ns();
    found.background_end_ns = end_ns - tree.start_ns();
}

// Of times that are all there are: gaps as they were.
void measure_gaps(model::token_stream& found, const std::vector<std::int64_t>& tokens)
{
    std::vector<std::int64_t> gaps;
    for (std::size_t index = 1; index < tokens.size(); ++index)
        gaps.push_back(tokens[index] - tokens[index - 1]);
    if (gaps.empty())
        return;
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    found.median_gap_ns = *middle;
    if (found.largest_gap_ns < 0)
        found.largest_gap_ns = *std::max_element(gaps.begin(), gaps.end());
}

// Of a sample: what the other gaps were on average, once the largest is known.
void estimate_gap(model::token_stream& found, const std::vector<std::int64_t>& tokens)
{
    if (found.largest_gap_ns < 0 || found.tokens < 3)
        return;
    const std::int64_t others_ns = tokens.back() - tokens.front() - found.largest_gap_ns;
    found.median_gap_ns = std::max<std::int64_t>(others_ns, 0) / (found.tokens - 2);
}

// Tokens per second in [from, to); each time stands for as many tokens as there are more of them than times.
double rate_between(const std::vector<std::int64_t>& tokens, std::int64_t from_ns, std::int64_t to_ns, double weight)
{
    if (to_ns <= from_ns)
        return -1;
    const auto first = std::lower_bound(tokens.begin(), tokens.end(), from_ns);
    const auto last = std::lower_bound(first, tokens.end(), to_ns);
    return static_cast<double>(last - first) * weight * ns_per_s / static_cast<double>(to_ns - from_ns);
}

void measure_rates(model::token_stream& found, const std::vector<std::int64_t>& tokens, std::int64_t trace_start_ns)
{
    if (found.background_end_ns < 0 || tokens.size() < 2)
        return;
    const double weight = static_cast<double>(found.tokens) / static_cast<double>(tokens.size());
    const std::int64_t begin_ns = std::max(tokens.front(), trace_start_ns + found.background_start_ns);
    const std::int64_t end_ns = trace_start_ns + found.background_end_ns;
    found.rate_during = rate_between(tokens, begin_ns, std::min(end_ns, tokens.back()), weight);
    found.rate_after = rate_between(tokens, std::max(end_ns, tokens.front()), tokens.back(), weight);
}

// At most report_rows_max of them, evenly, with the first and the last.
std::vector<std::int64_t> sampled(const std::vector<std::int64_t>& tokens, std::int64_t trace_start_ns)
{
    const std::size_t count = std::min(tokens.size(), model::report_rows_max);
    std::vector<std::int64_t> kept(count);
    for (std::size_t index = 0; index < count; ++index) {
        const std::size_t from = count < 2 ? index : index * (tokens.size() - 1) / (count - 1);
        kept[index] = tokens[from] - trace_start_ns;
    }
    return kept;
}

}  // namespace

std::optional<model::token_stream> find_stream(const span_tree& tree)
{
    const std::uint32_t span = find_stream_span(tree);
    if (span == no_span)
        return std::nullopt;
    const model::trace_span& stream = tree[span];
    const std::vector<std::int64_t> tokens = token_times(tree, span);
    model::token_stream found;
    found.span = span;
    found.first_token_ns = stream.first_token_ns;
    found.tokens = std::max(stream.tokens, static_cast<std::int64_t>(tokens.size()));
    if (found.tokens == 0)
        found.tokens = -1;
    found.largest_gap_ns = stream.largest_gap_ns;
    describe_background(found, tree, background_of(tree, span, tokens));
    if (tokens.empty())
        return found;
    if (found.first_token_ns < 0)
        found.first_token_ns = tokens.front() - tree.start_ns(span);
    found.tail_ns = tree.end_ns(span) - tokens.back();
    if (static_cast<std::size_t>(found.tokens) == tokens.size())
        measure_gaps(found, tokens);
    else
        estimate_gap(found, tokens);
    measure_rates(found, tokens, tree.start_ns());
    found.token_ns = sampled(tokens, tree.start_ns());
    return found;
}

}  // namespace reprise::detect
