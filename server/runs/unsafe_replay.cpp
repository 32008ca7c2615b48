#include "unsafe_replay.hpp"

#include "approval_ends.hpp"
#include "incident_moves.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/risk.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace reprise::runs {

namespace asio = boost::asio;
namespace json = boost::json;
using model::approval_state;
using model::incident_status;

namespace {

constexpr std::size_t path_bytes_shown = 200;

std::uint64_t total_of(const std::vector<unsafe_call>& calls)
{
    std::uint64_t total = 0;
    for (const unsafe_call& one : calls)
        total += one.captured;
    return total;
}

std::string line_of(const unsafe_call& call)
{
    return call.method + " " + call.path + " (" + std::to_string(call.captured) + " captured)";
}

std::string targets_text(const run_context& context)
{
    const std::string& last_good = context.service.replay_last_good_target;
    return context.service.replay_target + (last_good.empty() ? "" : " and " + last_good);
}

// As people read it. The paths are captured text: the dashboard shows it as text.
std::string body_of(const run_context& context, const std::vector<unsafe_call>& calls)
{
    const auto& trial = context.parts.policy.trial;
    std::string body = "Replaying the evidence sends requests that may change data to " + targets_text(context) +
                       ": " + std::to_string(trial.trials) + " trials of " + std::to_string(trial.requests_per_arm) +
                       " failing and as many good requests each, after the requests they depend on.\n\n";
    for (std::size_t i = 0; i < std::min(calls.size(), unsafe_calls_shown_max); ++i)
        body += "- " + line_of(calls[i]) + "\n";
    if (calls.size() > unsafe_calls_shown_max)
        body += "- and " + std::to_string(calls.size() - unsafe_calls_shown_max) + " kinds more\n";
    return body;
}

std::string content_of(
    const run_context& context, const std::vector<unsafe_call>& calls, const lifecycle::risk_assessment& risk
)
{
    json::object content;
    content["action"] = action_unsafe_replay;
    content["target"] = context.service.replay_target;
    content["last_good_target"] = context.service.replay_last_good_target;
    content["title"] = "Replay " + std::to_string(total_of(calls)) + " captured requests that may change data";
    content["body"] = body_of(context, calls);
    json::array rows;
    for (const unsafe_call& one : calls)
        rows.push_back(json::object{{"method", one.method}, {"path", one.path}, {"captured", one.captured}});
    content["requests"] = std::move(rows);
    content["trials"] = context.parts.policy.trial.trials;
    content["requests_per_arm"] = context.parts.policy.trial.requests_per_arm;
    content["incident"] = context.incident.id;
    content["generation"] = context.incident.generation;
    content["run"] = context.run.id;
    content["risk"] = model::to_text(risk.level);
    content["risk_reasons"] = json::array(risk.reasons.begin(), risk.reasons.end());
    content["evidence"] = json::object{
        {"id", context.evidence->id}, {"sha256", context.evidence->sha256}, {"path", context.evidence->path}};
    return canonical_json(content);
}

lifecycle::risk_assessment assess(const run_context& context)
{
    lifecycle::risk_input input;
    input.severity = context.incident.severity;
    input.action = lifecycle::gated_action::unsafe_replay;
    return lifecycle::assess_risk(input);
}

result<step_end> ask(
    store::transaction& tx, run_context& context, const std::vector<unsafe_call>& calls, std::int64_t now_ns
)
{
    const auto risk = assess(context);
    lifecycle::approval_request request;
    request.id = make_ulid(now_ns);
    request.run_id = context.run.id;
    request.incident_id = context.incident.id;
    request.action = action_unsafe_replay;
    request.summary = "Send " + line_of(calls.front()) +
                      (calls.size() > 1 ? " and " + std::to_string(calls.size() - 1) + " kinds more" : "") + " to " +
                      targets_text(context);
    request.content = content_of(context, calls, risk);
    request.risk = risk.level;
    request.risk_reasons = risk.reasons;
    request.requested_by = context.run.requested_by;
    request.generation = context.incident.generation;
    request.severity = context.incident.severity;
    request.evidence_sha256 = context.evidence->sha256;
    request.now_ns = now_ns;
    const auto approval = lifecycle::open_approval(request, context.parts.policy.approval);
    if (auto begun = begin_step(tx, context, step_prepare, now_ns); !begun)
        return begun.error();
    if (context.incident.phase != "awaiting_approval") {
        const std::string why = "the replay would send requests that change data: people decide";
        auto moved = move_to(tx, context, incident_status::reproducing, "awaiting_approval", "", why, now_ns);
        if (!moved)
            return moved.error();
    }
    if (auto stored = store_gate(tx, context, approval, now_ns); !stored)
        return stored.error();
    return step_end::finished;
}

// Released in time, and still exactly this: from here on it will be sent.
result<step_end> use_release(
    store::transaction& tx, run_context& context, const std::vector<unsafe_call>& calls,
    const model::approval& approval, std::int64_t now_ns
)
{
    auto why = lifecycle::find_void_reason(approval, context.incident, context.evidence->sha256);
    if (!why && sha256_hex(content_of(context, calls, assess(context))) != approval.content_hash)
        why = "the target, the settings or the requests are not what was released";
    if (why) {
        if (const auto voided = store_voided(tx, approval, *why, now_ns); !voided)
            return voided.error();
        return ask(tx, context, calls, now_ns);
    }
    auto executed = lifecycle::execute(approval, approval.content, now_ns);
    if (!executed)
        return executed.error();
    if (auto saved = store::save_approval(tx, *executed, approval.version, now_ns); !saved)
        return saved.error();
    audited row;
    row.actor = context.actor();
    row.actor_type = "system";
    row.auth = "none";
    row.action = "replay.unsafe";
    row.object = "approval/" + approval.id;
    row.detail = canonical_json(json::object{{"content_hash", approval.content_hash}, {"run", context.run.id}});
    if (auto audit = write_audit(tx, row, now_ns); !audit)
        return audit.error();
    return step_end::next;
}

// Nobody sent it in time: the incident says so, the run ends.
result<step_end> end_lapsed(
    store::transaction& tx, run_context& context, const model::approval& approval, std::int64_t now_ns
)
{
    model::approval lapsed = approval;
    if (auto over = lifecycle::expire_if_due(approval, now_ns)) {
        lapsed = std::move(*over);
        if (auto saved = store::save_approval(tx, lapsed, approval.version, now_ns); !saved)
            return saved.error();
    }
    if (auto moved = settle_incident(tx, lapsed, "the clock", context.actor(), now_ns); !moved)
        return moved.error();
    if (auto ended = finish_run(tx, context, now_ns); !ended)
        return ended.error();
    return step_end::finished;
}

result<step_end> decide_gate(
    store::transaction& tx, run_context& context, const std::vector<unsafe_call>& calls, std::int64_t now_ns
)
{
    const auto found = store::find_run_approval(tx, context.run.id, action_unsafe_replay);
    if (!found)
        return found.error();
    if (!*found)
        return ask(tx, context, calls, now_ns);
    const model::approval& approval = **found;
    const bool is_over = approval.state == approval_state::approved && now_ns >= approval.expires_ns;
    if (approval.state == approval_state::lapsed || is_over)
        return end_lapsed(tx, context, approval, now_ns);
    if (approval.state == approval_state::approved)
        return use_release(tx, context, calls, approval, now_ns);
    // Further attempts of the same replay, within the time to carry it out.
    const bool is_same = sha256_hex(content_of(context, calls, assess(context))) == approval.content_hash;
    if (approval.state == approval_state::executed && is_same && now_ns < approval.expires_ns)
        return step_end::next;
    return ask(tx, context, calls, now_ns);
}

}  // namespace

