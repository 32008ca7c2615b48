#pragma once

#include "reprise/model/signal.hpp"

#include <string>

namespace reprise::detect {

// What is wrong, in a few words for lists, tickets and notices: the operation and what happens to it, without numbers,
// which change while the words stay: "POST /orders fails". One line, at most about 180 bytes; the explanation of the
// signal says the rest. Pure; any thread.
std::string headline_of(const model::signal& signal);

}  // namespace reprise::detect
