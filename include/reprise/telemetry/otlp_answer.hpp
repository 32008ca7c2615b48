#pragma once

#include "reprise/telemetry/otlp_request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What an OTLP receiver answers, in the request's encoding. Pure, any thread. Texts are cut to
// answer_text_bytes_max and made valid UTF-8.
namespace reprise::telemetry {

constexpr std::size_t answer_text_bytes_max = 1024;

// The three export responses look the same on the wire. All taken and nothing to say: empty, so that
// partial_success stays unset. None rejected but a message: a warning.
std::string encode_export_response(std::uint64_t rejected = 0, std::string_view message = {});

// In JSON the count's name tells them apart: rejectedLogRecords, rejectedSpans, rejectedDataPoints.
std::string encode_export_response_json(
    otlp_request kind, std::uint64_t rejected = 0, std::string_view message = {}
);

// google.rpc.Status; with `retry_after` a RetryInfo detail is attached.
std::string encode_status(
    int grpc_code, std::string_view message, std::optional<std::chrono::seconds> retry_after = {}
);
std::string encode_status_json(
    int grpc_code, std::string_view message, std::optional<std::chrono::seconds> retry_after = {}
);

}  // namespace reprise::telemetry
