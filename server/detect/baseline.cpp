#include "reprise/detect/baseline.hpp"

#include "bytes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace reprise::detect {
namespace {

constexpr std::uint8_t baseline_version = 2;
constexpr std::uint8_t baseline_version_with_charts = 1;  // Had more of each past window.
constexpr std::size_t sketch_bytes_max = 64 * 1024;
constexpr double overdispersion_max = 10;
constexpr double dispersion_windows_min = 10;

level level_of(const operation_summary& window)
{
    level read;
    read.requests = static_cast<double>(window.requests);
    read.failing = static_cast<double>(window.failing());
    read.throttled = static_cast<double>(window.throttled());
    read.durations.merge(window.durations);
    return read;
}

level level_of(const recent_window& window)
{
    level read;
    read.requests = static_cast<double>(window.requests);
    read.failing = static_cast<double>(window.failing);
    read.throttled = static_cast<double>(window.throttled);
    if (const auto durations = sketch::decode(window.durations))
        read.durations.merge(*durations);
    return read;
}

recent_window recent_of(const operation_summary& window, std::int64_t start_ns, bool alarmed)
{
    recent_window fresh;
    fresh.start_ns = start_ns;
    fresh.requests = window.requests;
    fresh.failing = window.failing();
    fresh.throttled = window.throttled();
    fresh.failing_traces = window.failing_traces;
    fresh.max_arrivals = window.burst ? window.burst->max_arrivals_50ms_of_one_trace : 0;
    fresh.p50_ns = static_cast<float>(window.durations.quantile(0.5));
    fresh.p95_ns = static_cast<float>(window.durations.quantile(0.95));
    fresh.durations = window.durations.encode();
    fresh.durations.shrink_to_fit();
    fresh.alarmed = alarmed;
    return fresh;
}

void remember(baseline& state, const recent_window& window)
{
    if (state.past.size() == baseline::past_max)
        state.past.erase(state.past.begin());
    // Doubling would waste much of what thousands of operations hold.
    constexpr std::size_t step = 15;
    if (state.past.size() == state.past.capacity())
        state.past.reserve(state.past.size() + step);
    state.past.push_back({window.max_arrivals, window.p95_ns});
}

void note_dispersion(baseline& state, const recent_window& window)
{
    constexpr double requests_known_min = 50;
    if (state.normal.requests < requests_known_min || window.requests == 0)
        return;
    const double rate = std::min(state.normal.failing / state.normal.requests, 1.0);
    const auto n = static_cast<double>(window.requests);
    const double off = static_cast<double>(window.failing) - n * rate;
    // Below one expected error a single one would look like a wild deviation.
    state.dispersion += off * off / std::max(n * rate * (1 - rate), 1.0);
    state.dispersion_weight += 1;
}

void make_normal(baseline& state, const recent_window& window)
{
    if (window.alarmed)
        return;
    note_dispersion(state, window);
    state.normal.add(level_of(window));
    state.requests_seen += window.requests;
    ++state.windows;
    remember(state, window);
}

void adopt(baseline& state)
{
    state.normal = std::exchange(state.alarmed, {});
    for (const recent_window& window : state.recent)
        remember(state, window);
    state.recent.clear();
    state.windows += state.alarmed_windows;
    state.requests_seen += static_cast<std::uint64_t>(state.normal.requests);
    state.alarmed_windows = 0;
    state.history.fill(0);
    state.dispersion = state.dispersion_weight = 0;
}

void note_alarm(
    baseline& state, const operation_summary& window, const operation_finding& finding, const detection_limits& limits
)
{
    if (!finding.alarmed) {
        if (++state.clean_in_row >= limits.close_windows) {
            state.alarmed_windows = 0;
            state.alarmed = {};
        }
        return;
    }
    state.clean_in_row = 0;
    const std::size_t earlier = std::min<std::size_t>(finding.windows, state.recent.size());
    for (std::size_t back = 1; back <= earlier; ++back)
        state.recent[state.recent.size() - back].alarmed = true;
    state.alarmed.add(level_of(window));
    if (++state.alarmed_windows >= limits.adopt_windows)
        adopt(state);
}

void put_level(byte_writer& out, const level& value)
{
    out.put_double(value.requests);
    out.put_double(value.failing);
    out.put_double(value.throttled);
    out.put_text(value.durations.encode());
}

bool take_level(byte_reader& in, level& value)
{
    value.requests = in.take_double();
    value.failing = in.take_double();
    value.throttled = in.take_double();
    auto durations = decayed_sketch::decode(in.take_text(sketch_bytes_max));
    if (in.failed() || !durations)
        return false;
    value.durations = std::move(*durations);
    const auto is_weight = [](double weight) { return std::isfinite(weight) && weight >= 0; };
    return is_weight(value.requests) && is_weight(value.failing) && is_weight(value.throttled);
}

void put_recent(byte_writer& out, const recent_window& window)
{
    out.put_fixed(static_cast<std::uint64_t>(window.start_ns));
    out.put_number(window.requests);
    out.put_number(window.failing);
    out.put_number(window.throttled);
    out.put_number(window.failing_traces);
    out.put_number(window.max_arrivals);
    out.put_float(window.p50_ns);
    out.put_float(window.p95_ns);
    out.put_text(window.durations);
    out.put_byte(window.alarmed ? 1 : 0);
}

bool is_duration(float value)
{
    return std::isfinite(value) && value >= 0;
}

bool take_recent(byte_reader& in, recent_window& window)
{
    window.start_ns = static_cast<std::int64_t>(in.take_fixed<std::uint64_t>());
    window.requests = in.take_number();
    window.failing = in.take_number(window.requests);
    window.throttled = in.take_number(window.requests);
    window.failing_traces = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    window.max_arrivals = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    window.p50_ns = in.take_float();
    window.p95_ns = in.take_float();
    window.durations = in.take_text(sketch_bytes_max);
    const std::uint8_t alarmed = in.take_byte();
    window.alarmed = alarmed == 1;
    return !in.failed() && alarmed <= 1 && is_duration(window.p50_ns) && is_duration(window.p95_ns) &&
           sketch::decode(window.durations);
}

void put_past(byte_writer& out, const past_window& window)
{
    out.put_number(window.max_arrivals);
    out.put_float(window.p95_ns);
}

bool take_past(byte_reader& in, past_window& window)
{
    window.max_arrivals = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    window.p95_ns = in.take_float();
    return !in.failed() && is_duration(window.p95_ns);
}

bool take_past_with_chart(byte_reader& in, past_window& window)
{
    in.take_fixed<std::uint64_t>();  // Its start,
    in.take_number(UINT32_MAX);      // its requests,
    window.max_arrivals = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    in.take_float();                 // and its p50.
    window.p95_ns = in.take_float();
    return !in.failed() && is_duration(window.p95_ns);
}

bool take_numbers(byte_reader& in, baseline& state)
{
    state.windows = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    state.requests_seen = in.take_number();
    state.alarmed_windows = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    state.clean_in_row = static_cast<std::uint32_t>(in.take_number(UINT32_MAX));
    state.first_ns = static_cast<std::int64_t>(in.take_fixed<std::uint64_t>());
    state.updated_ns = static_cast<std::int64_t>(in.take_fixed<std::uint64_t>());
    state.dispersion = in.take_double();
    state.dispersion_weight = in.take_double();
    for (std::uint8_t& bits : state.history)
        bits = in.take_byte();
    return !in.failed() && std::isfinite(state.dispersion) && std::isfinite(state.dispersion_weight) &&
           state.dispersion >= 0 && state.dispersion_weight >= 0;
}

template <class Entry, class Take>
bool take_list(byte_reader& in, std::vector<Entry>& list, std::size_t entries_max, Take take)
{
    const auto count = static_cast<std::size_t>(in.take_number(entries_max));
    for (std::size_t index = 0; index < count; ++index) {
        Entry entry;
        if (in.failed() || !take(in, entry))
            return false;
        list.push_back(std::move(entry));
    }
    return !in.failed();
}

}  // namespace

