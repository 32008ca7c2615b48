#include "trace_parts.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

namespace reprise::detect {
namespace {

using model::no_span;

constexpr std::int64_t any_gap_ns = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t ambiguous_ns = 5 * ns_per_ms;
constexpr std::int64_t backoff_first_ns = 20 * ns_per_ms;
constexpr std::int64_t backoff_max_ns = 500 * ns_per_ms;

// A call under some parent. Attempts of one task share both numbers.
struct call {
    std::uint64_t operation = 0;  // What is called ...
    std::uint64_t task = 0;       // ... for which task, or with which arguments; 0: nobody says.
    std::uint32_t span = no_span;
    std::int32_t attempt = -1;    // From 0; -1: not said.
    bool has_task = false;        // The span names its task.
};

std::int32_t attempt_of(const model::trace_span& span) noexcept
{
    return span.attempt >= 0 ? span.attempt : span.retry_count;
}

// Failures that asking again may mend; a 404 is an answer.
bool is_retryable(const model::trace_span& span) noexcept
{
    if (span.status == 408 || span.status == 425 || span.status == 429)
        return true;
    const bool is_refused = span.status >= 400 && span.status < 500;
    return span.status >= 500 || (span.failed && !is_refused);
}

call describe(const model::trace_span& span, std::uint32_t index)
{
    call made;
    made.span = index;
    made.attempt = attempt_of(span);
    made.has_task = !span.task.empty();
    const auto kind = static_cast<std::uint64_t>(span.kind) * 16 + static_cast<std::uint64_t>(span.role);
    made.operation = hash64(span.name, hash64(span.service, kind));
    if (made.has_task)
        made.task = hash64(span.task, hash64(span.tool));
    else if (span.arguments != 0 || made.attempt >= 0)
        made.task = hash64(span.tool, mix64(span.arguments) + 1);
    return made;
}

// The pause that comes before attempt `number` (from 1) in the usual doubling.
std::int64_t planned_backoff_ns(std::int32_t number) noexcept
{
    return number > 5 ? backoff_max_ns : std::min(backoff_first_ns << std::max(number - 1, 0), backoff_max_ns);
}

// The largest unused place up to a given one: places are taken, never given back. Places count from 1; 0 is none.
class free_places {
public:
    explicit free_places(std::size_t count) : at_(count + 1)
    {
        for (std::size_t place = 0; place <= count; ++place)
            at_[place] = place;
    }

    std::size_t find(std::size_t place) noexcept
    {
        while (at_[place] != place)
            place = at_[place] = at_[at_[place]];
        return place;
    }
    void take(std::size_t place) noexcept { at_[place] = place - 1; }
    bool is_free(std::size_t place) const noexcept { return at_[place] == place; }

private:
    std::vector<std::size_t> at_;
};

// Which attempt followed which, for the spans of one trace.
class attempt_links {
public:
    explicit attempt_links(const span_tree& tree) : tree_(tree) {}

    // Pairs what failed with what was tried again: each takes the failure that fits its start best. `planned_ns` is the
    // pause to expect where the span does not say it; the failures that are left then go, in their order, to attempts
    // that came earlier than planned. Sorts `failed`; `retried` is by start.
    void pair(
        std::vector<std::uint32_t>& failed, std::span<const std::uint32_t> retried, std::int64_t planned_ns,
        std::int64_t gap_max_ns
    );
    void link(std::uint32_t before, std::uint32_t after, bool is_ambiguous = false);

    std::uint32_t previous(std::uint32_t span) const noexcept { return at(previous_, span); }
    std::uint32_t next(std::uint32_t span) const noexcept { return at(next_, span); }
    bool is_ambiguous(std::uint32_t span) const noexcept { return !ambiguous_.empty() && ambiguous_[span]; }

private:
    static std::uint32_t at(const std::vector<std::uint32_t>& links, std::uint32_t span) noexcept
    {
        return links.empty() ? no_span : links[span];
    }

