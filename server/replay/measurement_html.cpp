#include "reprise/replay/measurement.hpp"

#include "report_page.hpp"
#include "report_text.hpp"

#include "reprise/base/time_text.hpp"

namespace reprise::replay {
namespace {

std::string figure(std::string_view name, const std::string& value)
{
    return "<div><dt>" + escape_markup(name) + "</dt><dd>" + escape_markup(value) + "</dd></div>";
}

std::string classes_text(const std::map<std::string, std::uint64_t>& counts)
{
    std::string out;
    for (const auto& [name, count] : counts)
        out += (out.empty() ? "" : ", ") + std::to_string(count) + " x " + name;
    return out.empty() ? "none" : out;
}

std::string figures_list(const measurement& of)
{
    return "<section><dl>" + figure("peak in flight", std::to_string(of.peak_in_flight)) +
           figure("most arrivals in 50 ms", std::to_string(of.max_arrivals_50ms)) +
           figure("calls", std::to_string(of.calls)) + figure("their answers", classes_text(of.call_answers)) +
           figure("calls without a recording", std::to_string(of.call_misses)) +
           figure("calls per request", decimal(of.calls_per_request, 2)) +
           figure("most calls of one request", std::to_string(of.calls_of_one_request_max)) +
           figure("requests answered", std::to_string(of.answered) + " of " + std::to_string(of.planned)) +
           figure("answers", classes_text(of.answers)) + figure("p50", milliseconds(of.latency.p50_ns) + " ms") +
           figure("p95", milliseconds(of.latency.p95_ns) + " ms") +
           figure("p99", milliseconds(of.latency.p99_ns) + " ms") + "</dl></section>";
}

std::string endpoints_table(const measurement& of)
{
    if (of.endpoints.empty())
        return "";
    std::string rows;
    for (const endpoint_figures& one : of.endpoints) {
        rows += "<tr><td>" + escape_markup(one.name) + "</td><td>" + std::to_string(one.calls) + "</td><td>" +
                std::to_string(one.peak_in_flight) + "</td><td>" + std::to_string(one.max_arrivals_50ms) +
                "</td></tr>";
    }
    return "<section><h2>Endpoints, the busiest first</h2><table><tr><th>Endpoint</th><th>Calls</th>"
           "<th>Peak in flight</th><th>Most arrivals in 50 ms</th></tr>" + rows + "</table></section>";
}

std::string method_table(const measurement& of)
{
    std::string rows;
    for (const auto& [name, value] : of.method)
        rows += "<tr><td>" + escape_markup(name) + "</td><td>" + escape_markup(value) + "</td></tr>";
    return "<section><h2>Method</h2><p class=\"soft\">" + escape_markup(of.hash) + "</p><table class=\"texts\">" +
           rows + "</table></section>";
}

}  // namespace

std::string to_html(const measurement& value)
{
    return report_page(
        "Measurement", value.target + ", " + format_rfc3339(value.measured_at_ns),
        figures_list(value) + endpoints_table(value) + method_table(value)
    );
}

}  // namespace reprise::replay
