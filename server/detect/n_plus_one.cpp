#include "operation_context.hpp"
#include "sentence.hpp"
#include "severity.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace reprise::detect {
namespace {

constexpr std::size_t traces_named_max = 5;

// Statements that are repeated by design: one transaction step, one page of a cursor, one part of a batch.
constexpr std::array<std::string_view, 18> repeated_by_design = {
    "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "START", "SET", "FETCH", "DECLARE",
    "CLOSE", "PRAGMA", "PREPARE", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY"
};

bool is_repeated_by_design(const model::operation_key& operation)
{
    if (operation.kind != model::operation_kind::db)
        return false;
    std::string verb = operation.method;
    for (char& letter : verb)
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    return std::find(repeated_by_design.begin(), repeated_by_design.end(), verb) != repeated_by_design.end();
}

// Retries and cacheable repeats ask for the same again; a loop asks for something else each time.
bool arguments_differ(const repeated_call& group)
{
    if (group.arguments == 0)
        return group.failed * 2 < group.calls;
    return group.arguments >= 3 && group.arguments * 2 >= group.calls;
}

// Pages fetched now and then, polling: the time between the calls is not spent in them.
bool is_paced(const repeated_call& group, const detection_limits& limits)
{
    const std::int64_t elapsed_ns = group.last_start_ns - group.first_start_ns;
    const std::int64_t gap_ns = group.calls > 1 ? elapsed_ns / (group.calls - 1) : 0;
    return gap_ns > limits.n_plus_one_gap_max_ns && group.duration_sum_ns < elapsed_ns / 2;
}

// Requests to another service sent all at once cost one round trip, not one each: that is a fan-out, and
// what it does to the dependency is the burst detector's. Statements of one connection cannot overlap for real.
bool is_fan_out(const repeated_call& group, model::operation_kind kind)
{
    if (kind != model::operation_kind::client)
        return false;
    const std::int64_t elapsed_ns = group.last_start_ns - group.first_start_ns + group.duration_sum_ns / group.calls;
    return group.duration_sum_ns > 2 * elapsed_ns;
}

bool is_costly(const repeated_call& group, const detection_limits& limits)
{
    if (group.duration_sum_ns >= limits.n_plus_one_sum_min_ns)
        return true;
    const double parent_ns = static_cast<double>(group.parent_duration_ns);
    const double sum_ns = static_cast<double>(group.duration_sum_ns);
    return parent_ns > 0 && sum_ns >= limits.n_plus_one_parent_share_min * parent_ns;
}

struct repetition {
    std::uint64_t calls = 0;
    std::uint32_t calls_max = 0;
    std::uint64_t groups = 0;
    std::set<std::pair<std::uint64_t, std::uint64_t>> traces;
    double duration_sum_ns = 0;
    double parent_sum_ns = 0;
    std::uint64_t parent_operation = 0;
    std::uint32_t arguments_max = 0;
    std::int64_t first_ns = 0;
    std::vector<const repeated_call*> worst;
};

repetition collect(const operation_context& context)
{
    repetition found;
    for (const repeated_call& group : context.window.repeated) {
        const bool counts = group.operation == context.now.operation_id &&
                            group.calls >= context.limits.n_plus_one_calls_min && arguments_differ(group) &&
                            !is_paced(group, context.limits) && !is_fan_out(group, context.now.operation.kind) &&
                            is_costly(group, context.limits);
        if (!counts)
            continue;
        ++found.groups;
        found.calls += group.calls;
        found.duration_sum_ns += static_cast<double>(group.duration_sum_ns);
        found.parent_sum_ns += static_cast<double>(group.parent_duration_ns);
        found.traces.emplace(group.trace.high, group.trace.low);
        found.first_ns = found.groups == 1 ? group.first_start_ns : std::min(found.first_ns, group.first_start_ns);
        found.arguments_max = std::max(found.arguments_max, group.arguments);
        if (group.calls > found.calls_max) {
            found.calls_max = group.calls;
            found.parent_operation = group.parent_operation;
        }
        found.worst.push_back(&group);
    }
    std::stable_sort(found.worst.begin(), found.worst.end(), [](const auto* a, const auto* b) {
        return a->calls > b->calls;
    });
    return found;
}

std::string parent_name(const operation_context& context, std::uint64_t operation)
{
    for (const operation_summary& candidate : context.window.operations) {
        if (candidate.operation_id == operation)
            return operation_name(candidate.operation.view());
    }
    return "One request";
}

std::string explanation(const operation_context& context, const repetition& found, double calls, double sum_ns)
{
    std::string text = parent_name(context, found.parent_operation) + " called " +
                       operation_name(context.now.operation.view()) + " " + ratio_text(calls) +
                       " times per request in " + count_text(found.traces.size()) +
                       (found.traces.size() == 1 ? " trace" : " traces") +
                       " since " + clock_text(found.first_ns) + " (at most " + count_text(found.calls_max) +
                       " times), " + duration_text(sum_ns) + " per request in sum";
    if (found.parent_sum_ns > 0)
        text += ", " + share_text(found.duration_sum_ns / found.parent_sum_ns) + " of its time";
    return text + (found.arguments_max > 0 ? "; the arguments differ each time." : ".");
}

}  // namespace

