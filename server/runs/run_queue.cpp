#include "run_queue.hpp"

#include "incident_moves.hpp"

#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

#include <algorithm>
#include <utility>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

// The run gave up, or its lease was lost for the last time: the incident says so in the same
// transaction.
result<void> store_dead_letter(
    store::transaction& tx, const model::run& run, std::int64_t now_ns, notice_sink* notices
)
{
    const auto incident = load_incident(tx, run.incident_id);
    if (!incident)
        return incident.error();
    if (auto told = tell(tx, notices, dead_letter_notice(run, *incident, now_ns)); !told)
        return told;
    const auto moved = lifecycle::dead_letter(*incident, run, now_ns);
    if (!moved)
        return {};
    auto changed = moved->incident;
    return store::save_incident(tx, changed, incident->version, moved->event);
}

}  // namespace

run_queue::run_queue(
    store::database& database, const clock& time, const lifecycle::run_timing& timing, notice_sink* notices
)
    : database_(database), time_(time), timing_(timing), notices_(notices)
{
}

asio::awaitable<result<std::optional<model::run>>> run_queue::claim(
    std::string owner, store::claim_filter filter
)
{
    auto take = [this, &owner, &filter](store::transaction& tx) {
        return store::claim_run(tx, owner, time_.now_ns(), timing_.lease_ns, filter);
    };
    co_return co_await database_.write(std::move(take));
}

asio::awaitable<result<void>> run_queue::beat(const model::run& run)
{
    auto prolong = [this, id = run.id, epoch = run.lease_epoch, progress = run.progress](store::transaction& tx) {
        return store::heartbeat_run(tx, id, epoch, time_.now_ns(), timing_.lease_ns, progress);
    };
    co_return co_await database_.write(std::move(prolong));
}

asio::awaitable<result<void>> run_queue::give_back(const model::run& run)
{
    auto release = [this, id = run.id, epoch = run.lease_epoch](store::transaction& tx) -> result<void> {
        const auto now = load_run(tx, id);
        if (!now)
            return now.error();
        auto released = lifecycle::release(*now, epoch, time_.now_ns());
        if (!released)
            return released.error();
        return store::save_run(tx, *released, epoch);
    };
    co_return co_await database_.write(std::move(release));
}

asio::awaitable<result<model::run>> run_queue::fail(
    const model::run& run, lifecycle::failure_kind kind, std::string what, std::int64_t not_before_ns
)
{
    auto note = [this, id = run.id, epoch = run.lease_epoch, kind, &what,
                 not_before_ns](store::transaction& tx) -> result<model::run> {
        const auto now = load_run(tx, id);
        if (!now)
            return now.error();
        auto failed = lifecycle::fail(*now, epoch, kind, what, time_.now_ns(), timing_);
        if (!failed)
            return failed;
        failed->not_before_ns = std::max(failed->not_before_ns, not_before_ns);
        if (auto saved = store::save_run(tx, *failed, epoch); !saved)
            return saved.error();
        if (failed->state == model::run_state::dead_letter) {
            if (auto told = store_dead_letter(tx, *failed, time_.now_ns(), notices_); !told)
                return told.error();
        }
        return failed;
    };
    co_return co_await database_.write(std::move(note));
}

}  // namespace reprise::runs
