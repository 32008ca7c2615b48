#include "reprise/runs/dispatch.hpp"

#include "answer_redaction.hpp"
#include "incident_moves.hpp"
#include "replay_ports.hpp"
#include "run_queue.hpp"
#include "steps.hpp"
#include "unsafe_replay.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/log.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <mutex>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

constexpr std::size_t services_page = 500;
constexpr std::int64_t forgotten_after_leases = 4;  // Without a word from its worker.

bool is_object(std::string_view text)
{
    error_code ec;
    const boost::json::value parsed = boost::json::parse(text, ec);
    return !ec && parsed.is_object();
}

std::vector<replay::target> parse_targets(const std::vector<std::string>& texts)
{
    std::vector<replay::target> targets;
    for (const std::string& text : texts) {
        if (auto target = replay::parse_target(text))
            targets.push_back(std::move(*target));
    }
    return targets;
}

bool may_reach(const model::service& service, std::span<const replay::target> theirs)
{
    const bool reaches = replay::check_target(service.replay_target, theirs).has_value();
    return reaches && (service.replay_last_good_target.empty() ||
                       replay::check_target(service.replay_last_good_target, theirs).has_value());
}

// The run as it is, when it is leased under this epoch.
result<model::run> load_leased_run(const store::reader& from, const replay_lease& lease)
{
    auto run = load_run(from, lease.run_id);
    if (run && (run->state != model::run_state::leased || run->lease_epoch != lease.epoch))
        return errc::stale;
    return run;
}

result<void> release_run(store::transaction& tx, const replay_lease& lease, std::int64_t now_ns)
{
    const auto run = load_run(tx, lease.run_id);
    if (!run)
        return run.error();
    auto released = lifecycle::release(*run, lease.epoch, now_ns);
    if (!released)
        return released.error();
    return store::save_run(tx, *released, lease.epoch);
}

// What the queue needs of a run to end its lease.
model::run leased_run(const replay_lease& lease)
{
    model::run run;
    run.id = lease.run_id;
    run.lease_epoch = lease.epoch;
    return run;
}

replay_job job_of(const run_context& context, std::string bundle)
{
    const run_policy& policy = context.parts.policy;
    replay_job job;
    job.lease = {context.run.id, context.run.lease_epoch};
    job.lease_ns = policy.timing.lease_ns;
    job.heartbeat_ns = policy.timing.heartbeat_ns;
    job.attempt = context.run.attempt;
    job.service = context.incident.service;
    job.target = context.service.replay_target;
    job.last_good_target = context.service.replay_last_good_target;
    job.signal = *context.signal;
    job.bundle = std::move(bundle);
    job.bundle_sha256 = context.evidence->sha256;
    for (const replay::trial& done : list_trials_done(context))
        job.trials.push_back(replay::to_json(done));
    job.limits = policy.trial;
    return job;
}

}  // namespace

// What targets report is kept while a run is out. Safe from any thread.
class local_dispatch::ears {
public:
    explicit ears(pipeline::trial_sink& trials) : trials_(trials) {}

    // False when leases_max are out.
    bool hear(const std::string& run_id, std::int64_t now_ns, std::int64_t lease_ns)
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(out_, [&](const auto& one) { return one.second.until_ns < now_ns; });
        if (out_.size() >= leases_max && !out_.contains(run_id))
            return false;
        kept& one = out_[run_id];
        if (!one.listens)
            one.listens = std::make_unique<listening>(trials_, replay::replay_mark(run_id));
        one.until_ns = now_ns + forgotten_after_leases * lease_ns;
        return true;
    }

    void forget(const std::string& run_id)
    {
        const std::lock_guard lock(mutex_);
        out_.erase(run_id);
    }

private:
    struct kept {
        std::unique_ptr<listening> listens;
        std::int64_t until_ns = 0;
    };

    pipeline::trial_sink& trials_;
    std::mutex mutex_;
    std::map<std::string, kept> out_;
};

local_dispatch::local_dispatch(const worker_parts& parts)
    : parts_(parts),
      queue_(std::make_unique<run_queue>(parts.database, parts.time, parts.policy.timing, parts.notices)),
      ears_(std::make_unique<ears>(parts.trials)),
      claimed_(parts.numbers.add_counter("reprise_dispatch_jobs_total", "Replays handed to workers elsewhere.")),
      stale_(parts.numbers.add_counter(
          "reprise_dispatch_stale_total", "Calls of workers whose lease was not the current one any more."
      ))
{
}

