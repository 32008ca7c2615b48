#include "approval_ends.hpp"
#include "incident_moves.hpp"
#include "steps.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"
#include "reprise/forge/publisher.hpp"
#include "reprise/forge/released.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

// From the approval to what exists outside. The outbox row comes first, in the transaction that executes the
// approval; then the tracker looks and creates; then the row says what became of it, whoever still holds the run.
namespace reprise::runs {

namespace asio = boost::asio;
using model::approval_state;
using model::incident_status;

namespace {

// Longer than any tracker takes, so that two workers are never at one effect.
constexpr std::int64_t effect_lease_ns = 150'000'000'000;

enum class release_end : std::uint8_t {
    publish,    // It stands in the outbox.
    ask_again,  // Void: what it was asked on moved.
    ended,      // Nothing is released any more; the run has ended.
};

struct release_answer {
    release_end end = release_end::publish;
    std::optional<store::publication> publication;
};

store::publication wanted_row(const run_context& context, const forge::effect& effect, std::int64_t now_ns)
{
    store::publication wanted;
    wanted.id = make_ulid(now_ns);
    wanted.idempotency_key = effect.key;
    wanted.run_id = context.run.id;
    wanted.incident_id = context.incident.id;
    wanted.kind = forge::to_text(effect.kind);
    wanted.target = effect.target;
    wanted.title = effect.title;
    wanted.due_ns = now_ns;
    wanted.created_ns = now_ns;
    return wanted;
}

// One row per key, whatever became of earlier tries.
result<store::publication> put_in_outbox(store::transaction& tx, const store::publication& wanted)
{
    const auto known = store::find_publication_by_key(tx, wanted.idempotency_key);
    if (!known)
        return known.error();
    if (!*known)
        return store::insert_publication(tx, wanted);
    if ((*known)->state == store::publication_state::published)
        return std::move(**known);
    return store::revive_publication(tx, wanted);
}

result<release_answer> end_lapsed(
    store::transaction& tx, run_context& context, const model::approval& approval, std::int64_t now_ns
)
{
    model::approval lapsed = approval;
    if (auto over = lifecycle::expire_if_due(approval, now_ns)) {
        lapsed = std::move(*over);
        if (auto saved = store::save_approval(tx, lapsed, approval.version, now_ns); !saved)
            return saved.error();
    }
    auto moved = settle_incident(tx, lapsed, "the clock", context.actor(), now_ns);
    if (!moved)
        return moved.error();
    context.incident = std::move(*moved);
    const notice told = notice_of(notice_kind::approval_decided, lapsed, context.incident, "clock", now_ns);
    if (auto passed = tell(tx, context.parts.notices, told); !passed)
        return passed.error();
    if (auto ended = finish_run(tx, context, now_ns); !ended)
        return ended.error();
    return release_answer{release_end::ended, std::nullopt};
}

// The last look before the outside hears of it.
result<release_answer> execute_approval(
    store::transaction& tx, run_context& context, const model::approval& approval, std::int64_t now_ns
)
{
    const auto incident = load_incident(tx, context.incident.id);
    if (!incident)
        return incident.error();
    const std::string sha256 = context.evidence ? context.evidence->sha256 : std::string();
    if (const auto why = lifecycle::find_void_reason(approval, *incident, sha256)) {
        context.incident = *incident;
        if (const auto voided = store_voided(tx, approval, *why, now_ns); !voided)
            return voided.error();
        if (auto logged = log_line(tx, context, "the approval is void: " + *why + "; asking again", now_ns); !logged)
            return logged.error();
        return release_answer{release_end::ask_again, std::nullopt};
    }
    auto executed = lifecycle::execute(approval, approval.content, now_ns);
    if (!executed && executed.error() == lifecycle::errc::lapsed)
        return end_lapsed(tx, context, approval, now_ns);
    if (!executed)
        return executed.error();
    const auto effect = forge::parse_effect(approval.content);
    if (!effect)
        return effect.error();
    if (auto saved = store::save_approval(tx, *executed, approval.version, now_ns); !saved)
        return saved.error();
    if (auto begun = begin_step(tx, context, step_publish, now_ns); !begun)
        return begun.error();
    auto wanted = wanted_row(context, *effect, now_ns);
    wanted.content = approval.content;
    auto row = put_in_outbox(tx, wanted);
    if (!row)
        return row.error();
    return release_answer{release_end::publish, std::move(*row)};
}

// From the approval to the outbox: after this the effect will happen, once.
result<release_answer> release(store::transaction& tx, run_context& context, std::int64_t now_ns)
{
    const bool is_change = context.run.kind == model::run_kind::fix;
    const auto approval =
        store::find_run_approval(tx, context.run.id, is_change ? action_pull_request : action_ticket);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    switch ((*approval)->state) {
    case approval_state::approved: return execute_approval(tx, context, **approval, now_ns);
    case approval_state::voided: return release_answer{release_end::ask_again, std::nullopt};
    case approval_state::lapsed: return end_lapsed(tx, context, **approval, now_ns);
    case approval_state::executed: break;
    default: return lifecycle::errc::already_decided;
    }
    const auto effect = forge::parse_effect((*approval)->content);
    if (!effect)
        return effect.error();
    auto row = store::find_publication_by_key(tx, effect->key);
    if (!row)
        return row.error();
    if (!*row)
        return errc::not_found;
    return release_answer{release_end::publish, std::move(*row)};
}

result<void> store_published(
    store::transaction& tx, run_context& context, store::publication& row, const forge::published_effect& made,
    std::int64_t now_ns
)
{
    if (auto marked = store::mark_published(tx, row.id, row.attempts, made.url, now_ns); !marked)
        return marked;
    row.state = store::publication_state::published;
    row.url = made.url;
    row.error.clear();
    boost::json::object detail;
    detail["url"] = made.url;
    detail["target"] = row.target;
    detail["run"] = context.run.id;
    detail["adopted"] = made.adopted;
    detail["same_content"] = made.same_content;
    audited audit;
    audit.actor = context.actor();
    audit.actor_type = "system";
    audit.auth = "none";
    audit.action = "publication." + row.kind;
    audit.object = "publication/" + row.id;
    audit.detail = canonical_json(detail);
    if (auto written = write_audit(tx, audit, now_ns); !written)
        return written;
    return tell(
        tx, context.parts.notices, notice_of(notice_kind::publication_done, row, context.incident, now_ns)
    );
}

// What the row becomes after a failure, and when there is another try.
struct retry_plan {
    store::publication_state state = store::publication_state::failed;
    std::optional<std::int64_t> next_ns;
};

retry_plan plan_retry(const run_context& context, const forge::effect_failure& failure, std::int64_t now_ns)
{
    using kind = decltype(failure.kind);
    const bool is_unknown = failure.kind == kind::unknown;
    retry_plan plan;
    plan.state = is_unknown ? store::publication_state::outcome_unknown : store::publication_state::failed;
    if (failure.kind == kind::refused)
        return plan;
    forge::outbox_policy policy;
    policy.attempts_max = context.run.attempts_max;
    const auto decision = forge::decide_next(context.run.attempt, errc::unavailable, now_ns, policy);
    if (decision.state != forge::outbox_state::pending)
        return plan;
    if (!is_unknown)
        plan.state = store::publication_state::pending;
    plan.next_ns = decision.next_attempt_ns;
    if (failure.retry_after) {
        const std::int64_t wait_ns = std::chrono::nanoseconds(*failure.retry_after).count();
        plan.next_ns = std::max(*plan.next_ns, now_ns + wait_ns);
    }
    return plan;
}

result<void> store_failure(
    store::transaction& tx, run_context& context, store::publication& row, const forge::effect_failure& failure,
    const retry_plan& plan, std::int64_t now_ns
)
{
    row.error = failure.text;
    row.state = plan.state;
    auto marked = plan.state == store::publication_state::outcome_unknown
                      ? store::mark_unknown(tx, row.id, row.attempts, failure.text, plan.next_ns, now_ns)
                      : store::mark_failed(tx, row.id, row.attempts, failure.text, plan.next_ns, now_ns);
    if (!marked)
        return marked;
    if (plan.next_ns)
        return {};
    return tell(
        tx, context.parts.notices, notice_of(notice_kind::publication_failed, row, context.incident, now_ns)
    );
}

// What became of one row: published, given up (`given_up`), or another try later (the failure of the step).
struct effect_end {
    store::publication row;
    bool given_up = false;
    std::optional<step_failure> failure;

