#pragma once

#include "terminal.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/model/evidence.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reprise::app {

// Captured exchanges with the reason why each is there.
struct traffic {
    std::string name;    // The file's or directory's.
    std::string sha256;  // Of a bundle; of the exchanges otherwise.
    std::optional<archive::bundle> bundle;  // What an evidence bundle says beside its exchanges, which are `items`.
    std::vector<model::evidence_item> items;
};

struct traffic_error {
    int exit_code = 0;
    std::string text;
};

// By its ending, .tar.gz or .tgz.
bool names_bundle(std::string_view path) noexcept;

// An evidence bundle, or whatever `analyze` reads: RRPair files, HAR, OTLP-JSON, directories of them.
// There, what failed is `failing` and all else `control`. Blocks on disk.
std::variant<traffic, traffic_error> load_traffic(
    const std::string& path, const std::string& service, const output_style& style
);

}  // namespace reprise::app
