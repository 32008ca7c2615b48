#include "incident_moves.hpp"
#include "steps.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/forge/file_sink.hpp"
#include "reprise/forge/publisher.hpp"
#include "reprise/forge/ticket.hpp"
#include "reprise/lifecycle/risk.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/telemetry/curl.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace reprise::runs {

namespace asio = boost::asio;
using model::incident_status;

namespace {

constexpr std::int64_t effect_lease_ns = 10'000'000'000;  // A try at a local file takes far less.

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

lifecycle::risk_assessment assess(const run_context& context)
{
    lifecycle::risk_input input;
    input.severity = context.incident.severity;
    input.action = lifecycle::gated_action::ticket;
    // "Publish anyway" means that no replay proved it.
    input.reproduced = context.run.verdict == model::verdict::reproduced;
    return lifecycle::assess_risk(input);
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

result<model::approval> make_approval(run_context& context, const std::string& curl, std::int64_t now_ns)
{
    const auto risk = assess(context);
    forge::ticket_source source;
    source.incident = context.incident;
    source.signal = context.signal.value_or(model::signal());
    source.evidence = context.evidence;
    source.run_id = context.run.id;
    source.result_json = context.run.result;
    source.curl = curl;
    source.public_url = context.parts.policy.public_url;
    source.risk = risk.level;
    source.risk_reasons = risk.reasons;
    const auto draft = forge::draft_ticket(source);
    if (!draft)
        return draft.error();

    lifecycle::approval_request request;
    request.id = make_ulid(now_ns);
    request.run_id = context.run.id;
    request.incident_id = context.incident.id;
    request.action = "ticket";
    request.summary = "Write the ticket \"" + draft->title + "\" to tickets/" +
                      forge::ticket_key(context.incident.id, context.incident.generation) + ".md";
    request.content = forge::ticket_content(source, *draft, forge::file_sink::target);
    request.risk = risk.level;
    request.risk_reasons = risk.reasons;
    request.requested_by = context.run.requested_by;
    request.now_ns = now_ns;
    return lifecycle::open_approval(request, context.parts.policy.approval);
}

// Waits for people, or goes on at once when the risk passes by itself.
result<void> store_gate(
    store::transaction& tx, run_context& context, const model::approval& approval, std::int64_t now_ns
)
{
    if (auto begun = begin_step(tx, context, step_gate, now_ns); !begun)
        return begun;
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
    if (auto ended = end_step(tx, context, step_gate, "{}", now_ns); !ended)
        return ended;
    if (!waits)
        return {};
    if (context.incident.status == incident_status::reproduced) {
        auto moved = move_to(tx, context, incident_status::reproduced, "awaiting_approval", "", why, now_ns);
        if (!moved)
            return moved;
    }
    auto waiting = lifecycle::wait_for_approval(context.run, context.run.lease_epoch, now_ns);
    if (!waiting)
        return waiting.error();
    if (auto saved = store::save_run(tx, *waiting, context.run.lease_epoch); !saved)
        return saved;
    context.run = std::move(*waiting);
    return {};
}

// From the approval to the outbox: after this the effect will happen, once.
result<store::publication> release(store::transaction& tx, run_context& context, std::int64_t now_ns)
{
    const std::string key = forge::ticket_key(context.incident.id, context.incident.generation);
    auto known = store::find_publication_by_key(tx, key);
    if (!known)
        return known.error();
    if (*known)
        return std::move(**known);

    const auto approval = store::find_approval_by_run(tx, context.run.id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    auto executed = lifecycle::execute(**approval, (*approval)->content, now_ns);
    if (!executed)
        return executed.error();
    if (auto saved = store::save_approval(tx, *executed, (*approval)->version, now_ns); !saved)
        return saved.error();
    const auto ticket = forge::parse_ticket_content(executed->content);
    if (!ticket)
        return ticket.error();

    store::publication wanted;
    wanted.id = make_ulid(now_ns);
    wanted.idempotency_key = key;
    wanted.run_id = context.run.id;
    wanted.incident_id = context.incident.id;
    wanted.kind = "ticket";
    wanted.target = ticket->target;
    wanted.title = ticket->text.title;
    wanted.content = executed->content;
    wanted.due_ns = now_ns;
    wanted.created_ns = now_ns;
    if (auto begun = begin_step(tx, context, step_publish, now_ns); !begun)
        return begun.error();
    return store::insert_publication(tx, wanted);
}

result<void> store_published(
    store::transaction& tx, run_context& context, const store::publication& publication, const std::string& path,
    std::int64_t now_ns
)
{
    if (publication.state == store::publication_state::pending) {
        if (auto marked = store::mark_published(tx, publication.id, publication.attempts, path, now_ns); !marked)
            return marked;
    }
    boost::json::object detail;
    detail["path"] = path;
    detail["run"] = context.run.id;
    detail["content_hash"] = sha256_hex(publication.content);
    audited row;
    row.actor = context.actor();
    row.actor_type = "system";
    row.auth = "none";
    row.action = "publication.ticket";
    row.object = "publication/" + publication.id;
    row.detail = canonical_json(detail);
    if (auto audit = write_audit(tx, row, now_ns); !audit)
        return audit;
    lifecycle::incident_change change;
    change.to = incident_status::submitted;
    change.phase = "ticket_open";
    change.cause = lifecycle::change_cause::gate;
    change.actor = context.actor();
    change.why = "ticket written to " + path;
    change.now_ns = now_ns;
    auto moved = move_incident(tx, context.incident.id, change);
    if (!moved)
        return moved.error();
    context.incident = std::move(*moved);
    if (auto logged = log_line(tx, context, "ticket written to " + path, now_ns); !logged)
        return logged;
    if (auto ended = end_step(tx, context, step_publish, canonical_json(detail), now_ns); !ended)
        return ended;
    return finish_run(tx, context, now_ns);
}

result<void> store_failure(
    store::transaction& tx, const store::publication& publication, const error_code& error,
    const forge::outbox_policy& policy, std::int64_t now_ns
)
{
    const auto decision = forge::decide_next(publication.attempts, error, now_ns, policy);
    std::optional<std::int64_t> next;
    if (decision.state == forge::outbox_state::pending)
        next = decision.next_attempt_ns;
    return store::mark_failed(tx, publication.id, publication.attempts, error.message(), next, now_ns);
}

// Performs the effect of a claimed publication: looks, then creates.
asio::awaitable<result<forge::published_ticket>> perform(run_context& context, const store::publication& publication)
{
    auto write = [content = publication.content, data_dir = context.parts.policy.data_dir] {
        const auto ticket = forge::parse_ticket_content(content);
        if (!ticket)
            return result<forge::published_ticket>(ticket.error());
        return forge::file_sink(data_dir).publish(*ticket);
    };
    co_return co_await offload(context.parts.blocking_pool, std::move(write));
}

}  // namespace

asio::awaitable<step_answer> open_gate(run_context& context)
{
    const std::string curl = co_await load_reproducer(context);
    const std::int64_t now_ns = context.parts.time.now_ns();
    const auto approval = make_approval(context, curl, now_ns);
    if (!approval)
        co_return step_failure("the ticket cannot be drafted: " + approval.error().message(), true);
    auto write = [&context, &approval, now_ns](store::transaction& tx) {
        return store_gate(tx, context, *approval, now_ns);
    };
    const auto written = co_await context.parts.database.write(std::move(write));
    if (!written)
        co_return step_failure("gate: " + written.error().message(), false);
    if (approval->state == model::approval_state::pending)
        co_return step_end::finished;
    co_return step_end::next;
}

asio::awaitable<step_answer> publish_ticket(run_context& context)
{
    auto let_go = [&context](store::transaction& tx) { return release(tx, context, context.parts.time.now_ns()); };
    auto publication = co_await context.parts.database.write(std::move(let_go));
    if (!publication)
        co_return step_failure("publish: " + publication.error().message(), publication.error() != errc::unavailable);

    std::string path = publication->url;
    if (publication->state == store::publication_state::pending) {
        auto claim = [&context, id = publication->id](store::transaction& tx) {
            return store::claim_publication(tx, id, context.parts.time.now_ns(), effect_lease_ns);
        };
        auto claimed = co_await context.parts.database.write(std::move(claim));
        if (!claimed || !*claimed)
            co_return step_failure("the ticket is being written by an earlier attempt; looking again later", false);
        publication = std::move(**claimed);
        const auto written = co_await perform(context, *publication);
        if (!written) {
            const error_code error = written.error();
            auto note = [&context, &publication, error](store::transaction& tx) {
                return store_failure(tx, *publication, error, forge::outbox_policy(), context.parts.time.now_ns());
            };
            const auto noted = co_await context.parts.database.write(std::move(note));
            co_return step_failure(
                "the ticket cannot be written: " + error.message() + (noted ? "" : " (and that could not be noted)"),
                error == errc::invalid_argument || error == errc::conflict
            );
        }
        path = written->path;
    }
    auto finish = [&context, &publication, &path](store::transaction& tx) {
        return store_published(tx, context, *publication, path, context.parts.time.now_ns());
    };
    const auto finished = co_await context.parts.database.write(std::move(finish));
    if (!finished)
        co_return step_failure("publish: " + finished.error().message(), false);
    co_return step_end::finished;
}

}  // namespace reprise::runs