    explicit effect_end(store::publication row_) : row(std::move(row_)) {}
};

asio::awaitable<effect_end> perform(run_context& context, store::publication row, forge::effect effect)
{
    effect_end end(std::move(row));
    if (end.row.state == store::publication_state::published)
        co_return end;
    // Unclear, and looked for often enough.
    if (end.row.due_ns == store::publication_never_ns) {
        end.given_up = true;
        co_return end;
    }
    const std::int64_t due_ns = end.row.due_ns;
    auto claim = [&context, id = end.row.id](store::transaction& tx) {
        return store::claim_publication(tx, id, context.parts.time.now_ns(), effect_lease_ns);
    };
    auto claimed = co_await context.parts.database.write(std::move(claim));
    if (!claimed || !*claimed) {
        end.failure = step_failure("an earlier attempt is at it; looking again later", false);
        end.failure->not_before_ns = due_ns;
        co_return end;
    }
    end.row = std::move(**claimed);
    const auto made = co_await context.parts.trackers.publish(std::move(effect));
    if (made) {
        auto note = [&context, &end, &made](store::transaction& tx) {
            return store_published(tx, context, end.row, *made, context.parts.time.now_ns());
        };
        const auto noted = co_await context.parts.database.write(std::move(note));
        if (!noted)
            end.failure = step_failure("published, but that could not be noted: " + noted.error().message(), false);
        co_return end;
    }
    const forge::effect_failure failure = made.error();
    const retry_plan plan = plan_retry(context, failure, context.parts.time.now_ns());
    auto note = [&context, &end, &failure, &plan](store::transaction& tx) {
        return store_failure(tx, context, end.row, failure, plan, context.parts.time.now_ns());
    };
    const auto noted = co_await context.parts.database.write(std::move(note));
    log_warn("publish", end.row.kind + " at " + end.row.target + ": " + failure.text);
    end.given_up = !plan.next_ns;
    if (!noted || plan.next_ns) {
        end.failure = step_failure(failure.text + (noted ? "" : " (and that could not be noted)"), false);
        end.failure->not_before_ns = plan.next_ns.value_or(0);
    }
    co_return end;
}

// The incident and the run after everything is there.
result<void> finish_published(
    store::transaction& tx, run_context& context, const store::publication& row, std::int64_t now_ns
)
{
    const bool is_change = row.kind == action_pull_request;
    lifecycle::incident_change change;
    change.to = incident_status::submitted;
    change.phase = is_change ? "pr_open" : "ticket_open";
    change.cause = lifecycle::change_cause::gate;
    change.actor = context.actor();
    change.why = (is_change ? "pull request opened: " : "ticket written to ") + row.url;
    change.now_ns = now_ns;
    auto moved = move_incident(tx, context.incident.id, change);
    if (!moved)
        return moved.error();
    context.incident = std::move(*moved);
    if (auto logged = log_line(tx, context, change.why, now_ns); !logged)
        return logged;
    boost::json::object output;
    output["publication"] = row.id;
    output["url"] = row.url;
    if (auto ended = end_step(tx, context, step_publish, canonical_json(output), now_ns); !ended)
        return ended;
    return finish_run(tx, context, now_ns);
}

// A person must act: the incident says why, the run has nothing more to do.
result<void> finish_given_up(
    store::transaction& tx, run_context& context, const store::publication& row, std::int64_t now_ns
)
{
    const std::string why = row.kind + " at " + row.target + ": " + row.error;
    const bool says_so = context.incident.status == incident_status::needs_human
                         && context.incident.reason == "publish_failed";
    if (!says_so) {
        if (auto moved = move_to(tx, context, incident_status::needs_human, "", "publish_failed", why, now_ns); !moved)
            return moved;
    }
    if (auto logged = log_line(tx, context, why, now_ns); !logged)
        return logged;
    if (auto ended = end_step(tx, context, step_publish, R"({"published":false})", now_ns); !ended)
        return ended;
    context.run.error = why.substr(0, lifecycle::run_error_bytes_max);
    return finish_run(tx, context, now_ns);
}

// The ticket learns of the pull request. What cannot be noted there is logged and holds nothing up.
asio::awaitable<std::optional<step_failure>> publish_note(run_context& context, const store::publication& change)
{
    auto note = forge::parse_note(change.content, change.url);
    if (!note || !*note)
        co_return std::nullopt;
    auto wanted = wanted_row(context, **note, context.parts.time.now_ns());
    wanted.title = "Note on " + (*note)->parent;
    wanted.content = change.content;
    auto put = [&wanted](store::transaction& tx) -> result<store::publication> {
        auto known = store::find_publication_by_key(tx, wanted.idempotency_key);
        if (!known)
            return known.error();
        return *known ? result<store::publication>(std::move(**known)) : store::insert_publication(tx, wanted);
    };
    auto row = co_await context.parts.database.write(std::move(put));
    if (!row)
        co_return step_failure("publish: " + row.error().message(), false);
    if (row->state == store::publication_state::failed)
        co_return std::nullopt;
    const effect_end end = co_await perform(context, std::move(*row), std::move(**note));
    co_return end.failure;
}

}  // namespace

asio::awaitable<step_answer> publish_released(run_context& context)
{
    auto let_go = [&context](store::transaction& tx) { return release(tx, context, context.parts.time.now_ns()); };
    auto released = co_await context.parts.database.write(std::move(let_go));
    if (!released)
        co_return step_failure("publish: " + released.error().message(), released.error() != errc::unavailable);
    if (released->end == release_end::ended)
        co_return step_end::finished;
    if (released->end == release_end::ask_again) {
        const step_answer asked = co_await open_gate(context);
        if (asked.failure || asked.end == step_end::finished)
            co_return asked;
        // It passes by itself now; the next release finds that approval.
        co_return co_await publish_released(context);
    }
    if (released->publication->state == store::publication_state::failed)
        co_return step_failure("publish: given up before: " + released->publication->error, true);
    auto effect = forge::parse_effect(released->publication->content);
    if (!effect)
        co_return step_failure("publish: " + effect.error().message(), true);

    const effect_end end = co_await perform(context, std::move(*released->publication), std::move(*effect));
    if (end.failure)
        co_return *end.failure;
    if (!end.given_up) {
        const auto held_up = co_await publish_note(context, end.row);
        if (held_up)
            co_return *held_up;
    }
    auto finish = [&context, &end](store::transaction& tx) {
        const std::int64_t now_ns = context.parts.time.now_ns();
        return end.given_up ? finish_given_up(tx, context, end.row, now_ns)
                            : finish_published(tx, context, end.row, now_ns);
    };
    const auto finished = co_await context.parts.database.write(std::move(finish));
    if (!finished)
        co_return step_failure("publish: " + finished.error().message(), false);
    co_return step_end::finished;
}

}  // namespace reprise::runs
