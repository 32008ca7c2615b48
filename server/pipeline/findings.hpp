#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/store/archive_objects.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What was found in a window, as one file beside the evidence: docs/formats/findings.md.
namespace reprise::pipeline {

constexpr int findings_format = 1;

// Canonical JSON. bundles[i] is the evidence of closed.found[i].
std::string render_findings(
    const closed_window& closed, const std::vector<std::optional<model::evidence>>& bundles, std::string_view producer
);

// Writes findings/<service>/<window start>.json below `data_dir`; the row for it is the answer. Blocks on disk.
result<store::archive_object> write_findings(
    const std::filesystem::path& data_dir, const closed_window& closed,
    const std::vector<std::optional<model::evidence>>& bundles, std::string_view producer, std::int64_t now_ns
);

}  // namespace reprise::pipeline
