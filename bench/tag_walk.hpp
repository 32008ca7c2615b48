#pragma once

#include <cstddef>
#include <string_view>

namespace reprise::bench {

// Reads every tag of an OTLP export request, logs or traces, at every depth, and nothing else: the
// least a decoder that looks at everything can do. Returns the number of tags; the input must be
// well-formed.
std::size_t count_log_tags(std::string_view request);
std::size_t count_span_tags(std::string_view request);

}  // namespace reprise::bench
