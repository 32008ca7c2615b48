#include "report_text.hpp"

#include "reprise/replay/report.hpp"

#include "reprise/base/canonical_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <cstdio>

namespace reprise::replay {

namespace json = boost::json;

std::string escape_markup(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default:
            // XML 1.0 has no place for most control characters, not even escaped.
            out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
        }
    }
    return out;
}

std::string decimal(double value, int digits)
{
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

std::string milliseconds(std::int64_t ns)
{
    const double ms = static_cast<double>(ns) / 1e6;
    return decimal(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

json::object latency_object(const latency_summary& value)
{
    json::object out;
    out["n"] = value.n;
    out["min_ns"] = value.min_ns;
    out["mean_ns"] = value.mean_ns;
    out["p50_ns"] = value.p50_ns;
    out["p75_ns"] = value.p75_ns;
    out["p90_ns"] = value.p90_ns;
    out["p95_ns"] = value.p95_ns;
    out["p99_ns"] = value.p99_ns;
    out["p999_ns"] = value.p999_ns;
    out["max_ns"] = value.max_ns;
    return out;
}

namespace {

template <class Key>
json::object to_object(const std::map<Key, std::uint64_t>& counts)
{
    json::object out;
    for (const auto& [key, count] : counts) {
        if constexpr (std::is_same_v<Key, int>)
            out[std::to_string(key)] = count;
        else
            out[key] = count;
    }
    return out;
}

json::object to_object(const operation_report& one)
{
    json::object out;
    out["name"] = one.name;
    out["role"] = one.role;
    out["planned"] = one.planned;
    out["sent"] = one.sent;
    out["answered"] = one.answered;
    out["dropped"] = one.dropped;
    out["failing"] = one.failing;
    out["same_status"] = one.same_status;
    out["statuses"] = to_object(one.statuses);
    out["recorded_statuses"] = to_object(one.recorded_statuses);
    out["latency"] = latency_object(one.latency);
    out["recorded_latency"] = latency_object(one.recorded_latency);
    return out;
}

json::object to_object(const report_slice& one)
{
    json::object out;
    out["begin_ns"] = one.begin_ns;
    out["planned"] = one.planned;
    out["sent"] = one.sent;
    out["answered"] = one.answered;
    out["failing"] = one.failing;
    out["p50_ns"] = one.p50_ns;
    out["p95_ns"] = one.p95_ns;
    out["max_ns"] = one.max_ns;
    return out;
}

std::string seconds(std::int64_t ns)
{
    return decimal(static_cast<double>(ns) / 1e9, 3);
}

// An operation fails its test when it answers otherwise than recorded.
std::string junit_failure(const operation_report& one)
{
    if (one.same_status == one.planned)
        return "";
    std::string what = std::to_string(one.same_status) + " of " + std::to_string(one.planned) +
                       " requests had their recorded status";
    for (const auto& [status, count] : one.statuses)
        what += ", " + std::to_string(count) + " x " + std::to_string(status);
    if (one.sent > one.answered)
        what += ", " + std::to_string(one.sent - one.answered) + " without an answer";
    if (one.dropped > 0)
        what += ", " + std::to_string(one.dropped) + " dropped";
    return what;
}

// What answers say now, where it differs from the recording beyond what differs anyway.
std::string junit_change(const operation_summary& one)
{
    std::string fields;
    for (const field_summary& field : one.fields) {
        if (field.verdict == field_verdict::regressed)
            fields += (fields.empty() ? "" : ", ") + field.field + " (" + std::to_string(field.raw) + " of " +
                      std::to_string(one.requests) + ")";
    }
    return fields.empty() ? "" : "answers differ in " + fields;
}

std::string junit_case(
    const std::string& group, const std::string& name, std::int64_t took_ns, const std::string& wrong
)
{
    std::string out = "    <testcase classname=\"" + escape_markup(group) + "\" name=\"" + escape_markup(name) +
                      "\" time=\"" + seconds(took_ns) + "\"";
    if (wrong.empty())
        return out + "/>\n";
    return out + ">\n      <failure message=\"" + escape_markup(wrong) + "\"/>\n    </testcase>\n";
}

}  // namespace

std::string to_json(const replay_report& report)
{
    json::object out;
    out["target"] = report.target;
    out["source"] = report.source;
    out["run"] = report.run_id;
    out["timing"] = report.timing;
    out["correlation"] = report.correlation;
    out["planned"] = report.planned;
    out["sent"] = report.sent;
    out["answered"] = report.answered;
    out["failed"] = report.failed;
    out["dropped"] = report.dropped;
    out["not_begun"] = report.not_begun;
    out["waited_for_values"] = report.waited;
    out["values_not_learned"] = report.unlearned;
    out["failing"] = report.failing;
    out["same_status"] = report.same_status;
    out["duration_ns"] = report.duration_ns;
    out["sent_per_second"] = report.sent_per_second;
    out["failures"] = to_object(report.failures);
    out["latency"] = latency_object(report.latency);
    out["service_latency"] = latency_object(report.service);
    out["send_delay"] = latency_object(report.send_delay);
    json::array operations;
    for (const operation_report& one : report.operations)
        operations.push_back(to_object(one));
    out["operations"] = std::move(operations);
    json::array slices;
    for (const report_slice& one : report.slices)
        slices.push_back(to_object(one));
    out["slices"] = std::move(slices);
    json::array gates;
    for (const gate_outcome& one : report.gates)
        gates.push_back(json::object{{"gate", one.text}, {"value", one.value}, {"failed", one.failed}});
    out["gates"] = std::move(gates);
    if (report.comparison)
        out["comparison"] = to_json(*report.comparison);
    return canonical_json(out);
}

std::string to_junit(const replay_report& report)
{
    std::string cases;
    std::size_t failures = 0;
    for (const operation_report& one : report.operations) {
        const std::string wrong = junit_failure(one);
        failures += wrong.empty() ? 0U : 1U;
        const std::string group = one.role.empty() ? "replay" : "replay." + one.role;
        cases += junit_case(group, one.name, one.latency.max_ns, wrong);
    }
    std::size_t compared = 0;
    for (const operation_summary& one : report.comparison.value_or(compare_report()).operations) {
        const std::string wrong = junit_change(one);
        failures += wrong.empty() ? 0U : 1U;
        ++compared;
        cases += junit_case("compare", one.operation, 0, wrong);
    }
    for (const gate_outcome& one : report.gates) {
        failures += one.failed ? 1U : 0U;
        cases += junit_case("gate", one.text, 0, one.failed ? "it was " + one.value : "");
    }
    const std::string counts = "tests=\"" + std::to_string(report.operations.size() + compared + report.gates.size()) +
                               "\" failures=\"" + std::to_string(failures) + "\" errors=\"0\" time=\"" +
                               seconds(report.duration_ns) + "\"";
    const std::string name = "name=\"reprise replay " + escape_markup(report.source) + "\" ";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " + counts + ">\n  <testsuite " + name + counts +
           ">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

}  // namespace reprise::replay
