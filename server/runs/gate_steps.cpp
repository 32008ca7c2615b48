#include "approval_ends.hpp"
#include "fix_input.hpp"
#include "incident_moves.hpp"
#include "steps.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/id.hpp"
#include "reprise/forge/change_text.hpp"
#include "reprise/forge/released.hpp"
#include "reprise/lifecycle/protected_paths.hpp"
#include "reprise/lifecycle/risk.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/telemetry/curl.hpp"

#include <algorithm>

namespace reprise::runs {

namespace asio = boost::asio;
using model::incident_status;

namespace {

constexpr std::size_t runs_looked_at = 50;
constexpr std::string_view files_target = "file:tickets";

// The first request of the bundle that fails, as a command.
std::string reproducer(const archive::bundle& bundle, const std::string& target)
{
    for (const model::evidence_item& item : bundle.items) {
        const bool drives = item.role == model::evidence_role::failing || item.role == model::evidence_role::trigger;
        if (drives && item.exchange.direction == model::direction::in && item.exchange.complete)
            return telemetry::to_curl(item.exchange, target.empty() ? "http://localhost" : target);
    }
    return {};
}

asio::awaitable<std::string> load_reproducer(run_context& context)
{
    if (!context.evidence || context.evidence->expired_ns)
        co_return std::string();
    const auto bundle = co_await context.parts.evidence.read(*context.evidence);
    if (!bundle)
        co_return std::string();
    co_return reproducer(*bundle, context.service.replay_target);
}

// What earlier runs of this generation found and made.
struct earlier_work {
    std::optional<model::run> proof;           // The newest replay that came to a verdict.
    std::optional<store::publication> ticket;  // That exists.
};

result<earlier_work> load_earlier(const store::reader& from, const run_context& context)
{
    earlier_work found;
    store::run_filter filter;
    filter.incident_id = context.incident.id;
    filter.limit = runs_looked_at;
    auto runs = store::list_runs(from, filter);
    if (!runs)
        return runs.error();
    for (model::run& each : *runs) {
        const bool is_proof = each.generation == context.run.generation && each.verdict && !each.result.empty();
        if (is_proof && !found.proof)
            found.proof = std::move(each);
    }
    auto ticket = store::find_publication_by_key(
        from, forge::ticket_key(context.incident.id, context.incident.generation)
    );
    if (!ticket)
        return ticket.error();
    if (*ticket && (*ticket)->state == store::publication_state::published)
        found.ticket = std::move(**ticket);
    return found;
}

lifecycle::risk_assessment assess_ticket(const run_context& context)
{
    lifecycle::risk_input input;
    input.severity = context.incident.severity;
    input.action = lifecycle::gated_action::ticket;
    // "Publish anyway" means that no replay proved it.
    input.reproduced = context.run.verdict == model::verdict::reproduced;
    return lifecycle::assess_risk(input);
}

lifecycle::risk_assessment assess_change(
    const run_context& context, const fix_input& fix, const std::optional<model::run>& proof
)
{
    std::vector<std::string> touched;
    for (const forge::changed_file& file : fix.files) {
        if (const auto kind = lifecycle::find_protection(file.path))
            touched.push_back("Touches " + file.path + " (" + std::string(*kind) + ").");
    }
    lifecycle::risk_input input;
    input.severity = context.incident.severity;
    input.action = touched.empty() ? lifecycle::gated_action::pull_request
                                   : lifecycle::gated_action::protected_pull_request;
    input.reproduced = proof && proof->verdict == model::verdict::reproduced;
    auto risk = lifecycle::assess_risk(input);
    risk.reasons.insert(risk.reasons.end(), touched.begin(), touched.end());
    return risk;
}

forge::ticket_source source_of(
    const run_context& context, const std::string& curl, const std::string& result_json,
    const lifecycle::risk_assessment& risk
)
{
    forge::ticket_source source;
    source.incident = context.incident;
    source.signal = context.signal.value_or(model::signal());
    source.alarms = context.alarms;
    source.evidence = context.evidence;
    source.run_id = context.run.id;
    source.result_json = result_json;
    source.curl = curl;
    source.public_url = context.parts.policy.public_url;
    source.risk = risk.level;
    source.risk_reasons = risk.reasons;
    return source;
}

lifecycle::approval_request request_of(
    const run_context& context, const lifecycle::risk_assessment& risk, std::int64_t now_ns
)
{
    lifecycle::approval_request request;
    request.id = make_ulid(now_ns);
    request.run_id = context.run.id;
    request.incident_id = context.incident.id;
    request.risk = risk.level;
    request.risk_reasons = risk.reasons;
    request.requested_by = context.run.requested_by;
    request.generation = context.incident.generation;
    request.severity = context.incident.severity;
    request.evidence_sha256 = context.evidence ? context.evidence->sha256 : std::string();
    request.now_ns = now_ns;
    return request;
}

result<model::approval> ask_for_ticket(const run_context& context, const std::string& curl, std::int64_t now_ns)
{
    const auto risk = assess_ticket(context);
    const auto source = source_of(context, curl, context.run.result, risk);
    const auto draft = forge::draft_ticket(source);
    if (!draft)
        return draft.error();
    const std::string target = context.service.tracker.empty() ? std::string(files_target) : context.service.tracker;
    auto request = request_of(context, risk, now_ns);
    request.action = action_ticket;
    request.summary = "Write the ticket \"" + draft->title + "\" to " + target;
    request.content = forge::ticket_content(source, *draft, target);
    return lifecycle::open_approval(request, context.parts.policy.approval);
}

// What the person wrote, what changes, and what was measured; without room for all of it, the person's words.
result<std::string> change_body(
    const fix_input& fix, const forge::ticket_source& measured, const forge::change_draft& draft,
    const std::optional<store::publication>& ticket
)
{
    forge::change_source source;
    source.measured = measured;
    source.words = fix.body;
    source.base_branch = draft.base_branch;
    source.head_branch = draft.head_branch;
    source.files = draft.files;
    if (ticket)
        source.ticket_url = ticket->url;
    auto body = forge::draft_change_body(source);
    if (!body && body.error() == errc::too_large)
        return fix.body;
    return body;
}

result<model::approval> ask_for_change(
    const run_context& context, const std::string& curl, const earlier_work& earlier, std::int64_t now_ns
)
{
    const auto fix = parse_fix_input(context.run.input);
    if (!fix)
        return fix.error();
    if (context.service.repository.empty())
        return lifecycle::errc::no_repository;
    const auto risk = assess_change(context, *fix, earlier.proof);
    const auto source = source_of(context, curl, earlier.proof ? earlier.proof->result : std::string(), risk);
    forge::change_draft draft;
    draft.title = fix->title;
    draft.base_branch = fix->base_branch;
    draft.head_branch = context.parts.policy.branch_prefix +
                        forge::change_key(context.incident.id, context.incident.generation);
    draft.files = fix->files;
    auto body = change_body(*fix, source, draft, earlier.ticket);
    if (!body)
        return body.error();
    draft.body = std::move(*body);
    if (earlier.ticket && earlier.ticket->target != files_target) {
        draft.note_target = earlier.ticket->target;
        draft.note_parent = earlier.ticket->url;
    }
    auto request = request_of(context, risk, now_ns);
    request.action = action_pull_request;
    request.summary = "Open the draft pull request \"" + fix->title + "\" at " + context.service.repository + ", " +
                      std::to_string(fix->files.size()) + (fix->files.size() == 1 ? " file" : " files");
    request.content = forge::change_content(source, draft, context.service.repository);
    return lifecycle::open_approval(request, context.parts.policy.approval);
}

// The incident shows that people are waited for, in the statuses that can.
result<void> move_to_waiting(store::transaction& tx, run_context& context, const std::string& why, std::int64_t now_ns)
{
    const incident_status status = context.incident.status;
    const bool can_show = status == incident_status::reproduced || status == incident_status::fixing;
    if (!can_show || context.incident.phase == "awaiting_approval")
        return {};
    return move_to(tx, context, status, "awaiting_approval", "", why, now_ns);
}

}  // namespace

result<void> store_gate(
    store::transaction& tx, run_context& context, const model::approval& approval, std::int64_t now_ns
)
{
    if (auto inserted = store::insert_approval(tx, approval); !inserted)
        return inserted;
    context.run.risk = approval.risk;
    if (auto saved = store::save_run(tx, context.run, context.run.lease_epoch); !saved)
        return saved;
    const bool waits = approval.state == model::approval_state::pending;
    const std::string why = waits ? "risk " + std::string(model::to_text(approval.risk)) + ": waits for " +
                                        std::to_string(approval.approvals_needed) + " approval(s)"
                                  : "risk " + std::string(model::to_text(approval.risk)) + " passes by itself";
    if (auto logged = log_line(tx, context, why, now_ns); !logged)
        return logged;
    if (!waits)
        return {};
    if (auto moved = move_to_waiting(tx, context, why, now_ns); !moved)
        return moved;
    const notice told =
        notice_of(notice_kind::approval_opened, approval, context.incident, context.run.requested_by, now_ns);
    if (auto passed = tell(tx, context.parts.notices, told); !passed)
        return passed;
    auto waiting = lifecycle::wait_for_approval(context.run, context.run.lease_epoch, now_ns);
    if (!waiting)
        return waiting.error();
    if (auto saved = store::save_run(tx, *waiting, context.run.lease_epoch); !saved)
        return saved;
    context.run = std::move(*waiting);
    return {};
}

asio::awaitable<step_answer> open_gate(run_context& context)
{
    const std::string curl = co_await load_reproducer(context);
    auto load = [&context](const store::reader& from) { return load_earlier(from, context); };
    const auto earlier = co_await context.parts.database.read(std::move(load));
    if (!earlier)
        co_return step_failure("gate: " + earlier.error().message(), false);
    const std::int64_t now_ns = context.parts.time.now_ns();
    const bool is_change = context.run.kind == model::run_kind::fix;
    const auto approval =
        is_change ? ask_for_change(context, curl, *earlier, now_ns) : ask_for_ticket(context, curl, now_ns);
    if (!approval)
        co_return step_failure("what is to be published cannot be drafted: " + approval.error().message(), true);
    auto write = [&context, &approval, now_ns](store::transaction& tx) -> result<void> {
        if (auto begun = begin_step(tx, context, step_gate, now_ns); !begun)
            return begun;
        // The step ends first: a run that waits has no lease to write under.
        if (auto ended = end_step(tx, context, step_gate, "{}", now_ns); !ended)
            return ended;
        return store_gate(tx, context, *approval, now_ns);
    };
    const auto written = co_await context.parts.database.write(std::move(write));
    if (!written)
        co_return step_failure("gate: " + written.error().message(), false);
    if (approval->state == model::approval_state::pending)
        co_return step_end::finished;
    co_return step_end::next;
}

}  // namespace reprise::runs
