#include "tracer.hpp"

#include "reprise/base/hash.hpp"

#include <utility>

namespace reprise::synth {
namespace {

std::string name_agent(const std::string& prefix, std::string_view agent)
{
    return prefix.empty() ? std::string(agent) : prefix + ":" + std::string(agent);
}

// Zero would mean that there is none.
std::uint64_t random_id()
{
    std::uint64_t id = 0;
    while (id == 0) {
        const std::string bytes = random_bytes(sizeof id);
        id = load_short(bytes.data(), bytes.size());
    }
    return id;
}

}  // namespace

span_context tracer::new_trace()
{
    return {{random_id(), random_id()}, 0};
}

active_span::active_span(
    const tracer& owner, const span_context& parent, std::string_view name, std::string_view kind,
    std::string_view agent
)
    : owner_(owner), agent_(name_agent(owner.agent_name_, agent))
{
    span_.trace = parent.trace;
    span_.id = random_id();
    span_.parent = parent.span;
    span_.name = name;
    span_.start_ns = owner.time_.now_ns();
    set("ati.agent.id", agent_);
    set("ati.span.kind", std::string(kind));
    set("ati.workflow", std::string("demo"));
}

active_span::~active_span()
{
    span_.end_ns = owner_.time_.now_ns();
    owner_.sink_.take(span_);
}

void active_span::set(std::string_view key, std::string text)
{
    span_.attributes.emplace_back(std::string(key), std::move(text));
}

void active_span::set(std::string_view key, std::int64_t number)
{
    span_.attributes.emplace_back(std::string(key), number);
}

void active_span::set(std::string_view key, double number)
{
    span_.attributes.emplace_back(std::string(key), number);
}

void active_span::add_event(std::string_view name, std::int64_t time_ns)
{
    span_.events.emplace_back(time_ns, std::string(name));
}

work_error active_span::fail(work_error error)
{
    error.stack += "at " + span_.name + " " + agent_ + "\n";
    telemetry::sent_event event(owner_.time_.now_ns(), "exception");
    event.attributes.emplace_back("exception.type", error.type);
    event.attributes.emplace_back("exception.message", error.message);
    event.attributes.emplace_back("exception.stacktrace", error.stack);
    event.attributes.emplace_back("exception.escaped", true);
    span_.events.push_back(std::move(event));
    span_.failed = true;
    span_.status_message = error.type + ": " + error.message;
    return error;
}

work_result active_span::close(work_result result)
{
    if (result)
        return result;
    return fail(std::move(result).error());
}

}  // namespace reprise::synth
