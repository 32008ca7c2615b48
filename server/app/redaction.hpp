#pragma once

#include "config.hpp"

#include "reprise/telemetry/redact_rules.hpp"

namespace reprise::app {

// The redaction section as rules; the first item that is none, with its key and the way out.
config_result<telemetry::redaction_rules> redaction_rules_of(const config& settings);

}  // namespace reprise::app
