#pragma once

#include "reprise/base/content_hash.hpp"
#include "reprise/pipeline/segment_hold.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace reprise::pipeline {

// Stored: never renumber.
enum class entry_kind : std::uint8_t {
    logs = 1,    // An accepted request, OTLP protobuf.
    traces = 2,
    close = 3,   // Windows that the clock closed: encode_orders().
    metrics = 4,
};

// One thing to keep, before it has its place in the order.
struct journal_entry {
    entry_kind kind = entry_kind::logs;
    std::shared_ptr<const std::string> payload;
    content_hash body;  // Of a request's payload, see journal::hash_of().
};

enum class entry_fate : std::uint8_t {
    refused,   // The journal cannot keep it now. Nothing of it may be used.
    kept,      // As durable as the policy promises.
    repeated,  // A request that is kept already: to be acknowledged, not to be counted again.
};

// An entry with its place.
struct placed_entry {
    entry_fate fate = entry_fate::refused;
    std::uint64_t number = 0;   // Rises with each entry that is kept.
    std::int64_t time_ns = 0;   // When it came.
    shared_hold hold;           // To be held until what it fed is durable elsewhere.
};

}  // namespace reprise::pipeline
