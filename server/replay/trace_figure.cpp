#include "trace_figure.hpp"

#include "reprise/detect/trace_series.hpp"
#include "reprise/detect/window.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

namespace reprise::replay {
namespace {

using texts = std::deque<std::string>;

// An observation has no text and no role: what is one operation bears one name, and all of it is work.
model::trace_span span_of(const model::observation& seen, texts& names)
{
    model::trace_span span;
    span.id = seen.span;
    span.parent = seen.parent_span;
    span.start_ns = seen.start_ns;
    if (__builtin_add_overflow(seen.start_ns, seen.duration_ns, &span.end_ns))
        span.end_ns = seen.start_ns;
    span.name = names.emplace_back(model::span_to_hex(seen.operation));
    span.role = model::span_role::worker;
    span.status = seen.status;
    span.failed = detect::is_failing(model::operation_kind::client, seen.outcome);
    span.arguments = seen.detail_hash;
    return span;
}

}  // namespace

bool can_be_shown_again(model::signal_kind kind) noexcept
{
    return kind != model::signal_kind::payload_latency && kind != model::signal_kind::stream_stall &&
           kind != model::signal_kind::agent_loop;
}

std::optional<double> figure_of_trace(model::signal_kind kind, std::span<const model::observation* const> reported)
{
    const auto names = std::make_shared<texts>();
    model::trace trace;
    trace.texts = names;
    std::unordered_set<std::uint64_t> ids;
    for (const model::observation* const seen : reported) {
        if (seen->span == 0)
            continue;
        trace.id = seen->trace;
        trace.spans.push_back(span_of(*seen, *names));
        ids.insert(seen->span);
    }
    if (trace.spans.empty())
        return std::nullopt;
    // The request itself is the parent of the first span, and no span.
    for (model::trace_span& span : trace.spans) {
        if (!ids.contains(span.parent))
            span.parent = 0;
    }
    return detect::find_trace_figure(kind, detect::analyse_trace(trace));
}

}  // namespace reprise::replay
