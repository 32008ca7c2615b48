#include "answers.hpp"
#include "decision_input.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "render.hpp"
#include "rows.hpp"

#include "reprise/forge/ticket.hpp"
#include "reprise/runs/approval_edit.hpp"
#include "reprise/runs/approval_links.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <algorithm>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t user_name_max = 200;
constexpr std::size_t token_text_max = 128;
constexpr std::string_view link_members = "decision content_hash comment confirm harness_failure_layer";

std::optional<model::decision_kind> find_decision(std::string_view word)
{
    if (word == "request-changes")
        return model::decision_kind::request_changes;
    return word.find('_') == std::string_view::npos ? model::find_decision_kind(word) : std::nullopt;
}

std::string_view state_of(
    const store::approval_link& link, const model::approval& approval, std::int64_t now_ns
)
{
    if (link.used_ns)
        return "used";
    if (now_ns >= link.expires_ns)
        return "expired";
    const bool is_open = approval.state == model::approval_state::pending &&
                         approval.content_hash == link.content_hash;
    return is_open ? "open" : "closed";
}

json::object render_link(const store::approval_link& link, std::string_view state)
{
    json::object out;
    out["approval_id"] = link.approval_id;
    out["state"] = state;
    out["expires_at"] = time_value(link.expires_ns);
    out["page"] = "/approvals/" + link.approval_id;
    return out;
}

checked<runs::edit_request> read_edit(const net::request& req)
{
    const auto body = read_members(req, "An edit", "title body comment");
    if (!body)
        return body.error();
    const auto title = read_text(*body, "title", forge::title_bytes_max);
    if (!title)
        return title.error();
    const auto text = read_text(*body, "body", forge::body_bytes_max);
    if (!text)
        return text.error();
    const auto comment = read_text(*body, "comment", lifecycle::comment_bytes_max);
    if (!comment)
        return comment.error();
    const bool one_line = std::none_of(title->begin(), title->end(), [](unsigned char one) { return one < 0x20; });
    if (title->empty() || !one_line)
        return refuse("title is required and one line; body is the whole new text.");
    runs::edit_request edit;
    edit.approval_id = std::string(req.param("id"));
    edit.title = *title;
    edit.body = *text;
    edit.comment = *comment;
    edit.request_id = req.id;
    return edit;
}

}  // namespace

handler_answer put_approval_content(context& api, const caller& who, net::request& req)
{
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    if (!*expected)
        co_return net::problem(req, 428, "if_match_required", "Send the version you edited as If-Match.");
    auto edit = read_edit(req);
    if (!edit)
        co_return problem_of(req, edit.error());
    edit->expected_version = **expected;
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto save = [&](store::transaction& tx) -> result<loaded> {
        auto me = find_person_now(tx, who, need::operator_);
        if (!me)
            return me.error();
        edit->person = std::move(*me);
        const auto opened = runs::edit_approval(tx, *edit, api.config.approvals, now_ns, api.parts.notices);
        if (!opened)
            return opened.error();
        auto row = load_approval_row(tx, *opened);
        if (!row)
            return row.error();
        return load_item(tx, std::move(*row), opened->version);
    };
    const auto saved = co_await api.parts.store.write(std::move(save));
    co_return answer(req, saved, "approval " + edit->approval_id);
}

handler_answer post_approval_link(context& api, const caller& who, net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        co_return problem_of(req, body.error());
    const auto user = read_text(*body, "user", user_name_max);
    if (!user)
        co_return problem_of(req, user.error());
    if (user->empty())
        co_return bad_request(req, "user is required: the name of the approver the link is for.");
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto make = [&](store::transaction& tx) -> result<loaded> {
        const auto person = store::find_person_by_name(tx, *user);
        if (!person)
            return person.error();
        if (!*person)
            return errc::not_found;
        runs::link_request wanted;
        wanted.approval_id = id;
        wanted.person_id = (*person)->id;
        wanted.created_by = "user:" + who.person.name;
        wanted.request_id = req.id;
        const auto made = runs::make_approval_link(tx, wanted, api.config.link_key, now_ns);
        if (!made)
            return made.error();
        json::object out = render_link(made->link, "open");
        out["user"] = *user;
        out["token"] = made->token;
        // Behind the "#": no server, proxy or log on the way sees it.
        out["link"] = api.config.public_url + "/approvals/" + id + "#link=" + made->token;
        return load_item(tx, std::move(out));
    };
    const auto made = co_await api.parts.store.write(std::move(make));
    co_return answer(req, made, "approval " + id + " for " + *user);
}

handler_answer get_approval_link(context& api, const caller&, net::request& req)
{
    const std::string token(req.param("token"));
    if (token.size() > token_text_max)
        co_return problem_of(req, errc::not_found, "this link");
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto look = [&](const store::reader& from) -> result<loaded> {
        const auto link = runs::find_approval_link(from, token, api.config.link_key);
        if (!link)
            return link.error();
        const auto approval = store::find_approval(from, link->approval_id);
        if (!approval)
            return approval.error();
        if (!*approval)
            return errc::not_found;
        return load_item(from, render_link(*link, state_of(*link, **approval, now_ns)));
    };
    const auto found = co_await api.parts.store.read(std::move(look));
    co_return answer(req, found, "this link");
}

handler_answer post_approval_by_link(context& api, const caller& who, net::request& req)
{
    auto decision = read_decision(req, link_members);
    if (!decision)
        co_return problem_of(req, decision.error());
    const auto body = read_object(req);
    const auto word = read_text(*body, "decision", token_text_max);
    if (!word)
        co_return problem_of(req, word.error());
    const auto kind = find_decision(*word);
    if (!kind)
        co_return bad_request(req, "decision is approve, reject, request-changes or stop.");
    decision->kind = *kind;
    decision->auth = who.is_token() ? "token" : "session";
    decision->authenticated_ns = who.authenticated_ns;
    const std::string token(req.param("token"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto decide = [&](store::transaction& tx) -> result<loaded> {
        auto me = find_person_now(tx, who, need::signed_in);
        if (!me)
            return me.error();
        decision->person = std::move(*me);
        const auto done = runs::decide_by_link(
            tx, token, api.config.link_key, *decision, api.config.approvals, now_ns, api.parts.notices
        );
        if (!done)
            return done.error();
        auto row = load_approval_row(tx, done->approval);
        if (!row)
            return row.error();
        return load_item(tx, std::move(*row), done->approval.version);
    };
    const auto decided = co_await api.parts.store.write(std::move(decide));
    co_return answer(req, decided, "this link");
}

}  // namespace reprise::http
