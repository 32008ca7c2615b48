#pragma once

#include "reprise/forge/effect.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What is written into everything that is published, so that looking finds it again.
namespace reprise::forge {

// "reprise-effect:<key>:<content hash>": in the visible footer, in the hidden comment and in commit messages.
std::string marker_of(const effect& wanted);

// The content hash beside `key`, when `text` carries its marker.
std::optional<std::string> find_marker(std::string_view text, std::string_view key);

// The text without markers of its own: nobody's words are taken for another effect's.
std::string without_markers(std::string_view text);

// What is there already.
published_effect adopt(const effect& wanted, std::string url, std::string_view content_hash);

// When the incident of a key was made, by the ULID it begins with: its effect is not older. Nothing for other keys.
std::optional<std::int64_t> find_key_time_ns(std::string_view key) noexcept;

// A UUID (version 4 in form) that is the same for the same text.
std::string uuid_of(std::string_view text);

}  // namespace reprise::forge
