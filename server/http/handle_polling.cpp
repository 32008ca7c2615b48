#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"
#include "polling_input.hpp"

#include "reprise/store/database.hpp"

namespace json = boost::json;

namespace reprise::http {
namespace {

json::object render_source(const store::poll_source& source)
{
    json::object out;
    out["name"] = source.name;
    out["state"] = source.failures == 0 ? "reading" : "failing";
    if (source.position_ns)
        out["read_through"] = time_value(*source.position_ns);
    out["asked_at"] = time_value(source.asked_ns);
    if (source.succeeded_ns > 0)
        out["succeeded_at"] = time_value(source.succeeded_ns);
    out["failures"] = source.failures;
    out["error"] = source.error;
    out["events"] = source.events;
    out["ignored"] = source.ignored;
    return out;
}

json::object render_polling(const store::service_polling& settings)
{
    json::array classes;
    for (const std::string& one : settings.error_classes)
        classes.emplace_back(one);
    json::object out;
    out["service"] = settings.service;
    out["enabled"] = settings.enabled;
    out["error_classes"] = std::move(classes);
    out["min_occurrences"] = settings.min_occurrences;
    return out;
}

}  // namespace

result<void> keep_polling(
    store::transaction& tx, const caller& who, const net::request& req, const store::service_polling& settings
)
{
    const auto person = find_person_now(tx, who, need::operator_);
    if (!person)
        return person.error();
    if (auto saved = store::save_service_polling(tx, settings); !saved)
        return saved;
    person_deed deed;
    deed.action = "service.polling";
    deed.object = "service/" + settings.service;
    deed.detail = render_polling(settings);
    return audit_person(tx, *person, req, settings.updated_ns, deed);
}

handler_answer list_poll_sources(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto sources = store::list_poll_sources(from);
        if (!sources)
            return sources.error();
        json::array items;
        for (const store::poll_source& each : *sources)
            items.emplace_back(render_source(each));
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of log stores");
}

handler_answer list_service_polling(context& api, const caller&, net::request& req)
{
    auto load = [](const store::reader& from) -> result<loaded> {
        const auto list = store::list_service_polling(from);
        if (!list)
            return list.error();
        json::array items;
        for (const store::service_polling& each : *list)
            items.emplace_back(render_polling(each));
        return load_page(from, std::move(items));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of services");
}

handler_answer put_service_polling(context& api, const caller& who, net::request& req)
{
    const auto body = read_members(req, "Polling", "enabled error_classes min_occurrences");
    if (!body)
        co_return problem_of(req, body.error());
    const std::int64_t now_ns = api.parts.time.now_ns();
    const std::string name(req.param("name"));
    checked<store::service_polling> changed = store::service_polling();
    auto keep = [&](store::transaction& tx) -> result<loaded> {
        auto known = store::find_service_polling(tx, name);
        if (!known)
            return known.error();
        store::service_polling settings = known->value_or(store::service_polling());
        settings.service = name;
        settings.updated_ns = now_ns;
        changed = read_polling(*body, own_names, std::move(settings));
        if (!changed)
            return errc::invalid_argument;
        if (auto kept = keep_polling(tx, who, req, *changed); !kept)
            return kept.error();
        return load_item(tx, render_polling(*changed));
    };
    const auto done = co_await api.parts.store.write(std::move(keep));
    if (!changed)
        co_return problem_of(req, changed.error());
    co_return answer(req, done, "service " + name);
}

}  // namespace reprise::http
