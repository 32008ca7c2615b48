#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/telemetry/error.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// HTTP Archive 1.2, both ways. Pure, any thread.
namespace reprise::telemetry {

constexpr std::size_t har_entry_bytes_max = 64UL * 1024 * 1024;

// What read_har finds, in the order of the file. `entry` counts from 1.
struct har_visitor {
    std::function<void(model::exchange)> take;
    std::function<void(std::size_t entry, std::string reason)> complain;      // A damaged entry.
    std::function<void(std::string_view reason)> skip;                        // An entry that is no traffic.
};

// Entry by entry: memory grows with the largest one. An error is what damages the file as a whole; the
// entries before it were visited. The service is what the entry says (_service), else `service`, else the
// host of its URL; direction IN unless the entry says otherwise (_direction). Skipped: what the browser
// answered from its cache, cancelled or blocked, and URLs that are not HTTP.
std::optional<decode_error> read_har(std::string_view text, std::string_view service, const har_visitor& visitor);

// The file is head, entries with a comma between them, tail. Only exchanges of protocol http have an
// entry; empty for others. What HAR has no member for is in members that begin with an underscore:
// _service, _direction, _traceId, _spanId, _parentSpanId, _error.
std::string write_har_head(std::string_view creator_version);
std::string write_har_entry(const model::exchange& exchange);
std::string write_har_tail();

}  // namespace reprise::telemetry
