#include "reprise/replay/report.hpp"

#include "report_page.hpp"
#include "report_text.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

namespace reprise::replay {
namespace {

constexpr double plot_width = 1000;
constexpr double plot_height = 240;
constexpr double plot_left = 60;
constexpr double plot_right = 36;
constexpr double plot_bottom = 28;
constexpr double plot_top = 10;

// From values to places in a plot.
struct frame {
    double x_max = 1;
    double y_max = 1;

    double x(double value) const { return plot_left + value / x_max * (plot_width - plot_left - plot_right); }
    double y(double value) const
    {
        return plot_height - plot_bottom - value / y_max * (plot_height - plot_bottom - plot_top);
    }
};

using points = std::vector<std::pair<double, double>>;

std::string polyline(const frame& in, const points& line, std::string_view colour)
{
    std::string path;
    for (const auto& [x, y] : line)
        path += decimal(in.x(x), 1) + "," + decimal(in.y(y), 1) + " ";
    return "<polyline fill=\"none\" stroke=\"var(--" + std::string(colour) + ")\" stroke-width=\"1.5\" points=\"" +
           path + "\"/>";
}

std::string dots(const frame& in, const points& line, std::string_view colour)
{
    std::string out;
    for (const auto& [x, y] : line) {
        out += "<circle r=\"2.5\" fill=\"var(--" + std::string(colour) + ")\" cx=\"" + decimal(in.x(x), 1) +
               "\" cy=\"" + decimal(in.y(y), 1) + "\"/>";
    }
    return out;
}

// A round number at or above.
double nice_ceiling(double value)
{
    if (value <= 0)
        return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        if (factor * power >= value)
            return factor * power;
    }
    return 10 * power;
}

std::string short_decimal(double value)
{
    return decimal(value, value >= 100 || value == std::floor(value) ? 0 : value >= 1 ? 1 : 3);
}

std::string y_axis(const frame& in, std::string_view unit)
{
    std::string out;
    for (int i = 0; i <= 4; ++i) {
        const double value = in.y_max * i / 4;
        const std::string y = decimal(in.y(value), 1);
        out += "<line stroke=\"var(--line)\" x1=\"" + decimal(plot_left, 0) + "\" x2=\"" +
               decimal(plot_width - plot_right, 0) +
               "\" y1=\"" + y + "\" y2=\"" + y + "\"/><text text-anchor=\"end\" x=\"" + decimal(plot_left - 6, 0) +
               "\" y=\"" + decimal(in.y(value) + 4, 1) + "\">" + short_decimal(value) + " " + std::string(unit) +
               "</text>";
    }
    return out;
}

std::string x_label(double place, const std::string& text)
{
    return "<text text-anchor=\"middle\" x=\"" + decimal(place, 1) + "\" y=\"" + decimal(plot_height - 8, 0) + "\">" +
           text + "</text>";
}

std::string plot(const std::string& title, const std::string& legend, const std::string& inside)
{
    return "<section><h2>" + title + "</h2><p class=\"soft\">" + legend + "</p><svg role=\"img\" aria-label=\"" +
           title + "\" viewBox=\"0 0 " + decimal(plot_width, 0) + " " + decimal(plot_height, 0) + "\">" + inside +
           "</svg></section>";
}

std::string time_labels(const frame& in)
{
    std::string out;
    for (int i = 0; i <= 5; ++i)
        out += x_label(in.x(in.x_max * i / 5), short_decimal(in.x_max * i / 5) + " s");
    return out;
}

double time_span_s(const replay_report& report)
{
    const std::int64_t last_ns = report.slices.empty() ? 0 : report.slices.back().begin_ns;
    return nice_ceiling(std::max(static_cast<double>(last_ns) / 1e9, 0.001));
}

std::string plot_latency(const replay_report& report)
{
    frame in;
    points p50;
    points p95;
    points worst;
    double highest = 0;
    for (const report_slice& slice : report.slices) {
        if (slice.answered == 0)
            continue;
        const double at = static_cast<double>(slice.begin_ns) / 1e9;
        p50.emplace_back(at, static_cast<double>(slice.p50_ns) / 1e6);
        p95.emplace_back(at, static_cast<double>(slice.p95_ns) / 1e6);
        worst.emplace_back(at, static_cast<double>(slice.max_ns) / 1e6);
        highest = std::max(highest, worst.back().second);
    }
    in.x_max = time_span_s(report);
    in.y_max = nice_ceiling(highest);
    return plot(
        "Latency over time",
        "From the planned time of a request to the last byte of its answer: median (dark), 95 % (teal), worst (dots).",
        y_axis(in, "ms") + polyline(in, p50, "one") + polyline(in, p95, "two") + dots(in, worst, "three") +
            time_labels(in)
    );
}

std::string plot_load(const replay_report& report)
{
    frame in;
    points planned;
    points answered;
    points failing;
    double highest = 0;
    for (const report_slice& slice : report.slices) {
        const double at = static_cast<double>(slice.begin_ns) / 1e9;
        planned.emplace_back(at, static_cast<double>(slice.planned));
        answered.emplace_back(at, static_cast<double>(slice.answered));
        if (slice.failing > 0)
            failing.emplace_back(at, static_cast<double>(slice.failing));
        highest = std::max(highest, planned.back().second);
    }
    in.x_max = time_span_s(report);
    in.y_max = nice_ceiling(highest);
    return plot(
        "Requests over time", "Planned (dark), answered (teal) and failing (dots), per slice of time.",
        y_axis(in, "") + polyline(in, planned, "one") + polyline(in, answered, "two") + dots(in, failing, "three") +
            time_labels(in)
    );
}

// Percentiles on a scale of nines, so that the tail can be read.
std::string plot_percentiles(const replay_report& report)
{
    const latency_summary& all = report.latency;
    const std::array<std::pair<double, std::int64_t>, 6> marks = {{
        {50, all.p50_ns}, {75, all.p75_ns}, {90, all.p90_ns}, {95, all.p95_ns}, {99, all.p99_ns}, {99.9, all.p999_ns},
    }};
    const auto nines = [](double percent) { return std::log10(100 / (100 - percent)); };
    frame in;
    in.x_max = nines(99.9);
    in.y_max = nice_ceiling(static_cast<double>(all.p999_ns) / 1e6);
    points line;
    std::string labels;
    for (const auto& [percent, ns] : marks) {
        line.emplace_back(nines(percent), static_cast<double>(ns) / 1e6);
        labels += x_label(in.x(nines(percent)), short_decimal(percent) + " %");
    }
    return plot(
        "Latency by percentile", "Exact, over all " + std::to_string(all.n) + " answers.",
        y_axis(in, "ms") + polyline(in, line, "two") + dots(in, line, "two") + labels
    );
}

std::string figure(const std::string& name, const std::string& value, bool bad = false)
{
    return "<div><dt>" + name + "</dt><dd" + (bad ? " class=\"bad\"" : "") + ">" + value + "</dd></div>";
}

std::string statuses_text(const std::map<int, std::uint64_t>& statuses)
{
    std::string out;
    for (const auto& [status, count] : statuses)
        out += (out.empty() ? "" : ", ") + std::to_string(count) + " x " + std::to_string(status);
    return out.empty() ? "none" : out;
}

std::string operations_table(const replay_report& report)
{
    std::string rows;
    for (const operation_report& one : report.operations) {
        rows += "<tr><td>" + escape_markup(one.name) +
                (one.role.empty() ? "" : " <span class=\"soft\">" + escape_markup(one.role) + "</span>") + "</td><td>" +
                std::to_string(one.sent) + " of " + std::to_string(one.planned) + "</td><td>" +
                statuses_text(one.recorded_statuses) + "</td><td" +
                (one.same_status == one.planned ? "" : " class=\"bad\"") + ">" + statuses_text(one.statuses) +
                "</td><td>" + milliseconds(one.recorded_latency.p95_ns) + "</td><td>" +
                milliseconds(one.latency.p50_ns) + "</td><td>" + milliseconds(one.latency.p95_ns) + "</td><td>" +
                milliseconds(one.latency.max_ns) +
                "</td></tr>";
    }
    return "<section><h2>Operations</h2><table><tr><th>Operation</th><th>Sent</th><th>Recorded</th><th>Answered</th>"
           "<th>Recorded p95 ms</th><th>p50 ms</th><th>p95 ms</th><th>Max ms</th></tr>" +
           rows + "</table></section>";
}

std::string gates_list(const replay_report& report)
{
    if (report.gates.empty())
        return "";
    std::string rows;
    for (const gate_outcome& one : report.gates) {
        rows += "<tr><td>" + escape_markup(one.text) + "</td><td>" + escape_markup(one.value) + "</td><td class=\"" +
                (one.failed ? "bad\">failed" : "good\">passed") + "</td></tr>";
    }
    return "<section><h2>Gates</h2><table><tr><th>Fails if</th><th>Value</th><th>Outcome</th></tr>" + rows +
           "</table></section>";
}

std::string failures_list(const replay_report& report)
{
    if (report.failures.empty())
        return "";
    std::string rows;
    for (const auto& [reason, count] : report.failures)
        rows += "<tr><td>" + escape_markup(reason) + "</td><td>" + std::to_string(count) + "</td></tr>";
    return "<section><h2>Without an answer</h2><table><tr><th>Reason</th><th>Requests</th></tr>" + rows +
           "</table></section>";
}

std::string difference_row(const operation_summary& of, const field_summary& field)
{
    const bool counts = field.verdict == field_verdict::regressed;
    const std::string seen = std::to_string(counts ? field.raw : field.raw + field.ignored) + " of " +
                             std::to_string(of.requests);
    const std::string why = field.first.why.empty() ? std::string(to_text(field.verdict)) : field.first.why;
    return "<tr" + std::string(counts ? "" : " class=\"soft\"") + "><td>" + escape_markup(of.operation) + "</td><td>" +
           escape_markup(field.field) + "</td><td>" + std::string(to_text(field.first.kind)) + "</td><td>" +
           escape_markup(field.first.left) + "</td><td>" + escape_markup(field.first.right) + "</td><td>" + seen +
           "</td><td" + (counts ? " class=\"bad\">counts" : ">" + escape_markup(why)) + "</td></tr>";
}

// What is ignored stands there, too, in a softer colour.
std::string differences_table(const replay_report& report)
{
    if (!report.comparison)
        return "";
    std::string rows;
    for (const operation_summary& one : report.comparison->operations) {
        for (const field_summary& field : one.fields)
            rows += difference_row(one, field);
    }
    const std::string head = "<section><h2>Answers beside the recorded ones</h2><p class=\"soft\">" +
                             std::to_string(report.comparison->matched) + " of " +
                             std::to_string(report.comparison->requests) + " answers match.</p>";
    if (rows.empty())
        return head + "</section>";
    return head + "<table class=\"texts\"><tr><th>Operation</th><th>Field</th><th>Kind</th><th>Recorded</th>"
                  "<th>Answered</th><th>Answers</th><th></th></tr>" + rows + "</table></section>";
}

std::string figures_list(const replay_report& report)
{
    return "<section><dl>" + figure("planned", std::to_string(report.planned)) +
           figure("sent", std::to_string(report.sent), report.sent < report.planned) +
           figure("answered", std::to_string(report.answered), report.answered < report.sent) +
           figure("dropped", std::to_string(report.dropped), report.dropped > 0) +
           figure("failing", std::to_string(report.failing)) +
           figure("as recorded", std::to_string(report.same_status)) +
           figure("p50", milliseconds(report.latency.p50_ns) + " ms") +
           figure("p95", milliseconds(report.latency.p95_ns) + " ms") +
           figure("p99", milliseconds(report.latency.p99_ns) + " ms") +
           figure("sent late, p99", milliseconds(report.send_delay.p99_ns) + " ms") +
           figure("sent per second", short_decimal(report.sent_per_second)) + "</dl></section>";
}

}  // namespace

std::string to_html(const replay_report& report)
{
    const std::string note = "against " + report.target + ", timing " + report.timing + ", run " + report.run_id +
                             "; values: " + report.correlation;
    return report_page(
        "Replay of " + report.source, note,
        figures_list(report) + gates_list(report) + failures_list(report) + plot_latency(report) + plot_load(report) +
            plot_percentiles(report) + operations_table(report) + differences_table(report)
    );
}

}  // namespace reprise::replay
