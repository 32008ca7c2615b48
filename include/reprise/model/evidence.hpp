#pragma once

#include "reprise/model/exchange.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::model {

// Why an exchange is in the bundle.
enum class evidence_role : std::uint8_t {
    failing,     // Shows the failure itself; driven by the replay when it is inbound and complete.
    trigger,     // The inbound exchange whose trace holds the failing calls; driven by the replay.
    control,     // A good inbound exchange of the same operation; driven as control.
    setup,       // An earlier inbound exchange whose answer gave what the others send (login, create); driven first.
    context,     // Anything else of the same traces; never driven.
};

struct evidence_item {
    evidence_role role = evidence_role::failing;
    model::exchange exchange;
    std::string reason;  // Of a setup: what it is needed for. Redacted as the exchange is.
};

// The archived, redacted bundle.
struct evidence {
    std::string id;              // ULID.
    std::string signal_id;
    std::string service;
    std::string fingerprint;
    std::int64_t window_start_ns = 0;
    std::int64_t created_ns = 0;
    std::string path;            // Below the data directory.
    std::string sha256;          // Of the .tar.gz.
    std::uint64_t bytes = 0;
    std::uint32_t failing = 0;   // Counts by role; failing includes triggers.
    std::uint32_t control = 0;
    std::uint32_t cut = 0;       // Left out by a cap; the manifest says which.
    std::optional<std::int64_t> expired_ns;  // When its bundle was deleted, by age or to save space.
};

std::string_view to_text(evidence_role value) noexcept;

}  // namespace reprise::model
