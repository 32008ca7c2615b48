#include "reprise/replay/arrival_log.hpp"

#include "arrival_export.hpp"
#include "request_spool.hpp"

#include "reprise/base/log.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <utility>

namespace reprise::replay {
namespace {

// Arrivals stand in blocks, so that a longer log never moves what is there.
constexpr std::size_t block_arrivals = 4096;
using block = std::array<arrival, block_arrivals>;

}  // namespace

struct arrival_log::state {
    explicit state(const arrival_limits& limits_) : limits(limits_) {}

    const arrival_limits limits;
    mutable std::mutex mutex;
    std::vector<std::unique_ptr<block>> blocks;
    std::uint64_t added = 0;
    std::size_t kept = 0;
    std::uint64_t failed = 0;  // Out of memory.
    std::unique_ptr<request_spool> spool;
};

arrival_log::arrival_log(std::filesystem::path spool_directory, const arrival_limits& limits)
    : state_(std::make_unique<state>(limits))
{
    if (!spool_directory.empty())
        state_->spool = std::make_unique<request_spool>(spool_directory, limits);
}

arrival_log::~arrival_log() = default;

void arrival_log::add(const net::raw_request& request, arrival what) noexcept
{
    state& own = *state_;
    try {
        const std::lock_guard lock(own.mutex);
        ++own.added;
        what.number = own.kept + 1;
        if (own.kept == own.limits.arrivals_max)
            return;
        if (own.kept % block_arrivals == 0)
            own.blocks.push_back(std::make_unique<block>());
        (*own.blocks.back())[own.kept++ % block_arrivals] = what;
        if (own.spool)
            own.spool->add(what.number, request);
    } catch (const std::exception&) {
        // Out of memory: the answer goes out all the same, and the loss is told.
        const std::lock_guard lock(own.mutex);
        ++own.failed;
    }
}

std::uint64_t arrival_log::size() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->added;
}

std::vector<arrival> arrival_log::list() const
{
    std::vector<arrival> all;
    {
        const std::lock_guard lock(state_->mutex);
        all.reserve(state_->kept);
        for (std::size_t i = 0; i < state_->kept; ++i)
            all.push_back((*state_->blocks[i / block_arrivals])[i % block_arrivals]);
    }
    std::sort(all.begin(), all.end(), [](const arrival& a, const arrival& b) {
        return std::pair(a.steady_ns, a.number) < std::pair(b.steady_ns, b.number);
    });
    return all;
}

arrival_losses arrival_log::losses() const
{
    arrival_losses lost;
    const std::lock_guard lock(state_->mutex);
    lost.arrivals = state_->added - state_->kept;
    if (state_->spool) {
        lost.requests = state_->spool->lost() + state_->failed;
        lost.reason = state_->spool->reason();
    }
    return lost;
}

result<arrival_log::export_result> arrival_log::export_to(
    const std::filesystem::path& directory, const mock& answers, const std::string& redaction_key,
    const std::function<void()>& on_each
)
{
    arrival_export out(directory, answers, redaction_key, state_->limits.files_max);
    if (const auto begun = out.begin(); !begun)
        return begun.error();
    // The spool is in the order of the ends, so that a number finds its arrival at once.
    const auto at = [this](std::uint64_t number) -> const arrival& {
        return (*state_->blocks[(number - 1) / block_arrivals])[(number - 1) % block_arrivals];
    };
    result<void> written;
    std::vector<bool> told(state_->kept + 1);
    const auto tell = [&](const arrival& one, const spooled_request* request) {
        told[one.number] = true;
        if (written)
            written = out.add(one, request);
        if (on_each)
            on_each();
    };
    if (state_->spool) {
        state_->spool->finish();
        const auto read = state_->spool->read([&](const spooled_request& one) { tell(at(one.number), &one); });
        if (!read)
            log_warn("replay.arrivals", "requests were not kept: " + read.error().message());
    }
    for (std::uint64_t number = 1; number <= state_->kept; ++number) {
        if (!told[number])
            tell(at(number), nullptr);
    }
    if (written)
        written = out.commit();
    if (!written)
        return written.error();
    return export_result{out.lines(), out.files()};
}

detect::burst_summary summarise(std::span<const arrival> arrivals)
{
    std::vector<detect::call_interval> calls;
    calls.reserve(arrivals.size());
    for (const arrival& one : arrivals) {
        const std::uint64_t trace = one.trace ? one.trace.high ^ one.trace.low : 0;
        const auto tag = static_cast<std::uint32_t>(trace ^ trace >> 32);
        calls.push_back({one.steady_ns, one.end_ns, one.status == 429, tag});
    }
    detect::burst_summary made;
    made.peak_in_flight = detect::peak_in_flight(calls);
    made.max_arrivals_50ms = detect::max_arrivals(calls);
    made.max_arrivals_50ms_of_one_trace = detect::max_arrivals_of_one_trace(calls);
    made.calls = made.calls_kept = calls.size();
    made.throttled = detect::find_error_interval(calls);
    return made;
}

}  // namespace reprise::replay
