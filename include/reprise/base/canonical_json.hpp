#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace reprise {

// One text for one value: keys sorted by their bytes, no white space, integers as integers. What is
// hashed (approval content, audit rows, methods) is hashed in this form. Doubles are written by
// Boost.JSON's shortest form; keep money and counts as integers.
std::string canonical_json(const boost::json::value& value);

}  // namespace reprise
