#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "operation_rows.hpp"
#include "operation_series.hpp"
#include "person_audit.hpp"
#include "render.hpp"
#include "rows.hpp"
#include "time_range.hpp"

#include "reprise/detect/settings.hpp"
#include "reprise/forge/released.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/detection_settings.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/services.hpp"

#include <limits>
#include <optional>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t owner_bytes_max = 200;
constexpr std::size_t place_bytes_max = 200;
constexpr std::string_view default_tracker = "file:tickets";

struct service_change {
    std::string replay_target;
    std::string replay_last_good_target;
    bool replay_unsafe_methods = false;
    std::string owner;
    std::string tracker;
    std::string repository;
    std::int64_t expected_version = 0;
};

// A target that nobody may reach would only fail later, in a run. Empty: none.
checked<std::string> read_target(const context& api, const json::object& body, std::string_view name)
{
    auto target = read_text(body, name, replay::target_bytes_max);
    if (!target || target->empty())
        return target;
    const auto allowed = replay::check_target(*target, api.config.replay_targets);
    if (!allowed)
        return refusal{422, std::string(name) + ": " + allowed.error().reason};
    return target;
}

// Both are parsed before this.
bool are_same_target(const service_change& change)
{
    const auto one = replay::parse_target(change.replay_target);
    const auto other = replay::parse_target(change.replay_last_good_target);
    return one && other && *one == *other;
}

// A place that no tracker takes would only fail later, after people released something.
checked<std::string> read_place(const context& api, const json::object& body, std::string_view name)
{
    auto place = read_text(body, name, place_bytes_max);
    if (!place || place->empty() || api.config.takes_target(*place))
        return place;
    return refusal{
        422, std::string(name) + ": no tracker of this server takes \"" + *place +
                 "\"; configure one under forge, or name another (docs/configuration.md)."
    };
}

checked<void> read_places(const context& api, const json::object& body, service_change& change)
{
    const auto tracker = read_place(api, body, "tracker");
    if (!tracker)
        return tracker.error();
    change.tracker = tracker->empty() ? std::string(default_tracker) : *tracker;
    const auto repository = read_place(api, body, "repository");
    if (!repository)
        return repository.error();
    if (!repository->empty() && !forge::may_take_changes(*repository))
        return refusal{422, "repository: \"" + *repository + "\" takes no pull requests; github: and gitlab: do."};
    change.repository = *repository;
    return {};
}

checked<service_change> read_change(const context& api, const net::request& req)
{
    const auto body = read_object(req);
    if (!body)
        return body.error();
    service_change change;
    const auto target = read_target(api, *body, "replay_target");
    if (!target)
        return target.error();
    change.replay_target = *target;
    const auto last_good = read_target(api, *body, "replay_last_good_target");
    if (!last_good)
        return last_good.error();
    change.replay_last_good_target = *last_good;
    if (are_same_target(change))
        return refusal{
            422, "replay_last_good_target is the replay target itself, which would always show the same; give an "
                 "instance of the last good version, or leave it empty."
        };
    const auto is_unsafe = read_flag(*body, "replay_unsafe_methods");
    if (!is_unsafe)
        return is_unsafe.error();
    change.replay_unsafe_methods = is_unsafe->value_or(false);
    const auto owner = read_text(*body, "owner", owner_bytes_max);
    if (!owner)
        return owner.error();
    change.owner = *owner;
    if (const auto places = read_places(api, *body, change); !places)
        return places.error();
    return change;
}

person_deed deed_of(const model::service& service)
{
    person_deed deed;
    deed.action = "service.change";
    deed.object = "service/" + service.name;
    deed.detail = {
        {"replay_target", service.replay_target},
        {"replay_last_good_target", service.replay_last_good_target},
        {"replay_unsafe_methods", service.replay_unsafe_methods},
        {"owner", service.owner},
        {"tracker", service.tracker},
        {"repository", service.repository},
        {"version", service.version}};
    return deed;
}

result<loaded> load_service(const store::reader& from, const std::string& name)
{
    const auto service = store::find_service(from, name);
    if (!service)
        return service.error();
    if (!*service)
        return errc::not_found;
    auto row = load_service_row(from, **service);
    if (!row)
        return row.error();
    return load_item(from, std::move(*row), (*service)->version);
}

