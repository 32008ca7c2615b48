#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/runs/run_pause.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

using pause_change = std::function<result<void>(store::transaction&, const model::person&)>;

// Done by an operator and audited with `said`; how it stands then goes into the answer.
boost::asio::awaitable<result<loaded>> change_pause(
    context& api, const caller& who, const net::request& req, const person_deed& said, const pause_change& change
)
{
    auto act = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        if (auto changed = change(tx, *person); !changed)
            return changed.error();
        if (auto audited = audit_person(tx, *person, req, api.parts.time.now_ns(), said); !audited)
            return audited.error();
        const auto pause = store::find_run_pause(tx);
        if (!pause)
            return pause.error();
        return load_item(tx, render_run_pause(*pause));
    };
    auto done = co_await api.parts.store.write(std::move(act));
    co_return done;
}

person_deed deed_of(std::string_view action, std::string_view member, const std::string& text)
{
    person_deed deed;
    deed.action = action;
    deed.object = "runs";
    deed.detail[member] = text;
    return deed;
}

}  // namespace

handler_answer post_run_pause(context& api, const caller& who, net::request& req)
{
    const auto body = read_members(req, "A pause", "reason");
    if (!body)
        co_return problem_of(req, body.error());
    const auto reason = read_sentence(*body, "reason", lifecycle::comment_bytes_max);
    if (!reason)
        co_return problem_of(req, reason.error());
    const pause_change change = [&](store::transaction& tx, const model::person& person) {
        return runs::pause_all_runs(tx, {*reason, person.name, api.parts.time.now_ns()});
    };
    const person_deed said = deed_of("run.pause_all", "reason", *reason);
    const auto done = co_await change_pause(api, who, req, said, change);
    if (!done && done.error() == errc::conflict)
        co_return net::problem(
            req, 409, "already_paused", "All runs are paused already; GET /api/v1/overview says by whom and why."
        );
    co_return answer(req, done, "the pause of all runs");
}

handler_answer post_run_resume(context& api, const caller& who, net::request& req)
{
    const auto body = read_members(req, "Resuming", "comment");
    if (!body)
        co_return problem_of(req, body.error());
    const auto comment = read_text(*body, "comment", lifecycle::comment_bytes_max);
    if (!comment)
        co_return problem_of(req, comment.error());
    const pause_change change = [&](store::transaction& tx, const model::person&) {
        return runs::resume_all_runs(tx, api.parts.time.now_ns());
    };
    const person_deed said = deed_of("run.resume_all", "comment", *comment);
    const auto done = co_await change_pause(api, who, req, said, change);
    if (!done && done.error() == errc::not_found)
        co_return net::problem(req, 409, "not_paused", "No pause is on: runs are claimed as they come.");
    co_return answer(req, done, "the pause of all runs");
}

}  // namespace reprise::http
