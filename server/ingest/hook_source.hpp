#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise::ingest {

// Whose form a webhook has, and how it is signed.
enum class hook_source : std::uint8_t { sns, alertmanager, grafana, sentry, pagerduty, github, gitlab, generic };

constexpr std::array<std::string_view, 8> hook_source_texts = {"sns",       "alertmanager", "grafana", "sentry",
                                                               "pagerduty", "github",       "gitlab",  "generic"};

constexpr std::string_view to_text(hook_source value) noexcept
{
    return hook_source_texts[static_cast<std::size_t>(value)];
}

// Of a delivery's source as it is stored: "github", "generic/<name>".
constexpr std::optional<hook_source> find_hook_source(std::string_view stored) noexcept
{
    const std::string_view kind = stored.substr(0, stored.find('/'));
    for (std::size_t i = 0; i < hook_source_texts.size(); ++i) {
        if (hook_source_texts[i] == kind)
            return static_cast<hook_source>(i);
    }
    return std::nullopt;
}

}  // namespace reprise::ingest
