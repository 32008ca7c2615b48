#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "render.hpp"
#include "rows.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t detail_rows_max = 100;

result<void> add_surroundings(json::object& out, const store::reader& from, const model::run& run)
{
    const auto steps = store::list_steps(from, run.id);
    if (!steps)
        return steps.error();
    const auto incident = store::find_incident(from, run.incident_id);
    if (!incident)
        return incident.error();
    const auto publications = store::list_run_publications(from, run.id, detail_rows_max);
    if (!publications)
        return publications.error();
    const auto approval = store::find_approval_by_run(from, run.id);
    if (!approval)
        return approval.error();
    json::array step_rows;
    for (const model::run_step& each : *steps)
        step_rows.emplace_back(render_run_step(each));
    json::array publication_rows;
    for (const store::publication& each : *publications)
        publication_rows.emplace_back(render_publication(each));
    out["steps"] = std::move(step_rows);
    out["incident_title"] = *incident ? (*incident)->title : std::string();
    out["publications"] = std::move(publication_rows);
    if (*approval) {
        auto row = load_approval_row(from, **approval);
        if (!row)
            return row.error();
        out["approval"] = std::move(*row);
    }
    return {};
}

result<loaded> load_detail(const store::reader& from, const std::string& id)
{
    const auto run = store::find_run(from, id);
    if (!run)
        return run.error();
    if (!*run)
        return errc::not_found;
    json::object out = render_run(**run);
    const auto added = add_surroundings(out, from, **run);
    if (!added)
        return added.error();
    return load_item(from, std::move(out), (*run)->version);
}

}  // namespace

handler_answer list_runs(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const auto state = read_word(req, "state", model::find_run_state);
    if (!state)
        co_return problem_of(req, state.error());
    const auto kind = read_word(req, "kind", model::find_run_kind);
    if (!kind)
        co_return problem_of(req, kind.error());
    store::run_filter filter;
    filter.state = *state;
    filter.kind = *kind;
    filter.incident_id = std::string(req.find_query("incident").value_or(std::string_view()));
    filter.after = page->after;
    filter.limit = page->limit + 1;
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto runs = store::list_runs(from, filter);
        if (!runs)
            return runs.error();
        std::string next = cut_page(*runs, page->limit, [](const model::run& row) { return row.id; });
        json::array items;
        for (const model::run& each : *runs)
            items.emplace_back(render_run(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of runs");
}

handler_answer get_run(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    auto load = [&id](const store::reader& from) { return load_detail(from, id); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "run " + id);
}

handler_answer list_run_events(context& api, const caller&, net::request& req)
{
    const auto after = read_number(req, "after", 0);
    if (!after)
        co_return problem_of(req, after.error());
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const std::size_t limit = req.find_query("limit") ? page->limit : page_limit_max;
    const std::string id(req.param("id"));
    auto load = [&id, &after, limit](const store::reader& from) -> result<loaded> {
        const auto run = store::find_run(from, id);
        if (!run)
            return run.error();
        if (!*run)
            return errc::not_found;
        auto events = store::list_run_events(from, id, *after, limit + 1);
        if (!events)
            return events.error();
        std::string next =
            cut_page(*events, limit, [](const model::run_event& row) { return std::to_string(row.sequence); });
        json::array items;
        for (const model::run_event& each : *events)
            items.emplace_back(render_run_event(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "run " + id);
}

}  // namespace reprise::http
