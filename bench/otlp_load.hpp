#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Export requests as they come from the field, made before the clock starts.
namespace reprise::bench {

struct load_shape {
    std::size_t services = 10;
    std::size_t operations = 1500;  // Over all services.
    std::size_t batches = 64;       // Distinct requests; a load repeats them.
    std::size_t records = 512;      // Per request.
    std::size_t log_bytes = 1203;   // Of a log record; not less than its headers take.
    std::int64_t start_ns = 0;      // Of the first record; all lie within 20 s.
    bool one_route_fails = false;   // Each service's first; log records only. Else 1 % fail everywhere.
};

struct otlp_load {
    std::vector<std::string> requests;
    std::size_t records_per_request = 0;
    double record_bytes = 0;  // On average, with its share of the request's frame.
};

// RRPairs of about 1.2 KB (headers, small JSON bodies), one service per request, as SDKs send them.
otlp_load make_log_load(const load_shape& shape);

// Server, client and database spans of about 218 bytes.
otlp_load make_span_load(const load_shape& shape);

}  // namespace reprise::bench
