#pragma once

#include "reprise/model/operation.hpp"
#include "reprise/store/transaction.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

// One operation in one closed window.
struct operation_window {
    std::uint64_t operation = 0;
    std::int64_t window_start_ns = 0;
    std::int64_t window_ns = 0;  // Its length.
    std::array<std::uint64_t, model::outcome_count> counts{};  // By model::outcome.
    std::int64_t p50_ns = 0;
    std::int64_t p90_ns = 0;
    std::int64_t p95_ns = 0;
    std::int64_t max_ns = 0;
    bool anomalous = false;  // A signal was raised on it.
    std::string sketch;      // Bytes of the latency sketch; opaque here.
    // Nothing in rows of earlier versions. Read with the sketch.
    std::optional<std::uint32_t> failing_traces;  // 0, 1, or 2 for more.
    std::optional<std::uint32_t> max_arrivals;    // Of one trace within 50 ms; also nothing where none were measured.
};

struct operation_state {
    std::uint64_t id = 0;
    model::operation_key key;
    std::optional<operation_window> latest;  // Without its sketch.
};

struct baseline {
    std::uint64_t operation = 0;
    std::int64_t updated_ns = 0;
    std::string state;  // Bytes, opaque here.
};

struct traffic_point {
    std::int64_t window_start_ns = 0;
    std::uint64_t records = 0;
    std::uint64_t failing = 0;
};

constexpr std::size_t operations_listed_max = 10'000;
constexpr std::size_t windows_listed_max = 10'000;

// Adds the keys that are new; a known id is left alone.
result<void> upsert_operations(transaction& tx, std::span<const model::operation_key> keys, std::int64_t now_ns);
result<std::optional<model::operation_key>> find_operation(const reader& from, std::uint64_t operation);

// All rows of a closed window in one call; sorted by operation is fastest. A row written twice (a
// restart closed the window again) keeps the later one.
result<void> insert_windows(transaction& tx, std::span<const operation_window> rows);

// Operations of a service with their newest window, by kind, route and method.
result<std::vector<operation_state>> list_operations(const reader& from, std::string_view service, std::size_t limit);

// Rows with from_ns <= window start < to_ns, oldest first, with their sketches. When there are more
// than `limit`, the newest of them.
result<std::vector<operation_window>> list_windows(
    const reader& from, std::uint64_t operation, std::int64_t from_ns, std::int64_t to_ns, std::size_t limit
);

// Starts of stored windows of any service with from_ns <= start < to_ns, oldest first, at most `limit`.
result<std::vector<std::int64_t>> list_window_starts(
    const reader& from, std::int64_t from_ns, std::int64_t to_ns, std::size_t limit
);
// The oldest of the `count` newest starts before to_ns; that of all when there are fewer, nothing when there are none.
result<std::optional<std::int64_t>> find_window_start(
    const reader& from, std::int64_t to_ns, std::uint64_t count
);
// All rows of a service with from_ns <= window start < to_ns, by start, with their sketches; at most `limit`.
result<std::vector<operation_window>> list_service_windows(
    const reader& from, std::string_view service, std::int64_t from_ns, std::int64_t to_ns, std::size_t limit
);

result<void> save_baselines(transaction& tx, std::span<const baseline> baselines);
result<std::vector<baseline>> load_baselines(const reader& from, std::string_view service, std::size_t limit);
result<std::optional<baseline>> find_baseline(const reader& from, std::uint64_t operation);

// What one service's closed window adds to the traffic of all. Appends a live event.
result<void> add_traffic(
    transaction& tx, std::int64_t window_start_ns, std::uint64_t records, std::uint64_t failing, std::int64_t now_ns
);
// From since_ns on, oldest first; when there are more than `limit`, the newest.
result<std::vector<traffic_point>> list_traffic(const reader& from, std::int64_t since_ns, std::size_t limit);

// Windows (of services, too) and traffic that started before `before_ns`, at most `delete_max` rows of each.
result<std::uint64_t> delete_windows(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max = 10'000);

}  // namespace reprise::store
