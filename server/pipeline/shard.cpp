#include "reprise/pipeline/shard.hpp"

#include "service_state.hpp"

#include <algorithm>
#include <span>
#include <tuple>
#include <unordered_map>

namespace reprise::pipeline {
namespace {

// Where the observations of one of the batch's operations go; null: not to this shard.
struct destination {
    service_state* service = nullptr;
    operation_place place;
    std::uint32_t overflowed = 0;  // Records of this batch that went to the overflow.
};

// Operations lie all over the memory and their records come in any order, so what a record will touch is asked
// for some records before it is needed; waiting for it was a fifth of what a record cost.
void fetch_ahead(
    const std::vector<destination>& destinations, const std::vector<model::observation>& calls, std::size_t at
)
{
    constexpr std::size_t step = 4;  // Records between one step and the next: about as long as memory takes.
    const auto fetch = [&](std::size_t index, auto part) {
        if (index >= calls.size())
            return;
        const destination& to = destinations[calls[index].operation_index];
        if (to.service != nullptr)
            (to.service->*part)(to.place, calls[index]);
    };
    fetch(at + 3 * step, &service_state::fetch_operation);
    fetch(at + 2 * step, &service_state::fetch_tables);
    fetch(at + step, &service_state::fetch_entries);
}

}  // namespace

struct shard::state {
    state(const stream_limits& limits_in, const detection_book* detection_in)
        : limits(limits_in), detection(detection_in), series(series_limits(limits_in))
    {
    }

    static metric_series_limits series_limits(const stream_limits& from)
    {
        metric_series_limits made;
        made.series_max = from.metric_series_max;
        made.buckets_max = 10 * from.metric_series_max;
        made.since_ns = from.metrics_since_ns;
        return made;
    }

    service_state* find_or_add(std::string_view name);
    service_state* find_or_add_next(std::string_view name);

    stream_limits limits;
    const detection_book* detection;
    stream_losses losses;
    metric_series series;
    std::unordered_map<std::string, std::unique_ptr<service_state>> services;
    std::vector<destination> destinations;  // By operation index of the batch in work.
    std::vector<std::uint32_t> refused;     // Operations whose service did not fit.
    std::string name;                       // Scratch for look-ups.
    std::string_view last_name;             // Of the batch in work, and its service.
    service_state* last_service = nullptr;
};

service_state* shard::state::find_or_add(std::string_view wanted)
{
    name.assign(wanted);
    const auto found = services.find(name);
    if (found != services.end())
        return found->second.get();
    if (services.size() >= limits.services_max)
        return nullptr;
    return services.emplace(name, std::make_unique<service_state>(name, limits, detection)).first->second.get();
}

// The operations of a batch share one service's name most of the time, down to its bytes.
service_state* shard::state::find_or_add_next(std::string_view wanted)
{
    if (wanted.data() != last_name.data() || wanted.size() != last_name.size()) {
        last_service = find_or_add(wanted);
        last_name = wanted;
    }
    return last_service;
}

shard::shard(const stream_limits& limits, const detection_book* detection)
    : state_(std::make_unique<state>(limits, detection))
{
}
shard::~shard() = default;
shard::shard(shard&&) noexcept = default;
shard& shard::operator=(shard&&) noexcept = default;

void shard::restore_baseline(const model::operation_key& operation, std::string_view encoded)
{
    if (service_state* service = state_->find_or_add(operation.service))
        service->restore_baseline(operation, encoded);
}

void shard::restore_closed(std::string_view service, std::int64_t through_ns)
{
    if (service_state* known = state_->find_or_add(service))
        known->restore_closed(through_ns);
}

void shard::begin_batch(const model::observation_batch& batch)
{
    state_->destinations.assign(batch.operations.size(), {});
    state_->refused.assign(batch.operations.size(), 0);
    state_->last_name = {};
    state_->last_service = nullptr;
}

void shard::resolve(const model::observation_batch& batch, std::size_t operation_index)
{
    const model::operation_view& operation = batch.operations[operation_index];
    service_state* service = state_->find_or_add_next(operation.service);
    if (service == nullptr) {
        state_->refused[operation_index] = 1;
        return;
    }
    const operation_place place = service->find_or_add(operation, batch.operation_ids[operation_index]);
    state_->destinations[operation_index] = {service, place, 0};
}

void shard::add_resolved(
    const model::observation_batch& batch, const replay_filter& replays, const moment& now, const shared_hold& hold
)
{
    const std::string_view bytes = batch.bytes ? std::string_view(*batch.bytes) : std::string_view();
    const std::int64_t newest_ns = now.wall_ns + state_->limits.future_ns();
    stream_losses& losses = state_->losses;
    bool overflowed = false;
    const auto& calls = batch.observations;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        fetch_ahead(state_->destinations, calls, i);
        const model::observation& call = calls[i];
        destination& to = state_->destinations[call.operation_index];
        if (to.service == nullptr) {
            losses.services += state_->refused[call.operation_index];
            continue;
        }
        if (replays.is_replay(call)) {
            ++losses.replayed;
            continue;
        }
        if (call.start_ns > newest_ns) {
            ++losses.future;
            continue;
        }
        if (!to.service->add(to.place, call, bytes.substr(call.record_offset, call.record_bytes), now, hold)) {
            ++losses.late;
        } else if (to.place.overflow) {
            ++to.overflowed;
            overflowed = true;
        }
    }
    if (overflowed)
        note_overflow(batch);
    note_versions(batch, replays, now);
}

