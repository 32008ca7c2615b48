#pragma once

#include "reprise/model/exchange.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// What an answer says went wrong, so far as its body shows it: the message component of a fingerprint. Pure.
namespace reprise::replay {

constexpr std::size_t error_body_bytes_max = 256 * 1024;  // A larger body is taken to say nothing.
constexpr char redacted_mark = '\x01';                    // Stands where redaction took a part away.

// Of a JSON error (RFC 9457 and the usual shapes), the first line of a text, the <pre> or <title> of a page; normalised
// as fingerprints are (telemetry::normalise_message). Empty when the body says nothing in words.
std::string find_error_message(const model::header_list& headers, std::string_view body);

// Whether an answer's message is the captured one; a mark of the captured one stands for any text.
bool is_same_error(std::string_view captured, std::string_view message);

}  // namespace reprise::replay
