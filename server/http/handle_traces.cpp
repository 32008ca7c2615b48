#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/detect/trace_analysis.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/traces.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::int64_t duration_ms_max = std::int64_t{30} * 24 * 3600 * 1000;

// Traces read for all pattern reports of one answer together, and for one of them.
constexpr std::size_t report_traces_total_max = 4'000;
constexpr std::size_t report_traces_max = 200;
constexpr std::size_t report_traces_min = 20;

// The only cursor that says where a list ordered by time goes on: start and trace id.
std::string trace_cursor(const model::trace_summary& row)
{
    return std::to_string(row.started_ns) + "-" + model::to_hex(row.id);
}

checked<void> read_cursor(std::string_view text, store::trace_filter& filter)
{
    if (text.empty())
        return {};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), filter.after_started_ns);
    const auto read = static_cast<std::size_t>(end - text.data());
    const bool is_number = ec == std::errc{} && filter.after_started_ns > 0 && read < text.size() && *end == '-';
    const auto id = is_number ? model::parse_trace_id(text.substr(read + 1)) : model::trace_id{};
    if (!id)
        return refuse("after is no cursor of ours; take it from next of the page before.");
    filter.after_id = model::to_hex(id);
    return {};
}

std::optional<model::signal_kind> find_finding(std::string_view text)
{
    const auto kind = model::find_signal_kind(text);
    return kind && model::is_seen_in_traces(*kind) ? kind : std::nullopt;
}

checked<bool> read_opened(const net::request& req)
{
    const auto text = req.find_query("opened");
    if (text && !text->empty() && *text != "true" && *text != "false")
        return checked<bool>(boost::system::in_place_error, refuse("opened must be true or false."));
    return text && *text == "true";
}

checked<std::int64_t> read_duration_min(const net::request& req)
{
    if (req.find_query("min_duration_ms").value_or(std::string_view()).empty())
        return 0;
    const auto value = read_number(req, "min_duration_ms", 0);
    if (value && (*value < 0 || *value > duration_ms_max))
        return refuse("min_duration_ms must be between 0 and " + std::to_string(duration_ms_max) + ".");
    return value;
}

// Everything of the filter but its limit.
checked<store::trace_filter> read_filter(const net::request& req, std::string_view after)
{
    store::trace_filter filter;
    filter.service = std::string(req.find_query("service").value_or(std::string_view()));
    const auto pattern = read_word(req, "pattern", model::find_trace_pattern);
    if (!pattern)
        return pattern.error();
    filter.pattern = *pattern;
    const auto finding = read_word(req, "finding", find_finding);
    if (!finding)
        return finding.error();
    filter.finding = *finding;
    const auto duration_ms = read_duration_min(req);
    if (!duration_ms)
        return duration_ms.error();
    filter.wall_ns_min = *duration_ms * ns_per_ms;
    const auto is_opened = read_opened(req);
    if (!is_opened)
        return is_opened.error();
    filter.is_opened = *is_opened;
    const auto cursor = read_cursor(after, filter);
    if (!cursor)
        return cursor.error();
    return filter;
}

// Report and spans are JSON already, up to thousands of spans: they are not read for being written again.
result<loaded> load_trace(const store::reader& from, const model::trace_id& id)
{
    const auto trace = store::find_trace(from, id);
    if (!trace)
        return trace.error();
    if (!*trace)
        return errc::not_found;
    const auto seq = store::last_seq(from);
    if (!seq)
        return seq.error();
    loaded out;
    out.body = R"({"item":{"summary":)" + json_text(model::to_json((*trace)->summary));
    if (!(*trace)->report.empty())
        out.body += R"(,"report":)" + clean_utf8((*trace)->report);
    if (!(*trace)->spans.empty())
        out.body += R"(,"spans":)" + clean_utf8((*trace)->spans);
    out.body += R"(},"as_of_seq":)" + std::to_string(*seq) + "}";
    return out;
}

std::string missing_text(std::string_view id)
{
    return "Trace " + std::string(id) +
           " is not kept. A trace is there some seconds after its root came; of those in which nothing stands out only "
           "some are kept, the oldest go (traces.rows_max), and spans of replays belong to none. "
           "GET /api/v1/traces lists what there is.";
}

result<json::object> load_pattern(const store::reader& from, const store::trace_group& group, std::size_t traces_max)
{
    store::trace_filter filter;
    filter.service = group.service;
    filter.agent = group.agent;
    filter.pattern = group.pattern;
    // No agent asks for any agent, so that those of others are left out here.
    filter.limit = group.agent.empty() ? store::traces_listed_max : traces_max;
    auto traces = store::list_traces(from, filter);
    if (!traces)
        return traces.error();
    std::erase_if(*traces, [&group](const model::trace_summary& each) { return each.agent != group.agent; });
    traces->resize(std::min(traces->size(), traces_max));
    json::object row;
    row["service"] = group.service;
    row["agent"] = group.agent;
    row["pattern"] = model::to_text(group.pattern);
    row["report"] = model::to_json(detect::report_pattern(group.pattern, *traces));
    return row;
}

result<loaded> load_patterns(const store::reader& from, std::string_view service)
{
    const auto groups = store::list_trace_groups(from, service);
    if (!groups)
        return groups.error();
    const std::size_t share = report_traces_total_max / std::max<std::size_t>(groups->size(), 1);
    const std::size_t traces_max = std::clamp(share, report_traces_min, report_traces_max);
    json::array items;
    for (const store::trace_group& group : *groups) {
        auto row = load_pattern(from, group, traces_max);
        if (!row)
            return row.error();
        items.emplace_back(std::move(*row));
    }
    return load_page(from, std::move(items));
}

}  // namespace

handler_answer list_traces(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    auto filter = read_filter(req, page->after);
    if (!filter)
        co_return problem_of(req, filter.error());
    filter->limit = page->limit + 1;
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto traces = store::list_traces(from, *filter);
        if (!traces)
            return traces.error();
        std::string next = cut_page(*traces, page->limit, trace_cursor);
        json::array items;
        for (const model::trace_summary& each : *traces)
            items.emplace_back(model::to_json(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of traces");
}

handler_answer get_trace(context& api, const caller&, net::request& req)
{
    const std::string text(req.param("id"));
    const model::trace_id id = model::parse_trace_id(text);
    if (!id)
        co_return problem_of(req, refuse("A trace id is 32 hex digits, not all of them 0."));
    auto load = [&id](const store::reader& from) { return load_trace(from, id); };
    const auto found = co_await api.parts.store.read(std::move(load));
    if (!found && found.error() == errc::not_found)
        co_return net::problem(req, 404, "not_found", missing_text(text));
    co_return answer(req, found, "trace " + text);
}

handler_answer list_trace_patterns(context& api, const caller&, net::request& req)
{
    const std::string service(req.find_query("service").value_or(std::string_view()));
    auto load = [&service](const store::reader& from) { return load_patterns(from, service); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the pattern reports of traces");
}

}  // namespace reprise::http
