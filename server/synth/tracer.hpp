#pragma once

#include "work_error.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/telemetry/otlp_span_write.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::synth {

// Where finished spans go. Takes them at once and never waits.
class span_sink {
public:
    virtual ~span_sink() = default;
    virtual void take(const telemetry::sent_span& one) = 0;
};

// Whose child a span is. The parent itself may have ended already.
struct span_context {
    model::trace_id trace;
    std::uint64_t span = 0;
};

// What the spans of one agent have in common. Both references outlive every span.
class tracer {
public:
    // `agent_name`, if any, stands in front of every agent id.
    tracer(const clock& time, span_sink& sink, std::string agent_name)
        : time_(time), sink_(sink), agent_name_(std::move(agent_name))
    {
    }

    // The context of no parent: a new trace begins.
    static span_context new_trace();

private:
    friend class active_span;

    const clock& time_;
    span_sink& sink_;
    std::string agent_name_;
};

// A span that ends with its scope.
class active_span {
public:
    // `kind` is ati.span.kind, `agent` ati.agent.id.
    active_span(
        const tracer& owner, const span_context& parent, std::string_view name, std::string_view kind,
        std::string_view agent
    );
    ~active_span();
    active_span(const active_span&) = delete;
    active_span& operator=(const active_span&) = delete;

    span_context context() const noexcept { return {span_.trace, span_.id}; }
    void set(std::string_view key, std::string text);
    void set(std::string_view key, std::int64_t number);
    void set(std::string_view key, double number);
    void add_event(std::string_view name, std::int64_t time_ns);

    // Records the failure that leaves this span, and gives it on to the one around.
    work_error fail(work_error error);
    work_result close(work_result result);  // fail(), if it is a failure.

private:
    const tracer& owner_;
    telemetry::sent_span span_;
    std::string agent_;
};

}  // namespace reprise::synth
