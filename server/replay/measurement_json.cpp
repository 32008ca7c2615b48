#include "reprise/replay/measurement.hpp"

#include "json_members.hpp"
#include "report_text.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/time_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace reprise::replay {

namespace json = boost::json;

namespace {

constexpr int format = 1;

json::object counts_object(const std::map<std::string, std::uint64_t>& counts)
{
    json::object out;
    for (const auto& [name, count] : counts)
        out[name] = count;
    return out;
}

refusal bad(const std::string& what)
{
    return {errc::bad_record, "This is no measurement of reprise measure: " + what + "."};
}

latency_summary read_latency(const json::object& from, std::string& missing)
{
    member_reader in(from);
    latency_summary made;
    made.n = in.count<std::uint64_t>("n");
    made.min_ns = in.count<std::int64_t>("min_ns");
    made.mean_ns = in.count<std::int64_t>("mean_ns");
    made.p50_ns = in.count<std::int64_t>("p50_ns");
    made.p75_ns = in.count<std::int64_t>("p75_ns");
    made.p90_ns = in.count<std::int64_t>("p90_ns");
    made.p95_ns = in.count<std::int64_t>("p95_ns");
    made.p99_ns = in.count<std::int64_t>("p99_ns");
    made.p999_ns = in.count<std::int64_t>("p999_ns");
    made.max_ns = in.count<std::int64_t>("max_ns");
    missing = in.failed();
    return made;
}

std::map<std::string, std::uint64_t> read_counts(const json::object& from)
{
    std::map<std::string, std::uint64_t> made;
    for (const auto& [name, value] : from) {
        json::error_code ec;
        const auto count = value.to_number<std::uint64_t>(ec);
        if (!ec)
            made[std::string(name)] = count;
    }
    return made;
}

methodology read_method(const json::object& from)
{
    methodology made;
    for (const auto& [name, value] : from) {
        if (value.is_string())
            made[std::string(name)] = std::string(value.get_string());
    }
    return made;
}

json::array endpoints_array(const std::vector<endpoint_figures>& endpoints)
{
    json::array out;
    for (const endpoint_figures& one : endpoints) {
        json::object row;
        row["name"] = one.name;
        row["calls"] = one.calls;
        row["peak_in_flight"] = one.peak_in_flight;
        row["max_arrivals_50ms"] = one.max_arrivals_50ms;
        out.push_back(std::move(row));
    }
    return out;
}

// Measurements of earlier versions have none. Nothing when they are of the wrong kind or too many.
std::optional<std::vector<endpoint_figures>> read_endpoints(const json::object& from)
{
    std::vector<endpoint_figures> made;
    const json::value* const found = from.if_contains("endpoints");
    if (found == nullptr)
        return made;
    const json::array* const rows = found->if_array();
    if (rows == nullptr || rows->size() > measured_endpoints_max + 1)
        return std::nullopt;
    for (const json::value& row : *rows) {
        if (!row.is_object())
            return std::nullopt;
        member_reader in(row.get_object());
        endpoint_figures one;
        one.name = in.text("name");
        one.calls = in.count<std::uint64_t>("calls");
        one.peak_in_flight = in.count<std::uint32_t>("peak_in_flight");
        one.max_arrivals_50ms = in.count<std::uint32_t>("max_arrivals_50ms");
        if (!in.failed().empty())
            return std::nullopt;
        made.push_back(std::move(one));
    }
    return made;
}

const json::object* find_object(const json::object& in, std::string_view name)
{
    const json::value* const found = in.if_contains(name);
    return found != nullptr ? found->if_object() : nullptr;
}

}  // namespace

