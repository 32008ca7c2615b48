#pragma once

#include "reprise/detect/detectors.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Small makers of inputs shared by the tests of this room.
namespace reprise::detect::test {

constexpr std::int64_t minute_ns = 60 * ns_per_s;
constexpr std::int64_t day_start_ns = 1'790'000'040'000'000'000;  // A whole minute.

// Deterministic and the same everywhere, unlike the standard library's distributions.
class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    double uniform()
    {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
    }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * 3.14159265358979324 * uniform()); }
    std::int64_t lognormal_ns(double median_ms, double sigma)
    {
        return static_cast<std::int64_t>(median_ms * 1e6 * std::exp(sigma * normal()));
    }
    std::uint32_t poisson(double mean)
    {
        if (mean > 60)
            return static_cast<std::uint32_t>(std::max(0.0, std::round(mean + std::sqrt(mean) * normal())));
        const double limit = std::exp(-mean);
        double product = uniform();
        std::uint32_t count = 0;
        for (; product > limit; product *= uniform())
            ++count;
        return count;
    }

private:
    std::uint64_t state_;
};

inline model::operation_key make_operation(
    model::operation_kind kind, std::string method, std::string route, model::source source = model::source::span
)
{
    model::operation_key key;
    key.source = source;
    key.kind = kind;
    key.service = "shop";
    key.protocol = kind == model::operation_kind::db ? "sql" : "http";
    key.method = std::move(method);
    key.route = std::move(route);
    return key;
}

inline model::observation make_call(
    std::int64_t start_ns, std::int64_t duration_ns, model::outcome outcome = model::outcome::ok,
    std::uint64_t trace = 0
)
{
    model::observation call;
    call.start_ns = start_ns;
    call.duration_ns = duration_ns;
    call.outcome = outcome;
    call.status = outcome == model::outcome::server_error ? 500 : outcome == model::outcome::throttled ? 429 : 200;
    call.trace = {trace == 0 ? 0 : 7U, trace};
    return call;
}

// One operation, window by window, as the pipeline would drive it.
class operation_story {
public:
    explicit operation_story(model::operation_key operation, detection_limits limits = {})
        : limits_(limits), operation_(std::move(operation)), id_(operation_id(operation_.view())),
          window_(operation_.kind)
    {
    }

    std::int64_t now_ns() const { return start_ns_; }
    void add(const model::observation& call) { window_.add(call); }
    // `count` calls spread over the window, of which `failing` fail (in traces of their own).
    void add_calls(std::uint32_t count, std::uint32_t failing, std::int64_t duration_ns)
    {
        for (std::uint32_t index = 0; index < count; ++index) {
            const auto outcome = index < failing ? model::outcome::server_error : model::outcome::ok;
            add(make_call(start_ns_ + index * (minute_ns / std::max(count, 1U)), duration_ns, outcome, ++traces_));
        }
    }
    // Closes the window, moves on and returns what was found.
    detection close(const std::vector<operation_summary>& beside = {})
    {
        service_window closed;
        closed.service = operation_.service;
        closed.start_ns = start_ns_;
        closed.end_ns = start_ns_ + minute_ns;
        closed.operations.push_back(window_.summarise(operation_, id_));
        closed.operations.front().failing_trace_ids = {"00000000000000070000000000000001"};
        closed.operations.insert(closed.operations.end(), beside.begin(), beside.end());
        closed.repeated = std::exchange(repeated, {});
        std::vector<const baseline*> baselines(closed.operations.size(), nullptr);
        baselines.front() = seen_ ? &state : nullptr;
        detection found = detect(closed, baselines, limits_);
        update(state, closed.operations.front(), closed.start_ns, closed.end_ns, found.findings.front(), limits_);
        seen_ = true;
        window_.reset();
        start_ns_ += minute_ns;
        return found;
    }

    std::uint64_t id() const { return id_; }

    baseline state;
    std::vector<repeated_call> repeated;  // Taken by the next close().

private:
    detection_limits limits_;
    model::operation_key operation_;
    std::uint64_t id_;
    operation_window window_;
    std::int64_t start_ns_ = day_start_ns;
    std::uint64_t traces_ = 0;
    bool seen_ = false;
};

}  // namespace reprise::detect::test
