#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "render_alarm.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/store/database.hpp"

#include <algorithm>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * ns_per_s;
constexpr std::int64_t report_days_default = 7;

checked<store::alarm_filter> read_filter(const net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        return page.error();
    const auto fate = read_word(req, "state", store::find_alarm_fate);
    if (!fate)
        return fate.error();
    const auto text = [&req](std::string_view name) {
        return std::string(req.find_query(name).value_or(std::string_view()));
    };
    store::alarm_filter filter;
    filter.fate = *fate;
    filter.service = text("service");
    filter.source = text("source");
    filter.incident_id = text("incident");
    filter.after = page->after;
    filter.limit = page->limit;
    return filter;
}

std::uint64_t count_of(const std::vector<store::alarm_total>& totals, std::string_view name)
{
    const auto found =
        std::find_if(totals.begin(), totals.end(), [name](const store::alarm_total& one) { return one.name == name; });
    return found == totals.end() ? 0 : found->count;
}

// Shares are of the alarms that reached an incident: opened and counted.
json::object render_report(const std::vector<store::alarm_total>& totals, std::int64_t days, std::int64_t since_ns)
{
    json::object fates;
    std::uint64_t received = 0;
    for (std::size_t i = 0; i < store::alarm_fates; ++i) {
        const auto fate = store::to_text(static_cast<store::alarm_fate>(i));
        const std::uint64_t count = count_of(totals, "fate." + std::string(fate));
        fates[fate] = count;
        received += count;
    }
    const std::uint64_t placed = count_of(totals, "fate.opened") + count_of(totals, "fate.counted");
    json::array rules;
    for (const std::string_view name : store::dedup_names) {
        const std::uint64_t count = count_of(totals, name);
        const double share = placed == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(placed);
        rules.push_back(json::object{{"rule", name}, {"count", count}, {"share", share}});
    }
    json::object out;
    out["days"] = days;
    out["since"] = time_value(since_ns - since_ns % day_ns);
    out["received"] = received;
    out["placed"] = placed;
    out["states"] = std::move(fates);
    out["rules"] = std::move(rules);
    return out;
}

}  // namespace

handler_answer list_alarms(context& api, const caller&, net::request& req)
{
    auto filter = read_filter(req);
    if (!filter)
        co_return problem_of(req, filter.error());
    const std::size_t limit = filter->limit;
    filter->limit = limit + 1;
    auto load = [&filter, limit](const store::reader& from) -> result<loaded> {
        auto alarms = store::list_alarms(from, *filter);
        if (!alarms)
            return alarms.error();
        std::string next = cut_page(*alarms, limit, [](const store::stored_alarm& row) { return row.alarm.id; });
        json::array items;
        for (const store::stored_alarm& each : *alarms)
            items.emplace_back(render_alarm(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of alarms");
}

handler_answer get_alarm(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    auto load = [&id](const store::reader& from) -> result<loaded> {
        const auto alarm = store::find_alarm(from, id);
        if (!alarm)
            return alarm.error();
        if (!*alarm)
            return errc::not_found;
        return load_item(from, render_alarm(**alarm));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "alarm " + id);
}

handler_answer get_dedup_report(context& api, const caller&, net::request& req)
{
    const auto days = read_number(req, "days", report_days_default);
    if (!days)
        co_return problem_of(req, days.error());
    if (*days < 1 || *days > store::alarm_days_kept_max)
        co_return problem_of(req, refuse("days must be from 1 to 400."));
    const std::int64_t since_ns = api.parts.time.now_ns() - (*days - 1) * day_ns;
    auto load = [&days, since_ns](const store::reader& from) -> result<loaded> {
        const auto totals = store::list_alarm_totals(from, since_ns);
        if (!totals)
            return totals.error();
        return load_item(from, render_report(*totals, *days, since_ns));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the report");
}

}  // namespace reprise::http
