#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/alarm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Lines of a log as a log store hands them out, and the errors in them. Pure; the text is hostile.
namespace reprise::ingest {

struct log_event {
    std::int64_t at_ns = 0;
    std::vector<std::pair<std::string, std::string>> labels;  // Of its stream, then its own.
    std::string line;
    std::string id;  // Of time, labels and line: the same event has the same one in every window.
};

// The answer of /loki/api/v1/query_range, oldest first. errc::corrupt for anything else.
result<std::vector<log_event>> parse_loki_answer(std::string_view body);

// The error of one line: JSON, logfmt or plain text.
struct logged_error {
    model::alarm alarm;           // Without id.
    std::string_view error_class; // "client_4xx", "server_5xx", "unhandled_exception".
};

// Nothing for a line that tells no error: an exception (whatever the status), a status from 400, or a line of level
// error and worse without a status, which counts as an exception.
std::optional<logged_error> read_logged_error(const log_event& event, std::string_view source);

}  // namespace reprise::ingest
