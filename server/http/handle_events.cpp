#include "answers.hpp"
#include "event_input.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render_alarm.hpp"

#include "reprise/store/database.hpp"

#include <algorithm>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t approved_at_once_max = 100;

result<void> audit_event(
    store::transaction& tx, const model::person& person, const net::request& req, std::int64_t now_ns,
    std::string_view action, const std::string& event_id, json::object detail
)
{
    person_deed deed;
    deed.action = action;
    deed.object = "event/" + event_id;
    deed.detail = std::move(detail);
    return audit_person(tx, person, req, now_ns, deed);
}

result<pipeline::alarm_outcome> approve_one(
    store::transaction& tx, const context& api, const model::person& person, const net::request& req,
    const std::string& id, std::int64_t now_ns
)
{
    auto outcome = pipeline::approve_event(tx, id, "user:" + person.name, api.config.alarms, now_ns);
    if (!outcome)
        return outcome;
    json::object detail = {{"incident", outcome->incident_id}, {"occurrences", outcome->occurrences}};
    if (auto audited = audit_event(tx, person, req, now_ns, "event.approve", id, std::move(detail)); !audited)
        return audited.error();
    return outcome;
}

}  // namespace

handler_answer post_event(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    const auto alarm = read_event(*body, now_ns);
    if (!alarm)
        co_return problem_of(req, alarm.error());
    pipeline::alarm_outcome outcome;
    auto take = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        auto accepted = pipeline::accept_alarm(tx, *alarm, api.config.alarms, now_ns);
        if (!accepted)
            return accepted.error();
        outcome = std::move(*accepted);
        person_deed deed;
        deed.action = "event.inject";
        deed.object = "alarm/" + outcome.alarm_id;
        deed.detail = {{"status", store::to_text(outcome.fate)}, {"incident", outcome.incident_id}};
        if (auto audited = audit_person(tx, *person, req, now_ns, deed); !audited)
            return audited.error();
        return load_item(tx, render_outcome(outcome));
    };
    const auto taken = co_await api.parts.store.write(std::move(take));
    if (taken)
        api.alarms.add(outcome);
    co_return answer(req, taken, "the event");
}

handler_answer post_alarm_acceptance(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    pipeline::alarm_outcome outcome;
    auto restart = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        auto restarted = pipeline::restart_alarm(tx, id, "user:" + person->name, api.config.alarms, now_ns);
        if (!restarted)
            return restarted.error();
        outcome = std::move(*restarted);
        person_deed deed;
        deed.action = "alarm.accept";
        deed.object = "alarm/" + id;
        deed.detail = {{"incident", outcome.incident_id}};
        if (auto audited = audit_person(tx, *person, req, now_ns, deed); !audited)
            return audited.error();
        return load_item(tx, render_outcome(outcome));
    };
    const auto done = co_await api.parts.store.write(std::move(restart));
    if (done)
        api.alarms.add(outcome);
    co_return answer(req, done, "alarm " + id);
}

handler_answer list_events(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const auto state = read_word(req, "state", store::find_event_state);
    if (!state)
        co_return problem_of(req, state.error());
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto events = store::list_held_events(from, *state, page->after, page->limit + 1);
        if (!events)
            return events.error();
        std::string next = cut_page(*events, page->limit, [](const store::held_event& row) { return row.id; });
        json::array items;
        for (const store::held_event& each : *events)
            items.emplace_back(render_held_event(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of events");
}

handler_answer post_event_approval(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    pipeline::alarm_outcome outcome;
    auto approve = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        auto approved = approve_one(tx, api, *person, req, id, now_ns);
        if (!approved)
            return approved.error();
        outcome = std::move(*approved);
        return load_item(tx, render_outcome(outcome));
    };
    const auto done = co_await api.parts.store.write(std::move(approve));
    if (done)
        api.alarms.add(outcome);
    co_return answer(req, done, "event " + id);
}

handler_answer post_event_dismissal(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto dismiss = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        const auto dismissal = pipeline::dismiss_event(tx, id, "user:" + person->name, now_ns);
        if (!dismissal)
            return dismissal.error();
        json::object detail = {{"dismissal", dismissal->id}, {"signature", dismissal->signature}};
        if (auto audited = audit_event(tx, *person, req, now_ns, "event.dismiss", id, std::move(detail)); !audited)
            return audited.error();
        return load_item(tx, render_dismissal(*dismissal));
    };
    const auto done = co_await api.parts.store.write(std::move(dismiss));
    co_return answer(req, done, "event " + id);
}

// The oldest first, at most approved_at_once_max: a person who sees more left asks again.
handler_answer post_all_event_approvals(context& api, const caller& who, net::request& req)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    std::vector<pipeline::alarm_outcome> outcomes;
    auto approve = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        const auto pending = store::list_oldest_pending(tx, approved_at_once_max + 1);
        if (!pending)
            return pending.error();
        const std::size_t now = std::min(pending->size(), approved_at_once_max);
        for (std::size_t i = 0; i < now; ++i) {
            auto approved = approve_one(tx, api, *person, req, (*pending)[i].id, now_ns);
            if (!approved)
                return approved.error();
            outcomes.push_back(std::move(*approved));
        }
        json::object out;
        out["approved"] = outcomes.size();
        out["more"] = pending->size() > now;
        return load_item(tx, std::move(out));
    };
    const auto done = co_await api.parts.store.write(std::move(approve));
    for (const pipeline::alarm_outcome& outcome : outcomes) {
        if (done)
            api.alarms.add(outcome);
    }
    co_return answer(req, done, "the events");
}

handler_answer list_event_dismissals(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    auto load = [&page](const store::reader& from) -> result<loaded> {
        auto list = store::list_dismissals(from, page->after, page->limit + 1);
        if (!list)
            return list.error();
        std::string next = cut_page(*list, page->limit, [](const store::event_dismissal& row) { return row.id; });
        json::array items;
        for (const store::event_dismissal& each : *list)
            items.emplace_back(render_dismissal(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of dismissals");
}

handler_answer delete_event_dismissal(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto lift = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        const auto dismissal = store::find_dismissal(tx, id);
        if (!dismissal)
            return dismissal.error();
        if (!*dismissal)
            return errc::not_found;
        if (auto lifted = store::delete_dismissal(tx, id); !lifted)
            return lifted.error();
        person_deed deed;
        deed.action = "event.lift_dismissal";
        deed.object = "dismissal/" + id;
        deed.detail = {{"signature", (*dismissal)->signature}, {"dropped", (*dismissal)->dropped}};
        if (auto audited = audit_person(tx, *person, req, now_ns, deed); !audited)
            return audited.error();
        return load_item(tx, render_dismissal(**dismissal));
    };
    const auto done = co_await api.parts.store.write(std::move(lift));
    co_return answer(req, done, "dismissal " + id);
}

}  // namespace reprise::http
