#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reprise::telemetry {

// Base64 as it comes from outside: of both alphabets, padded or not, white space in it. nullopt for what is none.
std::optional<std::string> find_base64(std::string_view text);

}  // namespace reprise::telemetry
