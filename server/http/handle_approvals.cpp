#include "answers.hpp"
#include "decision_input.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "render.hpp"
#include "rows.hpp"

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/runs/preferences.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/snoozes.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t hash_text_max = 64;
constexpr std::size_t layer_text_max = 64;
constexpr std::string_view decision_members = "content_hash comment confirm harness_failure_layer";

model::decision_kind decision_of(std::string_view verb)
{
    if (verb == "approve")
        return model::decision_kind::approve;
    if (verb == "reject")
        return model::decision_kind::reject;
    return verb == "stop" ? model::decision_kind::stop : model::decision_kind::request_changes;
}

// What is hashed, as an object for the screen and as the exact text for whoever checks the hash.
void add_content(json::object& out, const model::approval& approval)
{
    error_code ec;
    json::value content = json::parse(approval.content, ec);
    out["content"] = !ec && content.is_object() ? std::move(content) : json::value(json::object());
    out["content_json"] = approval.content;
}

result<void> add_deciders(
    json::object& out, const store::reader& from, const model::approval& approval, const std::string& my_id
)
{
    const auto decisions = store::list_decisions(from, approval.id);
    if (!decisions)
        return decisions.error();
    auto people = store::list_people(from, store::people_listed_max);
    if (!people)
        return people.error();
    std::erase_if(*people, [](const model::person& each) { return each.disabled; });
    json::array decision_rows;
    for (const model::decision& each : *decisions)
        decision_rows.emplace_back(render_decision(each));
    json::array decider_rows;
    for (const lifecycle::decider& each : lifecycle::who_may_decide(approval, *decisions, *people))
        decider_rows.emplace_back(render_decider(each, my_id));
    out["decisions"] = std::move(decision_rows);
    out["deciders"] = std::move(decider_rows);
    return {};
}

result<void> add_snooze(
    json::object& out, const store::reader& from, const std::string& id, const model::person& me, std::int64_t now_ns
)
{
    const auto until_ns = store::find_snoozed_until(from, me.id, id, now_ns);
    if (!until_ns)
        return until_ns.error();
    if (*until_ns)
        out["snoozed_until"] = time_value(**until_ns);
    return {};
}

// What is asked instead of a void one.
result<void> add_replacement(json::object& out, const store::reader& from, const model::approval& approval)
{
    if (approval.state != model::approval_state::voided)
        return {};
    const auto newest = store::find_run_approval(from, approval.run_id, approval.action);
    if (!newest)
        return newest.error();
    if (*newest && (*newest)->id != approval.id)
        out["replaced_by"] = (*newest)->id;
    return {};
}

result<loaded> load_detail(
    const context& api, const store::reader& from, const std::string& id, const caller& who, std::int64_t now_ns
)
{
    const auto approval = store::find_approval(from, id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    auto out = load_approval_row(from, **approval);
    if (!out)
        return out.error();
    add_content(*out, **approval);
    const bool needs_proof = (*approval)->state == model::approval_state::pending &&
                             lifecycle::needs_reauthentication(
                                 **approval, who.authenticated_ns, now_ns, api.config.approvals
                             );
    const auto deciders = add_deciders(*out, from, **approval, who.person.id);
    if (!deciders)
        return deciders.error();
    const auto run = store::find_run(from, (*approval)->run_id);
    if (!run)
        return run.error();
    const auto incident = store::find_incident(from, (*approval)->incident_id);
    if (!incident)
        return incident.error();
    if (*run) {
        (*out)["run"] = render_run(**run);
        if (!(*run)->evidence_id.empty())
            (*out)["evidence_id"] = (*run)->evidence_id;
    }
    (*out)["incident_title"] = *incident ? (*incident)->title : std::string();
    (*out)["reauthenticate"] = needs_proof;
    if (auto added = add_snooze(*out, from, id, who.person, now_ns); !added)
        return added.error();
    if (auto added = add_replacement(*out, from, **approval); !added)
        return added.error();
    return load_item(from, std::move(*out), (*approval)->version);
}

// The rows of a page for one person: whether they may decide each one now, and why not.
result<json::array> load_my_rows(
    const store::reader& from, const std::vector<model::approval>& approvals, const model::person& me,
    std::int64_t now_ns
)
{
    json::array rows;
    for (const model::approval& each : approvals) {
        auto row = load_approval_row(from, each);
        if (!row)
            return row.error();
        const auto decisions = store::list_decisions(from, each.id);
        if (!decisions)
            return decisions.error();
        add_my_part(*row, lifecycle::who_may_decide(each, *decisions, std::span(&me, 1)).front());
        if (auto added = add_snooze(*row, from, each.id, me, now_ns); !added)
            return added.error();
        rows.emplace_back(std::move(*row));
    }
    return rows;
}

struct list_query {
    store::approval_filter filter;
    std::size_t limit = 0;
    bool mine = false;
};

checked<list_query> read_list_query(const net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        return page.error();
    const auto state = read_word(req, "state", model::find_approval_state);
    if (!state)
        return state.error();
    const std::string_view mine = req.find_query("mine").value_or(std::string_view());
    if (!mine.empty() && mine != "true" && mine != "false")
        return refuse("mine must be true or false.");
    list_query query;
    query.mine = mine == "true";
    if (query.mine && *state && **state != model::approval_state::pending)
        return refuse("mine=true is about pending approvals.");
    query.filter.state = query.mine ? std::optional(model::approval_state::pending) : *state;
    query.filter.after = page->after;
    query.filter.limit = page->limit + 1;
    query.limit = page->limit;
    return query;
}

}  // namespace

