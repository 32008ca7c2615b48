#pragma once

#include "reprise/forge/effect.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// The released Markdown as each tracker takes it. What the text says stays; what it could do there does not happen:
// no quick action or bot command at a line's start, no mention, no reference, no closing keyword, no CI switch.
namespace reprise::forge {

// With the marker, visible and as a hidden comment. For GitHub and GitLab.
std::string markdown_body(const effect& wanted);

// With the visible marker only. For Linear, which shows comments.
std::string linear_body(const effect& wanted);

// One line without mention and reference.
std::string quiet_line(std::string_view text, std::size_t bytes_max);

// The message with the marker as its last line.
std::string commit_message(const effect& wanted);

// The first `bytes_max` bytes of a Markdown text, ended after a whole line and outside a code block, with a sentence
// that says so.
std::string cut_markdown(std::string_view text, std::size_t bytes_max);

// Breaks what trackers read behind Markdown's back, by invisible characters: "@name", "#1", "!1", "KEY-1", "GH-1",
// "http://". For lines that were cleaned before.
std::string without_references(std::string_view text);

}  // namespace reprise::forge
