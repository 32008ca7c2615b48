#include "reprise/pipeline/shard.hpp"

#include "service_state.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace reprise::pipeline {
namespace {

// Where the observations of one of the batch's operations go; null: not to this shard.
struct destination {
    service_state* service = nullptr;
    std::uint32_t slot = 0;
};

}  // namespace

struct shard::state {
    explicit state(const stream_limits& limits_in) : limits(limits_in) {}

    service_state* find_or_add(std::string_view name);

    stream_limits limits;
    stream_losses losses;
    std::unordered_map<std::string, std::unique_ptr<service_state>> services;
    std::vector<destination> destinations;  // By operation index of the batch in work.
    std::vector<std::uint32_t> refused;     // Operations whose service did not fit.
    std::string name;                       // Scratch for look-ups.
};

service_state* shard::state::find_or_add(std::string_view wanted)
{
    name.assign(wanted);
    const auto found = services.find(name);
    if (found != services.end())
        return found->second.get();
    if (services.size() >= limits.services_max)
        return nullptr;
    return services.emplace(name, std::make_unique<service_state>(name, limits)).first->second.get();
}

shard::shard(const stream_limits& limits) : state_(std::make_unique<state>(limits)) {}
shard::~shard() = default;
shard::shard(shard&&) noexcept = default;
shard& shard::operator=(shard&&) noexcept = default;

void shard::restore_baseline(const model::operation_key& operation, std::string_view encoded)
{
    if (service_state* service = state_->find_or_add(operation.service))
        service->restore_baseline(operation, encoded);
}

void shard::begin_batch(const model::observation_batch& batch)
{
    state_->destinations.assign(batch.operations.size(), {});
    state_->refused.assign(batch.operations.size(), 0);
}

void shard::resolve(const model::observation_batch& batch, std::size_t operation_index)
{
    const model::operation_view& operation = batch.operations[operation_index];
    service_state* service = state_->find_or_add(operation.service);
    if (service == nullptr) {
        state_->refused[operation_index] = 1;
        return;
    }
    state_->destinations[operation_index] = {service, service->find_or_add(operation, model::operation_id(operation))};
}

void shard::add_resolved(const model::observation_batch& batch, const replay_filter& replays, std::int64_t now_ns)
{
    const std::string_view bytes = batch.bytes ? std::string_view(*batch.bytes) : std::string_view();
    stream_losses& losses = state_->losses;
    for (const model::observation& call : batch.observations) {
        const destination to = state_->destinations[call.operation_index];
        if (to.service == nullptr) {
            losses.services += state_->refused[call.operation_index];
            continue;
        }
        if (replays.is_replay(call)) {
            ++losses.replayed;
            continue;
        }
        if (call.start_ns > now_ns + state_->limits.future_ns_max) {
            ++losses.future;
            continue;
        }
        if (to.service->is_overflow(to.slot))
            ++losses.overflowed;
        if (!to.service->add(to.slot, call, bytes.substr(call.record_offset, call.record_bytes), now_ns))
            ++losses.late;
    }
}

std::vector<closed_window> shard::close_due(std::int64_t now_ns)
{
    std::vector<closed_window> closed;
    for (auto& [name, service] : state_->services)
        service->close_due(now_ns, closed);
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
