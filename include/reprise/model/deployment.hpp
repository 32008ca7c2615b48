#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::model {

enum class deployment_origin : std::uint8_t {
    first,     // What the service ran when it was first seen: no deployment.
    observed,  // Its records named a version that was not known.
    reported,  // Somebody said so.
};

// A version of a service that began to run.
struct deployment {
    std::string service;
    std::string version;
    std::int64_t at_ns = 0;  // Start of its first record, or what was reported.
    deployment_origin origin = deployment_origin::observed;
    bool operator==(const deployment&) const = default;
};

constexpr std::size_t deployment_version_bytes_max = 128;

std::string_view to_text(deployment_origin value) noexcept;
std::optional<deployment_origin> find_deployment_origin(std::string_view text) noexcept;

}  // namespace reprise::model
