#include "span_order.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>
#include <utility>

namespace reprise::detect {
namespace {

using model::trace_span;

constexpr int bucket_bits_max = 20;

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

// When a span began, and where among the ids its own is.
struct moment {
    std::int64_t start_ns = 0;
    std::uint32_t place = 0;
};

bool is_before(const moment& a, const moment& b) noexcept
{
    return a.start_ns != b.start_ns ? a.start_ns < b.start_ns : a.place < b.place;
}

// Moves every span once: to `at` goes the one that was at order[at]. A million of them are too much for a copy.
void arrange(std::vector<trace_span>& spans, std::vector<std::uint32_t> order)
{
    for (std::uint32_t first = 0; first < order.size(); ++first) {
        if (order[first] == first)
            continue;
        const trace_span moved = spans[first];
        std::uint32_t at = first;
        for (std::uint32_t from = order[at]; from != first; from = order[at]) {
            spans[at] = spans[from];
            order[at] = at;
            at = from;
        }
        spans[at] = moved;
        order[at] = at;
    }
}

}  // namespace

span_order::span_order(model::trace& trace)
{
    std::vector<trace_span>& spans = trace.spans;
    sort_places(spans);
    const std::vector<std::uint32_t> dropped = drop_duplicates();
    duplicates_ = static_cast<std::uint32_t>(dropped.size());

    std::vector<moment> moments;
    moments.reserve(places_.size());
    for (std::uint32_t at = 0; at < places_.size(); ++at)
        moments.push_back({spans[places_[at].span].start_ns, at});
    std::sort(moments.begin(), moments.end(), is_before);
    std::vector<std::uint32_t> order;
    order.reserve(spans.size());
    for (std::uint32_t rank = 0; rank < moments.size(); ++rank)
        order.push_back(std::exchange(places_[moments[rank].place].span, rank));
    order.insert(order.end(), dropped.begin(), dropped.end());
    arrange(spans, std::move(order));
    spans.resize(places_.size());
}

// Into buckets by the first bits; what shares them is sorted.
void span_order::sort_places(const std::vector<trace_span>& spans)
{
    shift_ = 64 - std::clamp(static_cast<int>(std::bit_width(spans.size())), 1, bucket_bits_max);
    buckets_.assign((std::size_t{1} << (64 - shift_)) + 1, 0);
    for (const trace_span& span : spans)
        ++buckets_[bucket_of(span.id) + 1];
    std::partial_sum(buckets_.begin(), buckets_.end(), buckets_.begin());
    std::vector<std::uint32_t> next(buckets_.begin(), buckets_.end() - 1);
    places_.resize(spans.size());
    for (std::uint32_t span = 0; span < spans.size(); ++span)
        places_[next[bucket_of(spans[span].id)]++] = {spans[span].id, span};
    for (std::size_t bucket = 0; bucket + 1 < buckets_.size(); ++bucket) {
        std::sort(
            places_.begin() + buckets_[bucket], places_.begin() + buckets_[bucket + 1],
            [&](const place& a, const place& b) {
                return a.id != b.id ? a.id < b.id : says_more(spans[a.span], spans[b.span]);
            }
        );
    }
}

// The spans whose id another one keeps.
std::vector<std::uint32_t> span_order::drop_duplicates()
{
    std::vector<std::uint32_t> dropped;
    std::size_t kept = 0;
    for (const place& one : places_) {
        if (kept > 0 && places_[kept - 1].id == one.id)
            dropped.push_back(one.span);
        else
            places_[kept++] = one;
    }
    if (dropped.empty())
        return dropped;
    places_.resize(kept);
    std::fill(buckets_.begin(), buckets_.end(), 0U);
    for (const place& one : places_)
        ++buckets_[bucket_of(one.id) + 1];
    std::partial_sum(buckets_.begin(), buckets_.end(), buckets_.begin());
    return dropped;
}

std::uint32_t span_order::find(std::uint64_t id) const noexcept
{
    const auto last = places_.begin() + buckets_[bucket_of(id) + 1];
    const auto at = std::lower_bound(
        places_.begin() + buckets_[bucket_of(id)], last, id,
        [](const place& one, std::uint64_t wanted) { return one.id < wanted; }
    );
    return at != last && at->id == id ? at->span : model::no_span;
}

}  // namespace reprise::detect
