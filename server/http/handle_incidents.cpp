#include "answers.hpp"
#include "handlers.hpp"
#include "incident_series.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"
#include "render_alarm.hpp"
#include "rows.hpp"
#include "time_range.hpp"

#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/runs/actions.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/signals.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t detail_rows_max = 100;
constexpr std::size_t comment_bytes_max = lifecycle::comment_bytes_max;

// The worst one; of equals the newest, which stands first.
const model::signal* find_leading(const std::vector<model::signal>& signals)
{
    const auto worst = std::max_element(signals.begin(), signals.end(), [](const auto& a, const auto& b) {
        return a.severity < b.severity;
    });
    return worst == signals.end() ? nullptr : &*worst;
}

result<void> add_signals(
    json::object& out, const store::reader& from, const std::string& id, std::int64_t now_ns
)
{
    const auto signals = store::list_incident_signals(from, id, detail_rows_max);
    if (!signals)
        return signals.error();
    json::array rows;
    for (const model::signal& each : *signals)
        rows.emplace_back(render_signal(each));
    out["signals"] = std::move(rows);
    const model::signal* leading = find_leading(*signals);
    auto series = leading ? load_series(from, *leading, now_ns)
                          : result<json::object>(render_series(model::signal(), {}));
    if (!series)
        return series.error();
    out["series"] = std::move(*series);
    return {};
}

result<void> add_work(json::object& out, const store::reader& from, const std::string& id)
{
    store::run_filter of_incident;
    of_incident.incident_id = id;
    of_incident.limit = detail_rows_max;
    const auto runs = store::list_runs(from, of_incident);
    if (!runs)
        return runs.error();
    const auto evidence = store::list_incident_evidence(from, id, detail_rows_max);
    if (!evidence)
        return evidence.error();
    const auto publications = store::list_incident_publications(from, id, detail_rows_max);
    if (!publications)
        return publications.error();
    const auto approval = store::find_approval_by_incident(from, id);
    if (!approval)
        return approval.error();
    json::array run_rows;
    for (const model::run& each : *runs)
        run_rows.emplace_back(render_run(each));
    json::array evidence_rows;
    for (const model::evidence& each : *evidence)
        evidence_rows.emplace_back(render_evidence(each));
    json::array publication_rows;
    for (const store::publication& each : *publications)
        publication_rows.emplace_back(render_publication(each));
    out["runs"] = std::move(run_rows);
    out["evidence"] = std::move(evidence_rows);
    out["publications"] = std::move(publication_rows);
    if (*approval) {
        auto row = load_approval_row(from, **approval);
        if (!row)
            return row.error();
        out["approval"] = std::move(*row);
    }
    return {};
}

result<void> add_alarms(json::object& out, const store::reader& from, const std::string& id)
{
    store::alarm_filter of_incident;
    of_incident.incident_id = id;
    of_incident.limit = detail_rows_max;
    const auto alarms = store::list_alarms(from, of_incident);
    if (!alarms)
        return alarms.error();
    const auto hints = store::list_incident_hints(from, id);
    if (!hints)
        return hints.error();
    json::array alarm_rows;
    for (const store::stored_alarm& each : *alarms)
        alarm_rows.emplace_back(render_alarm(each));
    json::array hint_rows;
    for (const store::incident_hint& each : *hints)
        hint_rows.emplace_back(render_hint(each));
    out["alarms"] = std::move(alarm_rows);
    out["hints"] = std::move(hint_rows);
    return {};
}

// Whom it can be handed to.
result<json::array> list_assignable(const store::reader& from)
{
    const auto people = store::list_people(from, store::people_listed_max);
    if (!people)
        return people.error();
    json::array names;
    for (const model::person& each : *people) {
        if (each.kind == model::person_kind::person && !each.disabled && each.roles.operator_)
            names.emplace_back(each.name);
    }
    return names;
}

result<loaded> load_detail(const store::reader& from, const std::string& id, std::int64_t now_ns)
{
    const auto incident = store::find_incident(from, id);
    if (!incident)
        return incident.error();
    if (!*incident)
        return errc::not_found;
    auto out = load_incident_row(from, **incident);
    if (!out)
        return out.error();
    const auto signals = add_signals(*out, from, id, now_ns);
    if (!signals)
        return signals.error();
    const auto alarms = add_alarms(*out, from, id);
    if (!alarms)
        return alarms.error();
    const auto work = add_work(*out, from, id);
    if (!work)
        return work.error();
    json::array actions;
    for (const lifecycle::person_action each : lifecycle::allowed_actions(**incident))
        actions.emplace_back(lifecycle::to_text(each));
    (*out)["actions"] = std::move(actions);
    auto assignable = list_assignable(from);
    if (!assignable)
        return assignable.error();
    (*out)["assignable"] = std::move(*assignable);
    return load_item(from, std::move(*out), (*incident)->version);
}

