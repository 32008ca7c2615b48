#pragma once

#include "field_list.hpp"

#include "reprise/telemetry/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reprise::telemetry {

// Lists the leaves of JSON text (RFC 8259, without patience) without building values: where each is written
// stays known. Returns what is wrong with the text; `out` then holds what came before.
std::optional<decode_error> list_json_fields(std::string_view text, field_list& out);

// Whether the text is one JSON number, true, false or null.
bool is_json_literal(std::string_view text) noexcept;

// With its quotes. Bytes that are no UTF-8 become U+FFFD.
std::string quoted_json(std::string_view text);

}  // namespace reprise::telemetry
