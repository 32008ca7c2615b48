#pragma once

#include "reprise/detect/sketch.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::bench {

enum class load_answer : std::uint8_t {
    accepted,
    overloaded,  // Told to come back: RESOURCE_EXHAUSTED, UNAVAILABLE, 429, 502, 503, 504.
    refused,     // Told not to.
    failed,      // No answer: connection lost, timeout.
};

// When a request was due, went out and was answered, in ns after the start. Without a rate it is due
// when it goes out.
struct load_times {
    std::int64_t due_ns = 0;
    std::int64_t sent_ns = 0;
    std::int64_t answered_ns = 0;
};

// What came of the requests. One thread.
class load_tally {
public:
    void add(load_answer answer, const load_times& times, std::size_t records, std::size_t bytes);
    // Accepted, but the response says that records were left out.
    void add_partial() { ++partial_; }
    // The first reason is kept, for people.
    void note_reason(std::string_view reason);

    std::uint64_t sent() const noexcept { return accepted_ + overloaded_ + refused_ + failed_; }
    std::uint64_t accepted() const noexcept { return accepted_; }
    std::uint64_t failed() const noexcept { return failed_; }

    struct frame {
        std::string target;                         // "grpc 127.0.0.1:4317".
        std::optional<std::uint64_t> planned;       // Requests; unknown without a rate.
        std::int64_t elapsed_ns = 0;
        std::optional<std::int64_t> server_cpu_ns;  // Of the process watched with --server-pid.
        std::optional<std::uint64_t> server_peak_kib;
    };
    std::string to_table(const frame& around) const;
    std::string to_json(const frame& around) const;

private:
    double seconds(const frame& around) const;

    std::uint64_t accepted_ = 0;
    std::uint64_t overloaded_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t partial_ = 0;
    std::uint64_t records_ = 0;  // Of accepted requests.
    std::uint64_t bytes_ = 0;
    detect::sketch late_;        // Sent after it was due.
    detect::sketch since_due_;   // Answered after it was due: what a sender with a schedule feels.
    detect::sketch since_sent_;
    std::string reason_;
};

}  // namespace reprise::bench
