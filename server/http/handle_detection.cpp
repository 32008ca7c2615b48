#include "answers.hpp"
#include "detection_input.hpp"
#include "handlers.hpp"
#include "person_audit.hpp"

#include "reprise/pipeline/detection_book.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/detection_settings.hpp"
#include "reprise/store/services.hpp"

#include <string>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

result<store::service_detection> load_known(const store::reader& from, const std::string& name)
{
    const auto service = store::find_service(from, name);
    if (!service)
        return service.error();
    if (!*service)
        return errc::not_found;
    return store::load_service_detection(from, name);
}

result<loaded> load_detection(
    const store::reader& from, const store::service_detection& what, const detect::detection_limits& own
)
{
    json::object out;
    out["service"] = what.service;
    out["version"] = what.version;
    out["settings"] = render_detection_settings(what.settings);
    out["inherited"] = render_inherited_detection(own);
    out["ranges"] = render_detection_ranges();
    out["kinds"] = render_signal_kinds();
    return load_item(from, std::move(out), what.version);
}

person_deed deed_of(const model::detection_settings& before, const store::service_detection& after)
{
    person_deed deed;
    deed.action = "service.detection";
    deed.object = "service/" + after.service;
    deed.detail = {
        {"before", render_detection_settings(before)},
        {"after", render_detection_settings(after.settings)},
        {"version", after.version}};
    return deed;
}

checked<model::detection_settings> read_change(const net::request& req)
{
    const auto body = read_members(req, "The body", "settings");
    if (!body)
        return body.error();
    return read_detection_settings(*body);
}

}  // namespace

handler_answer get_detection(context& api, const caller&, net::request& req)
{
    const std::string name(req.param("name"));
    auto load = [&](const store::reader& from) -> result<loaded> {
        const auto known = load_known(from, name);
        if (!known)
            return known.error();
        return load_detection(from, *known, api.config.detection);
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "service " + name);
}

handler_answer put_detection(context& api, const caller& who, net::request& req)
{
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    if (!*expected)
        co_return net::problem(req, 428, "if_match_required", "Send the version you changed as If-Match.");
    const auto settings = read_change(req);
    if (!settings)
        co_return problem_of(req, settings.error());
    const std::string name(req.param("name"));
    const std::int64_t now_ns = api.parts.time.now_ns();
    store::service_detection changed;
    auto save = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        const auto before = load_known(tx, name);
        if (!before)
            return before.error();
        changed = *before;
        changed.settings = *settings;
        if (auto saved = store::save_service_detection(tx, changed, **expected, now_ns); !saved)
            return saved.error();
        const auto audited = audit_person(tx, *person, req, now_ns, deed_of(before->settings, changed));
        if (!audited)
            return audited.error();
        return load_detection(tx, changed, api.config.detection);
    };
    const auto saved = co_await api.parts.store.write(std::move(save));
    if (saved && api.parts.detection != nullptr)
        api.parts.detection->put(name, changed.settings, changed.version);
    if (!saved && saved.error() == errc::too_large) {
        api.detections_refused.add();
        co_return net::problem(
            req, 409, "too_many_services",
            "As many services have settings of their own as there may be (" +
                std::to_string(store::service_detections_max) + "); raise the server's own instead."
        );
    }
    co_return answer(req, saved, "the detection of service " + name);
}

}  // namespace reprise::http
