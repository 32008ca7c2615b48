#include "reprise/runs/deliverer.hpp"

#include "delivery_lanes.hpp"
#include "delivery_report.hpp"
#include "incident_moves.hpp"
#include "slack_notices.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/log.hpp"
#include "reprise/forge/sealed_secrets.hpp"
#include "reprise/forge/webhook_sender.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

constexpr const char* where = "deliveries";
constexpr std::size_t polls_per_show = 20;
constexpr std::size_t polls_per_prune = 2'400;  // Ten minutes of them.
constexpr std::array<std::string_view, 4> endings = {"delivered", "retried", "given_up", "put_off"};

std::array<counter*, 4> result_counters(metrics& numbers, store::endpoint_kind kind)
{
    std::array<counter*, 4> counters{};
    for (std::size_t i = 0; i < endings.size(); ++i) {
        const std::string labels =
            "target=\"" + std::string(store::to_text(kind)) + "\",result=\"" + std::string(endings[i]) + "\"";
        counters[i] = &numbers.add_counter("reprise_deliveries_total", "Attempts to tell somebody outside.", labels);
    }
    return counters;
}

lane_pace pace_of(const delivery_policy& policy, store::endpoint_kind kind)
{
    if (kind == store::endpoint_kind::slack)
        return {1, policy.slack_pause.count() * ns_per_ms, 1};
    const std::uint32_t per_s = std::max(policy.endpoint_per_s, 1U);
    return {policy.endpoint_at_once_max, ns_per_s / per_s, per_s};
}

