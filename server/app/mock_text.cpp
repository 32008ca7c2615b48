#include "mock_run.hpp"

#include "reprise/base/canonical_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace reprise::app {
namespace {

constexpr std::size_t listed_max = 20;
constexpr std::size_t listed_differences_max = 3;

std::string percent(double share)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", share * 100);
    return text.data();
}

std::string number(std::uint64_t value)
{
    return std::to_string(value);
}

std::string rule_text(const replay::ignore_rule& rule)
{
    std::string text = rule.endpoint.empty() ? std::string("every request") : rule.endpoint;
    text += ": " + rule.field + ", " + std::string(to_text(rule.reason));
    if (!rule.cause.empty())
        text += " (" + rule.cause + ")";
    return text;
}

std::string difference_text(const replay::mock_difference& difference)
{
    std::string text = difference.field + ": ";
    text += difference.recorded_absent ? "not recorded" : "recorded " + difference.recorded;
    text += difference.received_absent ? ", not received" : ", received " + difference.received;
    if (!difference.cause.empty())
        text += " (" + difference.cause + ")";
    return text;
}

void add_misses(const replay::mock_report& report, std::string& out)
{
    std::size_t listed = 0;
    for (const replay::miss_report& miss : report.miss_list) {
        if (listed++ == listed_max) {
            out += "... and " + number(report.miss_list.size() - listed_max) + " more\n";
            break;
        }
        out += "MISS " + printable(miss.request) + "  x" + number(miss.count);
        out += miss.label == replay::mock_label::exhausted ? "  all recordings of it were served\n" : "\n";
        for (const replay::near_recording& near : miss.nearest) {
            out += "  near #" + number(near.recording + 1) + " " + printable(near.name);
            out += near.served ? ", served\n" : "\n";
            const std::size_t shown = std::min(near.differences.size(), listed_differences_max);
            for (std::size_t i = 0; i < shown; ++i) {
                out += "    " + printable(difference_text(near.differences[i])) + "\n";
                if (&near == &miss.nearest.front())
                    out += "      fix: " + printable(near.differences[i].fix) + "\n";
            }
            if (near.difference_count > shown)
                out += "    and " + number(near.difference_count - shown) + " more differences\n";
        }
    }
}

// How many misses each suggestion of the nearest recordings is about.
std::map<std::string, std::uint64_t> count_fixes(const replay::mock_report& report)
{
    std::map<std::string, std::uint64_t> fixes;
    for (const replay::miss_report& miss : report.miss_list) {
        if (miss.label == replay::mock_label::exhausted)
            fixes["--repeat last"] += miss.count;
        else if (!miss.nearest.empty() && !miss.nearest.front().differences.empty())
            fixes[miss.nearest.front().differences.front().fix] += miss.count;
    }
    return fixes;
}

boost::json::object to_json(const replay::near_recording& near)
{
    boost::json::object row;
    row["recording"] = near.recording + 1;
    row["request"] = near.name;
    row["served"] = near.served;
    row["difference_count"] = near.difference_count;
    boost::json::array differences;
    for (const replay::mock_difference& one : near.differences) {
        boost::json::object difference;
        difference["field"] = one.field;
        if (!one.recorded_absent)
            difference["recorded"] = one.recorded;
        if (!one.received_absent)
            difference["received"] = one.received;
        difference["cause"] = one.cause;
        difference["fix"] = one.fix;
        differences.push_back(std::move(difference));
    }
    row["differences"] = std::move(differences);
    return row;
}

boost::json::array misses_json(const replay::mock_report& report)
{
    boost::json::array rows;
    for (const replay::miss_report& miss : report.miss_list) {
        boost::json::object row;
        row["request"] = miss.request;
        row["label"] = to_text(miss.label);
        row["count"] = miss.count;
        row["ignorable"] = miss.ignorable;
        boost::json::array nearest;
        for (const replay::near_recording& near : miss.nearest)
            nearest.push_back(to_json(near));
        row["nearest"] = std::move(nearest);
        rows.push_back(std::move(row));
    }
    return rows;
}

boost::json::array rules_json(const std::vector<replay::ignore_rule>& rules)
{
    boost::json::array rows;
    for (const replay::ignore_rule& rule : rules) {
        boost::json::object row;
        row["endpoint"] = rule.endpoint;
        row["field"] = rule.field;
        row["reason"] = to_text(rule.reason);
        row["cause"] = rule.cause;
        row["used"] = rule.used;
        rows.push_back(std::move(row));
    }
    return rows;
}

