#pragma once

#include "reprise/model/observation.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Spans as a sender of OTLP/protobuf writes them: what decode_spans reads. Pure, any thread. Texts must be UTF-8.
namespace reprise::telemetry {

using attribute_value = std::variant<std::string, std::int64_t, double, bool>;

struct sent_attribute {
    std::string key;
    attribute_value value;

    sent_attribute(std::string key_, attribute_value value_) : key(std::move(key_)), value(std::move(value_)) {}
};

struct sent_event {
    std::int64_t time_ns = 0;
    std::string name;
    std::vector<sent_attribute> attributes;

    sent_event(std::int64_t time_ns_, std::string name_) : time_ns(time_ns_), name(std::move(name_)) {}
};

// One finished span of kind INTERNAL.
struct sent_span {
    model::trace_id trace;
    std::uint64_t id = 0;
    std::uint64_t parent = 0;  // 0: the trace's root.
    std::string name;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::vector<sent_attribute> attributes;
    std::vector<sent_event> events;
    bool failed = false;         // Status ERROR instead of UNSET ...
    std::string status_message;  // ... and why.
};

// Who sends: the resource and the instrumentation scope of all spans of a request.
struct span_sender {
    std::vector<sent_attribute> resource;
    std::string scope;
};

// A Span message. Kept in this form a queue knows what its spans weigh.
std::string encode_span(const sent_span& one);

// An ExportTraceServiceRequest of finished Span messages: one resource, one scope.
std::string encode_traces_request(const span_sender& from, std::span<const std::string> spans);

}  // namespace reprise::telemetry
