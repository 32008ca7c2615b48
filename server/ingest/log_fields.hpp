#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace reprise::ingest {

constexpr std::size_t log_fields_max = 200;

// The named values of a log line, names in lower case: of a JSON object with its inner objects as "error.message",
// or of logfmt. Empty for plain text.
using log_fields = std::map<std::string, std::string, std::less<>>;

log_fields read_log_fields(std::string_view line);

// The first of these names that has a value; empty when none has.
std::string_view find_field(const log_fields& fields, std::initializer_list<std::string_view> names) noexcept;

}  // namespace reprise::ingest
