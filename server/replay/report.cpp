#include "reprise/replay/report.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace reprise::replay {
namespace {

struct collected {
    operation_report report;
    std::vector<std::int64_t> latencies_ns;
    std::vector<std::int64_t> recorded_ns;
};

bool is_failing(int status) noexcept
{
    return status >= 500 || status == 429;
}

std::int64_t latency_of(const send_record& record) noexcept
{
    return std::max<std::int64_t>(record.done_ns - record.due_ns, 0);
}

void count_record(collected& into, const model::exchange& captured, const send_record& record)
{
    operation_report& report = into.report;
    ++report.planned;
    ++report.recorded_statuses[captured.status];
    into.recorded_ns.push_back(captured.duration_ns);
    if (record.end == send_end::dropped) {
        ++report.dropped;
        return;
    }
    ++report.sent;
    if (record.end == send_end::failed) {
        ++report.failing;
        return;
    }
    ++report.answered;
    ++report.statuses[record.status];
    report.failing += is_failing(record.status) ? 1U : 0U;
    report.same_status += record.status == captured.status ? 1U : 0U;
    into.latencies_ns.push_back(latency_of(record));
}

std::vector<operation_report> report_operations(
    const drive_plan& plan, std::span<const std::string> roles, const drive_result& result
)
{
    std::map<std::pair<std::string, std::string>, collected> all;
    for (const send_record& record : result.records) {
        const model::exchange& captured = plan.exchanges[record.planned.exchange];
        std::pair<std::string, std::string> key(
            operation_name(captured), roles.empty() ? std::string() : roles[record.planned.exchange]
        );
        if (all.size() >= report_operations_max && !all.contains(key))
            key.first = "(more)";
        collected& one = all[key];
        one.report.name = key.first;
        one.report.role = key.second;
        count_record(one, captured, record);
    }
    std::vector<operation_report> out;
    out.reserve(all.size());
    for (auto& [key, one] : all) {
        one.report.latency = summarise_latency(std::move(one.latencies_ns));
        one.report.recorded_latency = summarise_latency(std::move(one.recorded_ns));
        out.push_back(std::move(one.report));
    }
    return out;
}

// A width that people count in: 1, 2 or 5 of a power of ten milliseconds.
std::int64_t slice_width_ns(std::int64_t end_ns)
{
    std::int64_t width = ns_per_ms;
    for (const int factor : {1, 2, 5}) {
        for (std::int64_t power = ns_per_ms; power <= 100'000 * ns_per_s; power *= 10) {
            const std::int64_t one = factor * power;
            if (end_ns / one < static_cast<std::int64_t>(slices_max) && (width == ns_per_ms || one < width))
                width = one;
        }
    }
    return width;
}

std::vector<report_slice> report_slices(const drive_result& result)
{
    std::int64_t end_ns = 0;
    for (const send_record& record : result.records)
        end_ns = std::max(end_ns, record.due_ns);
    const std::int64_t width_ns = slice_width_ns(end_ns);
    std::vector<report_slice> slices(static_cast<std::size_t>(end_ns / width_ns) + (result.records.empty() ? 0 : 1));
    std::vector<std::vector<std::int64_t>> latencies(slices.size());
    for (const send_record& record : result.records) {
        const auto at = static_cast<std::size_t>(record.due_ns / width_ns);
        report_slice& slice = slices[at];
        ++slice.planned;
        slice.sent += record.end != send_end::dropped ? 1U : 0U;
        slice.answered += record.end == send_end::answered ? 1U : 0U;
        slice.failing += record.end == send_end::failed || is_failing(record.status) ? 1U : 0U;
        if (record.end == send_end::answered)
            latencies[at].push_back(latency_of(record));
    }
    for (std::size_t i = 0; i < slices.size(); ++i) {
        const latency_summary summary = summarise_latency(std::move(latencies[i]));
        slices[i].begin_ns = static_cast<std::int64_t>(i) * width_ns;
        slices[i].p50_ns = summary.p50_ns;
        slices[i].p95_ns = summary.p95_ns;
        slices[i].max_ns = summary.max_ns;
    }
    return slices;
}

std::string tell_correlation(const telemetry::value_flows* flows)
{
    if (flows == nullptr)
        return "off";
    if (flows->flows.empty())
        return "no value of an answer is used by a later request";
    std::vector<std::uint32_t> takers;
    for (const telemetry::value_flow& flow : flows->flows)
        takers.push_back(flow.exchange);
    std::sort(takers.begin(), takers.end());
    takers.erase(std::unique(takers.begin(), takers.end()), takers.end());
    return std::to_string(flows->sources.size()) + " values of answers flow into " + std::to_string(takers.size()) +
           " later requests";
}

}  // namespace

std::string operation_name(const model::exchange& exchange)
{
    const std::string& route = exchange.operation.route.empty() ? exchange.path : exchange.operation.route;
    return exchange.method + " " + route;
}

latency_summary summarise_latency(std::vector<std::int64_t> values_ns)
{
    latency_summary made;
    if (values_ns.empty())
        return made;
    std::sort(values_ns.begin(), values_ns.end());
    const auto rank = [&values_ns](double share) {
        const auto wanted = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values_ns.size())));
        return values_ns[std::clamp<std::size_t>(wanted, 1, values_ns.size()) - 1];
    };
    made.n = values_ns.size();
    made.min_ns = values_ns.front();
    made.max_ns = values_ns.back();
    made.mean_ns = std::accumulate(values_ns.begin(), values_ns.end(), std::int64_t{0}) /
                   static_cast<std::int64_t>(values_ns.size());
    made.p50_ns = rank(0.5);
    made.p75_ns = rank(0.75);
    made.p90_ns = rank(0.9);
    made.p95_ns = rank(0.95);
    made.p99_ns = rank(0.99);
    made.p999_ns = rank(0.999);
    return made;
}

replay_report make_report(const drive_plan& plan, std::span<const std::string> roles, const drive_result& result)
{
    replay_report made;
    made.run_id = plan.run_id;
    made.timing = to_text(plan.when);
    made.correlation = tell_correlation(plan.flows);
    made.planned = result.planned;
    made.sent = result.sent;
    made.answered = result.answered;
    made.failed = result.failed;
    made.dropped = result.dropped;
    made.not_begun = result.not_begun;
    made.waited = result.waited;
    made.unlearned = result.unlearned;
    made.duration_ns = result.duration_ns;
    made.failures = result.failures;
    if (result.duration_ns > 0)
        made.sent_per_second = static_cast<double>(result.sent) * 1e9 / static_cast<double>(result.duration_ns);
    std::vector<std::int64_t> latencies;
    std::vector<std::int64_t> services;
    std::vector<std::int64_t> delays;
    for (const send_record& record : result.records) {
        if (record.end == send_end::dropped)
            continue;
        delays.push_back(std::max<std::int64_t>(record.begun_ns - record.due_ns, 0));
        if (record.end == send_end::failed)
            continue;
        latencies.push_back(latency_of(record));
        services.push_back(record.done_ns - record.begun_ns);
    }
    made.latency = summarise_latency(std::move(latencies));
    made.service = summarise_latency(std::move(services));
    made.send_delay = summarise_latency(std::move(delays));
    made.operations = report_operations(plan, roles, result);
    for (const operation_report& one : made.operations) {
        made.failing += one.failing;
        made.same_status += one.same_status;
    }
    made.slices = report_slices(result);
    return made;
}

}  // namespace reprise::replay
