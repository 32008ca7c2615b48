#include "answers.hpp"
#include "detection_input.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"
#include "render.hpp"
#include "rows.hpp"

#include "reprise/base/id.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/suppressions.hpp"

#include <algorithm>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t service_name_bytes_max = 255;
constexpr std::size_t reason_bytes_max = 500;
constexpr std::size_t fingerprint_digits = 64;

bool is_fingerprint(std::string_view text)
{
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == fingerprint_digits && std::all_of(text.begin(), text.end(), is_hex);
}

// Which signals are meant.
checked<void> read_scope(const json::object& body, model::suppression& into)
{
    const auto service = read_sentence(body, "service", service_name_bytes_max);
    if (!service)
        return service.error();
    into.service = *service;
    const auto operation = read_text(body, "operation_id", fingerprint_digits);
    if (!operation)
        return operation.error();
    if (!operation->empty()) {
        into.operation_id = find_operation_id(*operation);
        if (!into.operation_id)
            return refuse("operation_id must be the 16 hex digits of an operation.");
    }
    const auto kind = read_signal_kind(body, "kind");
    if (!kind)
        return kind.error();
    into.kind = *kind;
    const auto fingerprint = read_text(body, "fingerprint", fingerprint_digits);
    if (!fingerprint)
        return fingerprint.error();
    if (!fingerprint->empty() && !is_fingerprint(*fingerprint))
        return refuse("fingerprint must be the 64 lower-case hex digits of a signal's.");
    into.fingerprint = *fingerprint;
    return {};
}

checked<model::suppression> read_suppression(const net::request& req, std::int64_t now_ns)
{
    const auto body = read_members(req, "A suppression", "service operation_id kind fingerprint reason until");
    if (!body)
        return body.error();
    model::suppression made;
    if (const auto scope = read_scope(*body, made); !scope)
        return scope.error();
    const auto reason = read_sentence(*body, "reason", reason_bytes_max);
    if (!reason)
        return reason.error();
    made.reason = *reason;
    const auto until_ns = read_time(*body, "until");
    if (!until_ns)
        return until_ns.error();
    made.until_ns = *until_ns;
    if (made.until_ns && *made.until_ns <= now_ns)
        return refusal{422, "until is over already; give a time to come, or leave it out: until it is lifted."};
    made.id = make_ulid(now_ns);
    made.created_ns = now_ns;
    return made;
}

// errc::invalid_argument: the operation is not one of the service.
result<void> check_scope(const store::reader& from, const model::suppression& what)
{
    const auto service = store::find_service(from, what.service);
    if (!service)
        return service.error();
    if (!*service)
        return errc::not_found;
    if (!what.operation_id)
        return {};
    const auto key = store::find_operation(from, *what.operation_id);
    if (!key)
        return key.error();
    if (!*key || (*key)->service != what.service)
        return errc::invalid_argument;
    return {};
}

person_deed deed_of(std::string_view action, const model::suppression& what)
{
    person_deed deed;
    deed.action = action;
    deed.object = "suppression/" + what.id;
    deed.detail = {{"service", what.service}, {"reason", what.reason}, {"hits", what.hits}};
    if (what.operation_id)
        deed.detail["operation_id"] = operation_hex(*what.operation_id);
    if (what.kind)
        deed.detail["kind"] = model::to_text(*what.kind);
    if (!what.fingerprint.empty())
        deed.detail["fingerprint"] = what.fingerprint;
    if (what.until_ns)
        deed.detail["until"] = time_value(*what.until_ns);
    return deed;
}

result<loaded> load_one(const store::reader& from, const std::string& id, std::int64_t now_ns)
{
    const auto what = store::find_suppression(from, id);
    if (!what)
        return what.error();
    if (!*what)
        return errc::not_found;
    auto row = load_suppression_row(from, **what, now_ns);
    if (!row)
        return row.error();
    return load_item(from, std::move(*row));
}

// Ends it and says who did; false when it was lifted before.
result<bool> lift(
    store::transaction& tx, const std::string& id, const caller& who, const net::request& req, std::int64_t now_ns
)
{
    const auto person = find_person_now(tx, who, need::operator_);
    if (!person)
        return {boost::system::in_place_error, person.error()};
    const auto what = store::find_suppression(tx, id);
    if (!what)
        return {boost::system::in_place_error, what.error()};
    if (!*what)
        return {boost::system::in_place_error, errc::not_found};
    if ((*what)->lifted_ns)
        return false;
    if (auto lifted = store::lift_suppression(tx, id, "user:" + person->name, now_ns); !lifted)
        return {boost::system::in_place_error, lifted.error()};
    const auto audited = audit_person(tx, *person, req, now_ns, deed_of("suppression.lift", **what));
    if (!audited)
        return {boost::system::in_place_error, audited.error()};
    return true;
}

}  // namespace

handler_answer list_suppressions(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const auto state = read_word(req, "state", model::find_suppression_state);
    if (!state)
        co_return problem_of(req, state.error());
    store::suppression_filter filter;
    filter.service = std::string(req.find_query("service").value_or(std::string_view()));
    filter.state = *state;
    filter.after = page->after;
    filter.limit = page->limit + 1;
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto rows = store::list_suppressions(from, filter, now_ns);
        if (!rows)
            return rows.error();
        std::string next = cut_page(*rows, page->limit, [](const model::suppression& row) { return row.id; });
        json::array items;
        for (const model::suppression& each : *rows) {
            auto row = load_suppression_row(from, each, now_ns);
            if (!row)
                return row.error();
            items.emplace_back(std::move(*row));
        }
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of suppressions");
}

handler_answer get_suppression(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto load = [&](const store::reader& from) { return load_one(from, id, now_ns); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "suppression " + id);
}

handler_answer post_suppression(context& api, const caller& who, net::request& req)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto made = read_suppression(req, now_ns);
    if (!made)
        co_return problem_of(req, made.error());
    made->created_by = "user:" + who.person.name;
    auto keep = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        if (auto fits = check_scope(tx, *made); !fits)
            return fits.error();
        if (auto kept = store::insert_suppression(tx, *made, now_ns); !kept)
            return kept.error();
        if (auto audited = audit_person(tx, *person, req, now_ns, deed_of("suppression.create", *made)); !audited)
            return audited.error();
        return load_one(tx, made->id, now_ns);
    };
    const auto kept = co_await api.parts.store.write(std::move(keep));
    if (!kept && kept.error() == errc::invalid_argument)
        co_return net::problem(
            req, 404, "not_found",
            "operation " + operation_hex(*made->operation_id) + " of service " + made->service + " does not exist."
        );
    if (!kept && kept.error() == errc::too_large) {
        api.suppressions_refused.add();
        co_return net::problem(
            req, 409, "too_many_suppressions",
            "As many suppressions stand for " + made->service + " as there may be (" +
                std::to_string(store::suppressions_standing_max) + "); lift some, or make one that covers more."
        );
    }
    net::response reply = answer(req, kept, "service " + made->service);
    if (kept)
        reply.status = 201;
    co_return reply;
}

handler_answer delete_suppression(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto work = [&](store::transaction& tx) -> result<loaded> {
        if (auto lifted = lift(tx, id, who, req, now_ns); !lifted)
            return lifted.error();
        return load_one(tx, id, now_ns);
    };
    const auto done = co_await api.parts.store.write(std::move(work));
    co_return answer(req, done, "suppression " + id);
}

}  // namespace reprise::http