std::optional<candidate> find_n_plus_one(const operation_context& context)
{
    const auto kind = context.now.operation.kind;
    if ((kind != model::operation_kind::db && kind != model::operation_kind::client) ||
        is_repeated_by_design(context.now.operation))
        return std::nullopt;
    const detection_limits& limits = context.limits;
    const repetition found = collect(context);
    if (found.traces.size() < limits.n_plus_one_traces_min && found.calls_max < limits.n_plus_one_calls_sure)
        return std::nullopt;

    const double groups = static_cast<double>(found.groups);
    const double calls = static_cast<double>(found.calls) / groups;
    const double sum_ns = found.duration_sum_ns / groups;
    candidate made;
    made.absolute = true;
    made.blocks = false;
    model::signal& signal = made.signal = start_signal(context, model::signal_kind::n_plus_one);
    signal.metric = "calls under one request";
    signal.unit = "count";
    signal.observed = calls;
    signal.observed_k = found.calls;
    signal.observed_n = found.groups;
    signal.effect = calls;
    signal.rule = "same call >= " + std::to_string(limits.n_plus_one_calls_min) +
                  " times under one parent with different arguments, >= " +
                  duration_text(static_cast<double>(limits.n_plus_one_sum_min_ns)) + " or >= " +
                  share_text(limits.n_plus_one_parent_share_min) + " of it";
    signal.explanation = explanation(context, found, calls, sum_ns);
    signal.sensitivity = "Seen from " + std::to_string(limits.n_plus_one_calls_min) + " calls under one request in " +
                         std::to_string(limits.n_plus_one_traces_min) + " traces, or " +
                         std::to_string(limits.n_plus_one_calls_sure) + " in one; needs trace ids.";
    signal.confirm_with = model::confirm_metric::calls_per_parent;
    signal.gate = limits.n_plus_one_calls_min;
    signal.severity = n_plus_one_severity(calls, sum_ns, found.traces.size(), limits.n_plus_one_traces_min);
    signal.numbers = {
        {"calls_max", found.calls_max},
        {"traces", static_cast<double>(found.traces.size())},
        {"sum_ms_per_request", sum_ns / ns_per_ms},
        {"share_of_parent", found.parent_sum_ns > 0 ? found.duration_sum_ns / found.parent_sum_ns : 0},
        {"different_arguments_max", found.arguments_max}
    };
    for (std::size_t index = 0; index < std::min(found.worst.size(), traces_named_max); ++index) {
        const std::string trace = to_hex(found.worst[index]->trace);
        if (std::find(signal.trace_ids.begin(), signal.trace_ids.end(), trace) == signal.trace_ids.end())
            signal.trace_ids.push_back(trace);
    }
    return made;
}

}  // namespace reprise::detect