    const span_tree& tree_;
    std::vector<std::uint32_t> previous_;  // Empty until the first link.
    std::vector<std::uint32_t> next_;
    std::vector<bool> ambiguous_;
};

void attempt_links::link(std::uint32_t before, std::uint32_t after, bool is_ambiguous)
{
    if (previous_.empty()) {
        previous_.assign(tree_.size(), no_span);
        next_.assign(tree_.size(), no_span);
        ambiguous_.assign(tree_.size(), false);
    }
    next_[before] = after;
    previous_[after] = before;
    ambiguous_[after] = is_ambiguous;
}

void attempt_links::pair(
    std::vector<std::uint32_t>& failed, std::span<const std::uint32_t> retried, std::int64_t planned_ns,
    std::int64_t gap_max_ns
)
{
    const auto key = [this](std::uint32_t span) { return std::pair(tree_.end_ns(span), span); };
    std::sort(failed.begin(), failed.end(), [&key](auto a, auto b) { return key(a) < key(b); });
    free_places places(failed.size());
    std::vector<std::uint32_t> early;
    for (const std::uint32_t span : retried) {
        const std::int64_t pause_ns = tree_[span].backoff_ns >= 0 ? tree_[span].backoff_ns : planned_ns;
        const auto bound = std::pair(tree_.start_ns(span) - std::min(pause_ns, span_tree::time_ns_max), span);
        const auto end = std::lower_bound(failed.begin(), failed.end(), bound, [&key](auto a, const auto& b) {
            return key(a) < b;
        });
        const std::size_t place = places.find(static_cast<std::size_t>(end - failed.begin()));
        if (place == 0) {
            early.push_back(span);
            continue;
        }
        const std::int64_t ended_ns = tree_.end_ns(failed[place - 1]);
        if (tree_.start_ns(span) - ended_ns > gap_max_ns)
            continue;
        const std::size_t second = places.find(place - 1);
        link(
            failed[place - 1], span, second > 0 && ended_ns - tree_.end_ns(failed[second - 1]) <= ambiguous_ns
        );
        places.take(place);
    }
    if (planned_ns == 0)
        return;
    std::size_t place = 1;
    for (const std::uint32_t span : early) {
        while (place <= failed.size() && !places.is_free(place))
            ++place;
        if (place > failed.size())
            return;
        if (tree_.end_ns(failed[place - 1]) > tree_.start_ns(span))
            continue;
        link(failed[place - 1], span);
        places.take(place);
    }
}

// Collects the sequences of one trace, parent by parent.
class retry_search {
public:
    explicit retry_search(const span_tree& tree) : tree_(tree), links_(tree) {}

    void look_below(std::uint32_t parent);
    std::optional<model::retries> finish();

private:
    bool may_be_retried(std::span<const std::uint32_t> children) const;
    void link_numbered(std::span<const call> calls);
    void link_plain(std::span<const call> calls);
    void add_operation(std::uint32_t parent, std::span<const call> calls);
    model::retry_sequence sequence_from(std::uint32_t parent, const call& first);
    std::string reason_of(const model::retry_sequence& sequence) const;
    std::int64_t fitting_backoff_ns(std::uint32_t span, std::int64_t gap_ns) const;

