#pragma once

#include <string>
#include <string_view>

namespace reprise::replay {

// A whole page in the style of all reports, without scripts or anything from elsewhere. `title` and `note` are escaped
// here; `body` is markup.
std::string report_page(std::string_view title, std::string_view note, std::string_view body);

}  // namespace reprise::replay
