#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/slack.hpp"

#include <algorithm>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t slack_id_bytes_max = 32;

// "U0123456789", "W0123456789", or nothing to unlink.
bool is_slack_user(std::string_view text)
{
    if (text.empty())
        return true;
    const bool begins_well = text.size() >= 2 && (text.front() == 'U' || text.front() == 'W');
    return begins_well && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

checked<std::string> read_slack_user(const net::request& req)
{
    const auto body = read_members(req, "A link", "slack_user_id");
    if (!body)
        return body.error();
    if (!body->contains("slack_user_id"))
        return refuse("slack_user_id is required; empty unlinks.");
    const auto user = read_text(*body, "slack_user_id", slack_id_bytes_max);
    if (!user)
        return user.error();
    if (!is_slack_user(*user))
        return refuse("slack_user_id must be a member id like U0123456789, from the person's profile in Slack.");
    return *user;
}

}  // namespace

handler_answer list_slack_people(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto people = store::list_slack_people(from, store::people_listed_max);
        if (!people)
            return people.error();
        json::array items;
        for (const store::slack_person& each : *people)
            items.emplace_back(render_slack_person(each));
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of people in Slack");
}

handler_answer put_slack_person(context& api, const caller& who, net::request& req)
{
    const auto user = read_slack_user(req);
    if (!user)
        co_return problem_of(req, user.error());
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    const std::string linked_by = "user:" + who.person.name;
    auto link = [&](store::transaction& tx) -> result<loaded> {
        const auto person = store::find_person(tx, id);
        if (!person)
            return person.error();
        if (!*person)
            return errc::not_found;
        if (auto linked = store::link_slack_user(tx, id, *user, linked_by, now_ns); !linked)
            return linked.error();
        person_deed deed;
        deed.action = user->empty() ? "user.unlink_slack" : "user.link_slack";
        deed.object = "user/" + id;
        deed.detail = {{"slack_user_id", *user}};
        if (auto told = audit_person(tx, who.person, req, now_ns, deed); !told)
            return told.error();
        return load_item(tx, render_slack_person({id, (*person)->name, *user, linked_by, user->empty() ? 0 : now_ns}));
    };
    const auto linked = co_await api.parts.store.write(std::move(link));
    if (!linked && linked.error() == errc::conflict)
        co_return net::problem(
            req, 409, "linked_elsewhere", "This Slack user is linked to somebody else; unlink first."
        );
    co_return answer(req, linked, "person " + id);
}

}  // namespace reprise::http