    const span_tree& tree_;
    attempt_links links_;
    model::retries found_;
};

bool retry_search::may_be_retried(std::span<const std::uint32_t> children) const
{
    return std::any_of(children.begin(), children.end(), [&](std::uint32_t child) {
        return attempt_of(tree_[child]) > 0 || (children.size() > 1 && is_retryable(tree_[child]));
    });
}

void retry_search::look_below(std::uint32_t parent)
{
    const auto children = tree_.children(parent);
    if (!may_be_retried(children))
        return;
    std::vector<call> calls;
    calls.reserve(children.size());
    for (const std::uint32_t child : children)
        calls.push_back(describe(tree_[child], child));
    std::stable_sort(calls.begin(), calls.end(), [](const call& a, const call& b) {
        return std::tie(a.operation, a.task) < std::tie(b.operation, b.task);
    });
    const std::span<const call> all(calls);
    for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
        while (last < all.size() && all[last].operation == all[first].operation)
            ++last;
        const auto operation = all.subspan(first, last - first);
        for (std::size_t from = 0, to = 0; from < operation.size(); from = to) {
            while (to < operation.size() && operation[to].task == operation[from].task)
                ++to;
            const auto task = operation.subspan(from, to - from);
            if (std::any_of(task.begin(), task.end(), [](const call& one) { return one.attempt > 0; }))
                link_numbered(task);
            else if (task.front().task != 0 && task.front().attempt < 0)
                link_plain(task);
        }
        add_operation(parent, operation);
    }
}

void retry_search::link_numbered(std::span<const call> calls)
{
    // Who counts from 1 does not say of the first attempt that it is one, and has a backoff of its own.
    const bool is_resent = std::any_of(calls.begin(), calls.end(), [](const call& one) { return one.attempt < 0; });
    std::vector<call> sorted(calls.begin(), calls.end());
    for (call& one : sorted)
        one.attempt = std::max(one.attempt, 0);
    std::stable_sort(sorted.begin(), sorted.end(), [](const call& a, const call& b) { return a.attempt < b.attempt; });
    std::span<const call> before;
    for (std::size_t first = 0, last = 0; first < sorted.size(); first = last) {
        while (last < sorted.size() && sorted[last].attempt == sorted[first].attempt)
            ++last;
        const auto now = std::span<const call>(sorted).subspan(first, last - first);
        const std::int32_t number = now.front().attempt;
        if (before.size() == 1 && now.size() == 1 && now.front().has_task) {
            links_.link(before.front().span, now.front().span);
        } else if (!before.empty() && before.front().attempt == number - 1) {
            std::vector<std::uint32_t> failed;
            for (const call& one : before) {
                if (tree_[one.span].failed || is_retryable(tree_[one.span]))
                    failed.push_back(one.span);
            }
            std::vector<std::uint32_t> retried;
            for (const call& one : now)
                retried.push_back(one.span);
            links_.pair(failed, retried, is_resent ? 0 : planned_backoff_ns(number), any_gap_ns);
        }
        before = now;
    }
}

// Nothing says that these are attempts: the same question, asked again because it failed. Where it is also asked
// again after an answer it is asked now and then; only what comes much sooner than that is a retry.
void retry_search::link_plain(std::span<const call> calls)
{
    std::int64_t pace_ns = any_gap_ns;
    std::vector<std::uint32_t> failed;
    std::vector<std::uint32_t> retried;
    for (std::size_t index = 0; index < calls.size(); ++index) {
        const std::uint32_t span = calls[index].span;
        retried.push_back(span);
        if (is_retryable(tree_[span]))
            failed.push_back(span);
        if (index == 0 || is_retryable(tree_[calls[index - 1].span]))
            continue;
        const std::int64_t gap_ns = tree_.start_ns(span) - tree_.end_ns(calls[index - 1].span);
        if (gap_ns >= 0)
            pace_ns = std::min(pace_ns, gap_ns);
    }
    if (!failed.empty())
        links_.pair(failed, retried, 0, pace_ns == any_gap_ns ? any_gap_ns : pace_ns / 2);
}

void retry_search::add_operation(std::uint32_t parent, std::span<const call> calls)
{
    std::uint32_t tasks = 0;
    std::uint32_t unseen = 0;
    std::uint32_t sequences = 0;
    for (const call& one : calls) {
        if (links_.previous(one.span) != no_span)
            continue;
        ++tasks;
        const std::int32_t attempt = std::clamp(one.attempt, 0, 1000);
        if (links_.next(one.span) == no_span && attempt == 0)
            continue;
        ++sequences;
        unseen += static_cast<std::uint32_t>(attempt);  // Attempts that the trace does not hold.
        found_.sequences.push_back(sequence_from(parent, one));
    }
    if (sequences == 0)
        return;
    found_.tasks += tasks;
    found_.calls += static_cast<std::uint32_t>(calls.size()) + unseen;
}

std::int64_t retry_search::fitting_backoff_ns(std::uint32_t span, std::int64_t gap_ns) const
{
    if (tree_[span].backoff_ns >= 0)
        return tree_[span].backoff_ns;
    const std::int32_t number = attempt_of(tree_[span]);
    if (number < 1)
        return -1;
    const std::int64_t planned_ns = planned_backoff_ns(number);
    const std::int64_t late_ns = gap_ns - planned_ns;
    return late_ns >= 0 && late_ns <= std::max(ambiguous_ns, planned_ns / 4) ? planned_ns : -1;
}

model::retry_sequence retry_search::sequence_from(std::uint32_t parent, const call& first)
{
    model::retry_sequence made;
    made.parent = parent;
    std::uint32_t count = static_cast<std::uint32_t>(std::clamp(first.attempt, 0, 1000));
    for (std::uint32_t span = first.span; span != no_span; span = links_.next(span), ++count) {
        model::attempt tried;
        tried.span = span;
        tried.failed = tree_[span].failed || is_retryable(tree_[span]);
        if (const std::uint32_t before = links_.previous(span); before != no_span) {
            tried.gap_ns = std::max<std::int64_t>(tree_.start_ns(span) - tree_.end_ns(before), 0);
            tried.backoff_ns = fitting_backoff_ns(span, tried.gap_ns);
            found_.backoff_ns = sum_ns(found_.backoff_ns, tried.gap_ns);
        }
        made.ambiguous = made.ambiguous || links_.is_ambiguous(span);
        made.exhausted = tried.failed;
        if (made.attempts.size() < model::report_rows_max)
            made.attempts.push_back(tried);
    }
    if (made.attempts.front().failed)
        made.origin = first.span;
    made.reason = reason_of(made);
    found_.attempts_most = std::max(found_.attempts_most, count);
    ++found_.sequence_count;
    found_.exhausted_count += made.exhausted ? 1 : 0;
    return made;
}

std::string retry_search::reason_of(const model::retry_sequence& sequence) const
{
    for (const model::attempt& tried : sequence.attempts) {
        if (!tree_[tried.span].retry_reason.empty())
            return std::string(tree_[tried.span].retry_reason);
    }
    if (sequence.origin == no_span)
        return "unknown";
    const model::trace_span& origin = tree_[sequence.origin];
    if (origin.status >= 400)
        return std::to_string(origin.status);
    return origin.error_type.empty() ? "error" : std::string(origin.error_type);
}

std::optional<model::retries> retry_search::finish()
{
    if (found_.sequences.empty())
        return std::nullopt;
    found_.amplification = static_cast<double>(found_.calls) / std::max(found_.tasks, 1U);
    std::stable_sort(found_.sequences.begin(), found_.sequences.end(), [this](const auto& a, const auto& b) {
        if (a.exhausted != b.exhausted)
            return a.exhausted;
        return tree_.start_ns(a.attempts.front().span) < tree_.start_ns(b.attempts.front().span);
    });
    return std::move(found_);
}

}  // namespace

std::optional<model::retries> find_retries(const span_tree& tree, const trace_limits&)
{
    retry_search search(tree);
    search.look_below(no_span);
    for (const std::uint32_t span : tree.top_down())
        search.look_below(span);
    return search.finish();
}

}  // namespace reprise::detect
