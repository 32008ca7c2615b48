#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reprise::detect {

// How far apart the windows of one incident may lie.
constexpr std::int64_t neighbour_windows = 2;

// What of an open incident decides whether a signal is part of it.
struct incident_scope {
    std::string incident_id;
    std::string service;
    std::int64_t first_window_start_ns = 0;
    std::int64_t last_window_end_ns = 0;
    std::vector<model::operation_key> operations;
    std::vector<std::string> trace_ids;  // Hex; of its signals' exemplars.
};

struct join {
    std::size_t scope = 0;  // Index of the incident.
    std::string reason;     // "same operation POST /orders in a neighbouring window".
};

// The sentence why `signal` belongs to the incident, or nothing: same service, at most neighbour_windows window
// lengths away, and a shared operation (method and route; the source does not matter) or a shared trace.
std::optional<std::string> find_join_reason(const model::signal& signal, const incident_scope& scope);

// The best of several: a shared operation before a shared trace, then the incident seen last.
std::optional<join> find_join(const model::signal& signal, std::span<const incident_scope> scopes);

}  // namespace reprise::detect
