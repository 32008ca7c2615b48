#include "commands.hpp"
#include "comparing_observer.hpp"
#include "drive_here.hpp"
#include "exit_code.hpp"
#include "interruption.hpp"
#include "replay_setup.hpp"
#include "sendable.hpp"
#include "traffic_source.hpp"

#include "reprise/net/client.hpp"
#include "reprise/replay/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

namespace reprise::app {
namespace {

std::string fixed(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string ms(std::int64_t ns)
{
    return fixed(static_cast<double>(ns) / 1e6);
}

double percent(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// The figures a gate may ask for, of the failing exchanges or of all.
struct gate_figures {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failing = 0;
    replay::latency_summary latency;
};

gate_figures measure_for_gates(const sendable& sent, const replay::drive_result& result)
{
    gate_figures made;
    std::vector<std::int64_t> latencies;
    for (const replay::send_record& record : result.records) {
        const bool counts = !sent.has_failing || sent.roles[record.planned.exchange] == "failing";
        if (!counts || record.end == replay::send_end::dropped)
            continue;
        ++made.sent;
        const bool answered = record.end == replay::send_end::answered;
        made.answered += answered ? 1U : 0U;
        made.failing += !answered || record.status >= 500 || record.status == 429 ? 1U : 0U;
        if (answered)
            latencies.push_back(std::max<std::int64_t>(record.done_ns - record.due_ns, 0));
    }
    made.latency = replay::summarise_latency(std::move(latencies));
    return made;
}

double figure_of(const gate_figures& from, replay::subject figure)
{
    switch (figure) {
    case replay::subject::failing: return percent(from.failing, from.sent);
    case replay::subject::unanswered: return percent(from.sent - from.answered, from.sent);
    case replay::subject::p50: return static_cast<double>(from.latency.p50_ns) / 1e6;
    case replay::subject::p90: return static_cast<double>(from.latency.p90_ns) / 1e6;
    case replay::subject::p95: return static_cast<double>(from.latency.p95_ns) / 1e6;
    default: break;
    }
    return static_cast<double>(from.latency.p99_ns) / 1e6;
}

// Without a request that was sent every gate fails, without an answer every one of latency: nothing was shown.
std::vector<replay::gate_outcome> look_at_gates(const std::vector<replay_gate>& gates, const gate_figures& figures)
{
    std::vector<replay::gate_outcome> made;
    for (const replay_gate& gate : gates) {
        const replay::subject what = gate.figure.what;
        const double value = figure_of(figures, what);
        const bool is_share = what == replay::subject::failing || what == replay::subject::unanswered;
        std::string told = fixed(value) + (is_share ? " %" : " ms");
        if (figures.sent == 0)
            told = "unknown: nothing was sent";
        else if (!is_share && figures.answered == 0)
            told = "unknown: nothing was answered";
        made.push_back({gate.text, told, told.starts_with("unknown") || replay::holds(gate.figure, value)});
    }
    return made;
}

// Fields that differ beyond what differs anyway, the worst first.
void print_differences(const replay::compare_report& report)
{
    constexpr std::size_t rows_max = 20;
    std::vector<std::vector<std::string>> rows = {{"OPERATION", "FIELD", "ANSWERS", "RECORDED", "ANSWERED"}};
    std::size_t more = 0;
    for (const replay::operation_summary& one : report.operations) {
        for (const replay::field_summary& field : one.fields) {
            if (field.verdict != replay::field_verdict::regressed)
                continue;
            if (rows.size() > rows_max) {
                ++more;
                continue;
            }
            rows.push_back(
                {one.operation, field.field, std::to_string(field.raw) + " of " + std::to_string(one.requests),
                 field.first.left.substr(0, 40), field.first.right.substr(0, 40)}
            );
        }
    }
    std::printf(
        "answers as recorded: %s of %s\n", std::to_string(report.matched).c_str(),
        std::to_string(report.requests).c_str()
    );
    if (rows.size() > 1)
        std::printf("\n%s", render_table(rows).c_str());
    if (more > 0)
        std::printf("and %zu fields more; --report file.html has all\n", more);
}

void print_text(const replay::replay_report& report)
{
    std::vector<std::vector<std::string>> rows = {
        {"OPERATION", "ROLE", "SENT", "AS RECORDED", "FAILING", "RECORDED P95 MS", "P50 MS", "P95 MS", "MAX MS"}
    };
    for (const replay::operation_report& one : report.operations) {
        rows.push_back(
            {one.name, one.role, std::to_string(one.sent) + " of " + std::to_string(one.planned),
             std::to_string(one.same_status), std::to_string(one.failing), ms(one.recorded_latency.p95_ns),
             ms(one.latency.p50_ns), ms(one.latency.p95_ns), ms(one.latency.max_ns)}
        );
    }
    std::printf("%s\n", render_table(rows).c_str());
    std::printf(
        "%llu planned, %llu sent, %llu answered, %llu dropped in %.1f s (%.0f per second)\n",
        static_cast<unsigned long long>(report.planned), static_cast<unsigned long long>(report.sent),
        static_cast<unsigned long long>(report.answered), static_cast<unsigned long long>(report.dropped),
        static_cast<double>(report.duration_ns) / 1e9, report.sent_per_second
    );
    std::printf(
        "from the planned time: p50 %s ms, p95 %s ms, p99 %s ms; requests went out late by p99 %s ms\n",
        ms(report.latency.p50_ns).c_str(), ms(report.latency.p95_ns).c_str(), ms(report.latency.p99_ns).c_str(),
        ms(report.send_delay.p99_ns).c_str()
    );
    std::printf("values: %s", report.correlation.c_str());
    if (report.unlearned > 0)
        std::printf("; %llu did not come and went out as captured", static_cast<unsigned long long>(report.unlearned));
    std::printf("\n");
    for (const auto& [reason, count] : report.failures)
        std::printf("without an answer: %s x %s\n", std::to_string(count).c_str(), printable(reason).c_str());
    if (report.comparison)
        print_differences(*report.comparison);
}

// True, and said so, when answers changed.
bool tell_change(const replay::replay_report& report)
{
    std::size_t changed = 0;
    if (report.comparison) {
        for (const replay::operation_summary& one : report.comparison->operations)
            changed += one.verdict == replay::operation_verdict::regressed ? 1U : 0U;
    }
    if (changed > 0)
        print_error("--fail-on-change: the answers of " + std::to_string(changed) + " operations differ");
    return changed > 0;
}

// False, and said why, when a file cannot be written.
bool write_reports(const replay::replay_report& report, const std::vector<std::string>& files)
{
    for (const std::string& file : files) {
        const std::string text = file.ends_with(".html") ? replay::to_html(report)
                                 : file.ends_with(".xml") ? replay::to_junit(report)
                                                          : replay::to_json(report) + "\n";
        std::ofstream stream(file, std::ios::binary);
        if (!(stream << text) || !stream.flush()) {
            print_error(file + ": cannot be written; does its directory exist, and is there room?");
            return false;
        }
    }
    return true;
}

int send_and_report(
    const replay_options& options, const replay_setup& setup, const std::string& source, const sendable& sent,
    const output_style& style
)
{
    const auto prepared = prepare_drive(options, setup, sent);
    if (!prepared)
        return exit_usage;
    const replay::drive_plan& plan = prepared->plan;
    progress_bar bar("replaying", prepared->sends.size(), style);
    net::http_client http(
        net::target_guard::allow_all(), limits_of(options, plan.limits.in_flight_max), setup.transport
    );
    replay::compare_options compared;
    compared.ignored_fields = options.ignored_fields;
    compared.ignores_array_order = options.ignore_array_order;
    comparing_observer observer(sent.exchanges, std::move(compared), options.compare, bar);
    const replay::drive_result result = drive_here(plan, http, setup.target, observer);
    replay::replay_report report = replay::make_report(plan, sent.roles, result);
    report.source = source;
    report.target = setup.target.text();
    if (options.compare)
        report.comparison = observer.summarise();
    report.gates = look_at_gates(setup.gates, measure_for_gates(sent, result));

    if (!write_reports(report, options.reports))
        return exit_unavailable;
    if (style.json)
        std::printf("%s\n", replay::to_json(report).c_str());
    else if (!style.quiet)
        print_text(report);
    bool failed = options.fail_on_change && tell_change(report);
    for (const replay::gate_outcome& gate : report.gates) {
        failed = failed || gate.failed;
        if (gate.failed)
            print_error("gate failed: " + gate.text + " (" + gate.value + ")");
    }
    if (report.not_begun > 0 || interruption::seen() != 0)  // A signal: the process ends by it.
        return exit_unavailable;
    if (report.answered == 0 && !failed) {
        print_error(setup.target.text() + ": no request was answered; is the target running?");
        return exit_unavailable;
    }
    return failed ? exit_gate : exit_ok;
}

}  // namespace

int run_replay(const replay_options& options, const output_style& style)
{
    const auto setup = check_replay_options(options);
    if (!setup)
        return exit_usage;
    auto loaded = load_traffic(options.source, options.service, style);
    if (const auto* wrong = std::get_if<traffic_error>(&loaded)) {
        print_error(wrong->text);
        return wrong->exit_code;
    }
    traffic& source = std::get<traffic>(loaded);
    const sendable sent = select_sendable(std::move(source.items), options.allow_unsafe);
    if (sent.exchanges.empty()) {
        print_error(
            options.source + ": holds no inbound request that may be sent" +
            (options.allow_unsafe ? "" : "; --allow-unsafe sends POST, PUT, PATCH and DELETE, too")
        );
        return exit_data;
    }
    return send_and_report(options, *setup, source.name, sent, style);
}

}  // namespace reprise::app