void level::add(const level& other)
{
    requests += other.requests;
    failing += other.failing;
    throttled += other.throttled;
    durations.merge(other.durations);
}

void level::fade(double factor)
{
    requests *= factor;
    failing *= factor;
    throttled *= factor;
    durations.scale(factor);
}

double baseline::overdispersion() const noexcept
{
    if (dispersion_weight < dispersion_windows_min)
        return 1;
    return std::clamp(dispersion / dispersion_weight, 1.0, overdispersion_max);
}

std::uint32_t baseline::max_arrivals() const noexcept
{
    std::uint32_t most = 0;
    for (const past_window& window : past)
        most = std::max(most, window.max_arrivals);
    for (const recent_window& window : recent)
        most = std::max(most, window.alarmed ? 0 : window.max_arrivals);
    return most;
}

std::vector<float> baseline::list_p95_ns() const
{
    std::vector<float> values;
    for (const past_window& window : past)
        values.push_back(window.p95_ns);
    for (const recent_window& window : recent) {
        if (!window.alarmed)
            values.push_back(window.p95_ns);
    }
    return values;
}

std::size_t baseline::memory_bytes() const noexcept
{
    std::size_t bytes = sizeof(*this);
    bytes += past.capacity() * sizeof(past_window) + recent.capacity() * sizeof(recent_window);
    bytes += normal.durations.memory_bytes() + alarmed.durations.memory_bytes() - 2 * sizeof(decayed_sketch);
    for (const recent_window& window : recent)
        bytes += window.durations.capacity();
    return bytes;
}

