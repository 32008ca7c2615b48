#pragma once

#include "reprise/model/trace.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Makes traces by hand. Times are milliseconds since the trace began.
namespace reprise::detect::test {

constexpr std::int64_t trace_start_ns = 1'790'000'000'000'000'000;

inline std::int64_t from_ms(double ms)
{
    return static_cast<std::int64_t>(std::llround(ms * 1e6));
}

// add() gives the span itself: set what else it says by its members. References hold as long as the builder, and so
// do the texts of what it builds.
class trace_builder {
public:
    model::trace_span& add_root(std::string_view name, double start_ms, double end_ms)
    {
        return add_below(0, name, start_ms, end_ms);
    }
    model::trace_span& add(
        const model::trace_span& parent, std::string_view name, double start_ms, double end_ms,
        model::span_role role = model::span_role::plain
    )
    {
        model::trace_span& span = add_below(parent.id, name, start_ms, end_ms);
        span.service = parent.service;
        span.role = role;
        return span;
    }
    // Of any parent id, whether there is such a span or not.
    model::trace_span& add_below(std::uint64_t parent, std::string_view name, double start_ms, double end_ms)
    {
        model::trace_span& span = spans_.emplace_back();
        span.id = spans_.size();
        span.parent = parent;
        span.name = keep(std::string(name));
        span.service = "shop";
        span.start_ns = trace_start_ns + from_ms(start_ms);
        span.end_ns = trace_start_ns + from_ms(end_ms);
        return span;
    }
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
    // When the span's tokens were sent. Once per span.
    void add_tokens(model::trace_span& span, const std::vector<double>& times_ms)
    {
        span.token_offset = static_cast<std::uint32_t>(token_ns_.size());
        span.token_count = static_cast<std::uint32_t>(times_ms.size());
        for (const double ms : times_ms)
            token_ns_.push_back(trace_start_ns + from_ms(ms));
    }

    model::trace build() const
    {
        model::trace trace;
        trace.id = {7, 42};
        trace.spans.assign(spans_.begin(), spans_.end());
        trace.token_ns = token_ns_;
        return trace;
    }
    std::deque<model::trace_span>& spans() { return spans_; }

private:
    std::deque<model::trace_span> spans_;
    std::deque<std::string> texts_;
    std::vector<std::int64_t> token_ns_;
};

// Where the span with this id went when the trace was sorted.
inline std::uint32_t index_of(const model::trace& trace, const model::trace_span& span)
{
    const auto at = std::find_if(
        trace.spans.begin(), trace.spans.end(), [&](const model::trace_span& one) { return one.id == span.id; }
    );
    return static_cast<std::uint32_t>(at - trace.spans.begin());
}

}  // namespace reprise::detect::test