result<loaded> load_operation_series(
    const store::reader& from, const std::string& service, std::uint64_t operation, std::int64_t since_ns,
    std::int64_t until_ns
)
{
    const auto key = store::find_operation(from, operation);
    if (!key)
        return key.error();
    if (!*key || (*key)->service != service)
        return errc::not_found;
    auto windows = store::list_windows(from, operation, since_ns, until_ns, operation_points_max + 1);
    if (!windows)
        return windows.error();
    const bool has_more = windows->size() > operation_points_max;
    if (has_more)
        windows->erase(windows->begin());
    json::object out = render_operation_series(**key, operation, *windows);
    out["more"] = has_more;
    return load_item(from, std::move(out));
}

}  // namespace

handler_answer list_services(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    auto load = [&page](const store::reader& from) -> result<loaded> {
        auto services = store::list_services(from, page->after, page->limit + 1);
        if (!services)
            return services.error();
        std::string next = cut_page(*services, page->limit, [](const model::service& row) { return row.name; });
        json::array items;
        for (const model::service& each : *services) {
            auto row = load_service_row(from, each);
            if (!row)
                return row.error();
            items.emplace_back(std::move(*row));
        }
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of services");
}

handler_answer get_service(context& api, const caller&, net::request& req)
{
    const std::string name(req.param("name"));
    auto load = [&name](const store::reader& from) { return load_service(from, name); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "service " + name);
}

handler_answer put_service(context& api, const caller& who, net::request& req)
{
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    if (!*expected)
        co_return net::problem(req, 428, "if_match_required", "Send the version you changed as If-Match.");
    const auto change = read_change(api, req);
    if (!change)
        co_return problem_of(req, change.error());
    const std::string name(req.param("name"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto save = [&](store::transaction& tx) -> result<loaded> {
        auto service = store::find_service(tx, name);
        if (!service)
            return service.error();
        if (!*service)
            return errc::not_found;
        (*service)->replay_target = change->replay_target;
        (*service)->replay_last_good_target = change->replay_last_good_target;
        (*service)->replay_unsafe_methods = change->replay_unsafe_methods;
        (*service)->owner = change->owner;
        (*service)->tracker = change->tracker;
        (*service)->repository = change->repository;
        const auto saved = store::save_service_settings(tx, **service, **expected, now_ns);
        if (!saved)
            return saved.error();
        const auto audited = audit_person(tx, who.person, req, now_ns, deed_of(**service));
        if (!audited)
            return audited.error();
        return load_service(tx, name);
    };
    const auto saved = co_await api.parts.store.write(std::move(save));
    co_return answer(req, saved, "service " + name);
}

handler_answer list_service_operations(context& api, const caller&, net::request& req)
{
    const std::string name(req.param("name"));
    auto load = [&](const store::reader& from) -> result<loaded> {
        const auto service = store::find_service(from, name);
        if (!service)
            return service.error();
        if (!*service)
            return errc::not_found;
        const auto set = store::load_service_detection(from, name);
        if (!set)
            return set.error();
        auto rows = load_operation_rows(from, name, detect::with_settings(api.config.detection, set->settings));
        if (!rows)
            return rows.error();
        return load_page(from, std::move(*rows));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "service " + name);
}

handler_answer get_operation_series(context& api, const caller&, net::request& req)
{
    const auto since_ns = read_query_time(req, "since", 0);
    if (!since_ns)
        co_return problem_of(req, since_ns.error());
    const auto until_ns = read_query_time(req, "until", std::numeric_limits<std::int64_t>::max());
    if (!until_ns)
        co_return problem_of(req, until_ns.error());
    const std::string name(req.param("name"));
    const std::string wanted(req.param("operation"));
    const auto operation = find_operation_id(wanted);
    if (!operation)
        co_return problem_of(req, errc::not_found, "operation " + wanted);
    auto load = [&](const store::reader& from) {
        return load_operation_series(from, name, *operation, *since_ns, *until_ns);
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "operation " + wanted + " of service " + name);
}

}  // namespace reprise::http
