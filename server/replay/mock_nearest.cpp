#include "mock_nearest.hpp"

#include "reprise/telemetry/drift.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

namespace reprise::replay {
namespace {

// How much a difference weighs: another path is further away than another number in the body.
constexpr std::uint64_t host_weight = 40;
constexpr std::uint64_t method_weight = 40;
constexpr std::uint64_t route_weight = 20;
constexpr std::uint64_t path_weight = 6;
constexpr std::uint64_t query_weight = 2;

using value_lists = std::map<std::string_view, std::vector<std::string_view>>;

value_lists by_name(const match_request& request)
{
    value_lists lists;
    for (const match_field& field : request.fields)
        lists[field.name].push_back(field.value);
    for (auto& [name, values] : lists)
        std::sort(values.begin(), values.end());
    return lists;
}

std::uint64_t weight_of(std::string_view name)
{
    if (name.starts_with("path/"))
        return path_weight;
    return name.starts_with("query.") ? query_weight : 1;
}

struct distance {
    std::uint64_t weight = 0;
    std::vector<std::string> fields;  // The first few.
    std::uint64_t count = 0;

    void add(std::string name, std::uint64_t by)
    {
        weight += by;
        if (++count <= differences_max)
            fields.push_back(std::move(name));
    }
};

distance measure(const match_request& request, const value_lists& own, const near_candidate& other, bool with_host)
{
    distance far;
    if (request.method != other.request->method)
        far.add("method", method_weight);
    if (with_host && request.host != other.request->host && !other.rules->is_always_ignored("host"))
        far.add("host", host_weight);
    if (request.route != other.request->route)
        far.weight += route_weight;
    const value_lists theirs = by_name(*other.request);
    const auto compare = [&](std::string_view name, const value_lists& with, const value_lists::mapped_type& values) {
        const auto found = with.find(name);
        if (found != with.end() && found->second == values)
            return;
        if (!other.rules->is_ignored(field_pattern(name)))
            far.add(std::string(name), weight_of(name));
    };
    for (const auto& [name, values] : own)
        compare(name, theirs, values);
    for (const auto& [name, values] : theirs) {
        if (!own.contains(name))
            compare(name, own, values);
    }
    return far;
}

// The value of "method", "host" or a field; nothing when there is none. Several are joined.
std::optional<std::string> find_value(const match_request& request, std::string_view name)
{
    if (name == "method")
        return request.method;
    if (name == "host")
        return request.host;
    std::optional<std::string> found;
    for (const match_field& field : request.fields) {
        if (field.name != name)
            continue;
        if (found)
            *found += ", ";
        found = found.value_or(std::string()) + field.value;
    }
    return found;
}

std::string fix_of(const mock_difference& difference)
{
    if (difference.field == "method")
        return "record this call";
    const std::string rule = "--ignore " + field_pattern(difference.field);
    if (!difference.cause.empty())
        return rule;
    if (difference.field.starts_with("path/") || difference.field == "host")
        return "record this call, or " + rule;
    if (difference.received_absent)
        return "the caller does not send it any more; if that is meant, " + rule;
    if (difference.recorded_absent)
        return "the caller did not send it then; if that is meant, " + rule;
    return "the caller sends another value than it did; if that is meant, " + rule;
}

}  // namespace

std::vector<near_recording> find_nearest(
    const match_request& request, std::span<const near_candidate> candidates, bool with_host
)
{
    struct scored {
        distance far;
        const near_candidate* what = nullptr;
    };
    const value_lists own = by_name(request);
    std::vector<scored> best;
    const auto less = [](const scored& a, const scored& b) {
        return std::tuple(a.far.weight, a.what->served, a.what->recording) <
               std::tuple(b.far.weight, b.what->served, b.what->recording);
    };
    for (const near_candidate& one : candidates.first(std::min(candidates.size(), nearest_candidates_max))) {
        scored fresh{measure(request, own, one, with_host), &one};
        best.insert(std::upper_bound(best.begin(), best.end(), fresh, less), std::move(fresh));
        if (best.size() > nearest_max)
            best.pop_back();
    }
    std::vector<near_recording> nearest;
    for (scored& one : best) {
        near_recording near;
        near.recording = one.what->recording;
        near.served = one.what->served;
        near.difference_count = one.far.count;
        for (std::string& field : one.far.fields) {
            mock_difference difference;
            difference.field = std::move(field);
            near.differences.push_back(std::move(difference));
        }
        nearest.push_back(std::move(near));
    }
    return nearest;
}

std::string shown(std::string_view value)
{
    std::string out(value.substr(0, shown_bytes_max));
    if (value.size() > shown_bytes_max) {
        // Not in the middle of a character.
        while (!out.empty() && (static_cast<unsigned char>(value[out.size()]) & 0xC0) == 0x80)
            out.pop_back();
        out += "... (" + std::to_string(value.size()) + " bytes)";
    }
    return out;
}

void explain(near_recording& near, const difference_sources& from)
{
    for (mock_difference& difference : near.differences) {
        const auto recorded = find_value(from.recorded, difference.field);
        const auto received = find_value(from.received, difference.field);
        difference.recorded_absent = !recorded;
        difference.received_absent = !received;
        if (recorded && received) {
            const auto form = telemetry::find_drift_cause(*recorded, *received, from.recorded_at_ns);
            difference.cause = telemetry::to_text(form);
        }
        // A name that redaction changed, too, has no value to show.
        difference.recorded = shown(find_value(from.recorded_shown, difference.field).value_or("<redacted>"));
        difference.received = shown(find_value(from.received_shown, difference.field).value_or("<redacted>"));
        if (difference.recorded_absent)
            difference.recorded.clear();
        if (difference.received_absent)
            difference.received.clear();
        difference.fix = fix_of(difference);
    }
}

bool is_ignorable(const near_recording& near)
{
    return !near.served && near.difference_count > 0 && near.difference_count == near.differences.size() &&
           std::all_of(near.differences.begin(), near.differences.end(), [](const mock_difference& one) {
               return !one.cause.empty();
           });
}

}  // namespace reprise::replay
