#include "reprise/replay/measurement.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace reprise::replay {
namespace {

std::string class_of(int status)
{
    if (status == 0)
        return "none";
    if (status == 429)
        return "429";
    return std::to_string(status / 100) + "xx";
}

std::uint64_t failing_of(const std::map<std::string, std::uint64_t>& answers)
{
    std::uint64_t sum = 0;
    for (const char* name : {"429", "5xx", "none"}) {
        const auto found = answers.find(name);
        sum += found == answers.end() ? 0 : found->second;
    }
    return sum;
}

double percent(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::uint32_t most_calls_of_one_request(const drive_result& result, std::span<const arrival> arrivals)
{
    std::unordered_map<std::uint64_t, std::uint32_t> counts;
    for (const send_record& record : result.records) {
        if (record.end != send_end::dropped)
            counts.try_emplace(record.trace.low, 0);
    }
    std::uint32_t most = 0;
    for (const arrival& one : arrivals) {
        const auto found = counts.find(one.trace.low);
        if (found != counts.end())
            most = std::max(most, ++found->second);
    }
    return most;
}

using calls_by_endpoint = std::map<std::string, std::vector<detect::call_interval>, std::less<>>;

// Those with fewer calls than the first measured_endpoints_max become one.
calls_by_endpoint pool_rare(calls_by_endpoint calls)
{
    if (calls.size() <= measured_endpoints_max)
        return calls;
    std::vector<std::pair<std::size_t, std::string_view>> by_calls;
    for (const auto& [name, intervals] : calls)
        by_calls.emplace_back(intervals.size(), name);
    std::sort(by_calls.begin(), by_calls.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::vector<detect::call_interval> pooled;
    for (std::size_t i = measured_endpoints_max; i < by_calls.size(); ++i) {
        const auto found = calls.find(by_calls[i].second);
        pooled.insert(pooled.end(), found->second.begin(), found->second.end());
        calls.erase(found);
    }
    calls.insert_or_assign(std::string(other_endpoints), std::move(pooled));
    return calls;
}

std::vector<endpoint_figures> measure_endpoints(std::span<const arrival> arrivals, const endpoint_namer& endpoint_of)
{
    calls_by_endpoint calls;
    for (const arrival& one : arrivals) {
        const std::string_view name = endpoint_of(one);
        auto found = calls.find(name);
        if (found == calls.end())
            found = calls.emplace(std::string(name), std::vector<detect::call_interval>()).first;
        found->second.push_back({one.steady_ns, one.end_ns, one.status == 429, 0});
    }
    std::vector<endpoint_figures> made;
    for (const auto& [name, intervals] : pool_rare(std::move(calls)))
        made.push_back({name, intervals.size(), detect::peak_in_flight(intervals), detect::max_arrivals(intervals)});
    const auto rank = [](const endpoint_figures& one) {
        return std::tuple(one.name != other_endpoints, one.max_arrivals_50ms, one.peak_in_flight, one.calls);
    };
    // By name already.
    std::stable_sort(made.begin(), made.end(), [&](const auto& a, const auto& b) { return rank(a) > rank(b); });
    return made;
}

const endpoint_figures* find_endpoint(const measurement& in, std::string_view name)
{
    const auto found = std::find_if(in.endpoints.begin(), in.endpoints.end(), [name](const auto& one) {
        return one.name == name;
    });
    return found == in.endpoints.end() ? nullptr : &*found;
}

compared_figure figure(std::string name, std::string unit, double before, double after, bool less_is_better)
{
    compared_figure made{std::move(name), std::move(unit), before, after, 0};
    if (less_is_better && before != after)
        made.change = after < before ? 1 : -1;
    return made;
}

double ms(std::int64_t ns)
{
    return static_cast<double>(ns) / 1e6;
}

std::string what_differs(const methodology& before, const methodology& after)
{
    std::string names;
    const auto add = [&names](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
    for (const auto& [name, value] : before) {
        const auto other = after.find(name);
        if (other == after.end() || other->second != value)
            add(name);
    }
    for (const auto& [name, value] : after) {
        if (!before.contains(name))
            add(name);
    }
    return names;
}

}  // namespace

std::string methodology_hash(const methodology& method)
{
    boost::json::object object;
    for (const auto& [name, value] : method)
        object[name] = value;
    return sha256_hex(canonical_json(object));
}

measurement make_measurement(
    const replay_report& driven, const drive_result& result, std::span<const arrival> arrivals,
    const endpoint_namer& endpoint_of
)
{
    measurement made;
    made.planned = driven.planned;
    made.sent = driven.sent;
    made.answered = driven.answered;
    made.dropped = driven.dropped;
    made.latency = driven.latency;
    for (const send_record& record : result.records) {
        if (record.end != send_end::dropped)
            ++made.answers[class_of(record.status)];
    }
    made.calls = arrivals.size();
    for (const arrival& one : arrivals) {
        ++made.call_answers[class_of(one.status)];
        made.call_hits += one.label == mock_label::hit ? 1U : 0U;
        made.call_misses += one.label == mock_label::miss || one.label == mock_label::exhausted ? 1U : 0U;
    }
    const detect::burst_summary burst = summarise(arrivals);
    made.peak_in_flight = burst.peak_in_flight;
    made.max_arrivals_50ms = burst.max_arrivals_50ms;
    made.calls_per_request = made.sent == 0 ? 0 : static_cast<double>(made.calls) / static_cast<double>(made.sent);
    made.calls_of_one_request_max = most_calls_of_one_request(result, arrivals);
    made.endpoints = measure_endpoints(arrivals, endpoint_of);
    return made;
}

checked<measurement_comparison> compare_measurements(const measurement& before, const measurement& after)
{
    if (before.hash != after.hash)
        return refusal{
            errc::not_comparable, "The two were not measured alike (" + what_differs(before.method, after.method) +
                                      "); measure both with the same traffic, load and mock."
        };
    measurement_comparison made;
    made.hash = before.hash;
    const auto add = [&made](std::string name, const char* unit, double one, double other, bool less_is_better) {
        made.figures.push_back(figure(std::move(name), unit, one, other, less_is_better));
    };
    add("peak in flight", "", before.peak_in_flight, after.peak_in_flight, true);
    add("most arrivals in 50 ms", "", before.max_arrivals_50ms, after.max_arrivals_50ms, true);
    add("calls", "", static_cast<double>(before.calls), static_cast<double>(after.calls), false);
    add("calls per request", "", before.calls_per_request, after.calls_per_request, true);
    add("most calls of one request", "", before.calls_of_one_request_max, after.calls_of_one_request_max, true);
    add(
        "failing calls", "%", percent(failing_of(before.call_answers), before.calls),
        percent(failing_of(after.call_answers), after.calls), true
    );
    add("calls without a recording", "", static_cast<double>(before.call_misses),
        static_cast<double>(after.call_misses), true);
    add("requests answered", "", static_cast<double>(before.answered), static_cast<double>(after.answered), false);
    add(
        "failing requests", "%", percent(failing_of(before.answers), before.sent),
        percent(failing_of(after.answers), after.sent), true
    );
    add("latency p50", "ms", ms(before.latency.p50_ns), ms(after.latency.p50_ns), true);
    add("latency p95", "ms", ms(before.latency.p95_ns), ms(after.latency.p95_ns), true);
    add("latency p99", "ms", ms(before.latency.p99_ns), ms(after.latency.p99_ns), true);
    // The busiest endpoint of the first measurement, where the second has it as well.
    const auto* const busiest = before.endpoints.empty() ? nullptr : &before.endpoints.front();
    const auto* const later = busiest != nullptr ? find_endpoint(after, busiest->name) : nullptr;
    if (later != nullptr) {
        add("peak in flight, " + busiest->name, "", busiest->peak_in_flight, later->peak_in_flight, true);
        add(
            "most arrivals in 50 ms, " + busiest->name, "", busiest->max_arrivals_50ms, later->max_arrivals_50ms, true
        );
    }
    return made;
}

}  // namespace reprise::replay
