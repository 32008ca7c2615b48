#include "span_order.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>
#include <utility>

namespace reprise::detect {
namespace {

using model::trace_span;

// How many of the things a span can say it says.
int said(const trace_span& span) noexcept
{
    return (span.end_ns >= span.start_ns) + (span.parent != 0) + (span.role != model::span_role::plain)
           + (span.kind != model::operation_kind::internal) + (span.wait != model::span_wait::none)
           + (span.status != 0) + !span.service.empty() + !span.name.empty() + !span.agent.empty()
           + !span.tool.empty() + !span.task.empty() + !span.retry_reason.empty() + !span.error_type.empty()
           + !span.error_message.empty() + !span.largest_key.empty() + (span.arguments != 0) + (span.attempt >= 0)
           + (span.retry_count >= 0) + (span.retries_max >= 0) + (span.backoff_ns >= 0) + (span.index >= 0)
           + (span.step >= 0) + (span.fanout >= 0) + (span.concurrency >= 0) + (span.payload_kb >= 0)
           + (span.first_token_ns >= 0) + (span.largest_gap_ns >= 0) + (span.tokens >= 0) + (span.token_count > 0);
}

// Everything a span says but where its tokens' times lie, so that equal means the same.
auto everything(const trace_span& span) noexcept
{
    return std::make_tuple(
        span.token_count, span.end_ns, span.start_ns, span.parent, span.role, span.kind, span.wait, span.failed,
        span.status, span.service, span.name, span.agent, span.tool, span.task, span.retry_reason, span.error_type,
        span.error_message, span.largest_key, span.largest_bytes, span.arguments, span.attempt, span.retry_count,
        span.retries_max, span.backoff_ns, span.index, span.step, span.fanout, span.concurrency,
        std::bit_cast<std::uint64_t>(span.payload_kb), span.first_token_ns, span.largest_gap_ns, span.tokens
    );
}

bool says_more(const trace_span& a, const trace_span& b) noexcept
{
    const int of_a = said(a);
    const int of_b = said(b);
    return of_a != of_b ? of_a > of_b : everything(a) > everything(b);
}

bool is_before(const trace_span& a, const trace_span& b) noexcept
{
    return a.start_ns != b.start_ns ? a.start_ns < b.start_ns : a.id < b.id;
}

// Puts the spans named by `order` in that order and forgets the others.
void arrange(std::vector<trace_span>& spans, const std::vector<std::uint32_t>& order)
{
    std::vector<trace_span> arranged;
    arranged.reserve(order.size());
    for (const std::uint32_t span : order)
        arranged.push_back(spans[span]);
    spans = std::move(arranged);
}

}  // namespace

span_order::span_order(model::trace& trace)
{
    std::vector<trace_span>& spans = trace.spans;
    places_.reserve(spans.size());
    for (std::uint32_t span = 0; span < spans.size(); ++span)
        places_.push_back({spans[span].id, span});
    std::sort(places_.begin(), places_.end(), [&](const place& a, const place& b) {
        return a.id != b.id ? a.id < b.id : says_more(spans[a.span], spans[b.span]);
    });
    const auto same_id = [](const place& a, const place& b) { return a.id == b.id; };
    places_.erase(std::unique(places_.begin(), places_.end(), same_id), places_.end());
    duplicates_ = static_cast<std::uint32_t>(spans.size() - places_.size());

    const auto in_order = [](const trace_span& a, const trace_span& b) { return is_before(a, b); };
    if (duplicates_ == 0 && std::is_sorted(spans.begin(), spans.end(), in_order))
        return;
    // Places by time, not spans: they are moved once.
    std::vector<std::uint32_t> by_time(places_.size());
    std::iota(by_time.begin(), by_time.end(), 0U);
    std::sort(by_time.begin(), by_time.end(), [&](std::uint32_t a, std::uint32_t b) {
        return is_before(spans[places_[a].span], spans[places_[b].span]);
    });
    std::vector<std::uint32_t> order(places_.size());
    for (std::uint32_t rank = 0; rank < by_time.size(); ++rank)
        order[rank] = std::exchange(places_[by_time[rank]].span, rank);
    arrange(spans, order);
}

std::uint32_t span_order::find(std::uint64_t id) const noexcept
{
    const auto at = std::lower_bound(
        places_.begin(), places_.end(), id, [](const place& a, std::uint64_t wanted) { return a.id < wanted; }
    );
    return at != places_.end() && at->id == id ? at->span : model::no_span;
}

}  // namespace reprise::detect