local_dispatch::~local_dispatch() = default;

asio::awaitable<result<std::vector<std::string>>> local_dispatch::list_services(const worker_identity& who)
{
    const std::vector<replay::target> theirs = parse_targets(who.targets);
    auto list = [this, &theirs](const store::reader& from) -> result<std::vector<std::string>> {
        std::vector<std::string> names;
        std::string after;
        for (;;) {
            const auto page = store::list_services(from, after, services_page);
            if (!page)
                return page.error();
            for (const model::service& service : *page) {
                if (may_reach(service, theirs) && may_reach(service, parts_.policy.targets))
                    names.push_back(service.name);
            }
            if (page->size() < services_page)
                return names;
            after = page->back().name;
        }
    };
    co_return co_await parts_.database.read(std::move(list));
}

asio::awaitable<result<std::optional<replay_job>>> local_dispatch::claim(worker_identity who)
{
    if (who.name.empty() || who.name.size() > worker_name_bytes_max || who.targets.size() > worker_targets_max)
        co_return errc::invalid_argument;
    store::claim_filter filter;
    filter.kinds = {model::run_kind::reproduce};
    filter.of_replays = store::claim_filter::replays::only;
    auto services = co_await list_services(who);
    if (!services)
        co_return services.error();
    filter.services = std::move(*services);
    if (filter.services->empty())
        co_return std::optional<replay_job>();
    const std::int64_t lease_ns = parts_.policy.timing.lease_ns;
    auto run = co_await queue_->claim("worker:" + who.name, std::move(filter));
    if (!run)
        co_return run.error();
    if (!*run)
        co_return std::optional<replay_job>();
    const replay_lease lease{(*run)->id, (*run)->lease_epoch};
    if (!ears_->hear(lease.run_id, parts_.time.now_ns(), lease_ns)) {
        co_await give_back(lease);
        co_return std::optional<replay_job>();
    }
    auto job = co_await prepare(std::move(**run));
    if (!job || !*job)
        ears_->forget(lease.run_id);
    else
        claimed_.add();
    co_return job;
}

// The attempt ends here; the server decides about another one.
asio::awaitable<result<std::optional<replay_job>>> local_dispatch::give_up(
    replay_lease lease, bool permanent, std::string text
)
{
    const auto failed = co_await fail(std::move(lease), permanent, std::move(text));
    if (!failed)
        co_return failed.error();
    co_return std::optional<replay_job>();
}

// Empty when the run ended here, or goes on another time.
asio::awaitable<result<std::optional<replay_job>>> local_dispatch::prepare(model::run run)
{
    const std::optional<replay_job> nothing;
    const replay_lease lease{run.id, run.lease_epoch};
    if (run.attempt > run.attempts_max)
        co_return co_await give_up(lease, true, "its worker was lost in each of its attempts");
    run_context context(parts_);
    context.run = std::move(run);
    auto load = [&context](const store::reader& from) { return load_context(from, context); };
    const auto loaded = co_await parts_.database.read(std::move(load));
    if (!loaded)
        co_return loaded.error();
    if (const auto discard = lifecycle::find_discard_reason(context.incident, context.run)) {
        context.run.error = *discard;
        auto drop = [this, &context](store::transaction& tx) {
            return finish_run(tx, context, parts_.time.now_ns());
        };
        const auto dropped = co_await parts_.database.write(std::move(drop));
        if (!dropped)
            co_return dropped.error();
        co_return nothing;
    }
    step_answer prepared;
    if (context.has_done(step_prepare))
        prepared = co_await repeat_unsafe_gate(context);
    else
        prepared = co_await prepare_reproduce(context);
    if (prepared.failure)
        co_return co_await give_up(lease, prepared.failure->permanent, prepared.failure->text);
    if (prepared.end == step_end::finished)
        co_return nothing;
    const auto released = co_await is_unsafe_released(context);
    if (!released)
        co_return released.error();
    if (!find_targets(context) || !context.signal || !context.evidence)
        co_return co_await give_up(lease, true, "the evidence or the target of this run is gone");
    auto packed = co_await parts_.evidence.read_packed(*context.evidence);
    if (!packed)
        co_return co_await give_up(lease, false, "the evidence cannot be read: " + packed.error().message());
    auto job = job_of(context, std::move(*packed));
    job.sends_unsafe_setup = context.service.replay_unsafe_methods || *released;
    co_return std::optional(std::move(job));
}