std::string baseline::encode() const
{
    byte_writer out;
    out.put_byte(baseline_version);
    put_level(out, normal);
    put_level(out, alarmed);
    out.put_number(recent.size());
    for (const recent_window& window : recent)
        put_recent(out, window);
    out.put_number(past.size());
    for (const past_window& window : past)
        put_past(out, window);
    out.put_number(windows);
    out.put_number(requests_seen);
    out.put_number(alarmed_windows);
    out.put_number(clean_in_row);
    out.put_fixed(static_cast<std::uint64_t>(first_ns));
    out.put_fixed(static_cast<std::uint64_t>(updated_ns));
    out.put_double(dispersion);
    out.put_double(dispersion_weight);
    for (const std::uint8_t bits : history)
        out.put_byte(bits);
    return out.take();
}

result<baseline> baseline::decode(std::string_view bytes)
{
    byte_reader in(bytes);
    baseline state;
    const std::uint8_t version = in.take_byte();
    if (version != baseline_version && version != baseline_version_with_charts)
        return errc::corrupt;
    const auto take_window = version == baseline_version ? take_past : take_past_with_chart;
    if (!take_level(in, state.normal) || !take_level(in, state.alarmed))
        return errc::corrupt;
    if (!take_list(in, state.recent, recent_max, take_recent) || !take_list(in, state.past, past_max, take_window))
        return errc::corrupt;
    if (!take_numbers(in, state) || !in.at_end())
        return errc::corrupt;
    return state;
}

void update(
    baseline& state, const operation_summary& window, std::int64_t window_start_ns, std::int64_t window_end_ns,
    const operation_finding& finding, const detection_limits& limits
)
{
    assert(window_start_ns < window_end_ns);
    assert(limits.pool_windows >= 1 && limits.pool_windows <= baseline::recent_max + 1);
    if (state.first_ns == 0)
        state.first_ns = window_start_ns;
    const auto length = static_cast<double>(window_end_ns - window_start_ns);
    const double factor = std::exp2(-length / static_cast<double>(limits.half_life_ns));
    state.normal.fade(factor);
    state.alarmed.fade(factor);
    state.dispersion *= factor;
    state.dispersion_weight *= factor;
    state.updated_ns = std::max(state.updated_ns, window_end_ns);

    for (std::size_t kind = 0; kind < state.history.size(); ++kind) {
        const unsigned suspicious = unsigned{finding.suspicious} >> kind & 1U;
        state.history[kind] = static_cast<std::uint8_t>((unsigned{state.history[kind]} << 1U | suspicious) & 7U);
    }
    if (state.recent.capacity() < limits.pool_windows)
        state.recent.reserve(limits.pool_windows);
    state.recent.push_back(recent_of(window, window_start_ns, finding.alarmed));
    note_alarm(state, window, finding, limits);
    while (state.recent.size() >= limits.pool_windows && !state.recent.empty()) {
        make_normal(state, state.recent.front());
        state.recent.erase(state.recent.begin());
    }
}

}  // namespace reprise::detect
