#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace reprise::forge {

// Where people look at what a notice is about: its approval, else its run, else its incident. `data` is a notice's;
// empty without a public URL or an id.
std::string notice_link(const boost::json::object& data, std::string_view public_url);

// "https://reprise.internal/approvals/01J...": `page` is "approvals", "runs" or "incidents". Empty for an id that is
// none.
std::string page_link(std::string_view public_url, std::string_view page, std::string_view id);

}  // namespace reprise::forge
