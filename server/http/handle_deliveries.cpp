#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/notice_endpoints.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

// What a person replays must have somewhere to go.
result<bool> is_endpoint_on(const store::reader& from, const std::string& delivery_id)
{
    const auto found = store::find_delivery(from, delivery_id);
    if (!found)
        return {boost::system::in_place_error, found.error()};
    if (!*found)
        return {boost::system::in_place_error, errc::not_found};
    const auto to = store::find_endpoint(from, (*found)->endpoint_id);
    if (!to)
        return {boost::system::in_place_error, to.error()};
    return *to && (*to)->enabled;
}

}  // namespace

handler_answer list_deliveries(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const auto state = read_word(req, "state", store::find_delivery_state);
    if (!state)
        co_return problem_of(req, state.error());
    store::delivery_filter filter;
    filter.endpoint_id = std::string(req.find_query("endpoint").value_or(std::string_view()));
    filter.state = *state;
    filter.after = page->after;
    filter.limit = page->limit + 1;
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto deliveries = store::list_deliveries(from, filter);
        if (!deliveries)
            return deliveries.error();
        std::string next = cut_page(*deliveries, page->limit, [](const store::delivery& row) { return row.id; });
        json::array items;
        for (const store::delivery& each : *deliveries)
            items.emplace_back(render_delivery(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of deliveries");
}

handler_answer post_delivery_replay(context& api, const caller& who, net::request& req)
{
    const std::string id(req.param("id"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    bool is_on = true;
    auto replay = [&](store::transaction& tx) -> result<loaded> {
        const auto on = is_endpoint_on(tx, id);
        if (!on)
            return on.error();
        is_on = *on;
        if (!is_on)
            return errc::conflict;
        const auto replayed = store::replay_delivery(tx, id, now_ns);
        if (!replayed)
            return replayed.error();
        person_deed deed;
        deed.action = "delivery.replay";
        deed.object = "delivery/" + id;
        deed.detail = {{"endpoint", replayed->endpoint_id}, {"type", replayed->type}};
        if (auto told = audit_person(tx, who.person, req, now_ns, deed); !told)
            return told.error();
        return load_item(tx, render_delivery(*replayed));
    };
    const auto replayed = co_await api.parts.store.write(std::move(replay));
    if (!is_on)
        co_return net::problem(req, 409, "endpoint_off", "Its endpoint is switched off; switch it on first.");
    if (!replayed && replayed.error() == errc::conflict)
        co_return net::problem(req, 409, "still_waiting", "This delivery waits to be sent already.");
    co_return answer(req, replayed, "delivery " + id);
}

}  // namespace reprise::http
