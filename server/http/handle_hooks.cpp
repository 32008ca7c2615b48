#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "problems.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/hook_deliveries.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

json::object render_hook(const store::hook_delivery& hook)
{
    json::object out;
    out["id"] = hook.id;
    out["source"] = hook.source;
    out["event"] = hook.event;
    out["state"] = store::to_text(hook.state);
    out["reason"] = hook.reason;
    out["attempts"] = hook.attempts;
    out["alarms"] = hook.alarms;
    out["repeats"] = hook.repeats;
    out["body_bytes"] = hook.body_bytes;
    out["received_at"] = format_rfc3339(hook.received_ns);
    if (hook.processed_ns)
        out["processed_at"] = format_rfc3339(*hook.processed_ns);
    out["version"] = hook.version;
    return out;
}

person_deed deed_of(const store::hook_delivery& hook)
{
    person_deed deed;
    deed.action = "hook.replay";
    deed.object = "hook/" + hook.id;
    deed.detail = {{"source", hook.source}, {"event", hook.event}};
    return deed;
}

}  // namespace

handler_answer list_hooks(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const auto state = read_word(req, "state", store::find_hook_state);
    if (!state)
        co_return problem_of(req, state.error());
    store::hook_filter filter;
    filter.state = *state;
    filter.source = std::string(req.find_query("source").value_or(std::string_view()));
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto hooks = store::list_hooks(from, filter, page->after, page->limit + 1);
        if (!hooks)
            return hooks.error();
        std::string next = cut_page(*hooks, page->limit, [](const store::hook_delivery& row) { return row.id; });
        json::array items;
        for (const store::hook_delivery& each : *hooks)
            items.emplace_back(render_hook(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of webhooks");
}

handler_answer post_hook_replay(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto change = [&](store::transaction& tx) -> result<loaded> {
        const auto replayed = store::replay_hook(tx, id);
        if (!replayed)
            return replayed.error();
        if (auto audited = audit_person(tx, who.person, req, now_ns, deed_of(*replayed)); !audited)
            return audited.error();
        return load_item(tx, render_hook(*replayed), replayed->version);
    };
    const auto done = co_await api.parts.store.write(std::move(change));
    if (!done && done.error() == errc::conflict)
        co_return net::problem(
            req, 409, "not_replayable", "Webhook " + id + " is still waiting, or its body is no longer kept."
        );
    co_return answer(req, done, "webhook " + id);
}

}  // namespace reprise::http
