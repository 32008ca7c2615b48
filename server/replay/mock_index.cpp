#include "mock_index.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <utility>

namespace reprise::replay {
namespace {

// A value is made before it is sent, and clocks differ.
constexpr std::int64_t capture_slack_ns = 5 * ns_per_s;

std::string bare_name(const match_request& request)
{
    return request.method + ' ' + request.route;
}

std::string full_name(const match_request& request)
{
    return request.method + ' ' + request.host + request.route;
}

telemetry::time_interval capture_of(const std::vector<recording>& recordings)
{
    telemetry::time_interval captured{INT64_MAX, INT64_MIN};
    for (const recording& one : recordings) {
        captured.first_ns = std::min(captured.first_ns, one.start_ns);
        captured.last_ns = std::max(captured.last_ns, one.start_ns + std::max<std::int64_t>(one.duration_ns, 0));
    }
    captured.first_ns -= capture_slack_ns;
    captured.last_ns += capture_slack_ns;
    return captured;
}

}  // namespace

mock_index::mock_index(std::vector<model::exchange> recorded, const mock_options& options) : options_(options)
{
    for (const std::string& field : options.ignore)
        default_rules_.add_always(field);
    recordings_.reserve(recorded.size());
    std::vector<recorded_call> calls;
    std::vector<net::raw_header> headers;
    for (model::exchange& one : recorded) {
        recording made;
        made.request = describe_request(parts_of(one, headers), options.match_headers);
        auto secrets = find_secrets(one, made.request, options);
        made.shown = std::move(secrets.shown);
        made.name = std::move(secrets.name);
        made.answer = render_recorded(one);
        made.start_ns = one.start_ns;
        made.duration_ns = one.duration_ns;
        add_endpoint_of(made);
        recorded_call call;
        call.secrets = std::move(secrets.fields);
        call.status = one.status;
        call.answer_hash = hash64(one.response_body, static_cast<std::uint64_t>(one.status));
        calls.push_back(std::move(call));
        recordings_.push_back(std::move(made));
        one = model::exchange();  // Its texts are where they are needed now.
    }
    for (std::size_t i = 0; i < calls.size(); ++i)
        calls[i].request = &recordings_[i].request;
    make_all_rules(calls);
    for (std::uint32_t number = 0; number < recordings_.size(); ++number)
        file(number);
}

void mock_index::add_endpoint_of(recording& made)
{
    const std::string name = full_name(made.request);
    const auto [found, is_new] = endpoint_of_name_.try_emplace(name, static_cast<std::uint32_t>(endpoints_.size()));
    if (is_new) {
        endpoints_.push_back({});
        endpoints_.back().name = made.shown.method + ' ' + made.shown.host + made.shown.route;
    }
    hosts_.insert(made.request.host);
    made.endpoint = found->second;
    endpoints_[made.endpoint].recordings.push_back(static_cast<std::uint32_t>(recordings_.size()));
}

void mock_index::make_all_rules(const std::vector<recorded_call>& calls)
{
    const auto captured = capture_of(recordings_);
    for (endpoint& place : endpoints_) {
        std::vector<recorded_call> own;
        for (const std::uint32_t number : place.recordings)
            own.push_back(calls[number]);
        place.rules = make_rules(own, place.name, options_, captured, told_);
        bare_rules_[bare_name(recordings_[place.recordings.front()].request)].add_all(place.rules);
    }
    for (const std::string& field : options_.ignore) {
        ignore_rule rule;
        rule.field = field;
        told_.push_back(std::move(rule));
    }
}

void mock_index::add_to_group(const match_key& key, std::uint32_t number)
{
    const auto [found, is_new] = group_of_key_.try_emplace(key, static_cast<std::uint32_t>(groups_.size()));
    if (is_new)
        groups_.emplace_back();
    groups_[found->second].push_back(number);
}

void mock_index::file(std::uint32_t number)
{
    const match_request& request = recordings_[number].request;
    const match_keys full = make_keys(request, endpoints_[recordings_[number].endpoint].rules, true);
    const match_keys bare = make_keys(request, bare_rules_.find(bare_name(request))->second, false);
    // With the host ignored both are the same.
    std::vector<match_key> keys;
    for (const match_key& key : {full.exact, full.relaxed, bare.exact, bare.relaxed}) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            keys.push_back(key);
    }
    for (const match_key& key : keys)
        add_to_group(key, number);
}

// A port that no recording names says nothing.
std::string mock_index::known_host(std::string host) const
{
    if (hosts_.contains(host))
        return host;
    const std::size_t colon = host.rfind(':');
    if (colon == std::string::npos || host.ends_with(']'))
        return host;
    std::string without_port = host.substr(0, colon);
    return hosts_.contains(without_port) ? without_port : host;
}

described_request mock_index::describe(const request_parts& parts, bool proxied) const
{
    described_request made;
    made.request = describe_request(parts, options_.match_headers);
    made.request.host = known_host(std::move(made.request.host));
    made.bare = !proxied && !hosts_.contains(made.request.host);
    made.rules = &default_rules_;
    if (made.bare) {
        const auto found = bare_rules_.find(bare_name(made.request));
        if (found != bare_rules_.end())
            made.rules = &found->second;
    } else if (const auto found = endpoint_of_name_.find(full_name(made.request)); found != endpoint_of_name_.end()) {
        made.place = &endpoints_[found->second];
        made.rules = &made.place->rules;
    }
    made.keys = make_keys(made.request, *made.rules, !made.bare);
    return made;
}

std::uint32_t mock_index::find_group(const match_key& key) const
{
    const auto found = group_of_key_.find(key);
    return found == group_of_key_.end() ? npos : found->second;
}

}  // namespace reprise::replay
