#include "commands.hpp"
#include "exit_code.hpp"
#include "limits_of.hpp"
#include "snapshot.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/model/json.hpp"
#include "reprise/pipeline/shard.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <tuple>

namespace reprise::app {
namespace {

// One problem over all its windows and sources: the worst signal speaks for it.
struct finding {
    model::signal worst;
    std::uint32_t windows = 0;
    std::int64_t last_window_ns = 0;
};

// An operation over all its windows.
struct operation_total {
    model::operation_key operation;
    std::uint64_t requests = 0;  // As the API counts them: cancelled ones, too.
    std::uint64_t failing = 0;
};

// By operation id.
using operation_totals = std::map<std::uint64_t, operation_total>;

bool is_worse(const model::signal& a, const model::signal& b)
{
    return std::tuple(a.severity, a.observed_n) > std::tuple(b.severity, b.observed_n);
}

std::vector<finding> group_by_fingerprint(const std::vector<pipeline::closed_window>& windows)
{
    std::map<std::string, finding> by_fingerprint;
    for (const pipeline::closed_window& window : windows) {
        for (const pipeline::found_signal& found : window.found) {
            finding& known = by_fingerprint[found.signal.fingerprint];
            if (known.windows == 0 || is_worse(found.signal, known.worst))
                known.worst = found.signal;
            if (known.windows == 0 || known.last_window_ns != found.signal.window_start_ns)
                ++known.windows;
            known.last_window_ns = found.signal.window_start_ns;
        }
    }
    std::vector<finding> findings;
    for (auto& [fingerprint, one] : by_fingerprint)
        findings.push_back(std::move(one));
    std::stable_sort(findings.begin(), findings.end(), [](const finding& a, const finding& b) {
        return is_worse(a.worst, b.worst);
    });
    return findings;
}

operation_totals add_up(const std::vector<pipeline::closed_window>& windows)
{
    operation_totals totals;
    for (const pipeline::closed_window& closed : windows) {
        for (const detect::operation_summary& one : closed.window.operations) {
            operation_total& total = totals[one.operation_id];
            total.operation = one.operation;
            total.requests += std::accumulate(one.outcomes.begin(), one.outcomes.end(), std::uint64_t{0});
            total.failing += one.failing();
        }
    }
    return totals;
}

boost::json::array to_json(const operation_totals& totals)
{
    boost::json::array rows;
    for (const auto& [id, total] : totals) {
        boost::json::object row;
        row["operation"] = model::to_json(total.operation.view());
        row["requests"] = total.requests;
        row["failing"] = total.failing;
        rows.push_back(std::move(row));
    }
    return rows;
}

void print_json(
    const std::vector<finding>& findings, const snapshot_reading& reading,
    const std::vector<pipeline::closed_window>& windows
)
{
    boost::json::object out;
    out["files"] = reading.files;
    out["records"] = reading.records;
    out["windows"] = windows.size();
    out["protocols"] = counts_json(reading.protocols);
    out["skipped"] = counts_json(reading.skipped);
    out["problems"] = problems_json(reading);
    out["operations"] = to_json(add_up(windows));
    boost::json::array signals;
    for (const finding& one : findings) {
        auto signal = model::to_json(one.worst);
        signal["windows"] = one.windows;
        signals.push_back(std::move(signal));
    }
    out["signals"] = std::move(signals);
    std::printf("%s\n", boost::json::serialize(out).c_str());
}

void print_text(const std::vector<finding>& findings, const snapshot_reading& reading, std::size_t windows)
{
    std::printf(
        "%llu records of %llu files in %zu windows: %zu signals\n", static_cast<unsigned long long>(reading.records),
        static_cast<unsigned long long>(reading.files), windows, findings.size()
    );
    if (reading.records > 0)
        std::printf("%s\n", protocol_counts(reading).c_str());
    for (const auto& [reason, count] : reading.skipped)
        std::printf("skipped: %llu %s\n", static_cast<unsigned long long>(count), reason.c_str());
    if (findings.empty())
        return;
    std::vector<std::vector<std::string>> rows = {{"SEVERITY", "KIND", "SERVICE", "WINDOWS", "WHAT"}};
    for (const finding& one : findings) {
        rows.push_back(
            {std::string(model::to_text(one.worst.severity)), std::string(model::to_text(one.worst.kind)),
             one.worst.operation.service, std::to_string(one.windows), one.worst.explanation}
        );
    }
    std::printf("\n%s", render_table(rows).c_str());
}

}  // namespace

int run_analyze(
    const config& settings, const std::vector<std::string>& paths, const std::string& service, const output_style& style
)
{
    const system_clock time;
    pipeline::shard stream(stream_limits_of(settings));
    std::vector<pipeline::closed_window> windows;
    const auto keep = [&windows](std::vector<pipeline::closed_window> closed) {
        for (pipeline::closed_window& window : closed)
            windows.push_back(std::move(window));
    };
    const pipeline::replay_filter no_replays;
    const auto take = [&](std::shared_ptr<const model::observation_batch> batch) {
        const std::int64_t now_ns = time.now_ns();
        stream.add(*batch, no_replays, now_ns, [](std::string_view) { return true; });
        keep(stream.close_due(now_ns));
    };
    const snapshot_reading reading = read_snapshots(paths, style, take, {service, std::nullopt});
    keep(stream.close_all());

    const auto findings = group_by_fingerprint(windows);
    if (style.json)
        print_json(findings, reading, windows);
    else if (!style.quiet)
        print_text(findings, reading, windows.size());
    if (!style.json)
        print_problems(reading);
    if (reading.records == 0) {
        print_error("no record could be read; give RRPair files (*.json, *.md), HAR or OTLP-JSON lines (*.jsonl)");
        return exit_data;
    }
    return findings.empty() ? exit_ok : exit_found;
}

}  // namespace reprise::app
