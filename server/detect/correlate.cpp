#include "reprise/detect/correlate.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

bool is_same_operation(const model::operation_key& a, const model::operation_key& b)
{
    return a.method == b.method && a.route == b.route;
}

bool is_near(const model::signal& signal, const incident_scope& scope)
{
    const std::int64_t reach_ns = neighbour_windows * (signal.window_end_ns - signal.window_start_ns);
    return signal.window_start_ns <= scope.last_window_end_ns + reach_ns &&
           signal.window_end_ns >= scope.first_window_start_ns - reach_ns;
}

std::string distance_text(const model::signal& signal, const incident_scope& scope)
{
    const bool overlaps = signal.window_start_ns < scope.last_window_end_ns &&
                          signal.window_end_ns > scope.first_window_start_ns;
    return overlaps ? " in the same windows" : " in a neighbouring window";
}

bool shares_operation(const model::signal& signal, const incident_scope& scope)
{
    return std::any_of(scope.operations.begin(), scope.operations.end(), [&](const auto& operation) {
        return is_same_operation(operation, signal.operation);
    });
}

const std::string* find_shared_trace(const model::signal& signal, const incident_scope& scope)
{
    for (const std::string& trace : signal.trace_ids) {
        if (std::find(scope.trace_ids.begin(), scope.trace_ids.end(), trace) != scope.trace_ids.end())
            return &trace;
    }
    return nullptr;
}

}  // namespace

std::optional<std::string> find_join_reason(const model::signal& signal, const incident_scope& scope)
{
    if (signal.operation.service != scope.service || !is_near(signal, scope))
        return std::nullopt;
    if (shares_operation(signal, scope))
        return "same operation " + operation_name(signal.operation.view()) + distance_text(signal, scope);
    if (const std::string* const trace = find_shared_trace(signal, scope))
        return "shared trace " + *trace + distance_text(signal, scope);
    return std::nullopt;
}

std::optional<join> find_join(const model::signal& signal, std::span<const incident_scope> scopes)
{
    std::optional<join> best;
    bool best_by_operation = false;
    for (std::size_t index = 0; index < scopes.size(); ++index) {
        auto reason = find_join_reason(signal, scopes[index]);
        if (!reason)
            continue;
        const bool by_operation = shares_operation(signal, scopes[index]);
        const bool better = !best || (by_operation && !best_by_operation) ||
                            (by_operation == best_by_operation &&
                             scopes[index].last_window_end_ns > scopes[best->scope].last_window_end_ns);
        if (better) {
            best = join{index, std::move(*reason)};
            best_by_operation = by_operation;
        }
    }
    return best;
}

}  // namespace reprise::detect
