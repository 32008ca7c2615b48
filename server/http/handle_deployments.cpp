#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/deployments.hpp"


#include <algorithm>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t service_name_bytes_max = 255;
constexpr std::size_t time_bytes_max = 64;
constexpr std::int64_t ahead_ns_max = 3600 * ns_per_s;

bool has_control_character(std::string_view text)
{
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return std::any_of(text.begin(), text.end(), is_control);
}

checked<std::int64_t> read_moment(const json::object& body, std::int64_t now_ns)
{
    const auto text = read_text(body, "time", time_bytes_max);
    if (!text)
        return text.error();
    if (text->empty())
        return now_ns;
    const auto at_ns = parse_rfc3339(*text);
    if (!at_ns)
        return refuse("time must be a date-time as 2026-11-21T03:59:35Z; left out it is now.");
    if (*at_ns < 0 || *at_ns > now_ns + ahead_ns_max)
        return refuse("time must lie between 1970 and an hour from now.");
    return *at_ns;
}

checked<model::deployment> read_deployment(const net::request& req, std::int64_t now_ns)
{
    const auto body = read_object(req);
    if (!body)
        return body.error();
    model::deployment made;
    made.origin = model::deployment_origin::reported;
    const auto service = read_text(*body, "service", service_name_bytes_max);
    if (!service)
        return service.error();
    const auto version = read_text(*body, "version", model::deployment_version_bytes_max);
    if (!version)
        return version.error();
    if (service->empty() || version->empty() || has_control_character(*version))
        return refuse("service and version must be named; a version has no control characters.");
    made.service = *service;
    made.version = *version;
    const auto at_ns = read_moment(*body, now_ns);
    if (!at_ns)
        return at_ns.error();
    made.at_ns = *at_ns;
    return made;
}

person_deed deed_of(const model::deployment& made)
{
    person_deed deed;
    deed.action = "deployment.report";
    deed.object = "service/" + made.service;
    deed.detail = {{"version", made.version}, {"at", format_rfc3339(made.at_ns)}};
    return deed;
}

}  // namespace

handler_answer post_deployment(context& api, const caller& who, net::request& req)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    const auto made = read_deployment(req, now_ns);
    if (!made)
        co_return problem_of(req, made.error());
    auto keep = [&](store::transaction& tx) -> result<loaded> {
        if (auto kept = store::report_deployment(tx, *made, now_ns); !kept)
            return kept.error();
        if (auto audited = audit_person(tx, who.person, req, now_ns, deed_of(*made)); !audited)
            return audited.error();
        return load_item(tx, render_deployment(*made));
    };
    const auto kept = co_await api.parts.store.write(std::move(keep));
    if (!kept && kept.error() == errc::conflict)
        co_return net::problem(
            req, 409, "known_deployment", "This version of " + made->service + " is recorded for that time already."
        );
    co_return answer(req, kept, "service " + made->service);
}

}  // namespace reprise::http
