#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/model/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What reprise-load is asked to do. Plain values.
namespace reprise::bench {

struct load_plan {
    std::string endpoint;                  // gRPC: "host:port". HTTP: "http://host:port".
    model::header_list headers;            // Metadata with gRPC; names in lower case there.
    bool gzip = false;
    std::size_t connections = 1;
    std::size_t in_flight = 4;             // Requests under way at once, over all connections.
    double rate = 0;                       // Requests per second; 0 is as fast as answers come.
    std::chrono::milliseconds duration{10'000};
    std::uint64_t requests_max = 1'000'000;
    std::chrono::milliseconds answer_timeout{30'000};
};

// One export request, ready to be sent any number of times.
struct load_payload {
    bool is_logs = false;
    std::string bytes;                     // OTLP/protobuf; for HTTP with gzip: compressed.
    std::size_t records = 0;
};

// When each request is due, in ns after the start. Open loop: the plan does not wait for answers, so a
// server that falls behind is seen in how late requests go out and how many never do.
class load_schedule {
public:
    explicit load_schedule(const load_plan& plan)
        : rate_(plan.rate), duration_ns_(plan.duration.count() * ns_per_ms), requests_max_(plan.requests_max)
    {
    }

    bool has_rate() const noexcept { return rate_ > 0; }
    std::int64_t duration_ns() const noexcept { return duration_ns_; }

    // Nothing when the plan has no such request. Without a rate every request is due at the start.
    std::optional<std::int64_t> due_ns(std::uint64_t number) const noexcept
    {
        if (number >= requests_max_)
            return std::nullopt;
        const double due = has_rate() ? static_cast<double>(number) * 1e9 / rate_ : 0.0;
        return due < static_cast<double>(duration_ns_) ? std::optional(static_cast<std::int64_t>(due)) : std::nullopt;
    }

    // How many requests the plan has; without a rate nobody knows before.
    std::optional<std::uint64_t> planned() const noexcept
    {
        if (!has_rate())
            return std::nullopt;
        std::uint64_t count = static_cast<std::uint64_t>(static_cast<double>(duration_ns_) / 1e9 * rate_);
        while (due_ns(count))
            ++count;
        return count < requests_max_ ? count : requests_max_;
    }

private:
    double rate_;
    std::int64_t duration_ns_;
    std::uint64_t requests_max_;
};

class load_tally;

// Each sends what the plan says, on the caller's thread, and returns when the last answer is there or
// its time has passed. Throws when the endpoint makes no sense.
void run_grpc_load(const load_plan& plan, const std::vector<load_payload>& payloads, load_tally& tally);
void run_http_load(const load_plan& plan, const std::vector<load_payload>& payloads, load_tally& tally);

}  // namespace reprise::bench