asio::awaitable<result<void>> local_dispatch::beat(
    replay_lease lease, std::uint32_t requests_done, std::uint32_t requests_total
)
{
    model::run run = leased_run(lease);
    if (requests_total > 0)
        run.progress = static_cast<double>(std::min(requests_done, requests_total)) / requests_total;
    const auto kept = co_await queue_->beat(run);
    if (kept)
        ears_->hear(lease.run_id, parts_.time.now_ns(), parts_.policy.timing.lease_ns);
    else if (kept.error() == errc::stale)
        stale_.add();
    co_return kept;
}

asio::awaitable<result<void>> local_dispatch::store_trial(
    replay_lease lease, replay::trial measured, std::vector<replay::replayed_answers> answers
)
{
    const auto kept = co_await redact_answers_on(parts_.blocking_pool, std::move(answers), parts_.policy.redaction);
    auto write = [this, &lease, &measured, &kept](store::transaction& tx) -> result<void> {
        const auto run = load_leased_run(tx, lease);
        if (!run)
            return run.error();
        return store_measured_trial(tx, *run, measured, kept, parts_.time.now_ns());
    };
    const auto stored = co_await parts_.database.write(std::move(write));
    if (!stored && stored.error() == errc::stale)
        stale_.add();
    co_return stored;
}

asio::awaitable<result<std::vector<model::observation>>> local_dispatch::collect(
    replay_lease lease, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
)
{
    auto check = [&lease](const store::reader& from) { return load_leased_run(from, lease); };
    const auto run = co_await parts_.database.read(std::move(check));
    if (!run)
        co_return run.error();
    if (!ears_->hear(lease.run_id, parts_.time.now_ns(), parts_.policy.timing.lease_ns))
        co_return errc::unavailable;
    trace_collector traces(parts_.trials);
    const std::uint64_t mark = replay::replay_mark(lease.run_id);
    co_return co_await traces.collect(mark, std::move(wanted), std::min(limit, collect_max));
}

asio::awaitable<result<void>> local_dispatch::finish(replay_lease lease, finished_replay done)
{
    if (done.reason.empty() || done.reason.size() > reason_bytes_max || (!done.json.empty() && !is_object(done.json)))
        co_return errc::invalid_argument;
    auto write = [this, &lease, &done](store::transaction& tx) -> result<void> {
        auto run = load_leased_run(tx, lease);
        if (!run)
            return run.error();
        const std::int64_t now_ns = parts_.time.now_ns();
        run_context context(parts_);
        context.run = std::move(*run);
        if (auto loaded = load_context(tx, context); !loaded)
            return loaded;
        if (const auto discard = lifecycle::find_discard_reason(context.incident, context.run)) {
            context.run.error = *discard;
            return finish_run(tx, context, now_ns);
        }
        judged_verdict judged;
        judged.verdict = done.verdict;
        judged.reason = done.reason;
        judged.json = done.json;
        if (auto stored = store_verdict(tx, context, judged, now_ns); !stored)
            return stored;
        // The gate is the server's: any worker of its own goes on there at once.
        if (judged.verdict != model::verdict::reproduced)
            return {};
        return release_run(tx, lease, now_ns);
    };
    const auto finished = co_await parts_.database.write(std::move(write));
    if (finished || finished.error() == errc::stale)
        ears_->forget(lease.run_id);
    co_return finished;
}

asio::awaitable<result<void>> local_dispatch::fail(replay_lease lease, bool permanent, std::string text)
{
    log_warn("runs", "run " + lease.run_id + ": " + text);
    const auto kind = permanent ? lifecycle::failure_kind::permanent : lifecycle::failure_kind::transient;
    const model::run run = leased_run(lease);
    const auto failed = co_await queue_->fail(run, kind, std::move(text), 0);
    ears_->forget(lease.run_id);
    co_return failed ? result<void>() : result<void>(failed.error());
}

asio::awaitable<result<void>> local_dispatch::give_back(replay_lease lease)
{
    const model::run run = leased_run(lease);
    const auto given = co_await queue_->give_back(run);
    ears_->forget(lease.run_id);
    co_return given;
}

}  // namespace reprise::runs
