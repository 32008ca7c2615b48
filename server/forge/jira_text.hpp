#pragma once

#include "markdown_blocks.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// The released Markdown as Jira takes it. Pure. In a document of nodes, text is only ever text; in wiki markup, every
// character that could act is escaped. `marker` is added as the last code block, whole.
namespace reprise::forge {

constexpr std::size_t jira_text_bytes_max = 31'000;  // Jira takes 32,767 characters.

// A document of the Atlassian Document Format, version 1. What is over the limit is cut and says so.
boost::json::object to_adf(std::string_view markdown, std::string_view marker);

std::string to_wiki(std::string_view markdown, std::string_view marker);

// Text in a line of wiki markup.
std::string wiki_plain(std::string_view text);

}  // namespace reprise::forge
