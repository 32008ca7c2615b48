#pragma once

#include "reprise/archive/bundle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// manifest.json: docs/formats/evidence-bundle.md.
namespace reprise::archive {

constexpr std::string_view manifest_name = "manifest.json";
constexpr std::string_view signal_name = "signal.json";
constexpr std::size_t listed_fields_max = 32;        // Redacted fields per exchange ...
constexpr std::size_t listed_field_bytes_max = 120;  // ... and the bytes of one. Beyond: counted.

struct manifest_file {
    std::string path;
    std::uint64_t bytes = 0;
    std::string sha256;
};

struct manifest_exchange {
    manifest_file file;
    model::evidence_role role = model::evidence_role::failing;
    model::operation_key operation;  // As it was counted; a file alone does not say the source.
    bool complete = false;
    std::string reason;  // Why a setup is needed.
    std::vector<std::string> redacted_fields;
    std::uint64_t redacted_fields_cut = 0;
};

// What one cap left out of one role.
struct manifest_cut {
    model::evidence_role role = model::evidence_role::failing;
    std::string cap;
    std::uint32_t exchanges = 0;
};

struct manifest {
    model::evidence evidence;  // Identity and counts; `cut` is the sum.
    std::uint32_t cut_before = 0;
    std::string producer;
    std::string redaction_version;
    std::string selection;
    std::optional<minimised_from> minimised;
    manifest_file signal;
    std::vector<manifest_exchange> exchanges;
    std::vector<manifest_cut> cuts;
};

std::string write_manifest(const manifest& from);
// Errors: errc::manifest_malformed, errc::version_unknown.
result<manifest> parse_manifest(std::string_view text);

}  // namespace reprise::archive
