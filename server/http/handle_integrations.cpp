#include "answers.hpp"
#include "handlers.hpp"
#include "json_text.hpp"

#include "reprise/forge/tracker_set.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/integrations.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

using health_list = result<std::vector<store::integration_health>>;

std::string_view state_of(const store::integration_health& health)
{
    if (health.failing)
        return "failing";
    return health.success_ns > 0 ? "good" : "quiet";
}

json::object render_integration(
    std::string_view kind, const store::integration_health& health, const std::vector<std::string>& askable
)
{
    json::object out;
    out["kind"] = kind;
    out["name"] = health.name;
    out["can_ask"] = kind == "tracker" && std::find(askable.begin(), askable.end(), health.name) != askable.end();
    out["state"] = state_of(health);
    if (health.success_ns > 0)
        out["succeeded_at"] = time_value(health.success_ns);
    if (health.error_ns > 0) {
        out["failed_at"] = time_value(health.error_ns);
        out["error"] = health.error;
    }
    return out;
}

// What is configured, each with what is known of it. What is not configured any more is not listed.
result<void> add_integrations(
    json::array& items, std::string_view kind, const std::vector<std::string>& configured, const health_list& known,
    const std::vector<std::string>& askable
)
{
    if (!known)
        return known.error();
    for (const std::string& name : configured) {
        const auto same = [&name](const store::integration_health& each) { return each.name == name; };
        const auto found = std::find_if(known->begin(), known->end(), same);
        store::integration_health unheard;
        unheard.name = name;
        items.emplace_back(render_integration(kind, found == known->end() ? unheard : *found, askable));
    }
    return {};
}

std::vector<std::string> list_askable(const context& api)
{
    std::vector<std::string> names;
    if (api.parts.outside.trackers != nullptr) {
        for (const auto& [name, one] : api.parts.outside.trackers->list_remote())
            names.push_back(name);
    }
    return names;
}

// What there is instead of a tracker that cannot be asked.
std::string names_of(const std::vector<std::string>& askable)
{
    std::string text;
    for (const std::string& name : askable)
        text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none is configured" : "configured are " + text;
}

json::object render_check(const std::string& name, const result<forge::check_result>& asked, std::int64_t at_ns)
{
    json::object out;
    out["name"] = name;
    out["works"] = asked && *asked;
    if (!asked)
        out["text"] = "it did not answer within " + std::to_string(forge::check_time_max.count()) + " s";
    else
        out["text"] = *asked ? **asked : asked->error().text;
    out["asked_at"] = time_value(at_ns);
    return out;
}

}  // namespace

handler_answer post_tracker_check(context& api, const caller&, net::request& req)
{
    const std::string name(req.param("name"));
    forge::tracker_set* const trackers = api.parts.outside.trackers;
    result<forge::check_result> asked = errc::not_found;
    if (trackers != nullptr) {
        auto work = trackers->check(name);
        asked = co_await std::move(work);
    }
    if (!asked && asked.error() == errc::not_found)
        co_return net::problem(
            req, 404, "not_found", "No such tracker can be asked; " + names_of(list_askable(api)) + "."
        );
    if (!asked && asked.error() == errc::conflict)
        co_return net::problem(req, 409, "being_asked", "This tracker is being asked; wait for its answer.");
    json::object told = render_check(name, asked, api.parts.time.now_ns());
    auto load = [&told](const store::reader& from) { return load_item(from, std::move(told)); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "tracker " + name);
}

handler_answer list_integrations(context& api, const caller&, net::request& req)
{
    const configured_integrations& configured = api.config.integrations;
    auto load = [&configured, askable = list_askable(api)](const store::reader& from) -> result<loaded> {
        json::array items;
        for (const auto& [kind, names, known] :
             {std::tuple{"tracker", &configured.trackers, &store::list_tracker_health},
              std::tuple{"log_store", &configured.log_stores, &store::list_log_store_health},
              std::tuple{"hook_source", &configured.hook_sources, &store::list_hook_health}}) {
            if (auto added = add_integrations(items, kind, *names, known(from), askable); !added)
                return added.error();
        }
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of integrations");
}

}  // namespace reprise::http
