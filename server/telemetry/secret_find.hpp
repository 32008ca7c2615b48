#pragma once

#include <cstddef>
#include <string_view>

namespace reprise::telemetry {

// A stretch of text that is a secret or personal by its form, whatever it is called.
struct secret_match {
    std::size_t bytes = 0;  // 0: none here.
    std::string_view type;
};

// Whether one begins at `at`.
secret_match match_secret(std::string_view text, std::size_t at);

// How many bytes at the beginning are a token that redaction left behind, as it is or percent-encoded;
// 0 for none.
std::size_t match_token(std::string_view text) noexcept;

}  // namespace reprise::telemetry
