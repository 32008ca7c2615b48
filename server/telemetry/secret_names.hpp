#pragma once

#include <string>
#include <string_view>

namespace reprise::telemetry {

// What a value is called decides first: the type of secret that a key, column or field of this name
// holds ("password", "email"), or empty. Sees words in snake_case, kebab-case and camelCase.
std::string_view find_secret_name(std::string_view name);

// A secret name by one of its words alone ("key", "primary_key"): what it holds may be anything.
bool is_loose_name(std::string_view name);

// A name that came from outside: tokens in it are no words.
std::string without_tokens(std::string_view name);

// Lower case without signs: "userEmail_1" -> "useremail1".
std::string squeezed_name(std::string_view name);

// Headers whose values may stay (after a look at them). Everything else goes.
bool is_allowed_header(std::string_view name);

// Headers that go whatever an operator allows.
bool is_secret_header(std::string_view name);

// The type for a header that goes.
std::string_view header_secret_type(std::string_view name);

}  // namespace reprise::telemetry
