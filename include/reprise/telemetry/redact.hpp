#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/telemetry/redact_rules.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Takes secrets and personal data out of captured traffic, before disk, page or model sees it. Pure,
// any thread; 35 to 55 ns per byte.
//
// A secret becomes a token such as <email:9f86d081>: its type, 32 bits of HMAC-SHA-256 under `key` (the
// same secret gives the same token, nobody without the key can guess back) and dots up to the length
// it had. Numbers under a secret name become nines of as many digits. In URLs and forms the token is
// percent-encoded. Redacting twice changes nothing; in texts over 4 KiB a second time may find what a token
// cut off from its neighbour.
namespace reprise::telemetry {

// Stored with what was redacted; grows with every change of the rules.
constexpr int redaction_version = 4;
constexpr std::size_t redacted_fields_max = 256;  // Further names are left out of the list, not of the redaction.

// Headers: values outside the allow-list go; of Authorization the scheme stays, of cookies their names. JSON, form,
// multipart and query values: by name, then by value. Path, host, message, other text: by value and "name=value". SQL:
// every text literal goes. Bodies that are not text are replaced by their digest and size. Names what it changed in
// redacted_fields: "request.header.authorization", "request.body.user.email", "request.query.token".
// `rules` may leave fields as they are and take out whole bodies, which become digest and size as well.
void redact(model::exchange& exchange, std::string_view key, const redaction_rules& rules = {});

// One replacement: what `reprise snapshot redact --preview` shows.
struct redaction_change {
    std::string place;    // As in redacted_fields.
    std::string type;     // "email", "number", "binary", ...
    std::string value;    // What stood there. A secret: never logged or stored.
    std::string becomes;
};

// The same, and tells each replacement in the order of the exchange's parts.
std::vector<redaction_change> redact_and_tell(
    model::exchange& exchange, std::string_view key, const redaction_rules& rules = {}
);

// Any other text: messages, explanations, log lines.
std::string redact_text(std::string_view text, std::string_view key);

// One SQL statement.
std::string redact_sql(std::string_view statement, std::string_view key);

}  // namespace reprise::telemetry
