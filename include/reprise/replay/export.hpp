#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/replay/condition.hpp"
#include "reprise/replay/error.hpp"
#include "reprise/replay/scenario.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// A scenario as a file that runs by itself and fails while the problem shows: docs/minimise.md. Pure, any thread.
namespace reprise::replay {

struct reproducer {
    scenario what;
    condition still;                 // The problem shows when it holds.
    std::string target;              // "http://127.0.0.1:3000", with a base path if it has one.
    std::string title;               // What it shows, one line.
    std::vector<std::string> facts;  // Further lines: from which incident, how sure.
    std::string observe;             // Where the service sends its telemetry, "127.0.0.1:4390"; if `still` needs it.
};

// Bash and curl; 1 while the problem shows, 0 when it does not, 69 when nothing can be said.
checked<std::string> to_curl_script(const reproducer& from);
// For pytest or python3 alone, standard library only.
checked<std::string> to_pytest(const reproducer& from);
// One C++17 file for GoogleTest.
checked<std::string> to_gtest(const reproducer& from);
// Conditions about the service's calls go to pytest only: its file receives the service's spans itself.
// All refuse with errc::not_exportable what would not be sent as it is: a method or header name that is no token, a
// header value or path with line breaks or NUL.

// The scenario as exchanges, with the answers that were captured: for HAR, RRPairs and bundles. `captured` is what
// the scenario was made of. What is sent at once starts at the same time.
std::vector<model::exchange> to_exchanges(const scenario& what, std::span<const model::exchange> captured);

}  // namespace reprise::replay