std::vector<unsafe_call> list_unsafe_calls(const archive::bundle& bundle)
{
    std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
    for (const model::evidence_item& item : bundle.items) {
        const bool driven = item.role != model::evidence_role::context
                            && item.exchange.direction == model::direction::in && item.exchange.complete;
        if (!driven || !replay::is_unsafe_method(item.exchange.method))
            continue;
        const std::string& whole = item.exchange.path;
        ++counts[{item.exchange.method, whole.substr(0, std::min(whole.find('?'), path_bytes_shown))}];
    }
    std::vector<unsafe_call> calls;
    for (const auto& [call, captured] : counts)
        calls.push_back({call.first, call.second, captured});
    std::stable_sort(calls.begin(), calls.end(), [](const unsafe_call& a, const unsafe_call& b) {
        return a.captured > b.captured;
    });
    return calls;
}

asio::awaitable<step_answer> pass_unsafe_gate(run_context& context, const archive::bundle& bundle)
{
    const auto calls = list_unsafe_calls(bundle);
    if (calls.empty() || context.service.replay_unsafe_methods)
        co_return step_end::next;
    auto decide = [&context, &calls](store::transaction& tx) {
        return decide_gate(tx, context, calls, context.parts.time.now_ns());
    };
    const auto decided = co_await context.parts.database.write(std::move(decide));
    if (!decided)
        co_return step_failure("the gate before the replay: " + decided.error().message(), false);
    co_return *decided;
}

asio::awaitable<step_answer> repeat_unsafe_gate(run_context& context)
{
    const bool is_gone = !context.evidence || context.evidence->expired_ns;
    if (is_gone || context.service.replay_unsafe_methods)
        co_return step_end::next;
    const auto bundle = co_await context.parts.evidence.read(*context.evidence);
    if (!bundle)
        co_return step_failure("the evidence cannot be read now: " + bundle.error().message(), false);
    co_return co_await pass_unsafe_gate(context, *bundle);
}

asio::awaitable<result<bool>> is_unsafe_released(run_context& context)
{
    auto look = [&context](const store::reader& from) {
        return store::find_run_approval(from, context.run.id, action_unsafe_replay);
    };
    const auto found = co_await context.parts.database.read(std::move(look));
    if (!found)
        co_return result<bool>(boost::system::in_place_error, found.error());
    co_return *found && (*found)->state == approval_state::executed;
}

}  // namespace reprise::runs
