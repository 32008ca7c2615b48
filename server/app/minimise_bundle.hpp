#pragma once

#include "minimise_export.hpp"

#include "reprise/replay/error.hpp"

#include <cstddef>
#include <string>

namespace reprise::app {

constexpr std::size_t bundle_requests_max = 1'500;  // Of a reproducer, copies counted: what readers take.

// The smallest scenario as an evidence bundle (.tar.gz): judged requests are `failing`, the others `setup`, the calls
// under them `context`. The manifest says what it was made of. Refuses with errc::not_exportable what would not be
// read back whole.
replay::checked<std::string> pack_reproducer(const replay::reproducer& from, const scenario_origin& origin);

}  // namespace reprise::app
