#include "hook_upkeep.hpp"

#include "reprise/base/log.hpp"

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace reprise::ingest {
namespace {

constexpr std::int64_t every_ns = 60 * ns_per_s;
constexpr std::uint64_t rows_at_once = 1'000;
constexpr std::size_t rounds_max = 30;

// True when there is more to forget.
result<bool> tidy_up(store::transaction& tx, std::int64_t now_ns, std::uint64_t surplus_bytes)
{
    using store::hook_state;
    const auto error_of = [](error_code error) { return result<bool>(boost::system::in_place_error, error); };
    const std::int64_t failed_before_ns = now_ns - hook_keep_failed_ns;
    const auto done = store::prune_hooks(tx, hook_state::done, now_ns - hook_keep_ns, rows_at_once);
    if (!done)
        return error_of(done.error());
    const auto failed = store::prune_hooks(tx, hook_state::failed, failed_before_ns, rows_at_once);
    if (!failed)
        return error_of(failed.error());
    const auto events = store::prune_hook_events(tx, failed_before_ns, rows_at_once);
    if (!events)
        return error_of(events.error());
    const auto bodies = store::drop_hook_bodies(tx, surplus_bytes, rows_at_once);
    if (!bodies)
        return error_of(bodies.error());
    return std::max({*done, *failed, *events, *bodies}) == rows_at_once;
}

}  // namespace

asio::awaitable<void> hook_upkeep::run_when_due()
{
    const std::int64_t now_ns = all_.parts.time.now_ns();
    if (done_ns_ != 0 && now_ns < done_ns_ + every_ns && now_ns >= done_ns_)
        co_return;
    done_ns_ = now_ns;
    co_await all_.refusals.write_suppressed();
    bool more = true;
    for (std::size_t round = 0; more && round < rounds_max; ++round) {
        auto sum = [](const store::reader& from) { return store::sum_hooks(from); };
        const auto totals = co_await all_.parts.store.read(std::move(sum));
        if (!totals)
            co_return;
        all_.box.set_waiting(totals->waiting);
        all_.bodies_bytes.set(static_cast<std::int64_t>(totals->done_body_bytes));
        all_.failed_kept.set(static_cast<std::int64_t>(totals->failed));
        const std::uint64_t kept = std::min(totals->done_body_bytes, hook_bodies_bytes_max);
        const std::uint64_t surplus = totals->done_body_bytes - kept;
        auto change = [now_ns, surplus](store::transaction& tx) { return tidy_up(tx, now_ns, surplus); };
        const auto done = co_await all_.parts.store.write(std::move(change));
        if (!done)
            log_warn("hooks", "old deliveries cannot be forgotten: " + done.error().message());
        more = done && *done;
    }
}

}  // namespace reprise::ingest