checked<runs::decision_request> read_decision(const net::request& req, std::string_view known_members)
{
    // A misspelt "comment" or "confirm" must not pass as an absent one.
    const auto body = read_members(req, "A decision", known_members);
    if (!body)
        return body.error();
    const auto comment = read_text(*body, "comment", lifecycle::comment_bytes_max);
    if (!comment)
        return comment.error();
    const auto hash = read_text(*body, "content_hash", hash_text_max);
    if (!hash)
        return hash.error();
    if (hash->empty())
        return refuse("content_hash is required: the hash of what you saw.");
    const auto confirm = read_text(*body, "confirm", hash_text_max);
    if (!confirm)
        return confirm.error();
    const auto layer = read_text(*body, "harness_failure_layer", layer_text_max);
    if (!layer)
        return layer.error();
    if (!layer->empty() && !runs::is_failure_layer(*layer))
        return refuse("\"" + *layer + "\" is no harness_failure_layer; docs/approvals.md lists them.");
    runs::decision_request decision;
    decision.failure_layer = *layer;
    decision.comment = *comment;
    decision.content_hash = *hash;
    decision.confirm = *confirm;
    decision.request_id = req.id;
    return decision;
}

namespace {

// Nothing when the version the person saw is the one that is stored.
result<void> check_version(
    const store::reader& from, const std::string& id, const std::optional<std::int64_t>& expected
)
{
    if (!expected)
        return {};
    const auto approval = store::find_approval(from, id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    // A decided one is answered by the decision's own rules: 409 tells more than 412.
    const bool is_pending = (*approval)->state == model::approval_state::pending;
    if (is_pending && (*approval)->version != *expected)
        return errc::stale;
    return {};
}

}  // namespace

handler_answer list_approvals(context& api, const caller& who, net::request& req)
{
    const auto query = read_list_query(req);
    if (!query)
        co_return problem_of(req, query.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto approvals = store::list_approvals(from, query->filter);
        if (!approvals)
            return approvals.error();
        std::string next = cut_page(*approvals, query->limit, [](const model::approval& row) { return row.id; });
        auto rows = query->mine ? load_my_rows(from, *approvals, who.person, now_ns)
                                : load_approval_rows(from, *approvals);
        if (!rows)
            return rows.error();
        return load_page(from, std::move(*rows), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of approvals");
}

handler_answer get_approval(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&](const store::reader& from) { return load_detail(api, from, id, who, now_ns); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "approval " + id);
}

handler_answer post_decision(context& api, const caller& who, net::request& req)
{
    auto decision = read_decision(req, decision_members);
    if (!decision)
        co_return problem_of(req, decision.error());
    decision->approval_id = std::string(req.param("id"));
    decision->kind = decision_of(route_verb(req));
    decision->auth = who.is_token() ? "token" : "session";
    decision->authenticated_ns = who.authenticated_ns;
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto decide = [&](store::transaction& tx) -> result<loaded> {
        const auto current = check_version(tx, decision->approval_id, *expected);
        if (!current)
            return current.error();
        const auto person = find_person_now(tx, who, need::signed_in);
        if (!person)
            return person.error();
        decision->person = *person;
        const auto done = runs::decide_approval(tx, *decision, api.config.approvals, now_ns, api.parts.notices);
        if (!done)
            return done.error();
        auto row = load_approval_row(tx, done->approval);
        if (!row)
            return row.error();
        return load_item(tx, std::move(*row), done->approval.version);
    };
    const auto decided = co_await api.parts.store.write(std::move(decide));
    co_return answer(req, decided, "approval " + decision->approval_id);
}

}  // namespace reprise::http