// Gives the place back however the attempt ends.
class place {
public:
    place(std::shared_ptr<delivery_lanes> lanes, std::string endpoint_id)
        : lanes_(std::move(lanes)), endpoint_id_(std::move(endpoint_id))
    {
    }
    ~place() { lanes_->end(endpoint_id_); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

private:
    std::shared_ptr<delivery_lanes> lanes_;
    std::string endpoint_id_;
};

bool is_busy(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

delivery_report report_of(forge::webhook_outcome outcome)
{
    delivery_report came;
    came.delivered = outcome.delivered;
    came.gone = outcome.gone;
    came.busy = is_busy(outcome.status);
    came.status = outcome.status;
    came.error = std::move(outcome.error);
    came.snippet = std::move(outcome.snippet);
    came.asked_for = outcome.asked_for;
    return came;
}

result<void> switch_off(
    store::transaction& tx, const store::notice_endpoint& to, const std::string& reason, std::int64_t now_ns
)
{
    if (auto off = store::disable_endpoint(tx, to.id, reason, now_ns); !off)
        return off;
    boost::json::object detail;
    detail["reason"] = reason;
    detail["url"] = to.url;
    audited row;
    row.actor = where;
    row.actor_type = "system";
    row.auth = "none";
    row.action = "webhook.disable";
    row.object = "webhook/" + to.id;
    row.detail = canonical_json(detail);
    return write_audit(tx, row, now_ns);
}

// Why this endpoint gets nothing more, if so.
std::optional<std::string> find_reason_to_stop(
    const store::notice_endpoint& to, const delivery_report& came, std::int64_t failing_since_ns,
    std::int64_t now_ns, const delivery_policy& policy
)
{
    // Slack is the configuration's, which a person changes.
    if (to.kind != store::endpoint_kind::webhook)
        return std::nullopt;
    if (came.gone)
        return came.error;
    if (now_ns - failing_since_ns < policy.disable_after_ns)
        return std::nullopt;
    constexpr std::int64_t day_ns = 24LL * 3600 * ns_per_s;
    return "nothing but failures for " + std::to_string((now_ns - failing_since_ns) / day_ns) + " days; the last: " +
           came.error;
}

result<void> store_end(
    store::transaction& tx, const store::delivery& one, const store::notice_endpoint& to,
    const delivery_report& came, const store::delivery_end& end, const delivery_policy& policy, std::int64_t now_ns
)
{
    if (auto ended = store::end_attempt(tx, one.id, one.attempts, end, now_ns); !ended)
        return ended;
    if (came.delivered)
        return store::note_endpoint_success(tx, to.id);
    if (came.put_off)
        return {};
    const std::string error = came.error.substr(0, store::delivery_text_bytes_max);
    const auto since_ns = store::note_endpoint_failure(tx, to.id, error, now_ns);
    if (!since_ns)
        return since_ns.error();
    const auto reason = find_reason_to_stop(to, came, *since_ns, now_ns, policy);
    return reason ? switch_off(tx, to, *reason, now_ns) : result<void>();
}

}  // namespace

deliverer::deliverer(const deliverer_parts& parts, delivery_policy policy)
    : parts_(parts), policy_(std::move(policy)), lanes_(std::make_shared<delivery_lanes>(policy_.at_once_max)),
      results_{result_counters(parts.numbers, store::endpoint_kind::webhook),
               result_counters(parts.numbers, store::endpoint_kind::slack)},
      waiting_(parts.numbers.add_gauge("reprise_deliveries_waiting", "Notices that wait to be sent.")),
      oldest_s_(parts.numbers.add_gauge("reprise_deliveries_oldest_age_seconds", "Age of the oldest of them.")),
      disabled_(parts.numbers.add_gauge("reprise_webhooks_disabled", "Webhooks that get nothing.")),
      dropped_(parts.numbers.add_gauge("reprise_deliveries_dropped", "Notices given up because too many waited."))
{
    if (parts.slack != nullptr)
        slack_ = std::make_unique<slack_notices>(parts.database, *parts.slack, parts.time, policy_.public_url);
}

deliverer::~deliverer() = default;

asio::awaitable<void> deliverer::run_deliveries()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (std::size_t polls = 0;; ++polls) {
        if (polls % polls_per_show == 0)
            co_await show_queue();
        if (polls % polls_per_prune == 0)
            co_await forget_old();
        co_await begin_due();
        timer.expires_after(policy_.poll);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<std::size_t> deliverer::begin_due()
{
    const std::int64_t now_ns = parts_.time.now_ns();
    auto look = [now_ns](const store::reader& from) { return store::list_due_endpoints(from, now_ns); };
    const auto due = co_await parts_.database.read(std::move(look));
    if (!due) {
        log_warn(where, "what is due cannot be read: " + due.error().message());
        co_return 0;
    }
    lanes_->forget_idle(parts_.time.steady_ns());
    std::size_t begun = 0;
    for (const std::string& endpoint_id : *due) {
        const bool is_slack = endpoint_id == store::slack_endpoint_id;
        if (is_slack && !slack_)
            continue;
        const auto kind = is_slack ? store::endpoint_kind::slack : store::endpoint_kind::webhook;
        const std::size_t room =
            lanes_->find_room(endpoint_id, pace_of(policy_, kind), parts_.time.steady_ns());
        if (room == 0)
            continue;
        begun += co_await begin_endpoint(endpoint_id, room);
    }
    co_return begun;
}

asio::awaitable<std::size_t> deliverer::begin_endpoint(std::string endpoint_id, std::size_t room)
{
    std::optional<store::notice_endpoint> to;
    const std::int64_t now_ns = parts_.time.now_ns();
    auto claim = [&](store::transaction& tx) -> result<std::vector<store::delivery>> {
        auto found = store::find_endpoint(tx, endpoint_id);
        if (!found)
            return found.error();
        to = std::move(*found);
        if (!to || !to->enabled)
            return std::vector<store::delivery>();
        return store::claim_deliveries(tx, endpoint_id, now_ns, policy_.lease_ns, room);
    };
    auto claimed = co_await parts_.database.write(std::move(claim));
    if (!claimed) {
        log_warn(where, "nothing can be claimed: " + claimed.error().message());
        co_return 0;
    }
    for (store::delivery& one : *claimed) {
        lanes_->begin(endpoint_id, pace_of(policy_, to->kind), parts_.time.steady_ns());
        auto work = attempt(std::move(one), *to);
        if (!parts_.tasks.spawn("delivery", std::move(work)))
            lanes_->end(endpoint_id);
    }
    co_return claimed->size();
}

asio::awaitable<void> deliverer::attempt(store::delivery one, store::notice_endpoint to)
{
    const place held(lanes_, to.id);
    delivery_report came;
    if (to.kind == store::endpoint_kind::slack)
        came = co_await send_slack(one);
    else
        came = co_await send_webhook(one, to);
    if (const auto pause = pause_after(came))
        lanes_->pause(to.id, parts_.time.steady_ns() + pause->count() * ns_per_s);
    co_await settle(one, to, came);
}

asio::awaitable<delivery_report> deliverer::send_webhook(
    const store::delivery& one, const store::notice_endpoint& to
)
{
    delivery_report came;
    auto body = forge::webhook_body({one.message_id, one.type, one.data, one.at_ns}, policy_.public_url);
    if (!body) {
        came.refused = true;
        came.error = "the notice cannot be written: " + body.error().message();
        co_return came;
    }
    std::vector<std::string> secrets;
    auto secret = parts_.secrets.open(to.id, to.secret);
    if (secret)
        secrets.push_back(std::move(*secret));
    if (!to.previous_secret.empty() && parts_.time.now_ns() < to.previous_until_ns) {
        auto previous = parts_.secrets.open(to.id, to.previous_secret);
        if (previous)
            secrets.push_back(std::move(*previous));
    }
    auto outcome = co_await parts_.webhooks.send(to.url, std::move(secrets), one.message_id, std::move(*body));
    co_return report_of(std::move(outcome));
}

asio::awaitable<delivery_report> deliverer::send_slack(const store::delivery& one)
{
    return slack_->tell(one);
}

void deliverer::count(
    const store::notice_endpoint& to, const delivery_report& came, const store::delivery_end& end
)
{
    const std::size_t kind = to.kind == store::endpoint_kind::slack ? 1 : 0;
    std::size_t how = came.put_off ? 3 : 1;
    if (end.state != store::delivery_state::pending)
        how = came.delivered ? 0 : 2;
    results_[kind][how]->add();
}

asio::awaitable<void> deliverer::settle(
    const store::delivery& one, const store::notice_endpoint& to, const delivery_report& came
)
{
    const std::int64_t now_ns = parts_.time.now_ns();
    const store::delivery_end end = decide_delivery(one, came, now_ns);
    auto work = [&](store::transaction& tx) { return store_end(tx, one, to, came, end, policy_, now_ns); };
    const auto stored = co_await parts_.database.write(std::move(work));
    count(to, came, end);
    if (end.state == store::delivery_state::failed)
        log_warn(where, one.type + " to " + to.id + " given up: " + end.error);
    // Stale: its endpoint was removed or disabled meanwhile, or the claim took too long and somebody else has it.
    if (!stored && stored.error() != errc::stale && stored.error() != errc::not_found)
        log_error(where, "the end of delivery " + one.id + " is not stored: " + stored.error().message());
}

asio::awaitable<void> deliverer::forget_old()
{
    const std::int64_t now_ns = parts_.time.now_ns();
    auto prune = [now_ns](store::transaction& tx) { return store::prune_deliveries(tx, now_ns); };
    const auto pruned = co_await parts_.database.write(std::move(prune));
    if (!pruned)
        log_warn(where, "old deliveries stay: " + pruned.error().message());
}

asio::awaitable<void> deliverer::show_queue()
{
    const std::int64_t now_ns = parts_.time.now_ns();
    auto look = [this, now_ns](const store::reader& from) -> result<void> {
        const auto queue = store::look_at_deliveries(from);
        if (!queue)
            return queue.error();
        const auto disabled = store::count_disabled_endpoints(from);
        if (!disabled)
            return disabled.error();
        const auto dropped = store::sum_dropped_deliveries(from);
        if (!dropped)
            return dropped.error();
        waiting_.set(static_cast<std::int64_t>(queue->waiting));
        oldest_s_.set(queue->oldest_ns ? std::max<std::int64_t>(now_ns - *queue->oldest_ns, 0) / ns_per_s : 0);
        disabled_.set(static_cast<std::int64_t>(*disabled));
        dropped_.set(static_cast<std::int64_t>(*dropped));
        return {};
    };
    const auto seen = co_await parts_.database.read(std::move(look));
    if (!seen)
        log_warn(where, "the queue cannot be counted: " + seen.error().message());
}

}  // namespace reprise::runs
