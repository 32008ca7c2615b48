#include "rows.hpp"

#include "render.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/deployments.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t row_deployments_max = 5;
constexpr std::size_t row_overflow_max = 10;

template <class Row, class Load>
result<json::array> load_all(const store::reader& from, std::span<const Row> rows, Load load)
{
    json::array out;
    for (const Row& row : rows) {
        auto one = load(from, row);
        if (!one)
            return one.error();
        out.emplace_back(std::move(*one));
    }
    return out;
}

}  // namespace

result<json::object> load_incident_row(const store::reader& from, const model::incident& incident)
{
    const auto kinds = store::list_incident_kinds(from, incident.id);
    if (!kinds)
        return kinds.error();
    return render_incident(incident, *kinds);
}

result<json::object> load_approval_row(const store::reader& from, const model::approval& approval)
{
    const auto given = store::count_approvals_given(from, approval.id);
    if (!given)
        return given.error();
    const auto run = store::find_run(from, approval.run_id);
    if (!run)
        return run.error();
    json::object out = render_approval(approval, *given);
    if (*run) {
        if (auto proof = render_proof(**run))
            out["proof"] = std::move(*proof);
    }
    return out;
}

result<json::object> load_suppression_row(
    const store::reader& from, const model::suppression& what, std::int64_t now_ns
)
{
    json::object out = render_suppression(what, now_ns);
    if (!what.operation_id)
        return out;
    const auto key = store::find_operation(from, *what.operation_id);
    if (!key)
        return key.error();
    if (*key)
        out["operation"] = model::operation_name((*key)->view());
    return out;
}

result<json::object> load_service_row(const store::reader& from, const model::service& service)
{
    const auto open = store::count_open_incidents(from, service.name);
    if (!open)
        return open.error();
    const auto deployments = store::list_deployments(from, service.name, row_deployments_max);
    if (!deployments)
        return deployments.error();
    const auto overflow = store::list_overflow_routes(from, service.name, row_overflow_max);
    if (!overflow)
        return overflow.error();
    return render_service(service, *open, *deployments, *overflow);
}

result<json::array> load_incident_rows(const store::reader& from, std::span<const model::incident> incidents)
{
    return load_all(from, incidents, load_incident_row);
}

result<json::array> load_approval_rows(const store::reader& from, std::span<const model::approval> approvals)
{
    return load_all(from, approvals, load_approval_row);
}

}  // namespace reprise::http