std::string to_json(const measurement& value)
{
    json::object method;
    for (const auto& [name, text] : value.method)
        method[name] = text;
    json::object out;
    out["measurement"] = format;
    out["target"] = value.target;
    out["method"] = std::move(method);
    out["methodology_hash"] = value.hash;
    out["measured_at"] = format_rfc3339(value.measured_at_ns);
    out["planned"] = value.planned;
    out["sent"] = value.sent;
    out["answered"] = value.answered;
    out["dropped"] = value.dropped;
    out["answers"] = counts_object(value.answers);
    out["latency"] = latency_object(value.latency);
    out["calls"] = value.calls;
    out["call_answers"] = counts_object(value.call_answers);
    out["call_hits"] = value.call_hits;
    out["call_misses"] = value.call_misses;
    out["peak_in_flight"] = value.peak_in_flight;
    out["max_arrivals_50ms"] = value.max_arrivals_50ms;
    out["calls_per_request"] = value.calls_per_request;
    out["calls_of_one_request_max"] = value.calls_of_one_request_max;
    if (!value.endpoints.empty())
        out["busiest_endpoint"] = value.endpoints.front().name;
    out["endpoints"] = endpoints_array(value.endpoints);
    return canonical_json(out);
}

checked<measurement> parse_measurement(std::string_view text)
{
    if (text.size() > measurement_bytes_max)
        return bad("it is larger than 1 MiB");
    json::error_code ec;
    const json::value parsed = json::parse(text, ec);
    const json::object* const all = parsed.if_object();
    if (ec || all == nullptr)
        return bad("it is not a JSON object");
    const json::object* const method = find_object(*all, "method");
    const json::object* const latency = find_object(*all, "latency");
    const json::object* const answers = find_object(*all, "answers");
    const json::object* const call_answers = find_object(*all, "call_answers");
    member_reader in(*all);
    if (in.count<int>("measurement") != format)
        return bad("\"measurement\" must be " + std::to_string(format));
    if (method == nullptr || latency == nullptr || answers == nullptr || call_answers == nullptr)
        return bad("\"method\", \"latency\", \"answers\" and \"call_answers\" must be objects");
    measurement made;
    made.target = in.text("target");
    made.hash = in.text("methodology_hash");
    made.method = read_method(*method);
    const auto measured_at = parse_rfc3339(in.text("measured_at"));
    made.measured_at_ns = measured_at ? *measured_at : 0;
    made.planned = in.count<std::uint64_t>("planned");
    made.sent = in.count<std::uint64_t>("sent");
    made.answered = in.count<std::uint64_t>("answered");
    made.dropped = in.count<std::uint64_t>("dropped");
    made.answers = read_counts(*answers);
    std::string missing;
    made.latency = read_latency(*latency, missing);
    made.calls = in.count<std::uint64_t>("calls");
    made.call_answers = read_counts(*call_answers);
    made.call_hits = in.count<std::uint64_t>("call_hits");
    made.call_misses = in.count<std::uint64_t>("call_misses");
    made.peak_in_flight = in.count<std::uint32_t>("peak_in_flight");
    made.max_arrivals_50ms = in.count<std::uint32_t>("max_arrivals_50ms");
    made.calls_per_request = in.number("calls_per_request");
    made.calls_of_one_request_max = in.count<std::uint32_t>("calls_of_one_request_max");
    auto endpoints = read_endpoints(*all);
    if (!endpoints)
        return bad("\"endpoints\" must be a list of at most " + std::to_string(measured_endpoints_max + 1) +
                   " objects with name, calls, peak_in_flight and max_arrivals_50ms");
    made.endpoints = std::move(*endpoints);
    if (!in.failed().empty() || !missing.empty())
        return bad("member \"" + (in.failed().empty() ? missing : in.failed()) + "\" is missing or of the wrong kind");
    if (made.hash != methodology_hash(made.method))
        return bad("its methodology hash is not that of its method, so one of them was changed");
    return made;
}

std::string to_json(const measurement_comparison& value)
{
    json::array figures;
    for (const compared_figure& one : value.figures) {
        json::object row;
        row["name"] = one.name;
        row["unit"] = one.unit;
        row["before"] = one.before;
        row["after"] = one.after;
        row["change"] = one.change > 0 ? "better" : one.change < 0 ? "worse" : "";
        figures.push_back(std::move(row));
    }
    json::object out;
    out["methodology_hash"] = value.hash;
    out["figures"] = std::move(figures);
    return canonical_json(out);
}

}  // namespace reprise::replay
