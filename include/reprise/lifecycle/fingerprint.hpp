#pragma once

#include "reprise/model/signal.hpp"

#include <string>
#include <string_view>
#include <vector>

// The identity of a problem across windows, restarts and machines: docs/formats/fingerprint.md, with
// test vectors. Stateless; components arrive normalised (ids, times and tokens masked).
namespace reprise::lifecycle {

constexpr std::size_t fingerprint_frames_max = 3;

struct fingerprint_parts {
    std::string service;
    std::string message;
    std::string route;
    std::vector<std::string> frames;  // Top of the stack first; the first three count.
};

// What is hashed: service|message|route|frames, separators inside a component escaped, frames joined
// by a newline.
std::string fingerprint_text(const fingerprint_parts& parts);

// 64 lower-case hex digits.
std::string fingerprint(const fingerprint_parts& parts);

// A signal without a message has "<kind>:<method> <route>" in its place ("<kind>:<statement>" for
// databases). The source is no part of it.
fingerprint_parts fingerprint_parts_of(const model::signal& signal);
std::string fingerprint(const model::signal& signal);

}  // namespace reprise::lifecycle
