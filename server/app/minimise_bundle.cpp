#include "minimise_bundle.hpp"

#include "commands.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/fingerprint.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace reprise::app {
namespace {

std::vector<model::evidence_item> list_requests(const replay::reproducer& from, const scenario_origin& origin)
{
    std::vector<model::evidence_role> roles;
    for (const replay::scenario_request& one : from.what.requests)
        roles.insert(
            roles.end(), one.copies, one.watched ? model::evidence_role::failing : model::evidence_role::setup
        );
    std::vector<model::evidence_item> items;
    for (model::exchange& one : replay::to_exchanges(from.what, origin.captured)) {
        model::evidence_item item;
        item.role = roles[items.size()];
        if (item.role == model::evidence_role::setup)
            item.reason = "without it the failing requests do not show the problem";
        item.exchange = std::move(one);
        items.push_back(std::move(item));
    }
    return items;
}

// The calls under the requests that are left; all where no trace says which those are.
std::vector<model::exchange> calls_under(const replay::scenario& what, const scenario_origin& origin)
{
    std::set<std::pair<std::uint64_t, std::uint64_t>> traces;
    for (const replay::scenario_request& one : what.requests) {
        const model::trace_id trace = origin.captured[one.exchange].trace;
        if (trace)
            traces.emplace(trace.high, trace.low);
    }
    std::vector<model::exchange> calls;
    std::copy_if(origin.calls.begin(), origin.calls.end(), std::back_inserter(calls), [&](const auto& call) {
        return traces.empty() || traces.contains({call.trace.high, call.trace.low});
    });
    return calls;
}

// Of a capture that no signal was raised about: which service, request and condition.
std::string made_fingerprint(const replay::reproducer& from, const std::vector<model::evidence_item>& requests)
{
    const auto judged = std::find_if(requests.begin(), requests.end(), [](const model::evidence_item& one) {
        return one.role == model::evidence_role::failing;
    });
    const model::operation_key& operation = (judged == requests.end() ? requests.front() : *judged).exchange.operation;
    lifecycle::fingerprint_parts parts;
    parts.service = operation.service;
    parts.message = "reproducer:" + from.still.text;
    parts.route = operation.route;
    return lifecycle::fingerprint(parts);
}

archive::bundle_source describe(
    const replay::reproducer& from, const scenario_origin& origin, const std::vector<model::evidence_item>& requests
)
{
    archive::bundle_source made;
    const std::int64_t now_ns = system_clock().now_ns();
    if (origin.bundle) {
        made.evidence = origin.bundle->evidence;
        made.signal_json = origin.bundle->signal_json;
        made.redaction_version = origin.bundle->redaction_version;
    } else {
        made.evidence.service = requests.front().exchange.operation.service;
        made.evidence.fingerprint = made_fingerprint(from, requests);
        made.evidence.window_start_ns = requests.front().exchange.start_ns;
        made.signal_json = "{}";
        made.redaction_version = "none";
    }
    made.evidence.id = make_ulid(now_ns);
    made.evidence.created_ns = now_ns;
    made.evidence.cut = 0;
    made.producer = std::string("reprise ") + version_text;
    const archive::minimised_from& minimised = origin.minimised;
    made.selection = std::to_string(minimised.requests) + " of " + std::to_string(minimised.requests_before) +
                     " captured requests of " + minimised.name + ", which still show: " + minimised.still;
    made.minimised = minimised;
    return made;
}

replay::refusal refuse(std::string reason)
{
    return {replay::errc::not_exportable, std::move(reason)};
}

}  // namespace

replay::checked<std::string> pack_reproducer(const replay::reproducer& from, const scenario_origin& origin)
{
    std::vector<model::evidence_item> items = list_requests(from, origin);
    const std::size_t requests = items.size();
    if (requests == 0 || requests > bundle_requests_max)
        return refuse(
            "A bundle holds 1 to " + std::to_string(bundle_requests_max) + " requests, not " +
            std::to_string(requests) + "; export rrpair or a script instead."
        );
    archive::bundle_source source = describe(from, origin, items);
    for (model::exchange& call : calls_under(from.what, origin)) {
        model::evidence_item item;
        item.role = model::evidence_role::context;
        item.exchange = std::move(call);
        items.push_back(std::move(item));
    }
    source.items = items;
    archive::bundle_limits limits;
    limits.failing_max = limits.setup_max = bundle_requests_max;
    auto packed = archive::pack_bundle(source, limits);
    if (!packed)
        return refuse("It cannot be written as a bundle: " + packed.error().message() + ".");
    const auto read = archive::read_packed_bundle(packed->bytes, "the bundle");
    const auto is_request = [](const model::evidence_item& one) {
        return one.role != model::evidence_role::context;
    };
    const auto kept = read ? std::count_if(read->items.begin(), read->items.end(), is_request) : 0;
    if (static_cast<std::size_t>(kept) != requests)
        return refuse(
            "Only " + std::to_string(kept) + " of its " + std::to_string(requests) +
            " requests have room and a form in a bundle (4 MiB each, 64 MiB in all); export a script instead."
        );
    return std::move(packed->bytes);
}

}  // namespace reprise::app
