#include "answers.hpp"
#include "detection_input.hpp"
#include "handlers.hpp"
#include "json_text.hpp"
#include "render.hpp"

#include "reprise/base/offload.hpp"
#include "reprise/detect/settings.hpp"
#include "reprise/pipeline/backtest.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/detection_settings.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t service_name_bytes_max = 255;
constexpr std::size_t findings_shown_max = 200;  // Of each list, oldest first.
constexpr std::int64_t retry_after_s = 10;

struct wanted_backtest {
    std::string service;
    model::detection_settings settings;
    std::optional<std::int64_t> from_ns;
    std::optional<std::int64_t> to_ns;

    wanted_backtest() = default;
};

checked<wanted_backtest> read_wanted(const net::request& req)
{
    const auto body = read_members(req, "A back-test", "service settings from to");
    if (!body)
        return body.error();
    wanted_backtest wanted;
    const auto service = read_sentence(*body, "service", service_name_bytes_max);
    if (!service)
        return service.error();
    wanted.service = *service;
    auto settings = read_detection_settings(*body);
    if (!settings)
        return settings.error();
    wanted.settings = std::move(*settings);
    const auto from_ns = read_time(*body, "from");
    if (!from_ns)
        return from_ns.error();
    wanted.from_ns = *from_ns;
    const auto to_ns = read_time(*body, "to");
    if (!to_ns)
        return to_ns.error();
    wanted.to_ns = *to_ns;
    if (wanted.from_ns && wanted.to_ns && *wanted.from_ns >= *wanted.to_ns)
        return refusal{422, "from must be earlier than to."};
    return wanted;
}

json::object render_finding(const detect::backtest_alarm& alarm)
{
    json::object out;
    out["kind"] = model::to_text(alarm.kind);
    out["severity"] = model::to_text(alarm.severity);
    out["operation_id"] = operation_hex(alarm.operation_id);
    out["operation"] = model::operation_name(alarm.operation.view());
    out["from"] = time_value(alarm.from_ns);
    out["to"] = time_value(alarm.to_ns);
    out["windows"] = alarm.windows;
    out["sentence"] = alarm.sentence;
    return out;
}

json::array render_findings(std::span<const detect::backtest_alarm> alarms)
{
    json::array out;
    for (const detect::backtest_alarm& alarm : alarms.first(std::min(alarms.size(), findings_shown_max)))
        out.emplace_back(render_finding(alarm));
    return out;
}

json::object render_side(const detect::backtest_side& side)
{
    return {{"signals", side.signals}, {"alarms", side.alarms}};
}

std::string_view why_not_rerun(model::signal_kind kind)
{
    if (model::is_seen_in_traces(kind))
        return "It is seen in traces, and a stored window holds none.";
    if (kind == model::signal_kind::n_plus_one)
        return "Which calls one request made is not stored with a window.";
    return "Some of these windows are of an earlier version, which did not store how densely calls came: there it is "
           "judged by the share of 429 alone.";
}

json::array render_not_rerun(bool bursts_unknown)
{
    json::array out;
    for (const model::signal_kind kind : detect::all_signal_kinds()) {
        const bool lacks_calls = kind == model::signal_kind::n_plus_one || model::is_seen_in_traces(kind);
        const bool lacks_arrivals = kind == model::signal_kind::rate_limit_burst && bursts_unknown;
        if (lacks_calls || lacks_arrivals)
            out.emplace_back(json::object{{"kind", model::to_text(kind)}, {"why", why_not_rerun(kind)}});
    }
    return out;
}

bool is_cut(const pipeline::backtest_outcome& outcome)
{
    const detect::backtest_report& report = outcome.report;
    return outcome.range.cut || report.cut || report.added.size() > findings_shown_max ||
           report.removed.size() > findings_shown_max;
}

json::object render_outcome(const std::string& service, const pipeline::backtest_outcome& outcome)
{
    const detect::backtest_report& report = outcome.report;
    json::object out;
    out["service"] = service;
    out["from"] = time_value(outcome.range.from_ns);
    out["to"] = time_value(outcome.range.to_ns);
    out["windows"] = report.windows;
    out["operations"] = report.operations;
    out["present"] = render_side(report.present);
    out["proposed"] = render_side(report.proposed);
    out["added"] = render_findings(report.added);
    out["removed"] = render_findings(report.removed);
    out["kept"] = report.kept;
    out["not_rerun"] = render_not_rerun(outcome.bursts_unknown);
    out["cut"] = is_cut(outcome);
    return out;
}

// The one place there is; free again when this goes.
class backtest_place {
public:
    explicit backtest_place(std::atomic<bool>& taken) : taken_(taken), is_mine_(!taken.exchange(true)) {}
    ~backtest_place()
    {
        if (is_mine_)
            taken_.store(false);
    }
    backtest_place(const backtest_place&) = delete;
    backtest_place& operator=(const backtest_place&) = delete;

    bool is_mine() const noexcept { return is_mine_; }

private:
    std::atomic<bool>& taken_;
    bool is_mine_;
};

// On a thread that may block.
result<pipeline::backtest_outcome> judge(const context& api, const wanted_backtest& wanted)
{
    auto look = [&wanted](const store::reader& from) {
        return store::load_service_detection(from, wanted.service);
    };
    const auto present = api.parts.store.read_blocking(std::move(look));
    if (!present)
        return present.error();
    pipeline::backtest_request request;
    request.service = wanted.service;
    request.present = detect::with_settings(api.config.detection, present->settings);
    request.proposed = detect::with_settings(api.config.detection, wanted.settings);
    request.from_ns = wanted.from_ns;
    request.to_ns = wanted.to_ns;
    return pipeline::run_backtest(api.parts.store, request);
}

}  // namespace

handler_answer post_backtest(context& api, const caller&, net::request& req)
{
    const auto wanted = read_wanted(req);
    if (!wanted)
        co_return problem_of(req, wanted.error());
    const backtest_place place(api.backtest_running);
    if (!place.is_mine()) {
        api.backtests_busy.add();
        net::response reply = net::problem(
            req, 503, "backtest_running", "Another back-test is running; one at a time. Try again in a moment."
        );
        reply.set_header("Retry-After", std::to_string(retry_after_s));
        co_return reply;
    }
    auto work = [&api, &wanted] { return judge(api, *wanted); };
    const auto outcome = co_await offload(api.parts.cpu_pool, std::move(work));
    if (!outcome)
        co_return problem_of(req, outcome.error(), "service " + wanted->service);
    api.backtests.add();
    if (is_cut(*outcome))
        api.backtests_cut.add();
    auto load = [&](const store::reader& from) {
        return load_item(from, render_outcome(wanted->service, *outcome));
    };
    const auto made = co_await api.parts.store.read(std::move(load));
    co_return answer(req, made, "the back-test of service " + wanted->service);
}

}  // namespace reprise::http