void shard::note_overflow(const model::observation_batch& batch)
{
    for (std::size_t i = 0; i < batch.operations.size(); ++i) {
        const destination& to = state_->destinations[i];
        if (to.overflowed == 0)
            continue;
        state_->losses.overflowed += to.overflowed;
        to.service->note_overflow(batch.operations[i], to.overflowed);
    }
}

// Only records that count say which version runs: a replay's target may be another one. Neighbours mostly share
// service and window, and then only the earliest start matters.
void shard::note_versions(const model::observation_batch& batch, const replay_filter& replays, const moment& now)
{
    const std::int64_t newest_ns = now.wall_ns + state_->limits.future_ns();
    for (const model::reported_version& reported : batch.versions) {
        service_state* service = nullptr;
        std::int64_t window_ns = 0;
        std::int64_t first_ns = 0;
        for (std::size_t i = reported.first; i < std::size_t{reported.first} + reported.count; ++i) {
            const model::observation& call = batch.observations[i];
            service_state* const to = state_->destinations[call.operation_index].service;
            if (to == nullptr || call.start_ns > newest_ns || to->is_closed(call.start_ns) || replays.is_replay(call))
                continue;
            const bool goes_on = to == service && call.start_ns >= window_ns &&
                                 call.start_ns - window_ns < state_->limits.window_ns;
            if (goes_on && call.start_ns >= first_ns)
                continue;
            service = to;
            window_ns = to->window_of(call.start_ns);
            first_ns = call.start_ns;
            service->note_version(reported.version, first_ns);
        }
    }
}

void shard::add_measured(const model::observation_batch& batch, const moment& now, const shared_hold& hold)
{
    stream_losses& losses = state_->losses;
    const std::int64_t newest_ns = now.wall_ns + state_->limits.future_ns();
    const std::span all(batch.buckets);
    for (const model::measured_calls& point : batch.measured) {
        const destination& to = state_->destinations[point.operation_index];
        if (to.service == nullptr) {
            losses.services += state_->refused[point.operation_index];
            continue;
        }
        if (point.time_ns > newest_ns) {
            ++losses.future;
            continue;
        }
        const auto buckets = all.subspan(point.bucket_offset, point.bucket_count);
        const series_growth growth = state_->series.settle(point, buckets, now.steady_ns);
        losses.stale_points += growth.what == series_growth::verdict::stale ? 1U : 0U;
        losses.series_overflow += growth.what == series_growth::verdict::overflow ? 1U : 0U;
        if (growth.calls == 0)
            continue;
        if (!to.service->add(to.place.slot, point, growth, now, hold)) {
            ++losses.late;
        } else if (to.place.overflow) {
            ++losses.overflowed;
            to.service->note_overflow(batch.operations[point.operation_index], 1);
        }
    }
}

std::vector<closed_window> shard::close_passed()
{
    std::vector<closed_window> closed;
    for (auto& [name, service] : state_->services)
        service->close_passed(closed);
    return closed;
}

std::vector<close_order> shard::list_idle(const moment& now) const
{
    std::vector<close_order> orders;
    for (const auto& [name, service] : state_->services) {
        if (auto order = service->find_idle(now))
            orders.push_back(std::move(*order));
    }
    return orders;
}

std::vector<closed_window> shard::close(const std::vector<close_order>& orders, const shared_hold& hold)
{
    std::vector<closed_window> closed;
    for (const close_order& order : orders) {
        const auto found = state_->services.find(order.service);
        if (found != state_->services.end())
            found->second->close_through(order.through_ns, hold, closed);
    }
    return closed;
}

std::vector<closed_window> shard::close_due(const moment& now)
{
    std::vector<closed_window> closed = close_passed();
    for (closed_window& window : close(list_idle(now)))
        closed.push_back(std::move(window));
    return closed;
}

std::vector<closed_window> shard::close_all()
{
    std::vector<closed_window> closed;
    for (auto& [name, service] : state_->services)
        service->close_all(closed);
    std::sort(closed.begin(), closed.end(), [](const closed_window& a, const closed_window& b) {
        return std::tie(a.window.start_ns, a.window.service) < std::tie(b.window.start_ns, b.window.service);
    });
    return closed;
}

const stream_losses& shard::losses() const noexcept
{
    return state_->losses;
}

std::size_t shard::metric_series_count() const noexcept
{
    return state_->series.size();
}

std::size_t shard::services() const noexcept
{
    return state_->services.size();
}

std::size_t shard::operations() const noexcept
{
    std::size_t count = 0;
    for (const auto& [name, service] : state_->services)
        count += service->operations();
    return count;
}

}  // namespace reprise::pipeline
