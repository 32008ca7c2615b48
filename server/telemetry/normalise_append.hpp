#pragma once

#include "reprise/telemetry/normalise.hpp"

#include <string>
#include <string_view>

// The normalisers on a string that is reused: see reprise/telemetry/normalise.hpp.
namespace reprise::telemetry {

void append_route(std::string& out, std::string_view target);
void append_key(std::string& out, std::string_view key);  // "user:17:cart" -> "user:{id}:cart".
void append_sql(std::string& out, std::string_view statement);
void append_sql_verb(std::string& out, std::string_view statement);
void append_message(std::string& out, std::string_view message);

}  // namespace reprise::telemetry
