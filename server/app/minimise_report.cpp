#include "minimise_report.hpp"

#include "terminal.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdio>

namespace reprise::app {
namespace {

namespace json = boost::json;
using replay::minimise_end;

// JSON holds no other bytes as they are.
bool is_text(std::string_view bytes)
{
    return std::none_of(bytes.begin(), bytes.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || c == '\0';
    });
}

json::object request_json(const replay::scenario_request& one, bool recorded)
{
    json::array headers;
    for (const auto& [name, value] : one.headers) {
        json::object header{{"name", printable(name)}};
        header[is_text(value) ? "value" : "value_base64"] = is_text(value) ? value : to_base64(value);
        headers.push_back(std::move(header));
    }
    json::object made{{"request", one.exchange + 1}, {"method", one.method}, {"path", one.path}};
    made["headers"] = std::move(headers);
    if (is_text(one.body))
        made["body"] = one.body;
    else
        made["body_base64"] = to_base64(one.body);
    made["copies"] = one.copies;
    made["watched"] = one.watched;
    if (recorded)
        made["at_ns"] = one.at_ns;
    else
        made["group"] = one.group;
    return made;
}

json::object scenario_json(const replay::scenario& what)
{
    const bool recorded = what.pacing == replay::pacing::recorded;
    json::array requests;
    for (const replay::scenario_request& one : what.requests)
        requests.push_back(request_json(one, recorded));
    return {{"pacing", recorded ? "recorded" : "groups"}, {"requests", std::move(requests)}};
}

json::array notes_json(const std::vector<replay::part_note>& notes)
{
    json::array list;
    for (const replay::part_note& note : notes) {
        json::object row{{"stage", replay::to_text(note.stage)}, {"what", printable(note.what)}};
        if (!note.why.empty())
            row["why"] = note.why;
        list.push_back(std::move(row));
    }
    return list;
}

std::string count_text(std::uint64_t count, const char* one, const char* many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string confidence(const replay::minimise_result& result)
{
    if (result.confirm_trials == 0)
        return "it was not confirmed by further trials";
    return "shown again in " + std::to_string(result.confirmed) + " of " + std::to_string(result.confirm_trials) +
           " further trials";
}

}  // namespace

std::string to_json(const minimise_report& report)
{
    const replay::minimise_result& result = report.result;
    json::object made{
        {"source", report.source},
        {"target", report.target},
        {"still", report.still},
        {"end", replay::to_text(result.end)},
        {"minimal", result.end == minimise_end::minimal},
        {"trials", result.trials},
        {"known_again", result.known_again},
        {"time_ms", result.time_ns / ns_per_ms},
        {"confirmed", result.confirmed},
        {"confirm_trials", result.confirm_trials},
        {"last_seen", result.last_seen},
        {"requests_before", report.requests_before},
        {"kept", notes_json(result.kept)},
        {"removed", notes_json(result.removed)},
        {"removed_count", result.removed_count}
    };
    if (result.smallest) {
        made["requests_after"] = result.smallest->requests.size();
        made["sent_after"] = replay::count_sent(*result.smallest);
        made["smallest"] = scenario_json(*result.smallest);
    }
    if (!report.out.empty())
        made["out"] = report.out;
    if (!report.state.empty())
        made["state"] = report.state;
    return canonical_json(made);
}

void print_text(const minimise_report& report)
{
    const replay::minimise_result& result = report.result;
    if (!result.smallest)
        return;
    const std::uint32_t sent = replay::count_sent(*result.smallest);
    const std::string at_once = sent == result.smallest->requests.size() ? "" : " (" + std::to_string(sent) + " sent)";
    std::printf(
        "%s: %zu of %s%s still show %s, found in %s; %s.\n",
        result.end == minimise_end::minimal ? "Minimal" : "Smallest so far", result.smallest->requests.size(),
        count_text(report.requests_before, "request", "requests").c_str(), at_once.c_str(),
        printable(report.still).c_str(), count_text(result.trials, "trial", "trials").c_str(),
        confidence(result).c_str()
    );
    std::vector<std::vector<std::string>> rows = {{"KEPT", "WHY"}};
    for (const replay::part_note& note : result.kept)
        rows.push_back({note.what, note.why});
    if (rows.size() > 1)
        std::printf("%s", render_table(rows).c_str());
    std::printf("%s removed\n", count_text(result.removed_count, "part was", "parts were").c_str());
    if (!report.out.empty())
        std::printf("written: %s\n", printable(report.out).c_str());
}

std::string complaint(const minimise_report& report)
{
    const std::string again = report.state.empty() ? "" : " (go on with --resume " + report.state + ")";
    const std::string trials = count_text(report.result.trials, "trial", "trials");
    switch (report.result.end) {
    case minimise_end::running:
    case minimise_end::minimal: return {};
    case minimise_end::out_of_trials: return "not minimal yet: the budget of " + trials + " is spent" + again;
    case minimise_end::out_of_time: return "not minimal yet: the time is over after " + trials + again;
    case minimise_end::interrupted: return "interrupted after " + trials + again;
    case minimise_end::unavailable:
        if (!report.untold.empty())
            return report.target + " answers, but nothing about the requests came to " + report.untold +
                   "; the service must send its telemetry there: OTEL_EXPORTER_OTLP_ENDPOINT=http://" + report.untold +
                   " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" + again;
        return report.target + " could not be reached (" + report.result.last_seen + "); is it running?" + again;
    case minimise_end::does_not_fail:
        return report.source + ": does not fail: in " + trials + " against " + report.target + " never " +
               report.still + " (the last: " + report.result.last_seen + ")";
    case minimise_end::unconfirmed: break;
    }
    return "what seemed to show " + report.still + " did not show it again; nothing was written";
}

}  // namespace reprise::app
