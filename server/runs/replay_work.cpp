#include "replay_work.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/replay/target_sender.hpp"

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

constexpr std::size_t nonce_bytes = 16;

bool is_unsafe_setup(const model::evidence_item& item)
{
    return item.role == model::evidence_role::setup && replay::is_unsafe_method(item.exchange.method);
}

std::uint64_t fresh_nonce()
{
    return hash64(random_bytes(nonce_bytes));
}

}  // namespace

asio::awaitable<result<judged_replay>> run_replay_work(replay_work work, replay_means means)
{
    for (model::evidence_item& item : work.items) {
        if (!work.sends_unsafe_setup && is_unsafe_setup(item))
            item.role = model::evidence_role::context;  // Stays in its place: answers are told by it.
    }
    auto plan = replay::make_plan(
        work.signal, work.items, work.evidence_sha256, work.run_id, work.target.text(), fresh_nonce(), work.limits
    );
    judged_replay done;
    if (!plan) {
        done.judged.reason_code = "nothing_to_replay";
        done.judged.reason = plan.error().reason;
        co_return done;
    }
    replay::target_sender sender(means.http, means.time, work.target);
    std::optional<replay::target_sender> last_good;
    if (work.last_good) {
        plan->last_good_target = work.last_good->text();
        last_good.emplace(means.http, means.time, *work.last_good);
    }
    replay::http_port* const other = last_good ? &*last_good : nullptr;
    auto ran = co_await replay::run_reproduce(
        *plan, std::move(work.trials), sender, means.traces, means.progress, means.time, other
    );
    if (!ran)
        co_return ran.error();
    done.judged = std::move(*ran);
    done.json = replay::to_json(*plan, done.judged);
    co_return done;
}

}  // namespace reprise::runs