// "me" is whoever asks, "none" nobody; any other text is a person's name.
std::optional<std::string> read_assignee(const net::request& req, const caller& who)
{
    const std::string_view text = req.find_query("assigned").value_or(std::string_view());
    if (text.empty())
        return std::nullopt;
    if (text == "none")
        return std::string();
    return text == "me" ? who.person.name : std::string(text);
}

checked<std::optional<bool>> read_truth(const net::request& req, std::string_view name)
{
    const std::string_view text = req.find_query(name).value_or(std::string_view());
    if (text.empty())
        return std::optional<bool>();
    if (text != "true" && text != "false")
        return refuse(std::string(name) + " must be true or false.");
    return std::optional(text == "true");
}

checked<store::incident_filter> read_filter(const net::request& req, const caller& who, std::int64_t now_ns)
{
    store::incident_filter filter;
    const auto page = read_page(req);
    if (!page)
        return page.error();
    const auto status = read_word(req, "status", model::find_incident_status);
    if (!status)
        return status.error();
    const auto severity = read_word(req, "severity", model::find_severity);
    if (!severity)
        return severity.error();
    const auto open = read_truth(req, "open");
    if (!open)
        return open.error();
    const auto snoozed = read_truth(req, "snoozed");
    if (!snoozed)
        return snoozed.error();
    const auto times = read_time_range(req);
    if (!times)
        return times.error();
    filter.opened_from_ns = times->from_ns;
    filter.opened_to_ns = times->to_ns;
    filter.status = *status;
    filter.severity = *severity;
    filter.service = std::string(req.find_query("service").value_or(std::string_view()));
    filter.open = open->value_or(false);
    filter.snoozed = *snoozed;
    filter.now_ns = now_ns;
    filter.assigned_to = read_assignee(req, who);
    filter.after = page->after;
    filter.limit = page->limit;
    return filter;
}

}  // namespace

handler_answer list_incidents(context& api, const caller& who, net::request& req)
{
    const std::string_view vocabulary = req.find_query("vocab").value_or(std::string_view());
    if (vocabulary == "sentinel")
        co_return co_await list_sentinel_incidents(api, who, req);
    if (!vocabulary.empty() || req.find_query("offset"))
        co_return problem_of(req, refuse("vocab may be sentinel; offset belongs to that view."));
    auto filter = read_filter(req, who, api.parts.time.now_ns());
    if (!filter)
        co_return problem_of(req, filter.error());
    const std::size_t limit = filter->limit;
    filter->limit = limit + 1;
    auto load = [&filter, limit](const store::reader& from) -> result<loaded> {
        auto incidents = store::list_incidents(from, *filter);
        if (!incidents)
            return incidents.error();
        std::string next = cut_page(*incidents, limit, [](const model::incident& row) { return row.id; });
        auto rows = load_incident_rows(from, *incidents);
        if (!rows)
            return rows.error();
        return load_page(from, std::move(*rows), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of incidents");
}

handler_answer get_incident(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&id, now_ns](const store::reader& from) { return load_detail(from, id, now_ns); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "incident " + id);
}

handler_answer get_incident_timeline(context& api, const caller&, net::request& req)
{
    const auto after = read_number(req, "after", 0);
    if (!after)
        co_return problem_of(req, after.error());
    const std::string id(req.param("id"));
    auto load = [&id, &after](const store::reader& from) -> result<loaded> {
        const auto incident = store::find_incident(from, id);
        if (!incident)
            return incident.error();
        if (!*incident)
            return errc::not_found;
        auto events = store::list_timeline(from, id, *after, page_limit_max + 1);
        if (!events)
            return events.error();
        std::string next = cut_page(*events, page_limit_max, [](const model::incident_event& row) {
            return std::to_string(row.sequence);
        });
        json::array items;
        for (const model::incident_event& each : *events)
            items.emplace_back(render_incident_event(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "incident " + id);
}

handler_answer post_incident_action(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto comment = read_text(*body, "comment", comment_bytes_max);
    if (!comment)
        co_return problem_of(req, comment.error());
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    runs::incident_request request;
    request.incident_id = std::string(req.param("id"));
    request.action = runs::find_incident_action(route_verb(req)).value();
    request.comment = *comment;
    request.expected_version = *expected;
    request.request_id = req.id;
    request.auth = auth_of(req, "session");
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto act = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        request.person = *person;
        const auto changed = runs::act_on_incident(tx, request, now_ns);
        if (!changed)
            return changed.error();
        auto row = load_incident_row(tx, *changed);
        if (!row)
            return row.error();
        return load_item(tx, std::move(*row), changed->version);
    };
    const auto done = co_await api.parts.store.write(std::move(act));
    co_return answer(req, done, "incident " + request.incident_id);
}

}  // namespace reprise::http
