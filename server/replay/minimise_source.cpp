#include "reprise/replay/minimise.hpp"

#include "reprise/telemetry/value_flow.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>
#include <set>

namespace reprise::replay {
namespace {

using telemetry::value_flow;
using telemetry::value_flows;
using telemetry::value_part;
using telemetry::value_source;

// Whether some exchange holds the text anywhere a marker will be looked for.
bool occurs(std::string_view text, std::span<const model::exchange> exchanges)
{
    const auto has = [text](std::string_view in) { return in.find(text) != std::string_view::npos; };
    return std::any_of(exchanges.begin(), exchanges.end(), [&](const model::exchange& one) {
        const auto in_value = [&](const auto& header) { return has(header.second); };
        return has(one.path) || has(one.request_body) ||
               std::any_of(one.request_headers.begin(), one.request_headers.end(), in_value);
    });
}

// Digits, so that a marker may stand where a number stood.
std::string marker_of(std::size_t source, std::span<const model::exchange> exchanges)
{
    for (std::uint64_t salt = 90071;; ++salt) {
        std::array<char, 32> text{};
        std::snprintf(
            text.data(), text.size(), "%05llu%07llu99", static_cast<unsigned long long>(salt % 100'000),
            static_cast<unsigned long long>(source)
        );
        if (!occurs(text.data(), exchanges))
            return text.data();
    }
}

std::optional<answer_part> part_of(value_part part)
{
    switch (part) {
    case value_part::header: return answer_part::header;
    case value_part::cookie: return answer_part::cookie;
    case value_part::body: return answer_part::json;
    case value_part::text: return answer_part::text;
    case value_part::path:
    case value_part::query: break;
    }
    return std::nullopt;
}

// Nothing for what a reproducer does not carry on: what it would not read from the captured answer as it was.
std::optional<carried_value> make_value(
    const value_flows& flows, std::uint32_t source, std::string_view captured,
    std::span<const model::exchange> exchanges
)
{
    const value_source& from = flows.sources[source];
    const auto part = part_of(from.place.part);
    if (!part || captured.empty())
        return std::nullopt;
    carried_value made;
    made.from = from.exchange;
    made.part = *part;
    made.name = from.place.name;
    made.piece = from.place.piece;
    made.captured = captured;
    made.marker = marker_of(source, exchanges);
    const model::exchange& answered = exchanges[from.exchange];
    const auto said = find_carried(made, answered.response_headers, answered.response_body);
    if (!said || !telemetry::are_same_value(*said, captured))
        return std::nullopt;
    return made;
}

// A text whose piece of that number from the end is the marker.
std::string with_piece(const carried_value& value)
{
    if (!value.piece)
        return value.marker;
    std::string text = "/" + value.marker;
    for (std::uint32_t i = 0; i < *value.piece; ++i)
        text += "/x";
    return text;
}

void put_member(boost::json::object& into, std::string_view pointer, std::string_view text)
{
    boost::json::object* at = &into;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::string_view raw = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(raw.size());
        std::string step;
        for (std::size_t i = 0; i < raw.size(); ++i)
            step += raw[i] != '~' || i + 1 == raw.size() ? raw[i] : raw[++i] == '1' ? '/' : '~';
        boost::json::value& member = (*at)[step];
        if (pointer.empty())
            member = text;
        else if (!member.is_object())
            member.emplace_object();
        if (!pointer.empty())
            at = &member.get_object();
    }
}

// An answer that gives the markers where the captured one gave the values.
struct marker_answer {
    model::header_list headers;
    std::string body;
};

marker_answer answer_with(const std::vector<carried_value>& values, std::uint32_t exchange)
{
    marker_answer made;
    boost::json::object members;
    for (const carried_value& value : values) {
        if (value.from != exchange)
            continue;
        const std::string text = with_piece(value);
        switch (value.part) {
        case answer_part::header: made.headers.emplace_back(value.name, text); break;
        case answer_part::cookie: made.headers.emplace_back("Set-Cookie", value.name + "=" + text); break;
        case answer_part::json: put_member(members, value.name, text); break;
        case answer_part::text: made.body += value.name + text + "\"\n"; break;
        }
    }
    if (!members.empty()) {
        made.headers.emplace_back("Content-Type", "application/json");
        made.body = boost::json::serialize(members);
    }
    return made;
}

// Markers take the places of the captured values in the requests.
void put_markers(scenario& all, const value_flows& flows)
{
    telemetry::flow_values learned(flows);
    std::set<std::uint32_t> answering;
    for (const carried_value& value : all.values)
        answering.insert(value.from);
    for (const std::uint32_t exchange : answering) {
        const marker_answer answer = answer_with(all.values, exchange);
        const telemetry::answer_parts parts{200, answer.headers, answer.body};
        learned.learn(exchange, parts);
    }
    for (scenario_request& one : all.requests) {
        const telemetry::request_parts parts{one.path, one.headers, one.body};
        if (learned.takes(one.exchange))
            learned.rewrite(one.exchange, parts);
    }
    settle_values(all);
}

}  // namespace

minimise_source make_minimise_source(
    std::span<const model::exchange> exchanges, const std::vector<bool>& watched, std::optional<std::size_t> named,
    std::string still
)
{
    assert(watched.size() == exchanges.size());
    minimise_source made;
    made.all = make_scenario(exchanges);
    made.named = named;
    made.still = std::move(still);
    for (scenario_request& one : made.all.requests)
        one.watched = watched[one.exchange];
    const value_flows flows = telemetry::find_value_flows(exchanges);
    made.needs.resize(exchanges.size());
    std::set<std::uint32_t> known;
    for (const value_flow& flow : flows.flows) {
        made.needs[flow.exchange].push_back(flows.sources[flow.source].exchange);
        if (!known.insert(flow.source).second)
            continue;
        if (auto value = make_value(flows, flow.source, flow.captured, exchanges))
            made.all.values.push_back(std::move(*value));
    }
    put_markers(made.all, flows);
    return made;
}

}  // namespace reprise::replay
