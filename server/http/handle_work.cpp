#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/runs/work_pause.hpp"
#include "reprise/store/database.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

result<loaded> load_work(const store::reader& from)
{
    const auto pause = store::find_work_pause(from);
    if (!pause)
        return pause.error();
    return load_item(from, render_work(*pause));
}

checked<std::string> read_word_of_it(const net::request& req, std::string_view member, bool required)
{
    const auto body = read_object(req);
    if (!body)
        return body.error();
    if (const auto unknown = find_unknown_member(*body, member))
        return refuse("The body has no member \"" + *unknown + "\"; there is " + std::string(member) + ".");
    return required ? read_sentence(*body, member, lifecycle::comment_bytes_max)
                    : read_text(*body, member, lifecycle::comment_bytes_max);
}

}  // namespace

handler_answer get_work(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) { return load_work(from); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the state of work");
}

handler_answer post_work_pause(context& api, const caller& who, net::request& req)
{
    const auto reason = read_word_of_it(req, "reason", true);
    if (!reason)
        co_return problem_of(req, reason.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto act = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        store::work_pause pause;
        pause.reason = *reason;
        pause.paused_by = person->name;
        pause.since_ns = now_ns;
        if (auto paused = runs::pause_work(tx, pause); !paused)
            return paused.error();
        person_deed deed;
        deed.action = "work.pause";
        deed.object = "work";
        deed.detail["reason"] = *reason;
        if (auto audited = audit_person(tx, *person, req, now_ns, deed); !audited)
            return audited.error();
        return load_work(tx);
    };
    const auto done = co_await api.parts.store.write(std::move(act));
    if (!done && done.error() == errc::conflict)
        co_return net::problem(
            req, 409, "already_paused", "All runs are paused already; GET /api/v1/work says by whom and why."
        );
    co_return answer(req, done, "the state of work");
}

handler_answer post_work_resume(context& api, const caller& who, net::request& req)
{
    const auto comment = read_word_of_it(req, "comment", false);
    if (!comment)
        co_return problem_of(req, comment.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto act = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        if (auto resumed = runs::resume_work(tx, now_ns); !resumed)
            return resumed.error();
        person_deed deed;
        deed.action = "work.resume";
        deed.object = "work";
        deed.detail["comment"] = *comment;
        if (auto audited = audit_person(tx, *person, req, now_ns, deed); !audited)
            return audited.error();
        return load_work(tx);
    };
    const auto done = co_await api.parts.store.write(std::move(act));
    if (!done && done.error() == errc::not_found)
        co_return net::problem(req, 409, "not_paused", "No pause is on: runs are claimed as they come.");
    co_return answer(req, done, "the state of work");
}

}  // namespace reprise::http