boost::json::array endpoints_json(const std::vector<replay::endpoint_report>& endpoints)
{
    boost::json::array rows;
    for (const replay::endpoint_report& one : endpoints) {
        boost::json::object row;
        row["name"] = one.name;
        row["recorded"] = one.recorded;
        row["served"] = one.served;
        row["hits"] = one.hits;
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

std::string rule_lines(const std::vector<replay::ignore_rule>& rules)
{
    std::string out;
    std::size_t listed = 0;
    for (const replay::ignore_rule& rule : rules) {
        if (listed++ == listed_max) {
            out += "  ... and " + number(rules.size() - listed_max) + " more (--json lists all)\n";
            break;
        }
        out += "  " + printable(rule_text(rule)) + "\n";
    }
    return out;
}

std::string mock_text(const mock_outcome& outcome, const std::vector<replay::fault_rule>& faults)
{
    const replay::mock_report& report = outcome.report;
    std::vector<std::vector<std::string>> rows = {{"ENDPOINT", "RECORDED", "SERVED", "HITS"}};
    for (const replay::endpoint_report& one : report.endpoints) {
        if (rows.size() <= listed_max)
            rows.push_back({one.name, number(one.recorded), number(one.served), number(one.hits)});
    }
    std::string out = render_table(rows);
    if (report.endpoints.size() > listed_max)
        out += "... and " + number(report.endpoints.size() - listed_max) + " more endpoints\n";
    out += "\n" + number(outcome.arrival_count) + " requests: " + number(report.hits) + " hits (" +
           number(report.relaxed_hits) + " by learned rules), " + number(report.misses) + " misses (" +
           number(report.exhausted) + " exhausted), " + number(report.faults) + " faults; match rate " +
           percent(report.match_rate());
    if (report.ignorable > 0)
        out += ", " + percent(report.projected_rate()) + " with the rules below";
    out += "\npeak in flight " + number(outcome.burst.peak_in_flight) + ", most arrivals within 50 ms " +
           number(outcome.burst.max_arrivals_50ms) + "\n";
    if (report.without_host > 0)
        out += number(report.without_host) + " requests named no recorded host and were matched without it\n";
    for (std::size_t i = 0; i < faults.size(); ++i)
        out += "fault " + printable(faults[i].text) + "  x" + number(report.fault_counts[i]) + "\n";
    if (!report.rules.empty())
        out += "ignored:\n" + rule_lines(report.rules);
    add_misses(report, out);
    const auto fixes = count_fixes(report);
    if (!fixes.empty())
        out += "fixes:\n";
    for (const auto& [fix, count] : fixes)
        out += "  " + printable(fix) + "  x" + number(count) + "\n";
    if (report.unexplained_misses > 0)
        out += number(report.unexplained_misses) + " misses beyond " + number(replay::distinct_misses_max) +
               " distinct ones were only counted\n";
    if (!outcome.arrivals.empty())
        out += "arrivals: " + outcome.arrivals + " (" + number(outcome.files) + " files, arrivals.jsonl)\n";
    return out;
}

std::string mock_json(const mock_outcome& outcome, const std::vector<replay::fault_rule>& faults)
{
    const replay::mock_report& report = outcome.report;
    boost::json::object out;
    out["recordings"] = report.recordings;
    out["served"] = report.served;
    out["requests"] = outcome.arrival_count;
    out["hits"] = report.hits;
    out["relaxed_hits"] = report.relaxed_hits;
    out["repeated_hits"] = report.repeated_hits;
    out["misses"] = report.misses;
    out["exhausted"] = report.exhausted;
    out["faults"] = report.faults;
    out["without_host"] = report.without_host;
    out["match_rate"] = report.match_rate();
    out["projected_match_rate"] = report.projected_rate();
    out["peak_in_flight"] = outcome.burst.peak_in_flight;
    out["max_arrivals_50ms"] = outcome.burst.max_arrivals_50ms;
    out["rules"] = rules_json(report.rules);
    out["endpoints"] = endpoints_json(report.endpoints);
    out["miss_list"] = misses_json(report);
    out["unexplained_misses"] = report.unexplained_misses;
    boost::json::object fixes;
    for (const auto& [fix, count] : count_fixes(report))
        fixes[fix] = count;
    out["fixes"] = std::move(fixes);
    boost::json::array struck;
    for (std::size_t i = 0; i < faults.size(); ++i) {
        boost::json::object row;
        row["rule"] = faults[i].text;
        row["count"] = report.fault_counts[i];
        struck.push_back(std::move(row));
    }
    out["fault_rules"] = std::move(struck);
    boost::json::object lost;
    lost["arrivals"] = outcome.losses.arrivals;
    lost["requests"] = outcome.losses.requests;
    lost["reason"] = outcome.losses.reason;
    out["lost"] = std::move(lost);
    if (!outcome.arrivals.empty())
        out["arrivals"] = outcome.arrivals;
    return canonical_json(out);
}

}  // namespace reprise::app
